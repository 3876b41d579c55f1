//! HEIF and AVIF: the primary item's size and turns, its Exif and XMP items, and where its coded data lies
//! (ISO/IEC 14496-12 §8.11, 23008-12 §6).

mod layout;

pub(crate) use layout::layout;

use super::{Origin, boxes, exif_with_offset, find, full, sized, xmp};
use crate::bytes::{be16, be32, code};
use crate::metadata::draft::Draft;

/// More items than a real file has tiles.
const MAX_ITEMS: usize = 16_384;
/// Most bytes of one metadata item.
const MAX_ITEM: usize = 16 << 20;

/// One item and what the meta box says of it.
struct Item {
    id: u32,
    kind: [u8; 4],
    /// For `mime` items.
    content_type: Vec<u8>,
}

/// The meta box taken apart.
struct Meta<'a> {
    file: &'a [u8],
    body: &'a [u8],
    items: Vec<Item>,
    primary: u32,
}

impl<'a> Meta<'a> {
    fn open(file: &'a [u8]) -> Option<Self> {
        let (_version, body) = full(find(file, *b"meta")?)?;
        let primary =
            find(body, *b"pitm").and_then(full).and_then(|(version, body)| id(body, 0, version >= 1));
        let items = find(body, *b"iinf").map(items).unwrap_or_default();
        Some(Self { file, body, items, primary: primary.unwrap_or(0) })
    }

    /// The pieces of an item's data, in order, cut where the file ends (`iloc`).
    fn data(&self, wanted: u32) -> Option<Vec<&'a [u8]>> {
        let (version, body) = full(find(self.body, *b"iloc")?)?;
        let sizes = be16(body, 0)?;
        let len = |shift: u16| usize::from(sizes >> shift & 15);
        let (offset_len, length_len, base_len) = (len(12), len(8), len(4));
        let index_len = if version >= 1 { len(0) } else { 0 };
        let wide = version >= 2;
        let count = if wide { be32(body, 2)? } else { u32::from(be16(body, 2)?) };
        let mut at = if wide { 6 } else { 4 };
        for _ in 0..(count as usize).min(MAX_ITEMS) {
            let item = id(body, at, wide)?;
            at += if wide { 4 } else { 2 };
            let method = if version >= 1 {
                let method = be16(body, at)? & 15;
                at += 2;
                method
            } else {
                0
            };
            at += 2;
            let base = sized(body, at, base_len)?;
            at += base_len;
            let extents = usize::from(be16(body, at)?);
            at += 2;
            let step = index_len + offset_len + length_len;
            if item != wanted {
                at += extents * step;
                continue;
            }
            let source = match method {
                0 => self.file,
                1 => find(self.body, *b"idat")?,
                _ => return None,
            };
            let mut pieces = Vec::new();
            for _ in 0..extents.min(1024) {
                let offset = base.checked_add(sized(body, at + index_len, offset_len)?)?;
                let length = sized(body, at + index_len + offset_len, length_len)?;
                at += step;
                let start = usize::try_from(offset).ok()?.min(source.len());
                // Length 0 means to the end.
                let length =
                    if length == 0 { source.len() } else { usize::try_from(length).unwrap_or(usize::MAX) };
                pieces.push(&source[start..source.len().min(start.saturating_add(length))]);
            }
            return Some(pieces);
        }
        None
    }

    /// The properties of an item, in the order in which they apply (`ipco`, `ipma`).
    fn properties(&self, wanted: u32) -> Vec<([u8; 4], &'a [u8])> {
        let mut found = Vec::new();
        let Some(iprp) = find(self.body, *b"iprp") else { return found };
        let Some(ipco) = find(iprp, *b"ipco") else { return found };
        let all: Vec<_> = boxes(ipco).collect();
        for ipma in boxes(iprp).filter(|found| found.kind == *b"ipma") {
            let _complete = associations(ipma.body, wanted, |index| {
                if let Some(property) = index.checked_sub(1).and_then(|index| all.get(index)) {
                    found.push((property.kind, property.body));
                }
            });
        }
        found
    }
}

/// Calls `each` with the property indices of item `wanted` in an `ipma` box.
fn associations(ipma: &[u8], wanted: u32, mut each: impl FnMut(usize)) -> Option<()> {
    let large_index = ipma.get(3)? & 1 == 1;
    let (version, body) = full(ipma)?;
    let count = be32(body, 0)?;
    let mut at = 4;
    for _ in 0..(count as usize).min(MAX_ITEMS) {
        let item = id(body, at, version >= 1)?;
        at += if version >= 1 { 4 } else { 2 };
        let entries = *body.get(at)?;
        at += 1;
        for _ in 0..entries {
            let index = if large_index { be16(body, at)? & 0x7FFF } else { u16::from(*body.get(at)? & 0x7F) };
            at += if large_index { 2 } else { 1 };
            if item == wanted {
                each(usize::from(index));
            }
        }
    }
    Some(())
}

fn id(data: &[u8], at: usize, wide: bool) -> Option<u32> {
    if wide { be32(data, at) } else { be16(data, at).map(u32::from) }
}

