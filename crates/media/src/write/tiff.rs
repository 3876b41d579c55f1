//! Editing TIFF structures (Exif blocks, TIFF files) without moving anything that is there.
//!
//! A value that fits its old place is written there. Anything longer goes to the end of the data, and a directory
//! that needs another entry is copied there with the entry in it; the old copy stays behind as unused bytes. So every
//! offset that a maker's notes, thumbnails or strips rely on, also one that nobody documented, keeps its meaning.

use std::ops::Range;

use super::refused;
use crate::Error;
use crate::metadata::tiff::Tiff;

/// Tag of the pointer to the Exif directory.
const EXIF_POINTER: u16 = 0x8769;
/// More entries than any directory of a real file has.
const MAX_ENTRIES: usize = 1024;
/// An Exif block with an empty directory, to begin with where there is none.
pub(super) const EMPTY: &[u8] = b"MM\0*\0\0\0\x08\0\0\0\0\0\0";

/// Which directory a tag lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directory {
    Primary,
    Exif,
}

/// A value to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Text, ended by NUL when written.
    Ascii(String),
    Short(u16),
    Long(u32),
    /// Bytes of a field type.
    Raw(u16, Vec<u8>),
}

/// One tag to set or, with `None`, to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) directory: Directory,
    pub(super) tag: u16,
    pub(super) value: Option<Value>,
    /// Set only where the tag exists.
    pub(super) only_present: bool,
}

/// One entry as it lies in the data.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u16,
    kind: u16,
    count: u32,
    /// The twelve bytes of the entry.
    raw: [u8; 12],
    /// Where the value lies, and its length; `None` for a field type that is not known or a place outside.
    value: Option<(usize, usize)>,
    /// Whether the value lies in the entry itself.
    inline: bool,
}

struct Listing {
    at: usize,
    slots: Vec<Slot>,
    next: u32,
}

impl Listing {
    fn range(&self) -> Range<usize> {
        self.at..self.at + 6 + 12 * self.slots.len()
    }

    fn find(&self, tag: u16) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.tag == tag)
    }
}

/// TIFF data being edited.
pub(super) struct Block {
    data: Vec<u8>,
    big_endian: bool,
    /// The length must not change.
    fixed: bool,
}

impl Block {
    /// Opens `data` for editing; with `fixed`, only within its length.
    pub(super) fn open(data: &[u8], fixed: bool) -> Result<Self, Error> {
        let Some(tiff) = Tiff::open(data) else { return refused("the TIFF header is damaged") };
        if tiff.u16(2) != Some(42) {
            return refused("only classic TIFF structures are edited");
        }
        Ok(Self { data: data.to_vec(), big_endian: tiff.big_endian, fixed })
    }

    pub(super) fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// Field type and bytes of a tag of the primary directory.
    pub(super) fn primary_value(&self, tag: u16) -> Result<Option<(u16, &[u8])>, Error> {
        let listing = self.listing(self.first()?)?;
        let Some(slot) = listing.find(tag) else { return Ok(None) };
        let Some((at, len)) = slot.value else { return refused("a value lies outside the TIFF structure") };
        Ok(Some((slot.kind, &self.data[at..at + len])))
    }

    /// Makes the changes. The data is unchanged when there is nothing to do.
    pub(super) fn apply(&mut self, changes: &[Change]) -> Result<(), Error> {
        let of = |directory| changes.iter().filter(move |change| change.directory == directory);
        let mut primary: Vec<Change> = of(Directory::Primary).cloned().collect();
        let exif: Vec<&Change> = of(Directory::Exif).collect();
        let listing = self.listing(self.first()?)?;
        match listing.slots.iter().position(|slot| slot.tag == EXIF_POINTER) {
            Some(i) => {
                let pointer = listing.at + 2 + 12 * i + 8;
                let at = self.u32(pointer)? as usize;
                self.edit_directory(at, pointer, &exif)?;
            }
            None if exif.iter().any(|change| change.value.is_some() && !change.only_present) => {
                self.may_grow()?;
                let version = Change {
                    directory: Directory::Exif,
                    tag: 0x9000,
                    value: Some(Value::Raw(7, b"0232".to_vec())),
                    only_present: false,
                };
                let all: Vec<&Change> = std::iter::once(&version).chain(exif).collect();
                self.even();
                let at = self.data.len();
                // An empty directory and a pointer to it stand in until the full one follows; ten bytes stay unused.
                self.data.extend([0; 6]);
                let pointer = self.data.len();
                self.data.extend([0; 4]);
                self.put_u32(pointer, at as u32);
                self.edit_directory(at, pointer, &all)?;
                let at = self.u32(pointer)?;
                primary.push(Change {
                    directory: Directory::Primary,
                    tag: EXIF_POINTER,
                    value: Some(Value::Long(at)),
                    only_present: false,
                });
            }
            None => {}
        }
        let primary: Vec<&Change> = primary.iter().collect();
        self.edit_directory(self.first()?, 4, &primary)
    }

