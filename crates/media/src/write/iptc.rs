//! Editing IPTC-IIM records (IIM 4.2) and the Photoshop image resources that hold them. Everything that is not the
//! edited dataset stays byte for byte, in its order.

use super::refused;
use crate::Error;
use crate::bytes::{be16, be32, slice};

/// Coded character set UTF-8 (1:90), as an escape sequence of ISO 2022.
const UTF8: &[u8] = b"\x1B%G";
/// The resource of IPTC records.
const RECORDS: u16 = 0x0404;
/// A checksum of the records, by which programs tell whether IPTC or XMP was changed last. After an edit of both it
/// is taken out: without it XMP counts (MWG guidelines 2.0, §2.4), which says the same.
const DIGEST: u16 = 0x0425;

/// One dataset of record 2 to set; no values remove it.
pub(super) struct Dataset {
    pub(super) number: u8,
    pub(super) values: Vec<String>,
    pub(super) only_present: bool,
}

/// A dataset as it lies in the stream.
struct Piece<'a> {
    record: u8,
    number: u8,
    value: &'a [u8],
    whole: &'a [u8],
}

/// A stream taken apart: its datasets, and what pads it in front and behind.
struct Stream<'a> {
    lead: &'a [u8],
    pieces: Vec<Piece<'a>>,
    tail: &'a [u8],
}

fn taken_apart(data: &[u8]) -> Result<Stream<'_>, Error> {
    let lead = data.iter().take(8).take_while(|&&byte| byte == 0).count();
    let (mut at, mut found) = (lead, Vec::new());
    while let Some(&[0x1C, record, number]) = slice(data, at, 3) {
        let Some(short) = be16(data, at + 3) else { return refused("the IPTC record is cut off") };
        let (head, len) = if short & 0x8000 == 0 {
            (5, usize::from(short))
        } else {
            // Extended: the field says how many bytes of length follow.
            let digits = usize::from(short & 0x7FFF);
            let Some(bytes) = slice(data, at + 5, digits).filter(|_| digits <= 4) else {
                return refused("the IPTC record is damaged");
            };
            (5 + digits, bytes.iter().fold(0, |len, &byte| len << 8 | usize::from(byte)))
        };
        let (Some(value), Some(whole)) = (slice(data, at + head, len), slice(data, at, head + len)) else {
            return refused("the IPTC record is cut off");
        };
        found.push(Piece { record, number, value, whole });
        at += head + len;
    }
    let tail = &data[at.min(data.len())..];
    if tail.iter().any(|&byte| byte != 0) {
        return refused("the IPTC record is damaged");
    }
    Ok(Stream { lead: &data[..lead], pieces: found, tail })
}

/// How the values are to be coded: the stream's other text must go on meaning what it does, also to readers that
/// go by the mark.
enum Coding {
    /// As the stream is, marked or not.
    Utf8,
    /// UTF-8, with a mark that has to be added.
    MarkUtf8,
    Latin1,
}

