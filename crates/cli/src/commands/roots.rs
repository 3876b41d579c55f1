//! `tintype roots`.

use anyhow::Result;
use serde_json::json;
use tintype_engine::paths;
use tintype_engine::store::WriteMode;

use super::{carry_out, finish_items, open};
use crate::args::{Args, RootsCommand};
use crate::exit::{Ended, Usage};
use crate::out::outln;

pub(super) fn run(args: &Args, command: &RootsCommand) -> Result<Ended> {
    let engine = open(args)?;
    match command {
        RootsCommand::List => {
            for root in engine.store().roots()? {
                let path = paths::display(root.path.as_os_str().as_encoded_bytes());
                if args.json {
                    outln!(
                        "{}",
                        json!({ "path": path, "online": root.online, "write_mode": root.write_mode })
                    )?;
                } else {
                    let online = if root.online { "" } else { "  (offline)" };
                    outln!("{path}  {}{online}", root.write_mode.as_str())?;
                }
            }
            Ok(Ended::Done)
        }
        RootsCommand::Mode { dir, mode } => {
            let path = engine.local_folder(dir)?;
            let root = engine.store().roots()?.into_iter().find(|root| root.path == path);
            let root =
                root.ok_or_else(|| Usage(format!("{} is no folder of the library", path.display())))?;
            let mode = WriteMode::from_name(mode).unwrap_or_default();
            engine.store().set_write_mode(root.id, mode)?;
            if mode != WriteMode::Database {
                let view = carry_out(args, &engine, &tintype_engine::OperationRequest::WriteBack {})?;
                return finish_items(args, &engine, &view, false);
            }
            if args.json {
                outln!("{}", json!({ "path": path, "write_mode": mode }))?;
            } else {
                outln!("{} is only read from now on", path.display())?;
            }
            Ok(Ended::Done)
        }
    }
}
