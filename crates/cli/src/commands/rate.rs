//! `tintype rate`.

use anyhow::Result;
use tintype_core::Flag;
use tintype_engine::{Change, OperationRequest};

use super::{carry_out, finish_items, open, select};
use crate::args::{Args, RateArgs};
use crate::exit::{Ended, Usage};

pub(super) fn run(args: &Args, rate: &RateArgs) -> Result<Ended> {
    let changes = changes(rate)?;
    let engine = open(args)?;
    let photos = select::photos(&engine, &rate.photos)?;
    let view = carry_out(args, &engine, &OperationRequest::Rate { photos, changes })?;
    finish_items(args, &engine, &view, false)
}

fn changes(rate: &RateArgs) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    if let Some(stars) = &rate.stars {
        let wrong = || Usage(format!("--stars takes -1 to 5, or none, not {stars:?}"));
        let stars = if stars == "none" { None } else { Some(stars.parse().or(Err(wrong()))?) };
        changes.push(Change::Rating(stars));
    }
    if let Some(flag) = &rate.flag {
        changes.push(Change::Flag(Flag::from_name(flag)));
    }
    if let Some(title) = &rate.title {
        changes.push(Change::Title(Some(title.clone())));
    }
    if let Some(caption) = &rate.caption {
        changes.push(Change::Caption(Some(caption.clone())));
    }
    if let Some(keywords) = &rate.keywords {
        changes.push(Change::Keywords(keywords.clone()));
    }
    Ok(changes)
}