fn coding(pieces: &[Piece<'_>], edits: &[Dataset]) -> Result<Coding, Error> {
    if pieces.iter().any(|piece| (piece.record, piece.number) == (1, 90) && piece.value == UTF8)
        || edits.iter().flat_map(|edit| &edit.values).all(|value| value.is_ascii())
    {
        return Ok(Coding::Utf8);
    }
    // The version of the record (2:0) is a number.
    let others = || {
        pieces.iter().filter(|piece| {
            piece.record == 2 && piece.number != 0 && !edits.iter().any(|edit| edit.number == piece.number)
        })
    };
    if others().all(|piece| piece.value.is_ascii()) {
        return Ok(Coding::MarkUtf8);
    }
    if others().all(|piece| std::str::from_utf8(piece.value).is_ok()) {
        return Ok(Coding::Utf8);
    }
    if edits.iter().flat_map(|edit| &edit.values).flat_map(|value| value.chars()).all(|c| c <= '\u{FF}') {
        return Ok(Coding::Latin1);
    }
    refused("the IPTC text is in an older coding that cannot hold these letters")
}

fn coded(number: u8, value: &str, coding: &Coding) -> Result<Vec<u8>, Error> {
    let value: Vec<u8> = match coding {
        Coding::Utf8 | Coding::MarkUtf8 => value.as_bytes().to_vec(),
        // The mapping of Latin-1 is the identity; larger letters were ruled out.
        Coding::Latin1 => value.chars().map(|c| c as u8).collect(),
    };
    let Some(len) = u16::try_from(value.len()).ok().filter(|&len| len < 0x8000) else {
        return refused("a text is too long for IPTC");
    };
    let mut out = vec![0x1C, 2, number];
    out.extend(len.to_be_bytes());
    out.extend(value);
    Ok(out)
}

/// The stream with the datasets set; `None` when it says so already.
pub(super) fn edit_records(data: &[u8], edits: &[Dataset]) -> Result<Option<Vec<u8>>, Error> {
    let Stream { lead, pieces, tail } = taken_apart(data)?;
    if pieces.is_empty() {
        // Room for records, without any: the file does not use IPTC.
        return Ok(None);
    }
    let coding = coding(&pieces, edits)?;
    let mut mark = matches!(coding, Coding::MarkUtf8);
    let mut out: Vec<(u8, u8, Vec<u8>)> =
        pieces.iter().map(|piece| (piece.record, piece.number, piece.whole.to_vec())).collect();
    let mut changed = false;
    for edit in edits {
        let held = |entry: &(u8, u8, Vec<u8>)| (entry.0, entry.1) == (2, edit.number);
        let before: Vec<&Vec<u8>> =
            out.iter().filter(|entry| held(entry)).map(|(_, _, whole)| whole).collect();
        if before.is_empty() && (edit.only_present || edit.values.is_empty()) {
            continue;
        }
        let after = edit
            .values
            .iter()
            .map(|value| coded(edit.number, value, &coding))
            .collect::<Result<Vec<_>, Error>>()?;
        if before.len() == after.len() && before.iter().zip(&after).all(|(before, after)| *before == after) {
            continue;
        }
        changed = true;
        // Where the first one was, or in the order of numbers.
        let at = out.iter().position(held).unwrap_or_else(|| {
            let later = |entry: &(u8, u8, Vec<u8>)| (entry.0, entry.1) > (2, edit.number);
            out.iter().position(later).unwrap_or(out.len())
        });
        let behind = out.split_off(at);
        out.extend(after.into_iter().map(|whole| (2, edit.number, whole)));
        out.extend(behind.into_iter().filter(|entry| !held(entry)));
    }
    if !changed {
        return Ok(None);
    }
    mark &= !edits.iter().flat_map(|edit| &edit.values).all(|value| value.is_ascii());
    let mut bytes = lead.to_vec();
    if mark {
        out.retain(|entry| (entry.0, entry.1) != (1, 90));
        bytes.extend([0x1C, 1, 90, 0, 3]);
        bytes.extend(UTF8);
    }
    bytes.extend(out.into_iter().flat_map(|(_, _, whole)| whole));
    bytes.extend(tail);
    Ok(Some(bytes))
}

/// Photoshop image resources with the datasets set in their IPTC records; `None` when nothing changes, also when
/// there are no records. With `outdated`, records elsewhere that the digest is about have changed.
pub(super) fn edit_resources(
    data: &[u8],
    edits: &[Dataset],
    outdated: bool,
) -> Result<Option<Vec<u8>>, Error> {
    let (mut out, mut at, mut changed, mut digests) = (Vec::with_capacity(data.len()), 0, false, Vec::new());
    while let Some(signature) = slice(data, at, 4) {
        if !matches!(signature, b"8BIM" | b"MeSa" | b"PHUT" | b"AgHg" | b"DCSR") {
            break;
        }
        let (Some(id), Some(&name)) = (be16(data, at + 4), data.get(at + 6)) else { break };
        let body = at + 6 + (usize::from(name) + 1).next_multiple_of(2);
        let Some(len) = be32(data, body).map(|len| len as usize) else { break };
        let Some(value) = slice(data, body + 4, len) else {
            if id == RECORDS {
                return refused("the IPTC record is cut off");
            }
            break;
        };
        let end = (body + 4 + len + (len & 1)).min(data.len());
        let edited = if id == RECORDS { edit_records(value, edits)? } else { None };
        let start = out.len();
        match edited {
            Some(records) => {
                changed = true;
                out.extend(&data[at..body]);
                out.extend((records.len() as u32).to_be_bytes());
                out.extend(&records);
                if records.len() % 2 == 1 {
                    out.push(0);
                }
            }
            None => out.extend(&data[at..end]),
        }
        if id == DIGEST {
            digests.push(start..out.len());
        }
        at = end;
    }
    if !changed && (!outdated || digests.is_empty()) {
        return Ok(None);
    }
    out.extend(&data[at..]);
    for digest in digests.into_iter().rev() {
        out.drain(digest);
    }
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::{Dataset, edit_records, edit_resources};

    fn dataset(record: u8, number: u8, value: &[u8]) -> Vec<u8> {
        let mut out = vec![0x1C, record, number];
        out.extend((value.len() as u16).to_be_bytes());
        out.extend(value);
        out
    }

    fn keywords(values: &[&str]) -> [Dataset; 1] {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        [Dataset { number: 25, values, only_present: false }]
    }

    #[test]
    fn other_text_goes_on_meaning_what_it_did() {
        let mark = dataset(1, 90, b"\x1B%G");
        let utf8 = dataset(2, 25, "é".as_bytes());
        for (others, expected) in [
            // Plain: our letters need the mark.
            (dataset(2, 116, b"plain"), [&mark[..], &utf8, &dataset(2, 116, b"plain")].concat()),
            // Latin-1 stays, and ours joins it.
            (dataset(2, 116, b"\xA9"), [dataset(2, 25, b"\xE9"), dataset(2, 116, b"\xA9")].concat()),
            // UTF-8 without a mark stays so.
            (dataset(2, 116, "©".as_bytes()), [&utf8[..], &dataset(2, 116, "©".as_bytes())].concat()),
        ] {
            let edited = edit_records(&others, &keywords(&["é"])).unwrap().unwrap();
            assert_eq!(edited, expected);
            assert_eq!(edit_records(&edited, &keywords(&["é"])).unwrap(), None);
        }
        assert!(edit_records(&dataset(2, 116, b"\xA9"), &keywords(&["漢"])).is_err());
    }

    #[test]
    fn keywords_are_replaced_where_the_first_one_was() {
        let records = [
            dataset(2, 0, &[0, 4]),
            dataset(2, 25, b"old"),
            dataset(2, 80, b"author"),
            dataset(2, 25, b"older"),
            vec![0, 0],
        ]
        .concat();
        let expected = [
            dataset(2, 0, &[0, 4]),
            dataset(2, 25, b"a"),
            dataset(2, 25, b"b"),
            dataset(2, 80, b"author"),
            vec![0, 0],
        ]
        .concat();
        assert_eq!(edit_records(&records, &keywords(&["a", "b"])).unwrap().unwrap(), expected);
        assert!(edit_records(&records[..records.len() - 5], &keywords(&["a"])).is_err(), "cut off");
    }

    #[test]
    fn the_digest_goes_with_the_records_it_was_of() {
        let resource = |id: u16, value: &[u8]| {
            let mut out = b"8BIM".to_vec();
            out.extend(id.to_be_bytes());
            out.extend([0, 0]);
            out.extend((value.len() as u32).to_be_bytes());
            out.extend(value);
            out.resize(out.len().next_multiple_of(2), 0);
            out
        };
        let (other, digest) = (resource(0x03ED, b"dpi"), resource(0x0425, &[7; 16]));
        let records = resource(0x0404, &dataset(2, 25, b"old"));
        let data = [&other[..], &records, &digest, b"tail"].concat();
        let expected = [&other[..], &resource(0x0404, &dataset(2, 25, b"newer")), b"tail"].concat();
        assert_eq!(edit_resources(&data, &keywords(&["newer"]), false).unwrap().unwrap(), expected);
        assert_eq!(edit_resources(&data, &keywords(&["old"]), false).unwrap(), None);
        let outdated = edit_resources(&data, &keywords(&["old"]), true).unwrap().unwrap();
        assert_eq!(outdated, [&other[..], &records, b"tail"].concat());
    }
}
