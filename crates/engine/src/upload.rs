//! Pictures that were sent, not found in a folder: decoded like any other, and kept nowhere.

use tintype_core::{ErrorCode, Orientation, PixelHash};
use tintype_media::{DecodeRequest, Picture};

use crate::engine::Engine;
use crate::steps::Subject;
use crate::{Error, Result};

/// The shorter side in pixels that a picture must have: less shows nothing.
const SMALLEST: u32 = 32;

/// A picture that was sent, decoded.
pub(crate) struct Uploaded {
    pub(crate) picture: Picture,
    pub(crate) pixel_hash: PixelHash,
    pub(crate) orientation: Orientation,
}

impl Uploaded {
    /// As steps see it.
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject::new(&self.picture, (self.pixel_hash, self.orientation))
    }
}

impl Engine {
    /// Decodes a file that was sent, for steps that look at a long side of `long_side` pixels.
    pub(crate) fn uploaded(&self, bytes: Vec<u8>, long_side: u32) -> Result<Uploaded> {
        let limits = &self.config().limits;
        let inspected = tintype_media::inspect_bytes(bytes, limits);
        let unreadable = |code, detail: &str| Error::Unavailable { code, detail: detail.to_owned() };
        if inspected.format.is_none() {
            return Err(unreadable(ErrorCode::InvalidImage, "the image is of no format that is known here"));
        }
        // Film and a few other decoders need a file.
        let _share = self.0.budget.take(inspected.size + tintype_media::decode_cost(&inspected, long_side));
        let request = DecodeRequest { long_side, limits: limits.clone() };
        let picture = tintype_media::decode(&inspected, &request).map_err(|error| match error.code() {
            ErrorCode::ImageTooLarge | ErrorCode::DecodeTimeout => Error::Media(error),
            _ => unreadable(ErrorCode::InvalidImage, &format!("the image cannot be decoded: {error}")),
        })?;
        // Of a photo in a library a half is better than nothing; whoever sends a picture can send it again.
        if picture.issues().iter().any(|issue| issue.code == ErrorCode::TruncatedImage) {
            return Err(unreadable(ErrorCode::InvalidImage, "the image's file ends early"));
        }
        let (width, height) = (inspected.metadata.width, inspected.metadata.height);
        if width.min(height) < SMALLEST {
            let detail = format!("the image has {width} × {height} pixels, fewer than {SMALLEST} on a side");
            return Err(unreadable(ErrorCode::ImageTooSmall, &detail));
        }
        Ok(Uploaded {
            picture,
            pixel_hash: inspected.pixel_hash,
            orientation: inspected.metadata.orientation,
        })
    }
}
