//! The header: what the index is of, and how much of the file counts.

use super::{Reader, checksum};
use crate::identity::Identity;

/// Bytes of a header page.
pub(crate) const HEADER_BYTES: usize = 4096;
/// The first bytes of the file.
const MAGIC: [u8; 8] = *b"TINTVIDX";
/// The version of the format that this code reads and writes.
const VERSION: u32 = 1;

/// The committed state of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) identity: Identity,
    /// Rises with each commit.
    pub(crate) sequence: u64,
    /// The caller's stamp of the last commit.
    pub(crate) generation: u64,
    /// Tells this file from one that was put in its place.
    pub(crate) file: u64,
    /// Seed of the rotation.
    pub(crate) seed: u64,
    /// Checksum of mean and basis.
    pub(crate) basis: u64,
    /// Checksum of the blocks' entries, see [`Entry::sum`](super::Entry::sum): so that a damaged entry is not taken
    /// for one that a lost commit tore, which would leave an older one in its place.
    pub(crate) directory: u64,
    /// Blocks that hold committed rows.
    pub(crate) blocks: u32,
    /// Principal directions in use: a multiple of 128 below the dimension, mostly none.
    pub(crate) head: u32,
}

impl Header {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let (kind, producer) = (self.identity.kind.as_bytes(), self.identity.producer.as_bytes());
        let mut page = Vec::with_capacity(HEADER_BYTES);
        page.extend(MAGIC);
        page.extend(VERSION.to_le_bytes());
        page.extend((self.identity.dimension as u32).to_le_bytes());
        for field in [self.sequence, self.generation, self.file, self.seed, self.basis, self.directory] {
            page.extend(field.to_le_bytes());
        }
        page.extend(self.blocks.to_le_bytes());
        page.extend(self.head.to_le_bytes());
        for name in [kind, producer] {
            page.extend((name.len() as u16).to_le_bytes());
            page.extend(name);
        }
        page.resize(HEADER_BYTES - 8, 0);
        page.extend(checksum(&[&page]).to_le_bytes());
        page
    }

    /// The header of a page, or why there is none.
    pub(crate) fn decode(page: &[u8]) -> Result<Self, HeaderFault> {
        let (body, sum) = page.split_last_chunk::<8>().ok_or(HeaderFault::Damaged)?;
        if page.len() != HEADER_BYTES || checksum(&[body]) != u64::from_le_bytes(*sum) {
            return Err(HeaderFault::Damaged);
        }
        let mut reader = Reader(body);
        if reader.bytes(8) != Some(&MAGIC[..]) {
            return Err(HeaderFault::Damaged);
        }
        match reader.u32() {
            Some(VERSION) => Self::fields(&mut reader).ok_or(HeaderFault::Damaged),
            Some(version) => Err(HeaderFault::Version(version)),
            None => Err(HeaderFault::Damaged),
        }
    }

    fn fields(reader: &mut Reader<'_>) -> Option<Self> {
        let dimension = reader.u32()? as usize;
        let mut field = || reader.u64();
        let [sequence, generation, file, seed, basis, directory] =
            [field()?, field()?, field()?, field()?, field()?, field()?];
        let blocks = reader.u32()?;
        let head = reader.u32().filter(|&head| head % 128 == 0 && (head as usize) < dimension)?;
        let mut name = || {
            let length = reader.u16()?;
            std::str::from_utf8(reader.bytes(usize::from(length))?).ok().map(str::to_owned)
        };
        let identity = Identity { kind: name()?, producer: name()?, dimension };
        identity.check().ok()?;
        Some(Self { identity, sequence, generation, file, seed, basis, directory, blocks, head })
    }
}

/// Why a page is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    Damaged,
    /// Whole, but of another version.
    Version(u32),
}
