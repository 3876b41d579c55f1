//! How a stored picture must be turned to stand upright (EXIF tag 0x0112).

use serde::{Deserialize, Serialize};

/// EXIF orientation, 1 to 8 (Exif 2.32 §4.6.4 A): 1 upright, 2 mirrored left–right, 3 turned by 180°,
/// 4 mirrored top–bottom, 5 transposed, 6 turn 90° clockwise to view, 7 transverse, 8 turn 90°
/// counter-clockwise to view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Orientation(u8);

impl Orientation {
    /// Stored as it is to be viewed.
    pub const UPRIGHT: Self = Self(1);

    /// The orientation for an EXIF value; anything outside 1..=8 counts as upright, as viewers do.
    pub fn from_exif(value: u32) -> Self {
        if (1..=8).contains(&value) { Self(value as u8) } else { Self::UPRIGHT }
    }

    /// The EXIF value, 1..=8.
    pub fn exif(self) -> u8 {
        self.0
    }

    /// Whether width and height swap when the picture is turned upright.
    pub fn swaps_axes(self) -> bool {
        self.0 >= 5
    }

    /// The size after turning a stored picture of `width` × `height` upright.
    pub fn upright_size(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps_axes() { (height, width) } else { (width, height) }
    }
}

impl Default for Orientation {
    fn default() -> Self {
        Self::UPRIGHT
    }
}