    fn first(&self) -> Result<usize, Error> {
        self.u32(4).map(|at| at as usize)
    }

    fn u16(&self, at: usize) -> Result<u16, Error> {
        self.tiff().u16(at).map_or_else(|| refused("a TIFF directory is cut off"), Ok)
    }

    fn u32(&self, at: usize) -> Result<u32, Error> {
        self.tiff().u32(at).map_or_else(|| refused("a TIFF directory is cut off"), Ok)
    }

    fn tiff(&self) -> Tiff<'_> {
        Tiff::of(&self.data, self.big_endian)
    }

    fn short(&self, value: u16) -> [u8; 2] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn long(&self, value: u32) -> [u8; 4] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn put_u32(&mut self, at: usize, value: u32) {
        let bytes = self.long(value);
        self.data[at..at + 4].copy_from_slice(&bytes);
    }

    /// Values and directories begin on word boundaries (TIFF 6.0 §2).
    fn even(&mut self) {
        if self.data.len() % 2 == 1 {
            self.data.push(0);
        }
    }

    fn may_grow(&self) -> Result<(), Error> {
        if self.fixed {
            return refused("the block has no room for another tag");
        }
        Ok(())
    }

    /// The whole directory at `at`. One that cannot be read whole is not edited.
    fn listing(&self, at: usize) -> Result<Listing, Error> {
        if at < 8 {
            return refused("a TIFF directory lies in the header");
        }
        let count = usize::from(self.u16(at)?);
        if count > MAX_ENTRIES {
            return refused("a TIFF directory is damaged");
        }
        let mut slots = Vec::with_capacity(count);
        for i in 0..count {
            slots.push(self.slot(at + 2 + 12 * i)?);
        }
        Ok(Listing { at, slots, next: self.u32(at + 2 + 12 * count)? })
    }

    fn slot(&self, at: usize) -> Result<Slot, Error> {
        let (tag, kind, count) = (self.u16(at)?, self.u16(at + 2)?, self.u32(at + 4)?);
        let Some(raw) = self.data.get(at..at + 12).and_then(|raw| raw.try_into().ok()) else {
            return refused("a TIFF directory is cut off");
        };
        let len = crate::metadata::tiff::unit(kind).and_then(|unit| unit.checked_mul(count as usize));
        let inline = len.is_none_or(|len| len <= 4);
        let start = if inline { at + 8 } else { self.u32(at + 8)? as usize };
        let value = len
            .map(|len| (start, len))
            .filter(|&(start, len)| start.checked_add(len).is_some_and(|end| end <= self.data.len()));
        Ok(Slot { tag, kind, count, raw, value, inline })
    }

    /// Edits the directory at `at`, to which the offset at `pointer` points.
    fn edit_directory(&mut self, at: usize, pointer: usize, changes: &[&Change]) -> Result<(), Error> {
        let listing = self.listing(at)?;
        let (end, len_before) = (listing.range().end, self.data.len());
        let mut entries: Vec<[u8; 12]> = listing.slots.iter().map(|slot| slot.raw).collect();
        let mut tags: Vec<u16> = listing.slots.iter().map(|slot| slot.tag).collect();
        let mut missing: Vec<(u16, &Value)> = Vec::new();
        for change in changes {
            match (&change.value, listing.find(change.tag)) {
                (None, _) => {
                    let keep: Vec<bool> = tags.iter().map(|&tag| tag != change.tag).collect();
                    let mut kept = keep.iter();
                    entries.retain(|_| kept.next() == Some(&true));
                    tags.retain(|&tag| tag != change.tag);
                }
                (Some(value), Some(slot)) => {
                    if !self.holds(slot, value)
                        && let Some(i) = tags.iter().position(|&tag| tag == change.tag)
                    {
                        entries[i] = self.replaced(slot, value)?;
                    }
                }
                (Some(value), None) if !change.only_present => missing.push((change.tag, value)),
                (Some(_), None) => {}
            }
        }
        let is_shorter = entries.len() < listing.slots.len();
        let is_shared = (is_shorter || !missing.is_empty()) && self.has_shared_end(end);
        if missing.is_empty() {
            if is_shorter && is_shared {
                return refused("a TIFF directory has no end of its own");
            }
            self.write_directory(at, &entries, listing.next);
            let now = at + 6 + 12 * entries.len();
            if now < end && end == len_before && self.data.len() == len_before && !self.fixed {
                // The last thing in the data: no hole is left, so that setting and removing do not add up.
                self.data.truncate(now);
            } else {
                self.data[now..end].fill(0);
            }
            return Ok(());
        }
        self.may_grow()?;
        if end == len_before && self.data.len() == len_before && pointer < at && !is_shared {
            self.data.truncate(at);
        }
        for (tag, value) in missing {
            let entry = self.appended(tag, value)?;
            let i = tags.iter().position(|&held| held > tag).unwrap_or(tags.len());
            tags.insert(i, tag);
            entries.insert(i, entry);
        }
        self.even();
        let Ok(at) = u32::try_from(self.data.len()) else { return refused("the file is too large for TIFF") };
        self.data.resize(self.data.len() + 6 + 12 * entries.len(), 0);
        self.write_directory(at as usize, &entries, listing.next);
        self.put_u32(pointer, at);
        Ok(())
    }

    /// Whether the last field of a directory that ends at `end`, the offset of the next one, is also part of something
    /// else: some writers leave it out, and begin with values in its place.
    fn has_shared_end(&self, end: usize) -> bool {
        let overlaps = |claim: &&Range<usize>| claim.start < end && end - 4 < claim.end;
        self.claims().iter().filter(overlaps).count() > 1
    }

    fn write_directory(&mut self, at: usize, entries: &[[u8; 12]], next: u32) {
        let mut bytes = self.short(entries.len() as u16).to_vec();
        bytes.extend(entries.iter().flatten());
        bytes.extend(self.long(next));
        self.data[at..at + bytes.len()].copy_from_slice(&bytes);
    }

    /// Whether the entry says `value` already.
    fn holds(&self, slot: &Slot, value: &Value) -> bool {
        let Some((at, len)) = slot.value else { return false };
        let held = &self.data[at..at + len];
        match value {
            Value::Ascii(text) => {
                slot.kind == 2
                    && held.split(|&byte| byte == 0).next() == Some(text.as_bytes())
                    && held.contains(&0)
            }
            Value::Short(number) => slot.kind == 3 && slot.count == 1 && held == self.short(*number),
            Value::Long(number) => slot.count == 1 && held == self.long(*number),
            Value::Raw(kind, bytes) => slot.kind == *kind && held == bytes,
        }
    }

    /// Field type, count and bytes of a value.
    fn coded(&self, value: &Value) -> (u16, u32, Vec<u8>) {
        match value {
            Value::Ascii(text) => {
                let mut bytes = text.as_bytes().to_vec();
                bytes.push(0);
                (2, bytes.len() as u32, bytes)
            }
            Value::Short(number) => (3, 1, self.short(*number).to_vec()),
            Value::Long(number) => (4, 1, self.long(*number).to_vec()),
            Value::Raw(kind, bytes) => {
                let unit = crate::metadata::tiff::unit(*kind).unwrap_or(1);
                let mut bytes = bytes.clone();
                bytes.resize(bytes.len().next_multiple_of(unit), 0);
                (*kind, (bytes.len() / unit) as u32, bytes)
            }
        }
    }

    fn entry(&self, tag: u16, kind: u16, count: u32, last: [u8; 4]) -> [u8; 12] {
        let mut entry = [0; 12];
        entry[..2].copy_from_slice(&self.short(tag));
        entry[2..4].copy_from_slice(&self.short(kind));
        entry[4..8].copy_from_slice(&self.long(count));
        entry[8..].copy_from_slice(&last);
        entry
    }

    /// The entry with a new value: in the old place if that is long enough and nobody else's, else at the end.
    fn replaced(&mut self, slot: &Slot, value: &Value) -> Result<[u8; 12], Error> {
        let (kind, count, bytes) = self.coded(value);
        if let Some((at, len)) = slot.value
            && !slot.inline
            && bytes.len() > 4
            && bytes.len() <= len
            && self.owned_by_one(&(at..at + len))
        {
            self.data[at..at + bytes.len()].copy_from_slice(&bytes);
            self.data[at + bytes.len()..at + len].fill(0);
            let mut last = [0; 4];
            last.copy_from_slice(&slot.raw[8..]);
            return Ok(self.entry(slot.tag, kind, count, last));
        }
        self.appended(slot.tag, value)
    }

    /// An entry whose value lies in itself, or at the end of the data.
    fn appended(&mut self, tag: u16, value: &Value) -> Result<[u8; 12], Error> {
        let (kind, count, bytes) = self.coded(value);
        if bytes.len() <= 4 {
            let mut last = [0; 4];
            last[..bytes.len()].copy_from_slice(&bytes);
            return Ok(self.entry(tag, kind, count, last));
        }
        self.may_grow()?;
        self.even();
        let Ok(at) = u32::try_from(self.data.len()) else { return refused("the file is too large for TIFF") };
        self.data.extend(bytes);
        Ok(self.entry(tag, kind, count, self.long(at)))
    }

    /// Whether exactly one entry's value, and nothing else that is known, lies in `range`.
    fn owned_by_one(&self, range: &Range<usize>) -> bool {
        let overlaps = |other: &Range<usize>| other.start < range.end && range.start < other.end;
        !overlaps(&(0..8)) && self.claims().iter().filter(|claim| overlaps(claim)).count() == 1
    }

    /// The places that directories, their values and coded data take.
    fn claims(&self) -> Vec<Range<usize>> {
        let mut claims = Vec::new();
        let mut waiting = vec![self.first().unwrap_or(0)];
        let mut seen = Vec::new();
        while let Some(at) = waiting.pop() {
            if seen.contains(&at) || seen.len() >= 64 {
                continue;
            }
            seen.push(at);
            let Ok(listing) = self.listing(at) else { continue };
            claims.push(listing.range());
            waiting.push(listing.next as usize);
            let numbers =
                |tag| -> Vec<usize> {
                    let entry = listing.find(tag).and_then(|slot| slot.value.map(|value| (slot.kind, value)));
                    let Some((kind, (at, len))) = entry else { return Vec::new() };
                    let step = if kind == 3 { 2 } else { 4 };
                    (at..at + len)
                        .step_by(step)
                        .filter_map(|at| {
                            if kind == 3 { self.u16(at).ok().map(u32::from) } else { self.u32(at).ok() }
                        })
                        .map(|number| number as usize)
                        .collect()
                };
            for slot in listing.slots.iter().filter(|slot| !slot.inline) {
                claims.extend(slot.value.map(|(at, len)| at..at + len));
            }
            for (starts, lengths) in [(0x111, 0x117), (0x144, 0x145), (0x201, 0x202)] {
                let pairs = numbers(starts).into_iter().zip(numbers(lengths));
                claims.extend(pairs.map(|(at, len)| at..at.saturating_add(len)));
            }
            for pointer in [EXIF_POINTER, 0x8825, 0xA005, 0x014A] {
                waiting.extend(numbers(pointer).into_iter().take(8));
            }
        }
        claims
    }
}
