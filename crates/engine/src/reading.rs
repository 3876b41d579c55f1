//! Reading a photo's file together with the side file that describes it.

use std::io::Read as _;
use std::path::Path;

use tintype_core::{ErrorCode, Issue, Stage};
use tintype_media::Inspected;

/// Side files are text; one of this size is something else.
const MAX_SIDE_FILE: u64 = 16 << 20;

/// Lets what a side file says hold over what the file says (`media` documents what wins). A side file that cannot be
/// read is an issue of the photo, not a failure.
pub(crate) fn merge_side_file(inspected: &mut Inspected, path: &Path) {
    let issue = |code, detail: String| Issue::new(Stage::Metadata, code, detail);
    let mut packet = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MAX_SIDE_FILE + 1).read_to_end(&mut packet));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            let detail = format!("the side file {}: {error}", path.display());
            inspected.issues.push(issue(ErrorCode::FileUnreadable, detail));
        }
        Ok(length) if length as u64 > MAX_SIDE_FILE => {
            let detail = format!("the side file {} is too large to be one", path.display());
            inspected.issues.push(issue(ErrorCode::MetadataDamaged, detail));
        }
        Ok(_) => match tintype_media::read_sidecar_checked(&packet) {
            Ok(sidecar) => tintype_media::merge_sidecar(&mut inspected.metadata, &sidecar),
            Err(detail) => {
                let detail = format!("the side file {} is damaged: {detail}", path.display());
                inspected.issues.push(issue(ErrorCode::MetadataDamaged, detail));
            }
        },
    }
}
