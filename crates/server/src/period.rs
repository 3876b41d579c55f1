//! Dates written to some precision (`2024`, `2024-06`, `2024-06-30T12`), as the stretch of time they stand for.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};

/// A stretch of local wall-clock time, in milliseconds since the Unix epoch as if the clock showed UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    /// Its first millisecond.
    pub(crate) start_ms: i64,
    /// The first millisecond after it.
    pub(crate) end_ms: i64,
}

/// What people are told when [`Period::parse`] fails.
pub(crate) const EXPECTED: &str =
    "is a year, month, day or time like 2024, 2024-06, 2024-06-30 or 2024-06-30T12:00:00";

impl Period {
    /// The year, month, day, hour, minute or second that `text` names.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        const REST: &str = "0000-01-01T00:00:00";
        let span: Span = match text.len() {
            4 => 1.year(),
            7 => 1.month(),
            10 => 1.day(),
            13 => 1.hour(),
            16 => 1.minute(),
            19 => 1.second(),
            _ => return None,
        };
        let start: DateTime = format!("{text}{}", REST.get(text.len()..)?).parse().ok()?;
        let end = start.checked_add(span).unwrap_or(DateTime::MAX);
        Some(Self { start_ms: to_ms(start)?, end_ms: to_ms(end).unwrap_or(i64::MAX) })
    }
}

fn to_ms(time: DateTime) -> Option<i64> {
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// The time as text to the second; the inverse of [`Period::parse`] for whole seconds.
pub(crate) fn local_text(ms: i64) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(ms).ok()?;
    Some(time.to_zoned(TimeZone::UTC).datetime().strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> i64 {
        let period = Period::parse(text).unwrap();
        (period.end_ms - period.start_ms) / 86_400_000
    }

    #[test]
    fn precision_decides_the_length() {
        assert_eq!((days("2024"), days("2023")), (366, 365));
        assert_eq!((days("2024-02"), days("2024-02-29"), days("2024-12")), (29, 1, 31));
        let second = Period::parse("1970-01-01T00:00:01").unwrap();
        assert_eq!((second.start_ms, second.end_ms), (1000, 2000));
        assert_eq!(local_text(second.start_ms).as_deref(), Some("1970-01-01T00:00:01"));
        assert!(Period::parse("9999").is_some(), "the last year there is");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "24",
            "2024-13",
            "2023-02-29",
            "2024-06-30T25",
            "2024/06/30",
            "abcd",
            "2024-06-30T12:00:0x",
            "ééé",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
