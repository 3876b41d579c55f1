//! [`Table`]: reads a flatbuffer without trusting a single offset in it.
//!
//! Every read is checked against the file's bounds and answers with a typed error. Offsets may point at the same
//! bytes many times, so that a small file can describe endless data; [`Flatbuffer::charge`] counts what was read
//! and stops at a multiple of the file's size.

use std::cell::Cell;

use super::error::{Result, TfliteError};

/// How often each byte of a file may be read as part of a vector or a string, on average. Writers share equal
/// vectors and strings, real files stay below 2; a file without sharing below 1.
const READS_PER_BYTE: u64 = 16;

/// A file as a flatbuffer, and how much of its reading budget is left.
#[derive(Debug)]
pub(super) struct Flatbuffer<'a> {
    bytes: &'a [u8],
    left: Cell<u64>,
}

impl<'a> Flatbuffer<'a> {
    /// Checks the length and the file identifier `TFL3`.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        if bytes.len() < 8 {
            return Err(TfliteError::NotTflite("shorter than its header"));
        }
        if bytes.get(4..8) != Some(b"TFL3".as_slice()) {
            return Err(TfliteError::NotTflite("the identifier TFL3 is missing"));
        }
        Ok(Self { bytes, left: Cell::new(Self::limit(bytes)) })
    }

    fn limit(bytes: &[u8]) -> u64 {
        READS_PER_BYTE * bytes.len() as u64
    }

    /// The whole file.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The table that everything else hangs on.
    pub(super) fn root(&self) -> Result<Table<'a, '_>> {
        let offset = self.u32_at(0, "root offset")? as usize;
        Table::at(self, offset)
    }

    /// Counts `amount` bytes as read.
    fn charge(&self, amount: usize) -> Result<()> {
        let left = self.left.get().checked_sub(amount as u64);
        self.left.set(left.ok_or(TfliteError::TooLarge { limit: Self::limit(self.bytes) })?);
        Ok(())
    }

    fn array<const N: usize>(&self, at: usize, what: &'static str) -> Result<[u8; N]> {
        let bytes = at.checked_add(N).and_then(|end| self.bytes.get(at..end));
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(TfliteError::Damaged { what, at })
    }

    fn u16_at(&self, at: usize, what: &'static str) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array(at, what)?))
    }

    fn u32_at(&self, at: usize, what: &'static str) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array(at, what)?))
    }

    /// Follows the offset stored at `at`.
    fn follow(&self, at: usize, what: &'static str) -> Result<usize> {
        let offset = self.u32_at(at, what)? as usize;
        at.checked_add(offset).ok_or(TfliteError::Damaged { what, at })
    }
}

/// A table of a flatbuffer: fields by number, each present or not. Numbers are those of the TFLite schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a, 'f> {
    file: &'f Flatbuffer<'a>,
    at: usize,
    vtable: usize,
    vtable_len: usize,
}

impl<'a, 'f> Table<'a, 'f> {
    fn at(file: &'f Flatbuffer<'a>, at: usize) -> Result<Self> {
        let what = "table";
        file.charge(4)?;
        let back = i64::from(i32::from_le_bytes(file.array(at, what)?));
        let vtable = usize::try_from(at as i64 - back);
        let vtable = vtable.ok().ok_or(TfliteError::Damaged { what, at })?;
        let vtable_len = usize::from(file.u16_at(vtable, "list of fields")?);
        Ok(Self { file, at, vtable, vtable_len })
    }

    /// Where this table lies, for messages.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The position of a field, if the table has it.
    fn field(&self, number: usize) -> Result<Option<usize>> {
        let slot = 4 + 2 * number;
        if slot + 2 > self.vtable_len {
            return Ok(None);
        }
        let what = "list of fields";
        let slot = self.vtable.checked_add(slot).ok_or(TfliteError::Damaged { what, at: self.at })?;
        match usize::from(self.file.u16_at(slot, what)?) {
            0 => Ok(None),
            offset => Ok(self.at.checked_add(offset)),
        }
    }

    fn scalar<const N: usize>(&self, number: usize) -> Result<Option<[u8; N]>> {
        self.field(number)?.map(|at| self.file.array(at, "field")).transpose()
    }

