//! What decoding the primary item takes: how it is coded, how many pixels its parts have together, which part of it
//! is shown (ISO/IEC 23008-12 §6.6).

use super::{Meta, id};
use crate::bytes::{be16, be32};
use crate::metadata::bmff::{boxes, find, full};

/// Deeper chains of derived items are in no real file: a grid of tiles, perhaps in an overlay.
const MAX_DEPTH: usize = 4;
/// More parts than a real picture has tiles.
const MAX_PARTS: usize = 16_384;

/// What a decoder has to expect.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The kind of the first item that is coded picture data, for example `hvc1`.
    pub(crate) coding: Option<[u8; 4]>,
    /// Pixels of all parts that are decoded for the picture.
    pub(crate) pixels: u64,
    /// Whether samples have more than eight bits.
    pub(crate) is_deep: bool,
    /// The part of the stored picture that is shown: left, top, width, height.
    pub(crate) crop: Option<[u32; 4]>,
}

/// The layout of a file's primary item; of nothing when there is none.
pub(crate) fn layout(file: &[u8]) -> Layout {
    let mut layout = Layout::default();
    if let Some(meta) = Meta::open(file) {
        let mut left = MAX_PARTS;
        layout.add(&meta, meta.primary, MAX_DEPTH, &mut left);
        layout.crop = crop(&meta);
    }
    layout
}

impl Layout {
    fn add(&mut self, meta: &Meta<'_>, item: u32, depth: usize, left: &mut usize) {
        if *left == 0 || depth == 0 {
            self.pixels = u64::MAX;
            return;
        }
        *left -= 1;
        let kind = meta.items.iter().find(|held| held.id == item).map(|held| held.kind);
        if matches!(kind.as_ref(), Some(b"grid" | b"iovl" | b"iden")) {
            for part in meta.derived_from(item) {
                self.add(meta, part, depth - 1, left);
            }
            return;
        }
        self.coding = self.coding.or(kind);
        for (kind, body) in meta.properties(item) {
            match &kind {
                b"ispe" => {
                    let (width, height) = (be32(body, 4).unwrap_or(0), be32(body, 8).unwrap_or(0));
                    self.pixels = self.pixels.saturating_add(u64::from(width) * u64::from(height));
                }
                // bit_depth_luma_minus8; high_bitdepth.
                b"hvcC" => self.is_deep |= body.get(17).is_some_and(|depth| depth & 7 != 0),
                b"av1C" => self.is_deep |= body.get(2).is_some_and(|flags| flags & 0x40 != 0),
                _ => {}
            }
        }
    }
}

impl Meta<'_> {
    /// The items that a derived item is made from (`iref`, `dimg`), in order.
    fn derived_from(&self, item: u32) -> Vec<u32> {
        let Some((version, body)) = find(self.body, *b"iref").and_then(full) else { return Vec::new() };
        let wide = version >= 1;
        let step = if wide { 4 } else { 2 };
        boxes(body)
            .filter(|found| found.kind == *b"dimg" && id(found.body, 0, wide) == Some(item))
            .flat_map(|found| {
                let count = be16(found.body, step).unwrap_or(0);
                (0..usize::from(count)).map_while(move |i| id(found.body, step + 2 + i * step, wide))
            })
            .collect()
    }
}

/// The clean aperture of the primary item (`clap`: fractions of width, height and the offsets of the centre), if it
/// is a part of the picture in whole pixels.
pub(super) fn crop(meta: &Meta<'_>) -> Option<[u32; 4]> {
    let properties = meta.properties(meta.primary);
    let property =
        |wanted: [u8; 4]| properties.iter().find(|(kind, _body)| *kind == wanted).map(|(_, body)| *body);
    let (clap, size) = (property(*b"clap")?, property(*b"ispe")?);
    let fraction = |i: usize| {
        let (over, under) = (be32(clap, 8 * i)?, be32(clap, 8 * i + 4)?);
        (under > 0).then(|| f64::from(over.cast_signed()) / f64::from(under))
    };
    let span = |stored: u32, shown: f64, offset: f64| {
        let start = (f64::from(stored) - shown) / 2.0 + offset;
        let inside = start >= 0.0 && shown >= 1.0 && start + shown <= f64::from(stored);
        inside.then(|| (start.floor() as u32, shown.floor() as u32))
    };
    let (left, width) = span(be32(size, 4)?, fraction(0)?, fraction(2)?)?;
    let (top, height) = span(be32(size, 8)?, fraction(1)?, fraction(3)?)?;
    Some([left, top, width, height])
}
