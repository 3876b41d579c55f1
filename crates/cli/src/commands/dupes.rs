//! `tintype dupes`.

use anyhow::Result;
use serde_json::json;
use tintype_engine::Tier;
use tintype_engine::store::Scope;

use super::open;
use crate::args::{Args, DupesArgs};
use crate::exit::Ended;
use crate::out::outln;

/// Groups read at a time.
const PAGE: usize = 500;

pub(super) fn run(args: &Args, dupes: &DupesArgs) -> Result<Ended> {
    let engine = open(args)?;
    let tier = dupes.tier.as_deref().map(|tier| match tier {
        "bytes" => Tier::Bytes,
        "picture" => Tier::Picture,
        _ => Tier::Moment,
    });
    let mut offset = 0;
    loop {
        let page = engine.duplicates(&Scope::Library, tier, offset, PAGE)?;
        if offset == 0 && page.stale && !args.json {
            eprintln!(
                "the library has changed since duplicates were grouped; tintype index groups them again"
            );
        }
        offset += page.items.len();
        for group in &page.items {
            let paths: Vec<&str> = group.members.iter().map(|member| member.path.as_str()).collect();
            if args.json {
                outln!(
                    "{}",
                    json!({ "tier": group.tier, "paths": paths, "keep": group.keep_path, "why": group.why })
                )?;
            } else {
                let tier = serde_json::to_value(group.tier)?;
                outln!("{}: {}", tier.as_str().unwrap_or_default(), group.why)?;
                for path in paths {
                    let mark = if path == group.keep_path { '*' } else { ' ' };
                    outln!("  {mark} {}", tintype_engine::paths::display(path.as_bytes()))?;
                }
            }
        }
        if page.items.is_empty() || offset as u64 >= page.total {
            if !args.json {
                outln!(
                    "{} groups of same bytes, {} of same picture, {} of same moment",
                    page.bytes,
                    page.picture,
                    page.moment
                )?;
            }
            return Ok(Ended::Done);
        }
    }
}
