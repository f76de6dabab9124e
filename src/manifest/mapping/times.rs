//! The formats and zones of times, as a mapping file names them.

use jiff::tz::TimeZone;

use crate::post::TimeNotation;

use super::MappingFault;
use super::faults::Faults;
use super::nearest::{nearest_zones, perhaps};
use super::section::Entry;

/// The zone that an entry names.
pub(super) fn zone(entry: &Entry<'_>, faults: &mut Faults<'_>) -> Option<TimeZone> {
    let name = entry
        .text("a time zone such as \"Europe/Moscow\"", faults)?
        .value;
    let zone = TimeZone::get(&name).ok();
    if zone.is_none() {
        let near = nearest_zones(&name);
        faults.add(&entry.span(), MappingFault::UnknownZone { name, near });
    }
    zone
}

/// The way of writing times that an entry names.
pub(super) fn notation(entry: &Entry<'_>, faults: &mut Faults<'_>) -> Option<TimeNotation> {
    let expected = "a format such as \"%d.%m.%Y %H:%M\", \"unix\" or \"unix-ms\"";
    let format = entry.text(expected, faults)?.value;
    match TimeNotation::parse(&format) {
        Ok(notation) => Some(notation),
        Err(reason) => {
            let near: Vec<String> = in_percents(&format).into_iter().collect();
            let reason = format!("{reason}{}", perhaps(&near));
            faults.add(
                &entry.span(),
                MappingFault::BadTimeFormat { format, reason },
            );
            None
        }
    }
}

/// What `dd.mm.yyyy hh:mm:ss` means, in any letter case, if that is a format.
fn in_percents(format: &str) -> Option<String> {
    if format.contains('%') {
        return None;
    }
    let (lower, mut made, mut had_hour) = (format.to_lowercase(), String::new(), false);
    let mut rest = lower.as_str();
    while let Some(letter) = rest.chars().next() {
        let run = rest.len() - rest.trim_start_matches(letter).len();
        let code = match (letter, run) {
            ('y', 4) => "%Y",
            ('y', 2) => "%y",
            ('m', 1 | 2) if had_hour => "%M",
            ('m', 1 | 2) => "%m",
            ('d', 1 | 2) => "%d",
            ('h', 1 | 2) => "%H",
            ('s', 1 | 2) => "%S",
            _ => &rest[..run],
        };
        had_hour |= letter == 'h';
        made.push_str(code);
        rest = &rest[run..];
    }
    TimeNotation::parse(&made).is_ok().then_some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_other_programs_are_told_in_percents() {
        for (format, made) in [
            ("DD.MM.YYYY HH:mm:ss", Some("%d.%m.%Y %H:%M:%S")),
            ("dd.mm.yyyy hh:mm", Some("%d.%m.%Y %H:%M")),
            ("yyyy-MM-dd", Some("%Y-%m-%d")),
            ("%d", None),
            ("дата", None),
            ("HH:mm", None),
        ] {
            assert_eq!(in_percents(format).as_deref(), made, "{format}");
        }
    }
}