/// The entries of an `iinf` box.
fn items(iinf: &[u8]) -> Vec<Item> {
    let Some((version, body)) = full(iinf) else { return Vec::new() };
    let body = body.get(if version == 0 { 2 } else { 4 }..).unwrap_or_default();
    let entry = |infe: &[u8]| {
        let (version, body) = full(infe)?;
        if version < 2 {
            return None;
        }
        let wide = version >= 3;
        let at = if wide { 4 } else { 2 };
        let kind = code(body, at + 2)?;
        // Item name, then content type, both ended by NUL.
        let content_type = body.get(at + 6..).and_then(|rest| rest.split(|&byte| byte == 0).nth(1));
        Some(Item { id: id(body, 0, wide)?, kind, content_type: content_type.unwrap_or_default().to_vec() })
    };
    boxes(body)
        .filter(|found| found.kind == *b"infe")
        .take(MAX_ITEMS)
        .filter_map(|found| entry(found.body))
        .collect()
}

pub(super) fn read(file: &[u8], draft: &mut Draft) {
    let Some(meta) = Meta::open(file) else {
        // Image sequences may have only tracks.
        super::movie::read(file, draft);
        return;
    };
    let (mut turns, mut mirror) = (0_u8, None);
    if let Some([_left, _top, width, height]) = layout::crop(&meta) {
        draft.size.offer(Origin::Container, Some((width, height)));
    }
    for (kind, body) in meta.properties(meta.primary) {
        match &kind {
            b"ispe" => draft.size.offer(Origin::Container, be32(body, 4).zip(be32(body, 8))),
            b"irot" => turns = body.first().map_or(0, |angle| angle & 3),
            b"imir" => mirror = body.first().map(|axis| axis & 1),
            b"colr" => {
                if let Some((kind, profile)) = body.split_at_checked(4)
                    && matches!(kind, b"prof" | b"rICC")
                {
                    draft.icc = Some(profile.to_vec());
                } else if body.starts_with(b"nclx") && draft.icc.is_none() {
                    let points = be16(body, 4).zip(be16(body, 6));
                    draft.icc = points.and_then(|(primaries, transfer)| {
                        crate::colour::profile_of_code_points(primaries, transfer)
                    });
                }
            }
            _ => {}
        }
    }
    if turns != 0 || mirror.is_some() {
        draft.orientation.offer(Origin::Container, Some(orientation(turns, mirror)));
    }
    for item in &meta.items {
        let is_xmp = &item.kind == b"mime" && item.content_type.starts_with(b"application/rdf+xml");
        if &item.kind != b"Exif" && !is_xmp {
            continue;
        }
        let Some(pieces) = meta.data(item.id) else {
            draft.damaged("a metadata item cannot be located");
            continue;
        };
        let joined: Vec<u8> = pieces.concat().into_iter().take(MAX_ITEM).collect();
        if is_xmp {
            xmp::read(&joined, draft);
        } else {
            exif_with_offset(&joined, draft);
        }
    }
}

/// The Exif orientation of `turns` quarter turns counter-clockwise followed by mirroring (axis 0: top and bottom
/// swap, axis 1: left and right swap; ISO/IEC 23008-12 §6.5.10, 6.5.12).
fn orientation(turns: u8, mirror: Option<u8>) -> u32 {
    match (turns, mirror) {
        (0, None) => 1,
        (1, None) => 8,
        (2, None) => 3,
        (_, None) => 6,
        (0, Some(0)) | (2, Some(1)) => 4,
        (0 | 2, Some(_)) => 2,
        (1, Some(0)) | (3, Some(1)) => 5,
        (_, Some(_)) => 7,
    }
}

/// The data of every item that is coded picture data, in the order of their ids.
pub(super) fn coded_parts(file: &[u8]) -> Vec<&[u8]> {
    let Some(meta) = Meta::open(file) else { return Vec::new() };
    let mut coded: Vec<&Item> =
        meta.items.iter().filter(|item| !matches!(&item.kind, b"Exif" | b"mime" | b"uri ")).collect();
    coded.sort_by_key(|item| item.id);
    // The total is bounded by reading no byte more often than a file of overlapping items could make us.
    let mut budget = file.len().saturating_mul(2);
    let mut parts = Vec::new();
    for item in coded {
        for piece in meta.data(item.id).unwrap_or_default() {
            let Some(left) = budget.checked_sub(piece.len()) else { return Vec::new() };
            budget = left;
            parts.push(piece);
        }
    }
    if parts.iter().all(|part| part.is_empty()) { Vec::new() } else { parts }
}

/// The Exif and XMP items: whether it is XMP, and where its pieces lie in the file.
pub(super) fn metadata_items(file: &[u8]) -> Vec<(bool, Vec<std::ops::Range<usize>>)> {
    let Some(meta) = Meta::open(file) else { return Vec::new() };
    let place = |piece: &&[u8]| {
        let start = piece.as_ptr().addr() - file.as_ptr().addr();
        start..start + piece.len()
    };
    meta.items
        .iter()
        .filter_map(|item| {
            let is_xmp = &item.kind == b"mime" && item.content_type.starts_with(b"application/rdf+xml");
            let pieces = meta.data(item.id).filter(|_| is_xmp || &item.kind == b"Exif")?;
            Some((is_xmp, pieces.iter().map(place).collect()))
        })
        .collect()
}
