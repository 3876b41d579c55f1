//! Rates every photo of a folder, to measure what writing metadata costs beside copying the files:
//! `cargo run --release -p tintype-media --example rate -- FOLDER STARS`.

use std::time::Instant;

use tintype_media::{BatchEdit, MetadataEdit, Place, WriteOptions, write_batch};

#[allow(clippy::print_stdout, reason = "a command-line example")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(stars)) = (arguments.next(), arguments.next()) else {
        return Err("usage: rate FOLDER STARS".into());
    };
    let edit = MetadataEdit { rating: Some(Some(stars.parse()?)), ..MetadataEdit::default() };
    let start = Instant::now();
    let (mut files, mut changed, mut beside, mut bytes) = (0, 0, 0, 0);
    let mut edits = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        edits.push(BatchEdit::new(entry?.path(), edit.clone()));
    }
    for (one, outcome) in edits.iter().zip(write_batch(&edits, &WriteOptions::default())) {
        match outcome {
            Ok(written) => {
                files += 1;
                changed += u32::from(written.changed);
                beside += u32::from(written.place != Place::File);
                bytes += written.inspected.size;
            }
            Err(error) => println!("{}: {error}", one.path.display()),
        }
    }
    let secs = start.elapsed().as_secs_f64();
    println!("{files} files, {changed} changed, {beside} beside, {} MB in {secs:.3} s", bytes / 1_000_000);
    Ok(())
}
