//! The graph's file: what `usearch` wrote, and after it a page that says what it is of and what its checksum is.
//!
//! The page comes last because `usearch` writes files from their beginning; a file that was cut short has none.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use fs_err::File;
use rayon::prelude::*;

use crate::error::Error;
use crate::file::{Map, Reader, checksum};
use crate::identity::Identity;

/// Bytes of the page.
const TRAILER_BYTES: usize = 4096;
/// The first bytes of the page.
const MAGIC: [u8; 8] = *b"TINTVGRF";
/// The version of the format that this code reads and writes.
const VERSION: u32 = 1;
/// Bytes that one thread takes the checksum of at a time.
const PART: usize = 4 << 20;

/// What a graph is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trailer {
    pub(super) identity: Identity,
    /// The caller's stamp.
    pub(super) generation: u64,
    /// Vectors that can be found.
    pub(super) count: u64,
    /// Bytes before the page.
    pub(super) graph_bytes: u64,
    /// Checksum of these bytes, see [`sum`].
    pub(super) sum: u64,
}

impl Trailer {
    pub(super) fn file_bytes(&self) -> u64 {
        self.graph_bytes + TRAILER_BYTES as u64
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut page = Vec::with_capacity(TRAILER_BYTES);
        page.extend(MAGIC);
        page.extend(VERSION.to_le_bytes());
        page.extend((self.identity.dimension as u32).to_le_bytes());
        for field in [self.generation, self.count, self.graph_bytes, self.sum] {
            page.extend(field.to_le_bytes());
        }
        for name in [self.identity.kind.as_bytes(), self.identity.producer.as_bytes()] {
            page.extend((name.len() as u16).to_le_bytes());
            page.extend(name);
        }
        page.resize(TRAILER_BYTES - 8, 0);
        page.extend(checksum(&[&page]).to_le_bytes());
        page
    }

    /// The version of a whole page, and what it says; `None` where it is not whole.
    fn decode(page: &[u8]) -> Option<(u32, Option<Self>)> {
        let (body, sum) = page.split_last_chunk::<8>()?;
        let mut reader = Reader(body);
        if checksum(&[body]) != u64::from_le_bytes(*sum) || reader.bytes(8)? != MAGIC {
            return None;
        }
        let version = reader.u32()?;
        Some((version, if version == VERSION { Self::fields(&mut reader) } else { None }))
    }

    fn fields(reader: &mut Reader<'_>) -> Option<Self> {
        let dimension = reader.u32()? as usize;
        let mut field = || reader.u64();
        let [generation, count, graph_bytes, sum] = [field()?, field()?, field()?, field()?];
        let mut name = || {
            let length = reader.u16()?;
            std::str::from_utf8(reader.bytes(usize::from(length))?).ok().map(str::to_owned)
        };
        let identity = Identity { kind: name()?, producer: name()?, dimension };
        identity.check().ok()?;
        Some(Self { identity, generation, count, graph_bytes, sum })
    }
}

/// What is at a path.
pub(super) enum Opened {
    Missing,
    Version(u32),
    Other(Identity),
    Damaged(String),
    Whole(Trailer, Map),
}

/// Looks at the file; reads all of it only if it is of `identity`.
pub(super) fn open(path: &Path, identity: &Identity) -> Result<Opened, Error> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Opened::Missing),
        other => other.map_err(Error::io(path))?,
    };
    let length = file.metadata().map_err(Error::io(path))?.len();
    let Some(graph_bytes) = length.checked_sub(TRAILER_BYTES as u64) else {
        return Ok(Opened::Damaged(format!("{length} bytes are no graph")));
    };
    let mut page = vec![0; TRAILER_BYTES];
    let read = file.seek(SeekFrom::Start(graph_bytes)).and_then(|_| file.read_exact(&mut page));
    read.map_err(Error::io(path))?;
    let trailer = match Trailer::decode(&page) {
        None => return Ok(Opened::Damaged("the last page is not whole".to_owned())),
        Some((version, None)) if version != VERSION => return Ok(Opened::Version(version)),
        Some((_, None)) => return Ok(Opened::Damaged("the last page makes no sense".to_owned())),
        Some((_, Some(trailer))) => trailer,
    };
    if trailer.identity != *identity {
        return Ok(Opened::Other(trailer.identity));
    }
    if trailer.graph_bytes != graph_bytes {
        return Ok(Opened::Damaged(format!("{graph_bytes} bytes instead of {}", trailer.graph_bytes)));
    }
    let map = Map::new(&file, 0..length)?;
    if sum(map.bytes(0, 0..graph_bytes as usize)) != trailer.sum {
        return Ok(Opened::Damaged("the checksum does not fit".to_owned()));
    }
    Ok(Opened::Whole(trailer, map))
}

/// The checksum of the checksums of all parts, which all threads share.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let parts: Vec<u8> =
        bytes.par_chunks(PART).flat_map_iter(|part| checksum(&[part]).to_le_bytes()).collect();
    checksum(&[&parts])
}
