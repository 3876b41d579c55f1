//! Dates where a file's own metadata has none.

use tintype_core::TakenAt;

/// The file's modification time (ns since the Unix epoch), in UTC, as the last resort for
/// when a picture was taken. `None` when the time is outside the years 1 to 9999.
pub(crate) fn from_modified(mtime_ns: i64) -> Option<TakenAt> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(mtime_ns)).ok()?;
    // UTC rather than the machine's zone: the same library must read the same on every machine.
    let local = time.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    Some(TakenAt {
        local: local.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        subsec_nanos: None,
        offset_minutes: Some(0),
        source: TakenAt::FROM_FILE_TIME.into(),
    })
}

/// RFC 3339 text of milliseconds since the Unix epoch, UTC.
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .unwrap_or_default()
}

/// Local wall-clock time as if it were UTC, in milliseconds since the Unix epoch.
pub(crate) fn local_ms(taken: &TakenAt) -> Option<i64> {
    let local: jiff::civil::DateTime = taken.local.parse().ok()?;
    let base = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
    Some(base + i64::from(taken.subsec_nanos.unwrap_or(0) / 1_000_000))
}
