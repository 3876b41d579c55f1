//! Matroska and WebM (RFC 9559): the `Info` and `Tracks` of the first segment, which players need first and writers put
//! first; EBML (RFC 8794) around them.

use super::date::Stamp;
use super::draft::{DateSource, Draft, Origin};
use crate::bytes::text;

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK: u32 = 0xAE;
const VIDEO: u32 = 0xE0;
const TIMESTAMP_SCALE: u32 = 0x002A_D7B1;
const DURATION: u32 = 0x4489;
const DATE_UTC: u32 = 0x4461;
const TITLE: u32 = 0x7BA9;
const PIXEL_WIDTH: u32 = 0xB0;
const PIXEL_HEIGHT: u32 = 0xBA;

/// Dates count nanoseconds from 2001-01-01T00:00:00 UTC (RFC 8794 §7.6): seconds from the Unix epoch to there.
const EPOCH_2001: i64 = 978_307_200;
/// Nanoseconds of a unit of time where the file does not say (RFC 9559 §5.1.2.9).
const DEFAULT_SCALE: u64 = 1_000_000;
/// Most elements looked at of one level: clusters of pictures follow what is wanted.
const MAX_ELEMENTS: usize = 1000;

/// Size of the picture, duration, date and title.
pub(crate) fn read(bytes: &[u8], draft: &mut Draft) {
    let Some((_, segment)) = elements(bytes).find(|(id, _)| *id == SEGMENT) else { return };
    for (id, body) in elements(segment) {
        match id {
            INFO => info(body, draft),
            TRACKS => tracks(body, draft),
            _ => {}
        }
    }
}

fn info(body: &[u8], draft: &mut Draft) {
    let (mut scale, mut duration) = (DEFAULT_SCALE, None);
    for (id, body) in elements(body) {
        match id {
            TIMESTAMP_SCALE => scale = unsigned(body).unwrap_or(scale),
            DURATION => duration = float(body),
            DATE_UTC => draft.date(DateSource::MatroskaDate, moment(body)),
            TITLE => draft.title.offer(Origin::Container, "Matroska.Title", text(body)),
            _ => {}
        }
    }
    let secs = duration.map(|units| units * scale as f64 / 1e9);
    draft.meta.duration_secs = secs.filter(|secs| secs.is_finite() && *secs > 0.0);
}

/// The largest picture track: a cover may be one, too.
fn tracks(body: &[u8], draft: &mut Draft) {
    let videos = elements(body).filter(|(id, _)| *id == TRACK).flat_map(|(_, track)| elements(track));
    let sizes = videos.filter(|(id, _)| *id == VIDEO).filter_map(|(_, video)| {
        let side = |wanted: u32| {
            let found = elements(video).find(|(id, _)| *id == wanted)?;
            u32::try_from(unsigned(found.1)?).ok().filter(|&side| side > 0)
        };
        Some((side(PIXEL_WIDTH)?, side(PIXEL_HEIGHT)?))
    });
    let largest = sizes.max_by_key(|&(width, height)| u64::from(width) * u64::from(height));
    draft.size.offer(Origin::Container, largest);
}

fn moment(body: &[u8]) -> Option<Stamp> {
    let nanos = i64::from_be_bytes(body.try_into().ok()?);
    // Zero is a clock that was never set.
    (nanos != 0).then(|| Stamp::from_unix(EPOCH_2001 + nanos.div_euclid(1_000_000_000)))?
}

/// The elements of a level: identifier and contents, cut where the file ends. One of unknown length, as live
/// recordings have it, reaches to the end.
fn elements(data: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (id, id_len) = number(rest, 4, false)?;
        let (len, len_len) = number(rest.get(id_len..)?, 8, true)?;
        let body = rest.get(id_len + len_len..)?;
        let unknown = len == (1 << (7 * len_len)) - 1;
        let len =
            if unknown { body.len() } else { usize::try_from(len).unwrap_or(usize::MAX).min(body.len()) };
        let (body, after) = body.split_at(len);
        rest = after;
        Some((u32::try_from(id).ok()?, body))
    })
    .take(MAX_ELEMENTS)
}

/// A number of variable length (RFC 8794 §4) of at most `max` bytes, and how many they are. The leading bits that tell
/// the length belong to identifiers, and not to lengths (`strip`).
fn number(data: &[u8], max: usize, strip: bool) -> Option<(u64, usize)> {
    let first = *data.first()?;
    let len = first.leading_zeros() as usize + 1;
    if len > max {
        return None;
    }
    let marked = data.get(..len)?.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    Some((if strip { marked & !(1 << (7 * len)) } else { marked }, len))
}

fn unsigned(body: &[u8]) -> Option<u64> {
    (body.len() <= 8).then(|| body.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

fn float(body: &[u8]) -> Option<f64> {
    match body.len() {
        4 => Some(f64::from(f32::from_be_bytes(body.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(body.try_into().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Read;
    use crate::{Format, metadata};

    fn element(id: u32, body: &[u8]) -> Vec<u8> {
        let id: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        // Lengths of eight bytes, as muxers write where they come back to fill them in.
        let len = (1_u64 << 56 | body.len() as u64).to_be_bytes();
        [id.as_slice(), &len, body].concat()
    }

    /// 61.5 seconds of 1920 × 1080 with a cover, of 2021-05-12T10:21:21Z.
    fn film() -> Vec<u8> {
        let nanos = (1_620_814_881 - EPOCH_2001) * 1_000_000_000 + 5;
        let info = [
            element(TIMESTAMP_SCALE, &[0x0F, 0x42, 0x40]),
            element(DURATION, &61_500_f32.to_be_bytes()),
            element(DATE_UTC, &nanos.to_be_bytes()),
            element(TITLE, b"Low tide"),
        ];
        let video = |width: u16, height: u16| {
            let sides =
                [element(PIXEL_WIDTH, &width.to_be_bytes()), element(PIXEL_HEIGHT, &height.to_be_bytes())];
            element(TRACK, &element(VIDEO, &sides.concat()))
        };
        let tracks = [element(TRACK, &[]), video(160, 90), video(1920, 1080)];
        let segment = [element(INFO, &info.concat()), element(TRACKS, &tracks.concat())];
        [element(0x1A45_DFA3, b"\x42\x82\x84webm"), element(SEGMENT, &segment.concat())].concat()
    }

    fn read(bytes: &[u8]) -> Read {
        assert_eq!(Format::sniff(bytes).map(Format::name), Some("mkv"));
        metadata::read(Format::sniff(bytes).unwrap(), bytes)
    }

    #[test]
    fn date_size_duration_and_title_are_read() {
        let found = read(&film()).metadata;
        let taken = found.taken_at.unwrap();
        assert_eq!((taken.local.as_str(), taken.offset_minutes), ("2021-05-12T10:21:21", Some(0)));
        assert_eq!(taken.source, "Matroska.DateUTC");
        assert_eq!((found.width, found.height, found.duration_secs), (1920, 1080, Some(61.5)));
        assert_eq!(found.title.as_deref(), Some("Low tide"));
    }

    #[test]
    fn every_length_of_a_film_is_read_without_harm() {
        let film = film();
        for len in 4..film.len() {
            read(&film[..len]);
        }
        // A segment whose length is not known yet.
        let at = film.windows(4).position(|bytes| bytes == SEGMENT.to_be_bytes()).unwrap() + 4;
        let mut live = film;
        live[at..at + 8].fill(0xFF);
        live[at] = 0x01;
        assert_eq!(read(&live).metadata.duration_secs, Some(61.5));
    }
}
