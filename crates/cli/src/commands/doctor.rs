//! `tintype doctor`: what this installation can do, and whether its parts are well.

use anyhow::Result;
use serde_json::json;
use tintype_engine::vectors::{VectorConfig, VectorIndex};

use super::open;
use crate::args::Args;
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args) -> Result<Ended> {
    let engine = open(args)?;
    let checks = engine.ready();
    let report = engine.models().engine_report();
    let usable =
        engine.models().list().iter().filter(|model| engine.models().is_available(model.row.id)).count();
    let facts = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("vector instructions", tintype_vision::simd::level().to_owned()),
        ("threads", engine.config().threads.to_string()),
        ("memory for pictures", indicatif::HumanBytes(engine.config().pixel_budget_bytes).to_string()),
        (
            "models run on",
            format!("{} {} on {}: {}", report.engine, report.version, report.provider, report.reason),
        ),
        ("models", format!("{usable} of {} can be used", engine.models().rows().len())),
        ("vector index", vector_index(engine.config().vectors)),
        ("web page", if tintype_server::has_page() { "built in" } else { "not built in" }.to_owned()),
    ];
    let decoders = tintype_media::available_decoders();
    let well = checks.iter().all(|check| check.ok);
    if args.json {
        let facts: serde_json::Map<_, _> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let decoders: Vec<_> = decoders
            .iter()
            .map(|decoder| {
                json!({
                    "name": decoder.name,
                    "formats": decoder.formats,
                    "version": decoder.version,
                    "how_to_get": decoder.how_to_get,
                })
            })
            .collect();
        outln!("{}", json!({ "ok": well, "facts": facts, "checks": checks, "decoders": decoders }))?;
    } else {
        for (name, value) in facts {
            outln!("     {name:<22} {value}")?;
        }
        for check in &checks {
            outln!("{} {:<22} {}", if check.ok { " ok " } else { "FAIL" }, check.name, check.detail)?;
        }
        for decoder in &decoders {
            if let Some(version) = &decoder.version {
                outln!(" ok  {:<22} {version}: {}", decoder.name, decoder.formats)?;
            } else {
                let how = decoder.how_to_get.as_deref().unwrap_or_default();
                outln!(" --  {:<22} not here, so no pictures of {}: {how}", decoder.name, decoder.formats)?;
            }
        }
    }
    anyhow::ensure!(well, "some parts are not well");
    Ok(Ended::Done)
}

fn vector_index(config: VectorConfig) -> String {
    match config.index {
        VectorIndex::Exact => "exact".to_owned(),
        VectorIndex::Hnsw => format!("exact, and hnsw from {} vectors of a model on", config.graph_from),
    }
}
