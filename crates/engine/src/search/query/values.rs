//! Numbers, days, and ranges of them, as people write them.

use std::fmt::Display;

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound<T> {
    /// Where it ends.
    pub value: T,
    /// Whether that is part of it.
    pub is_included: bool,
}

/// A range with at least one end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span<T> {
    /// Its lower end.
    pub low: Option<Bound<T>>,
    /// Its upper end.
    pub high: Option<Bound<T>>,
}

/// A year, a month or a day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12; 0 for the whole year.
    pub month: u8,
    /// 1 to 31, of a real date; 0 for the whole month.
    pub day: u8,
}

impl Day {
    /// A year, month or day: `2024`, `2024-06`, `2024-06-30`, with `-`, `/` or `.` between.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(['-', '/', '.']);
        let year = digits(parts.next()?, 4..=4)?;
        let month = parts.next().map_or(Some(0), |text| digits(text, 1..=2).filter(|month| *month > 0))?;
        let day = parts.next().map_or(Some(0), |text| digits(text, 1..=2).filter(|day| *day > 0))?;
        if parts.next().is_some() {
            return None;
        }
        let date = jiff::civil::Date::new(year as i16, month.max(1) as i8, day.max(1) as i8).ok()?;
        (date.year() > 0).then_some(Self { year, month: month as u8, day: day as u8 })
    }

    fn first(self) -> Option<jiff::civil::Date> {
        jiff::civil::Date::new(self.year as i16, self.month.max(1) as i8, self.day.max(1) as i8).ok()
    }

    /// Its first millisecond as if the clock stood in Greenwich.
    pub(crate) fn start_ms(self) -> i64 {
        self.first().map_or(0, midnight_ms)
    }

    /// Whether all of it lies after all of another.
    pub(super) fn is_after(self, other: Self) -> bool {
        self.start_ms() >= other.end_ms()
    }

    /// The first millisecond after it.
    pub(crate) fn end_ms(self) -> i64 {
        let Some(first) = self.first() else { return 0 };
        let next = if self.day > 0 {
            first.checked_add(jiff::Span::new().days(1))
        } else if self.month > 0 {
            first.checked_add(jiff::Span::new().months(1))
        } else {
            first.checked_add(jiff::Span::new().years(1))
        };
        // Only the very last day of the calendar has none after it.
        next.map_or(i64::MAX, midnight_ms)
    }
}

fn midnight_ms(date: jiff::civil::Date) -> i64 {
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
    date.duration_since(epoch).as_secs() * 1000
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let is_number = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

impl Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

/// A plain decimal number, with the marks that photographers write around it: `f/2.8`, `85mm`, `20MB`.
pub(super) fn number(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_prefix("f/").or_else(|| lower.strip_prefix('f')).unwrap_or(&lower);
    let bare = ["mm", "mb", "px"].iter().find_map(|unit| bare.strip_suffix(unit)).unwrap_or(bare);
    let unsigned = bare.strip_prefix('-').unwrap_or(bare);
    let is_plain = unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && unsigned.bytes().any(|byte| byte.is_ascii_digit())
        && unsigned.len() <= 15;
    let value = is_plain.then(|| bare.parse::<f64>().ok()).flatten()?;
    // There is one zero.
    Some(if value == 0.0 { 0.0 } else { value })
}

/// All of a range's lower end lies after all of its upper one.
pub(super) fn is_greater(a: f64, b: f64) -> bool {
    a > b
}

/// A range: `4`, `>=4`, `>4`, `<=4`, `<4`, `=4`, `4..5`, `4..`, `..5`; ends in the wrong order change places.
pub(super) fn span<T: Copy>(
    text: &str,
    value: impl Fn(&str) -> Option<T>,
    is_after: impl Fn(T, T) -> bool,
) -> Option<Span<T>> {
    let bound = |text: &str, is_included| Some(Bound { value: value(text)?, is_included });
    let text = text.replace('…', "..").replace('≥', ">=").replace('≤', "<=");
    let text = text.as_str();
    if let Some(rest) = text.strip_prefix(">=") {
        return Some(Span { low: Some(bound(rest, true)?), high: None });
    }
    if let Some(rest) = text.strip_prefix('>') {
        return Some(Span { low: Some(bound(rest, false)?), high: None });
    }
    if let Some(rest) = text.strip_prefix("<=") {
        return Some(Span { low: None, high: Some(bound(rest, true)?) });
    }
    if let Some(rest) = text.strip_prefix('<') {
        return Some(Span { low: None, high: Some(bound(rest, false)?) });
    }
    if let Some((low, high)) = text.split_once("..") {
        let end = |text: &str| if text.is_empty() { Some(None) } else { bound(text, true).map(Some) };
        return match (end(low)?, end(high)?) {
            (None, None) => None,
            (Some(low), Some(high)) if is_after(low.value, high.value) => {
                Some(Span { low: Some(high), high: Some(low) })
            }
            (low, high) => Some(Span { low, high }),
        };
    }
    let only = bound(text.strip_prefix('=').unwrap_or(text), true)?;
    Some(Span { low: Some(only), high: Some(only) })
}

impl<T: Display + PartialEq> Display for Span<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) if low.value == high.value => write!(f, "{}", low.value),
            (Some(low), Some(high)) => write!(f, "{}..{}", low.value, high.value),
            (Some(low), None) if low.is_included => write!(f, ">={}", low.value),
            (Some(low), None) => write!(f, ">{}", low.value),
            (None, Some(high)) if high.is_included => write!(f, "<={}", high.value),
            (None, Some(high)) => write!(f, "<{}", high.value),
            (None, None) => Ok(()),
        }
    }
}

