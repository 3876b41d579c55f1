//! `tintype doctor`: what this installation can do, and whether its parts are well.

use anyhow::Result;
use serde_json::json;

use super::open;
use crate::args::Args;
use crate::exit::Ended;

pub(super) fn run(args: &Args) -> Result<Ended> {
    let engine = open(args)?;
    let checks = engine.ready();
    let facts = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("vector instructions", tintype_vision::simd::level().to_owned()),
        ("threads", engine.config().threads.to_string()),
        ("memory for pictures", indicatif::HumanBytes(engine.config().pixel_budget_bytes).to_string()),
        ("web page", if tintype_server::has_page() { "built in" } else { "not built in" }.to_owned()),
    ];
    let well = checks.iter().all(|check| check.ok);
    if args.json {
        let facts: serde_json::Map<_, _> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        println!("{}", json!({ "ok": well, "facts": facts, "checks": checks }));
    } else {
        for (name, value) in facts {
            println!("     {name:<22} {value}");
        }
        for check in &checks {
            println!("{} {:<22} {}", if check.ok { " ok " } else { "FAIL" }, check.name, check.detail);
        }
    }
    anyhow::ensure!(well, "some parts are not well");
    Ok(Ended::Done)
}