    /// A field of one byte, signed; 0 where absent.
    pub(super) fn i8(&self, number: usize) -> Result<i8> {
        Ok(self.scalar(number)?.map_or(0, i8::from_le_bytes))
    }

    /// A field of one byte read as yes or no; no where absent.
    pub(super) fn bool(&self, number: usize) -> Result<bool> {
        Ok(self.i8(number)? != 0)
    }

    /// A field of four bytes, signed.
    pub(super) fn i32(&self, number: usize, default: i32) -> Result<i32> {
        Ok(self.scalar(number)?.map_or(default, i32::from_le_bytes))
    }

    /// A field of four bytes, unsigned; 0 where absent.
    pub(super) fn u32(&self, number: usize) -> Result<u32> {
        Ok(self.scalar(number)?.map_or(0, u32::from_le_bytes))
    }

    /// A field of eight bytes, unsigned; 0 where absent.
    pub(super) fn u64(&self, number: usize) -> Result<u64> {
        Ok(self.scalar(number)?.map_or(0, u64::from_le_bytes))
    }

    /// A field of four bytes as a float; 0 where absent.
    pub(super) fn f32(&self, number: usize) -> Result<f32> {
        Ok(self.scalar(number)?.map_or(0.0, f32::from_le_bytes))
    }

    /// A table that a field points at.
    pub(super) fn table(&self, number: usize) -> Result<Option<Self>> {
        let Some(field) = self.field(number)? else { return Ok(None) };
        Self::at(self.file, self.file.follow(field, "offset of a table")?).map(Some)
    }

    /// The bytes of a vector whose elements take `N` bytes each, not counted as read.
    fn elements<const N: usize>(&self, number: usize) -> Result<Option<(usize, &'a [u8])>> {
        let Some(field) = self.field(number)? else { return Ok(None) };
        let what = "vector";
        let at = self.file.follow(field, what)?;
        let len = (self.file.u32_at(at, what)? as usize).checked_mul(N);
        let start = at + 4; // in bounds: four bytes were just read there
        let bytes =
            len.and_then(|len| start.checked_add(len)).and_then(|end| self.file.bytes.get(start..end));
        Ok(Some((start, bytes.ok_or(TfliteError::Damaged { what, at })?)))
    }

    fn list<const N: usize, T>(&self, number: usize, convert: fn([u8; N]) -> T) -> Result<Option<Vec<T>>> {
        let Some((_, bytes)) = self.elements::<N>(number)? else { return Ok(None) };
        self.file.charge(bytes.len())?;
        Ok(Some(bytes.as_chunks::<N>().0.iter().copied().map(convert).collect()))
    }

    /// A vector of bytes, as it lies in the file.
    pub(super) fn bytes(&self, number: usize) -> Result<Option<&'a [u8]>> {
        Ok(self.elements::<1>(number)?.map(|(_, bytes)| bytes))
    }

    /// A vector of signed 32-bit numbers.
    pub(super) fn i32s(&self, number: usize) -> Result<Option<Vec<i32>>> {
        self.list(number, i32::from_le_bytes)
    }

    /// A vector of signed 64-bit numbers.
    pub(super) fn i64s(&self, number: usize) -> Result<Option<Vec<i64>>> {
        self.list(number, i64::from_le_bytes)
    }

    /// A vector of floats.
    pub(super) fn f32s(&self, number: usize) -> Result<Option<Vec<f32>>> {
        self.list(number, f32::from_le_bytes)
    }

    /// A string; empty where absent.
    pub(super) fn string(&self, number: usize) -> Result<&'a str> {
        let Some((at, bytes)) = self.elements::<1>(number)? else { return Ok("") };
        self.file.charge(bytes.len())?;
        str::from_utf8(bytes).ok().ok_or(TfliteError::Damaged { what: "text that is no UTF-8", at })
    }

    /// A vector of tables; empty where absent.
    pub(super) fn tables(&self, number: usize) -> Result<Vec<Self>> {
        let Some((start, bytes)) = self.elements::<4>(number)? else { return Ok(Vec::new()) };
        self.file.charge(bytes.len())?;
        (0..bytes.len() / 4)
            .map(|index| Self::at(self.file, self.file.follow(start + 4 * index, "offset of a table")?))
            .collect()
    }
}

#[cfg(test)]
mod tests;
