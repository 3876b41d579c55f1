//! The one place that asks the system for the time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch, UTC. A clock set before 1970 reads as 0.
#[allow(clippy::disallowed_methods, reason = "this is the function that the ban points to")]
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
