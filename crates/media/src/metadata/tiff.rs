//! A bounded, tolerant walk over TIFF directories (TIFF 6.0; Exif 2.32 §4.5): Exif blocks, TIFF files and the raw
//! files built on TIFF.
//!
//! Every offset may lie, loop or point outside: what cannot be read is skipped, what can be is kept. Work is bounded
//! by [`MAX_DIRECTORIES`] and [`MAX_ENTRIES`], and no directory is read twice.

use crate::RawKind;
use crate::bytes::{be16, be32, be64, le16, le32, slice, text};

/// More directories than any camera writes (a raw file has about ten).
const MAX_DIRECTORIES: usize = 64;
/// More entries than any directory of a real file has; the rest is not read.
const MAX_ENTRIES: usize = 1024;

/// TIFF data: byte order and bytes, offsets counted from the start.
#[derive(Clone, Copy)]
pub(crate) struct Tiff<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) big_endian: bool,
    /// BigTIFF: 64-bit counts and offsets.
    wide: bool,
    pub(crate) first: usize,
}

/// One entry of a directory, with the bytes of its value.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) tag: u16,
    pub(crate) kind: u16,
    pub(crate) value: &'a [u8],
    big_endian: bool,
}

impl<'a> Tiff<'a> {
    /// The TIFF structure in `data`, if its header is one (also those of Olympus and Panasonic raw files).
    pub(crate) fn open(data: &'a [u8]) -> Option<Self> {
        let big_endian = match data.get(..2)? {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        };
        let mut tiff = Self { data, big_endian, wide: false, first: 0 };
        match tiff.u16(2)? {
            43 => {
                tiff.wide = true;
                tiff.first = tiff.u64(8)? as usize;
            }
            // 42; 0x55 Panasonic; "RO", "RS" Olympus.
            42 | 0x55 | 0x4F52 | 0x5352 => tiff.first = tiff.u32(4)? as usize,
            _ => return None,
        }
        Some(tiff)
    }

    /// Data whose header is known, for reading numbers in its byte order.
    pub(crate) fn of(data: &'a [u8], big_endian: bool) -> Self {
        Self { data, big_endian, wide: false, first: 0 }
    }

    pub(crate) fn u16(&self, at: usize) -> Option<u16> {
        if self.big_endian { be16(self.data, at) } else { le16(self.data, at) }
    }

    pub(crate) fn u32(&self, at: usize) -> Option<u32> {
        if self.big_endian { be32(self.data, at) } else { le32(self.data, at) }
    }

    fn u64(&self, at: usize) -> Option<u64> {
        be64(self.data, at).map(|value| if self.big_endian { value } else { value.swap_bytes() })
    }

    /// The readable entries of the directory at `offset`, and the offset of the next directory (0 when none).
    pub(crate) fn directory(&self, offset: usize) -> Option<(Vec<Entry<'a>>, usize)> {
        if offset < 4 {
            return None;
        }
        let (count, start, step) = if self.wide {
            (usize::try_from(self.u64(offset)?).unwrap_or(usize::MAX), offset.checked_add(8)?, 20)
        } else {
            (usize::from(self.u16(offset)?), offset.checked_add(2)?, 12)
        };
        let read = count.min(MAX_ENTRIES);
        let mut entries = Vec::with_capacity(read.min(64));
        for i in 0..read {
            let at = start + i * step;
            if slice(self.data, at, step).is_none() {
                break;
            }
            entries.extend(self.entry(at));
        }
        let next_at = start.checked_add(count.checked_mul(step)?)?;
        let next = if self.wide {
            self.u64(next_at).map(|next| next as usize)
        } else {
            self.u32(next_at).map(|n| n as usize)
        };
        Some((entries, next.unwrap_or(0)))
    }

    fn entry(&self, at: usize) -> Option<Entry<'a>> {
        let (tag, kind) = (self.u16(at)?, self.u16(at + 2)?);
        let (count, inline, room) = if self.wide {
            (self.u64(at + 4)?, at + 12, 8)
        } else {
            (u64::from(self.u32(at + 4)?), at + 8, 4)
        };
        let len = usize::try_from(count).ok()?.checked_mul(unit(kind)?)?;
        let value = if len <= room {
            slice(self.data, inline, len)?
        } else {
            let offset = if self.wide { self.u64(inline)? as usize } else { self.u32(inline)? as usize };
            // A value that runs over the end is cut there: text of a damaged file is often still whole.
            let available = self.data.len().checked_sub(offset)?;
            if available == 0 || (len > available && kind != 2 && kind != 7 && kind != 1) {
                return None;
            }
            slice(self.data, offset, len.min(available))?
        };
        Some(Entry { tag, kind, value, big_endian: self.big_endian })
    }

    /// Follows the chain of directories from the first one. Each is read once, at most [`MAX_DIRECTORIES`].
    pub(crate) fn chain(&self) -> Vec<Vec<Entry<'a>>> {
        let (mut seen, mut found, mut offset) = (Vec::new(), Vec::new(), self.first);
        while !seen.contains(&offset) && seen.len() < MAX_DIRECTORIES {
            seen.push(offset);
            let Some((entries, next)) = self.directory(offset) else { break };
            found.push(entries);
            offset = next;
        }
        found
    }

    /// The directories that an entry of offsets points to (SubIFDs, Exif, GPS).
    pub(crate) fn children(&self, entry: &Entry<'a>) -> Vec<Vec<Entry<'a>>> {
        (0..8)
            .map_while(|i| entry.unsigned(i))
            .filter_map(|offset| self.directory(offset as usize).map(|(entries, _next)| entries))
            .collect()
    }
}

