//! Dates as files write them.

use tintype_core::TakenAt;

/// Photography begins (Niépce's view from his window): an earlier year is a mistake.
const FIRST_YEAR: u32 = 1826;
/// A later year is a mistake of the clock. A constant rather than today, so that reading a file gives the same
/// answer on every day.
const LAST_YEAR: u32 = 2099;

/// A date and time of day taken from text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    local: String,
    nanos: Option<u32>,
    offset_minutes: Option<i16>,
}

impl Stamp {
    /// Reads `YYYY:MM:DD HH:MM:SS` (Exif 2.32 §4.6.4 D) and ISO 8601 with or without fraction and offset, with any
    /// separators, as cameras and programs write them. Missing months, days and times read as the first moment of
    /// what is given, if at least the year stands there. Zero, blank and implausible dates are `None`.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        let mut digits = Digits { rest: text };
        let year = digits.exactly(4)?;
        let mut field = |default: u32| -> Option<u32> {
            match digits.rest {
                [b':' | b'-' | b'/' | b'.' | b' ' | b'T' | b't', after @ ..]
                    if after.first().is_some_and(u8::is_ascii_digit)
                        || matches!(after, [b' ', digit, ..] if digit.is_ascii_digit()) =>
                {
                    digits.rest = if after[0] == b' ' { &after[1..] } else { after };
                    digits.up_to(2)
                }
                // Compact dates (20220701) and times go on without a separator.
                [digit, ..] if digit.is_ascii_digit() => digits.exactly(2),
                _ => Some(default),
            }
        };
        let (month, day) = (field(1)?, field(1)?);
        let (hour, minute, mut second) = (field(0)?, field(0)?, field(0)?);
        // A leap second is shown as the second before it.
        second = second.min(if second == 60 { 59 } else { second });
        let mut rest = digits.rest;
        let mut nanos = None;
        if let [b'.' | b',', after @ ..] = rest {
            let len = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            nanos = fraction(&after[..len]);
            rest = &after[len..];
        }
        let plausible = (FIRST_YEAR..=LAST_YEAR).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            // The Unix epoch itself is a clock that was never set.
            && (year, month, day, hour, minute, second) != (1970, 1, 1, 0, 0, 0);
        plausible.then(|| Self {
            local: format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
            nanos,
            offset_minutes: offset(rest),
        })
    }

    /// A moment in UTC, in seconds since the Unix epoch.
    pub(crate) fn from_unix(seconds: i64) -> Option<Self> {
        let (days, in_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let text = format!(
            "{year:04}:{month:02}:{day:02} {:02}:{:02}:{:02}Z",
            in_day / 3600,
            in_day / 60 % 60,
            in_day % 60
        );
        Self::parse(text.as_bytes())
    }

    /// Adds the fraction kept in a field of its own (Exif `SubSecTime…`), unless the stamp has one.
    pub(crate) fn with_subsec(mut self, digits: Option<&[u8]>) -> Self {
        if self.nanos.is_none() {
            self.nanos = digits.and_then(|digits| {
                let digits = digits.trim_ascii();
                let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
                fraction(&digits[..len])
            });
        }
        self
    }

    /// Adds the offset kept in a field of its own (Exif `OffsetTime…`), unless the stamp has one.
    pub(crate) fn with_offset(mut self, text: Option<&[u8]>) -> Self {
        if self.offset_minutes.is_none() {
            self.offset_minutes = text.and_then(|text| offset(text.trim_ascii()));
        }
        self
    }

    /// The stamp as the date a picture was taken, from tag `source`.
    pub(crate) fn into_taken(self, source: &str) -> TakenAt {
        TakenAt {
            local: self.local,
            subsec_nanos: self.nanos,
            offset_minutes: self.offset_minutes,
            source: source.to_owned(),
        }
    }
}

struct Digits<'a> {
    rest: &'a [u8],
}

impl Digits<'_> {
    fn take(&mut self, len: usize) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        digits
            .iter()
            .try_fold(0_u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    }

    fn exactly(&mut self, len: usize) -> Option<u32> {
        self.take(len)
    }

    /// One to `len` digits.
    fn up_to(&mut self, len: usize) -> Option<u32> {
        let found = self.rest.iter().take(len).take_while(|byte| byte.is_ascii_digit()).count();
        if found == 0 { None } else { self.take(found) }
    }
}

/// Digits after the decimal point as nanoseconds.
fn fraction(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    Some((0..9).fold(0, |nanos, i| nanos * 10 + digits.get(i).map_or(0, |digit| u32::from(digit - b'0'))))
}

/// `Z`, `+05:30`, `-0800`, `+2` as minutes east of UTC; at most 15 hours, as on Earth.
fn offset(text: &[u8]) -> Option<i16> {
    let text = text.trim_ascii();
    let sign = match text.first()? {
        b'Z' | b'z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let mut digits = Digits { rest: &text[1..] };
    let hours = digits.up_to(2)?;
    if digits.rest.first() == Some(&b':') {
        digits.rest = &digits.rest[1..];
    }
    let minutes = digits.up_to(2).unwrap_or(0);
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 60 + minutes) as i16)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The Gregorian date `days` after 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::Stamp;

    fn shown(text: &str) -> Option<String> {
        Stamp::parse(text.as_bytes())
            .map(|stamp| format!("{} {:?} {:?}", stamp.local, stamp.nanos, stamp.offset_minutes))
    }

    #[test]
    fn dates_are_read_as_cameras_and_programs_write_them() {
        for (text, expected) in [
            ("2022:07:01 10:00:00", "2022-07-01T10:00:00 None None"),
            ("2022-07-01T10:00:00.25+05:30", "2022-07-01T10:00:00 Some(250000000) Some(330)"),
            ("2022-07-01T10:00:00Z", "2022-07-01T10:00:00 None Some(0)"),
            ("20220701", "2022-07-01T00:00:00 None None"),
            ("2022-07-01", "2022-07-01T00:00:00 None None"),
            ("1954", "1954-01-01T00:00:00 None None"),
            ("2008:1:2  3:04:05", "2008-01-02T03:04:05 None None"),
            ("2016:12:31 23:59:60", "2016-12-31T23:59:59 None None"),
            ("2022-07-01 10:00:00-0800", "2022-07-01T10:00:00 None Some(-480)"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn dates_that_mean_nothing_are_refused() {
        for text in [
            "",
            "    :  :     :  :  ",
            "0000:00:00 00:00:00",
            "2999:01:01 00:00:00",
            "2021:02:29 10:00:00",
            "abc",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
        assert_eq!(shown("1970:01:01 00:00:00"), None);
    }

    #[test]
    fn unix_seconds_become_utc() {
        let stamp = Stamp::from_unix(951_782_400).unwrap();
        assert_eq!(stamp.into_taken("x").local, "2000-02-29T00:00:00");
        assert!(Stamp::from_unix(-2_082_844_800).is_none_or(|stamp| stamp.local.starts_with("1904")));
    }
}
