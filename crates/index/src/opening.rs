//! Reading header, mean and directory of a file, trusting nothing in it.

use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use fs_err::File;

use crate::basis::Basis;
use crate::code::{Encoder, Shape};
use crate::error::Error;
use crate::file::{Checked, ENTRY_BYTES, Entry, HEADER_BYTES, Header, HeaderFault, Layout, Map, checksum};
use crate::snapshot::{Block, Snapshot};

/// How often to look again when another process commits while we read.
const ATTEMPTS: usize = 4;

/// What a file turned out to be.
pub(crate) enum Opened {
    Missing,
    Version(u32),
    Damaged { reason: String },
    Whole(Snapshot),
}

pub(crate) fn open(path: &Path) -> Result<Opened, Error> {
    let mut attempt = 1;
    loop {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Opened::Missing),
            Err(error) => return Err(Error::io(path)(error)),
        };
        let header = match header(&mut file)? {
            Ok(header) => header,
            Err(HeaderFault::Version(version)) => return Ok(Opened::Version(version)),
            Err(HeaderFault::Damaged) => {
                return Ok(Opened::Damaged { reason: "no whole header".to_owned() });
            }
        };
        match snapshot(&mut file, header.clone()) {
            Ok(snapshot) => return Ok(Opened::Whole(snapshot)),
            Err(Error::Damaged { reason, .. }) => {
                let moved_on = self::header(&mut file)?.is_ok_and(|now| now.sequence != header.sequence);
                if !moved_on || attempt == ATTEMPTS {
                    return Ok(Opened::Damaged { reason });
                }
            }
            Err(error) => return Err(error),
        }
        attempt += 1;
    }
}

/// The header that counts, or what is wrong with both.
pub(crate) fn header(file: &mut File) -> Result<Result<Header, HeaderFault>, Error> {
    let path = file.path().to_owned();
    file.seek(SeekFrom::Start(0)).map_err(Error::io(&path))?;
    let mut pages = Vec::new();
    file.by_ref().take(2 * HEADER_BYTES as u64).read_to_end(&mut pages).map_err(Error::io(&path))?;
    pages.resize(2 * HEADER_BYTES, 0);
    let (first, second) = pages.split_at(HEADER_BYTES);
    Ok(match (Header::decode(first), Header::decode(second)) {
        (Ok(first), Ok(second)) => Ok(if first.sequence > second.sequence { first } else { second }),
        (Ok(header), Err(_)) | (Err(_), Ok(header)) => Ok(header),
        (Err(HeaderFault::Damaged), Err(fault)) | (Err(fault), Err(_)) => Err(fault),
    })
}

/// The state that a header describes; [`Error::Damaged`] where the rest of the file does not fit it.
pub(crate) fn snapshot(file: &mut File, header: Header) -> Result<Snapshot, Error> {
    let path = file.path().to_owned();
    let shape = Shape::new(header.identity.dimension, header.head as usize);
    let layout = Layout { shape };
    let map = Arc::new(Map::new(file, 0..layout.end(header.blocks))?);
    let basis = read(file, Layout::BASIS, layout.basis_bytes())?;
    if checksum(&[&basis]) != header.basis {
        return Err(Error::damaged(&path, "the checksum of its basis does not fit"));
    }
    let mut mean: Vec<f32> =
        basis.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let reflectors = mean.split_off(shape.dim);
    let basis = Basis::new(shape.dim, reflectors).filter(|_| mean.iter().all(|value| value.is_finite()));
    let Some(basis) = basis else {
        return Err(Error::damaged(&path, "its basis is not finite"));
    };
    let basis = (shape.head > 0).then_some(basis);
    let mut blocks = Vec::with_capacity(header.blocks as usize);
    for index in 0..header.blocks {
        let pair = read(file, layout.entry(index, 0), 2 * ENTRY_BYTES)?;
        let (first, second) = pair.split_at(ENTRY_BYTES);
        let whole = [first, second].map(Entry::decode);
        let stray = whole.iter().flatten().any(|entry| entry.sequence > header.sequence);
        let committed = whole.map(|entry| entry.filter(|entry| entry.sequence <= header.sequence));
        let (which, entry) = match committed {
            [Some(first), Some(second)] if second.sequence > first.sequence => (1, second),
            [Some(first), _] => (0, first),
            [None, Some(second)] => (1, second),
            [None, None] => {
                return Err(Error::damaged(&path, format!("block {index} has no whole directory entry")));
            }
        };
        blocks.push(Block {
            map: Arc::clone(&map),
            at: layout.block(index),
            live: entry.live_rows(),
            entry,
            which,
            stray,
            checked: Arc::new(Checked::default()),
        });
    }
    if Entry::sum(blocks.iter().map(|block: &Block| &block.entry)) != header.directory {
        return Err(Error::damaged(&path, "the checksum of the directory does not fit"));
    }
    let encoder = Arc::new(Encoder::new(shape, mean, basis, header.seed));
    Ok(Snapshot { path: Arc::new(path), header: Arc::new(header), layout, encoder, blocks: Arc::new(blocks) })
}

fn read(file: &mut File, at: u64, length: usize) -> Result<Vec<u8>, Error> {
    let path = file.path().to_owned();
    let mut bytes = vec![0; length];
    let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes));
    match read {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(Error::damaged(&path, format!("it ends before byte {}", at + length as u64)))
        }
        Err(error) => Err(Error::io(&path)(error)),
    }
}