/// A point and a distance: `47.37,8.54`, `47.37,8.54,5km`; 10 km where none is given.
pub(super) fn near(text: &str) -> Option<(f64, f64, f64)> {
    const DEFAULT_KM: f64 = 10.0;
    // Half the circumference of the Earth reaches everything.
    const MAX_KM: f64 = 20_040.0;
    let parts: Vec<&str> = text.split([',', '~']).map(str::trim).collect();
    let (latitude, longitude, km) = match parts[..] {
        [latitude, longitude] => (number(latitude)?, number(longitude)?, DEFAULT_KM),
        [latitude, longitude, km] => {
            let km = km.to_ascii_lowercase();
            let length = match km.strip_suffix("km") {
                Some(km) => number(km.trim_end())?,
                None => match km.strip_suffix('m') {
                    Some(metres) => number(metres.trim_end())? / 1000.0,
                    None => number(&km)?,
                },
            };
            (number(latitude)?, number(longitude)?, length)
        }
        _ => return None,
    };
    let is_place = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    (is_place && km > 0.0 && km <= MAX_KM).then_some((latitude, longitude, km))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain() {
        for (text, value) in [
            ("4", 4.0),
            ("-1", -1.0),
            (".5", 0.5),
            ("f/2.8", 2.8),
            ("F1.4", 1.4),
            ("85mm", 85.0),
            ("-0", 0.0),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in
            ["", ".", "-", "1e5", "inf", "NaN", "0x1", "1_000", "1,5", "--1", "1.2.3", "9999999999999999"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_real() {
        for (text, shown) in [
            ("2024", "2024"),
            ("2024-6", "2024-06"),
            ("2024/06/30", "2024-06-30"),
            ("2024-02-29", "2024-02-29"),
        ] {
            assert_eq!(Day::parse(text).map(|day| day.to_string()).as_deref(), Some(shown));
        }
        for text in ["", "24", "0000", "2024-13", "2023-02-29", "2024-00", "2024-1-1-1", "2024-", "x", "٢٠٢٤"]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        let month = Day::parse("2024-02").unwrap();
        assert_eq!(month.end_ms() - month.start_ms(), 29 * 86_400_000);
        assert_eq!(Day::parse("1970").map(Day::start_ms), Some(0));
        assert_eq!(Day::parse("9999").map(Day::end_ms), Some(i64::MAX));
    }

    #[test]
    fn ranges_read_back() {
        for (text, shown) in [
            ("4", "4"),
            ("=4", "4"),
            (">=4", ">=4"),
            ("4..", ">=4"),
            ("..4", "<=4"),
            (">4", ">4"),
            ("<4", "<4"),
            ("4..5", "4..5"),
            ("5..4", "4..5"),
            ("4..4", "4"),
            ("≥4", ">=4"),
            ("4…5", "4..5"),
            ("0.1", "0.1"),
        ] {
            let read = span(text, number, is_greater).unwrap();
            assert_eq!(read.to_string(), shown, "{text}");
            assert_eq!(span(shown, number, is_greater), Some(read));
        }
        for text in ["", "..", ">", "<>4", "a..b", ">=", "=", "4-5"] {
            assert!(span(text, number, is_greater).is_none(), "{text}");
        }
    }

    #[test]
    fn points_with_distances() {
        assert_eq!(near("47.37,8.54"), Some((47.37, 8.54, 10.0)));
        assert_eq!(near("47.37, -8.54, 500m"), Some((47.37, -8.54, 0.5)));
        assert_eq!(near("0,0,2km"), Some((0.0, 0.0, 2.0)));
        for text in ["", "1", "91,0", "0,181", "0,0,0", "0,0,-1km", "0,0,1,1", "a,b", "0,0,99999km"] {
            assert_eq!(near(text), None, "{text}");
        }
    }
}
