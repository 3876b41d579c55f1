//! `tintype date`.

use anyhow::Result;
use jiff::{SignedDuration, SpanRelativeTo};
use serde_json::json;
use tintype_core::TakenAt;
use tintype_engine::{DateEdit, OperationRequest};

use super::{carry_out, finish_items, open, select};
use crate::args::{Args, DateCommand, DatedPhotos};
use crate::exit::{Ended, Usage};
use crate::out::outln;

pub(super) fn run(args: &Args, command: &DateCommand) -> Result<Ended> {
    let (edit, chosen) = edit_of(command)?;
    let engine = open(args)?;
    let photos = select::photos(&engine, &chosen.photos)?;
    if chosen.dry_run {
        return dry_run(args, &engine, &edit, &photos);
    }
    let view = carry_out(args, &engine, &OperationRequest::EditDate { photos, edit })?;
    finish_items(args, &engine, &view, false)
}

fn edit_of(command: &DateCommand) -> Result<(DateEdit, &DatedPhotos)> {
    Ok(match command {
        DateCommand::Set { taken_at, offset, photos } => {
            let offset_minutes = offset.as_deref().map(offset_of).transpose()?;
            (DateEdit::Set { taken_at: taken_at.replacen(' ', "T", 1), offset_minutes }, photos)
        }
        DateCommand::Shift { by, photos } => (DateEdit::Shift { shift_secs: seconds_of(by)? }, photos),
        DateCommand::FromName { photos } => (DateEdit::FromName, photos),
        DateCommand::Zone { offset, photos } => {
            (DateEdit::TimeZone { offset_minutes: offset_of(offset)? }, photos)
        }
    })
}

/// Minutes of `+02:00`, `-0330`, `+2` or `Z`.
fn offset_of(text: &str) -> Result<i16> {
    let wrong = || Usage(format!("an offset is written +02:00, not {text:?}"));
    if text.eq_ignore_ascii_case("z") {
        return Ok(0);
    }
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => return Err(wrong().into()),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2).ok_or_else(wrong)?,
        None => (digits, "0"),
    };
    let number =
        |text: &str| text.parse::<u8>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    match (number(hours), number(minutes)) {
        (Some(hours), Some(minutes)) if hours <= 14 && minutes < 60 => {
            Ok(sign * (i16::from(hours) * 60 + i16::from(minutes)))
        }
        _ => Err(wrong().into()),
    }
}

/// Seconds of a duration as people write it: `-1h`, `2 days 30 minutes`, `+1:30:00`; a day has 24 hours.
fn seconds_of(text: &str) -> Result<i64> {
    let wrong = || Usage(format!("a duration is written -1h or \"2 days 30 minutes\", not {text:?}"));
    let (sign, rest) = match text.trim().split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => (1, text.trim()),
    };
    let span: jiff::Span = rest.trim().parse().or(Err(wrong()))?;
    let length: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).or(Err(wrong()))?;
    Ok(sign * length.as_secs())
}

fn words(taken: Option<&TakenAt>) -> String {
    let Some(taken) = taken else { return "no date".into() };
    let zone = taken.offset_minutes.map(|minutes| {
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    });
    format!("{}{}", taken.local, zone.unwrap_or_default())
}

fn dry_run(
    args: &Args,
    engine: &tintype_engine::Engine,
    edit: &DateEdit,
    photos: &[tintype_core::PhotoId],
) -> Result<Ended> {
    let changes = engine.preview_dates(photos, edit)?;
    for change in &changes {
        if args.json {
            outln!("{}", serde_json::to_string(change)?)?;
        } else {
            let name = tintype_engine::paths::display(change.name.as_bytes());
            match (&change.to, &change.problem) {
                (Some(to), _) => outln!("{name}: {} -> {}", words(change.from.as_ref()), words(Some(to)))?,
                (None, Some(problem)) => outln!("{name}: keeps {}: {problem}", words(change.from.as_ref()))?,
                (None, None) => outln!("{name}: is {} already", words(change.from.as_ref()))?,
            }
        }
    }
    let count = changes.iter().filter(|change| change.to.is_some()).count();
    if args.json {
        outln!("{}", json!({ "dry_run": true, "photos": changes.len(), "changed": count }))?;
    } else {
        outln!("{count} of {} dates would change", changes.len())?;
    }
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_durations_as_people_write_them() {
        for (text, minutes) in [("+02:00", 120), ("-0330", -210), ("+2", 120), ("Z", 0), ("+14:00", 840)] {
            assert_eq!(offset_of(text).unwrap(), minutes, "{text}");
        }
        for text in ["", "2", "+", "+25:00", "+02:75", "+a:bc", "+é", "--1"] {
            assert!(offset_of(text).is_err(), "{text}");
        }
        for (text, seconds) in [
            ("-1h", -3600),
            ("+2 days 30 minutes", 174_600),
            ("90s", 90),
            ("- 1 day", -86_400),
            ("1h 30m", 5400),
        ] {
            assert_eq!(seconds_of(text).unwrap(), seconds, "{text}");
        }
        for text in ["", "soon", "5", "é"] {
            assert!(seconds_of(text).is_err(), "{text}");
        }
    }
}
