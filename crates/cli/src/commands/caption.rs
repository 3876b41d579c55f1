//! `tintype caption`.

use std::io::Write as _;

use anyhow::Result;
use serde_json::json;
use tintype_core::ErrorCode;
use tintype_engine::paths;

use super::open;
use crate::args::{Args, CaptionArgs};
use crate::exit::{Ended, Usage};

pub(super) fn run(args: &Args, caption: &CaptionArgs) -> Result<Ended> {
    if let Some(absent) = caption.files.iter().find(|path| !path.is_file()) {
        return Err(Usage(format!("there is no file {}", absent.display())).into());
    }
    let engine = open(args)?;
    let mut out = std::io::stdout().lock();
    let mut failed = false;
    for path in &caption.files {
        let shown = paths::display(path.as_os_str().as_encoded_bytes());
        let made = fs_err::read(path)
            .map_err(tintype_engine::Error::from)
            .and_then(|bytes| engine.caption_picture(bytes));
        match made {
            Ok(made) if args.json => {
                let mut line = serde_json::to_value(&made)?;
                line["path"] = json!(shown);
                writeln!(out, "{line}")?;
            }
            Ok(made) => {
                let sentence =
                    if made.caption.is_empty() { "(nothing sure enough to speak of)" } else { &made.caption };
                writeln!(out, "{shown}: {}", paths::display(sentence.as_bytes()))?;
            }
            // No other file would fare better.
            Err(error) if error.code() == ErrorCode::ModelUnavailable => return Err(error.into()),
            Err(error) => {
                failed = true;
                if args.json {
                    writeln!(
                        out,
                        "{}",
                        json!({ "path": shown, "code": error.code(), "detail": error.to_string() })
                    )?;
                } else {
                    eprintln!("{shown}: {error}");
                }
            }
        }
    }
    Ok(if failed { Ended::Issues } else { Ended::Done })
}