/// Bytes of one value of a field type (TIFF 6.0 §2; BigTIFF 16–18; 129 is UTF-8 of Exif 3.0).
pub(crate) fn unit(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 | 129 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16 | 17 | 18 => Some(8),
        _ => None,
    }
}

impl<'a> Entry<'a> {
    fn u16(&self, at: usize) -> Option<u16> {
        if self.big_endian { be16(self.value, at) } else { le16(self.value, at) }
    }

    fn u32(&self, at: usize) -> Option<u32> {
        if self.big_endian { be32(self.value, at) } else { le32(self.value, at) }
    }

    /// The `i`-th value as an unsigned integer.
    pub(crate) fn unsigned(&self, i: usize) -> Option<u64> {
        match self.kind {
            1 | 7 => self.value.get(i).map(|&byte| u64::from(byte)),
            3 => self.u16(2 * i).map(u64::from),
            4 | 13 => self.u32(4 * i).map(u64::from),
            8 => self.u16(2 * i).and_then(|value| u64::try_from(value.cast_signed()).ok()),
            9 => self.u32(4 * i).and_then(|value| u64::try_from(value.cast_signed()).ok()),
            16 | 18 => be64(self.value, 8 * i).map(|v| if self.big_endian { v } else { v.swap_bytes() }),
            _ => None,
        }
    }

    /// The `i`-th value as a real number; `None` for a fraction over zero.
    pub(crate) fn real(&self, i: usize) -> Option<f64> {
        let value = match self.kind {
            5 => f64::from(self.u32(8 * i)?) / f64::from(self.u32(8 * i + 4)?),
            10 => f64::from(self.u32(8 * i)?.cast_signed()) / f64::from(self.u32(8 * i + 4)?.cast_signed()),
            11 => f64::from(f32::from_bits(self.u32(4 * i)?)),
            12 => f64::from_bits(
                be64(self.value, 8 * i).map(|v| if self.big_endian { v } else { v.swap_bytes() })?,
            ),
            6 => f64::from(self.value.get(i)?.cast_signed()),
            8 => f64::from(self.u16(2 * i)?.cast_signed()),
            9 => f64::from(self.u32(4 * i)?.cast_signed()),
            _ => self.unsigned(i)? as f64,
        };
        value.is_finite().then_some(value)
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Option<String> {
        matches!(self.kind, 1 | 2 | 7 | 129).then(|| text(self.value)).flatten()
    }

    /// The value's bytes when it is text, without what follows a NUL.
    pub(crate) fn ascii(&self) -> Option<&'a [u8]> {
        let end = memchr::memchr(0, self.value).unwrap_or(self.value.len());
        matches!(self.kind, 2 | 7 | 129).then(|| &self.value[..end])
    }
}

/// The entry of `tag`; the first one where a damaged directory has it twice.
pub(crate) fn find<'e, 'a>(entries: &'e [Entry<'a>], tag: u16) -> Option<&'e Entry<'a>> {
    entries.iter().find(|entry| entry.tag == tag)
}

/// Which raw format a TIFF is, by its own marks: magic numbers, `DNGVersion`, or a maker whose raw files put the
/// sensor data in a sub-directory or under a compression of their own.
pub(crate) fn flavour(bytes: &[u8]) -> Option<RawKind> {
    if bytes.get(8..10) == Some(b"CR") {
        return Some(RawKind::Cr2);
    }
    let tiff = Tiff::open(bytes)?;
    let (entries, _next) = tiff.directory(tiff.first)?;
    if find(&entries, 0xC612).is_some() {
        return Some(RawKind::Dng);
    }
    let make = find(&entries, 0x010F)?.text()?.to_ascii_uppercase();
    let reduced = find(&entries, 0x00FE).and_then(|entry| entry.unsigned(0)) == Some(1);
    let sub_directories = find(&entries, 0x014A).is_some();
    // 1 none, 2–4 CCITT, 5 LZW, 6–7 JPEG, 8 and 32946 Deflate, 32773 PackBits: what plain TIFF files use.
    let compression = find(&entries, 0x0103).and_then(|entry| entry.unsigned(0)).unwrap_or(1);
    let own_coding = !matches!(compression, 1..=8 | 32773 | 32946 | 50000..=50002);
    if make.starts_with("NIKON") && (reduced && sub_directories || compression == 34713) {
        Some(RawKind::Nef)
    } else if make.starts_with("SONY") && (reduced && sub_directories || own_coding) {
        Some(RawKind::Arw)
    } else if (make.starts_with("PENTAX") || make.starts_with("RICOH")) && own_coding {
        Some(RawKind::Pef)
    } else if make.starts_with("SAMSUNG") && sub_directories {
        Some(RawKind::Srw)
    } else {
        None
    }
}
