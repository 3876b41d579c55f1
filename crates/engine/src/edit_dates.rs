//! Changing when photos were taken: set, shift, take from the file name, correct the time zone. Everything is worked
//! out to absolute dates before anything changes, so that the plan can be shown and a repeated item does no harm.

use jiff::civil::DateTime;
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};
use tintype_core::{PhotoId, TakenAt};
use tintype_store::PhotoDetail;

use crate::{Error, Result};

/// The source named with dates that people set.
pub(crate) const SET_BY_HAND: &str = "Tintype";

/// Offsets from UTC that there are, in minutes (UTC−12 to UTC+14).
const OFFSETS: std::ops::RangeInclusive<i16> = -720..=840;

/// How dates are to change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum DateEdit {
    /// All photos get this date.
    Set {
        /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
        taken_at: String,
        /// Offset from UTC in minutes.
        #[serde(default)]
        offset_minutes: Option<i16>,
    },
    /// Each photo's date moves by this much.
    Shift {
        /// Seconds; negative is earlier.
        shift_secs: i64,
    },
    /// Each photo gets the date in its file name.
    FromName,
    /// The camera's clock was set to another zone: the same moment, as a clock of this zone shows it. Photos that do
    /// not say which zone their date is of keep it and get the zone.
    TimeZone {
        /// Offset from UTC in minutes.
        offset_minutes: i16,
    },
}

/// One photo's new date, or why it has none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DateChange {
    /// The photo.
    pub photo: PhotoId,
    /// Its name.
    pub name: String,
    /// When it was taken so far.
    pub from: Option<TakenAt>,
    /// When it was taken from now on; `None` when it keeps its date.
    pub to: Option<TakenAt>,
    /// Why it keeps its date, when that is not because it is right already.
    pub problem: Option<String>,
}

impl DateEdit {
    /// Whether it makes sense at all.
    pub fn check(&self) -> Result<()> {
        let wrong = |field: &'static str, detail: String| Err(Error::BadValue { field, detail });
        match self {
            Self::Set { taken_at, .. } if parse(taken_at).is_none() => {
                wrong("taken_at", format!("is written 2024-06-30T18:05:00, not {taken_at:?}"))
            }
            Self::Set { offset_minutes: Some(offset), .. } | Self::TimeZone { offset_minutes: offset }
                if !OFFSETS.contains(offset) =>
            {
                wrong("offset_minutes", format!("is from -720 to 840, not {offset}"))
            }
            Self::Shift { shift_secs } if shift_secs.unsigned_abs() > 200 * 366 * 86_400 => {
                wrong("shift_secs", "is at most 200 years".into())
            }
            Self::Shift { shift_secs: 0 } => wrong("shift_secs", "is not 0".into()),
            _ => Ok(()),
        }
    }

    /// What becomes of one photo.
    pub fn change(&self, photo: &PhotoDetail) -> DateChange {
        let from = photo.annotations.over(&photo.metadata).taken_at;
        let outcome = self.target(photo, from.as_ref());
        let (to, problem) = match outcome {
            Ok(to) if Some(&to) == from.as_ref() => (None, None),
            Ok(to) => (Some(to), None),
            Err(problem) => (None, Some(problem)),
        };
        DateChange { photo: photo.summary.id, name: photo.summary.name.clone(), from, to, problem }
    }

    fn target(&self, photo: &PhotoDetail, from: Option<&TakenAt>) -> Result<TakenAt, String> {
        let dated = || from.ok_or_else(|| "it has no date".to_owned());
        let clock = |taken: &TakenAt| {
            parse(&taken.local).ok_or_else(|| format!("its date {} cannot be read", taken.local))
        };
        match self {
            Self::Set { taken_at, offset_minutes } => {
                let local = parse(taken_at).ok_or("the date cannot be read")?;
                Ok(taken(local, None, *offset_minutes))
            }
            Self::Shift { shift_secs } => {
                let old = dated()?;
                let local = add(clock(old)?, shift_secs.seconds())?;
                Ok(taken(local, old.subsec_nanos, old.offset_minutes))
            }
            Self::FromName => {
                let (local, nanos) = date_in_name(&photo.summary.name)
                    .ok_or("its file name holds no date like 20240630_180500 or 2024-06-30")?;
                let same_clock = from.filter(|old| parse(&old.local) == Some(local));
                Ok(same_clock.cloned().unwrap_or_else(|| taken(local, nanos, None)))
            }
            Self::TimeZone { offset_minutes } => {
                let old = dated()?;
                let local = match old.offset_minutes.filter(|_| old.source != TakenAt::FROM_FILE_TIME) {
                    Some(before) => {
                        add(clock(old)?, (i64::from(*offset_minutes) - i64::from(before)).minutes())?
                    }
                    None => clock(old)?,
                };
                Ok(taken(local, old.subsec_nanos, Some(*offset_minutes)))
            }
        }
    }
}

fn parse(text: &str) -> Option<DateTime> {
    // The calendar alone: a zone in the text would mean something else than the offset beside it.
    (text.len() == 19).then(|| text.parse().ok()).flatten()
}

fn add(local: DateTime, span: Span) -> Result<DateTime, String> {
    let moved = local.checked_add(span).ok().filter(|moved| moved.year() >= 1);
    moved.ok_or_else(|| "the new date is outside the calendar".to_owned())
}

