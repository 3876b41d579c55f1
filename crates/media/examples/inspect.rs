//! Prints one JSON line per file named on the command line: path, format, hashes, metadata and issues; with
//! `--decode` as first argument also the outcome of decoding and its time; with `--isolated` in front of that, formats
//! that ask for it are decoded in a process of their own, as the program does.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use tintype_media::{DecodeRequest, Limits, decode, decode_cost, decode_if_asked, inspect};

fn main() -> std::io::Result<std::process::ExitCode> {
    if let Some(code) = decode_if_asked(std::env::args_os()) {
        return Ok(code);
    }
    let mut limits = Limits::default();
    let mut out = std::io::stdout().lock();
    let mut decoding = false;
    for argument in std::env::args_os().skip(1) {
        if argument == "--decode" {
            decoding = true;
            continue;
        }
        if argument == "--isolated" {
            limits.decode_program = Some(std::env::current_exe()?);
            continue;
        }
        let path = Path::new(&argument);
        let started = Instant::now();
        let photo = match inspect(path, &limits) {
            Ok(photo) => photo,
            Err(error) => {
                writeln!(out, "{}", json!({"path": path, "error": error.code().as_str()}))?;
                continue;
            }
        };
        let inspect_ms = started.elapsed().as_secs_f64() * 1e3;
        let mut line = json!({
            "path": path,
            "format": photo.format.map(tintype_media::Format::name),
            "content_hash": photo.content_hash,
            "pixel_hash": photo.pixel_hash,
            "metadata": photo.metadata,
            "issues": photo.issues,
            "inspect_ms": inspect_ms,
        });
        if decoding {
            let request = DecodeRequest { long_side: 1440, limits: limits.clone() };
            let mut times = Vec::new();
            let mut lap = |name: &str, since: Instant| {
                times.push(json!([name, since.elapsed().as_secs_f64() * 1e3]));
                Instant::now()
            };
            let start = Instant::now();
            line["cost"] = json!(decode_cost(&photo, 1440));
            let decoded = decode(&photo, &request);
            let mut since = lap("decode", start);
            line["decoded"] = match decoded {
                Ok(picture) => {
                    let large = picture.jpeg(1440, 82).map(|preview| preview.bytes.len()).ok();
                    since = lap("jpeg 1440", since);
                    let luma = picture.luma(1024);
                    since = lap("luma 1024", since);
                    let small = picture.jpeg(256, 80).map(|preview| preview.bytes.len()).ok();
                    since = lap("jpeg 256", since);
                    let rgb = picture.rgb(256);
                    lap("rgb 256", since);
                    json!({
                        "by": picture.decoder(), "width": picture.width(), "height": picture.height(),
                        "issues": picture.issues(), "preview_bytes": [large, small],
                        "luma": [luma.width(), luma.height()], "rgb": [rgb.width(), rgb.height()],
                    })
                }
                Err(error) => json!({"code": error.code().as_str(), "error": error.to_string()}),
            };
            line["ms"] = json!(times);
        }
        writeln!(out, "{line}")?;
    }
    Ok(std::process::ExitCode::SUCCESS)
}