fn taken(local: DateTime, subsec_nanos: Option<u32>, offset_minutes: Option<i16>) -> TakenAt {
    let local = local.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    TakenAt { local, subsec_nanos, offset_minutes, source: SET_BY_HAND.to_owned() }
}

/// The date in a file name: eight digits of a day (1990 to 2099), with or without separators, then the time of day in
/// the same way where there is one; three more digits are milliseconds. Without a time it is midnight.
pub(crate) fn date_in_name(name: &str) -> Option<(DateTime, Option<u32>)> {
    let bytes = name.as_bytes();
    (0..bytes.len())
        .filter(|at| *at == 0 || !bytes[at - 1].is_ascii_digit())
        .find_map(|at| date_at(&bytes[at..]))
}

fn date_at(bytes: &[u8]) -> Option<(DateTime, Option<u32>)> {
    let mut reader = Digits { bytes, at: 0 };
    let year = reader.number(4)?;
    let separator = reader.separator(b"-_.: ");
    let month = reader.number(2)?;
    if reader.separator(b"-_.: ") != separator {
        return None;
    }
    let day = reader.number(2)?;
    if !(1990..=2099).contains(&year) {
        return None;
    }
    let midnight = jiff::civil::Date::new(year as i16, month as i8, day as i8).ok()?.at(0, 0, 0, 0);
    let rest = &bytes[reader.at..];
    // "20240630_180500", "2024-06-30 at 18.05.00", "2024-06-30T18:05:00".
    let Some(gap) = rest.iter().take(5).position(u8::is_ascii_digit) else { return Some((midnight, None)) };
    let joined = std::str::from_utf8(&rest[..gap]).ok()?;
    if !matches!(joined.trim_matches([' ', '_', '-']), "" | "T" | "t" | "at" | ",")
        || joined.is_empty() && separator.is_some()
    {
        return Some((midnight, None));
    }
    let mut clock = Digits { bytes: rest, at: gap };
    let time = (|| {
        let hour = clock.number(2)?;
        let separator = clock.separator(b"-_.:h ");
        let minute = clock.number(2)?;
        if clock.separator(b"-_.:m ") != separator {
            return None;
        }
        let second = clock.number(2)?;
        jiff::civil::Time::new(hour as i8, minute as i8, second as i8, 0).ok()
    })();
    let Some(time) = time else { return (!rest[0].is_ascii_digit()).then_some((midnight, None)) };
    let millis = clock.number(3).filter(|_| !clock.bytes.get(clock.at).is_some_and(u8::is_ascii_digit));
    Some((midnight.date().to_datetime(time), millis.map(|millis| millis * 1_000_000)))
}

/// Reads numbers of a given width.
struct Digits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Digits<'_> {
    fn number(&mut self, width: usize) -> Option<u32> {
        let text = self.bytes.get(self.at..self.at + width)?;
        let number = text
            .iter()
            .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))?;
        self.at += width;
        Some(number)
    }

    fn separator(&mut self, allowed: &[u8]) -> Option<u8> {
        let found = self.bytes.get(self.at).copied().filter(|byte| allowed.contains(byte))?;
        self.at += 1;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_names_of_many_makers() {
        for (name, expected) in [
            ("IMG_20240630_180512.jpg", Some("2024-06-30T18:05:12")),
            ("PXL_20240630_180512123.jpg", Some("2024-06-30T18:05:12.123")),
            ("20240630-180512.HEIC", Some("2024-06-30T18:05:12")),
            ("20240630180512.jpg", Some("2024-06-30T18:05:12")),
            ("2024-06-30 18.05.12.png", Some("2024-06-30T18:05:12")),
            ("Screenshot 2024-06-30 at 18.05.12.png", Some("2024-06-30T18:05:12")),
            ("WhatsApp Image 2024-06-30 at 18.05.12.jpeg", Some("2024-06-30T18:05:12")),
            ("IMG-20240630-WA0007.jpg", Some("2024-06-30T00:00:00")),
            ("2024-06-30.jpg", Some("2024-06-30T00:00:00")),
            ("signal-2024-06-30-180512.jpg", Some("2024-06-30T18:05:12")),
            ("DSC_20241399.jpg", None),
            ("IMG_1234.jpg", None),
            ("12345678901234.jpg", None),
            ("20240630_996199.jpg", Some("2024-06-30T00:00:00")),
        ] {
            let found = date_in_name(name).map(|(local, nanos)| {
                let fraction = nanos.map(|nanos| format!(".{:03}", nanos / 1_000_000)).unwrap_or_default();
                format!("{}{fraction}", local.strftime("%Y-%m-%dT%H:%M:%S"))
            });
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for bad in [
            DateEdit::Set { taken_at: "2024-06-31T00:00:00".into(), offset_minutes: None },
            DateEdit::Set { taken_at: "tomorrow".into(), offset_minutes: None },
            DateEdit::Set { taken_at: "2024-06-30T00:00:00".into(), offset_minutes: Some(900) },
            DateEdit::Shift { shift_secs: 0 },
            DateEdit::Shift { shift_secs: i64::MIN },
            DateEdit::TimeZone { offset_minutes: -721 },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        assert!(DateEdit::FromName.check().is_ok());
    }
}
