//! How the times of a column are written, by all of its values in the sample.
//!
//! A format counts only if the values can be read by it. Day and month are told apart by whichever
//! value has a number above 12; where none has, both formats fit and the choice is left open.

use std::collections::HashMap;

use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::post::{Moment, MomentError, TimeFormat, TimeNotation};

/// How the times of a column are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dates {
    pub notation: Notation,
    /// The other format that fits as well, where day and month can't be told apart.
    pub other: Option<String>,
    /// Whether some times don't say their offset.
    pub lacks_offset: bool,
    /// Whether they say by a word that they are in UTC.
    pub is_utc: bool,
    /// Values that are not written so, and the first of them.
    pub unfit: usize,
    pub first_unfit: Option<String>,
}

/// The way of writing times, as a mapping names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Notation {
    /// As RFC 3339 has it, or `YYYY-MM-DD HH:MM[:SS]`; it needs no format.
    Plain,
    Unix,
    UnixMillis,
    Pattern(String),
}

const DATES: &[&str] = &[
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%m.%d.%Y",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%d.%m.%y",
    "%d/%m/%y",
    "%d-%m-%y",
    "%m.%d.%y",
    "%m/%d/%y",
    "%m-%d-%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%a, %d %b %Y",
    "%a %b %d %Y",
    "%A, %B %d, %Y",
];
const GAPS: &[&str] = &[" ", ", ", "T", " at ", "  "];
const TIMES: &[&str] = &[
    "%H:%M:%S%.f",
    "%H:%M:%S",
    "%H:%M",
    "%I:%M:%S %p",
    "%I:%M %p",
    "%I:%M:%S%p",
    "%I:%M%p",
];
const ENDS: &[&str] = &["", "%z", " %z", " UTC", " GMT", "Z", " UTC%z", " GMT%z"];

impl Dates {
    /// How these values are written; none if less than half of them can be read in one way.
    pub fn of<'v>(values: impl Iterator<Item = &'v str>, is_russian: bool) -> Option<Dates> {
        let values: Vec<&str> = values.collect();
        let mut counts: HashMap<Notation, usize> = HashMap::new();
        for value in &values {
            for notation in notations(value) {
                *counts.entry(notation).or_insert(0) += 1;
            }
        }
        let most = counts.values().copied().max()?;
        if 2 * most < values.len() {
            return None;
        }
        let mut best: Vec<&Notation> = counts
            .iter()
            .filter(|(_, count)| **count == most)
            .map(|(notation, _)| notation)
            .collect();
        best.sort_by_key(|notation| notation.rank(is_russian));
        let notation = best.first().copied()?.clone();
        let other = best.iter().find_map(|other| notation.swapped(other));
        let unfit = values.iter().filter(|value| !notation.fits(value));
        Some(Dates {
            other,
            lacks_offset: values.iter().any(|value| notation.lacks_offset(value)),
            is_utc: notation.is_utc(),
            unfit: unfit.clone().count(),
            first_unfit: unfit
                .clone()
                .next()
                .map(|value| value.chars().take(40).collect()),
            notation,
        })
    }
}

/// Whether a value is a time, however it is written. Numbers alone are not.
pub(super) fn is_date(value: &str) -> bool {
    let is_short = value.len() < 60 && value.bytes().any(|byte| byte.is_ascii_digit());
    is_short
        && notations(value)
            .iter()
            .any(|notation| !notation.is_number())
}

/// Each way in which a value can be read as a time.
fn notations(value: &str) -> Vec<Notation> {
    if value.len() > 60 {
        return Vec::new();
    }
    if is_number(value) {
        return counted(value).into_iter().collect();
    }
    match Moment::parse(value) {
        Ok(_) => return vec![Notation::Plain],
        Err(MomentError::NoOffset) if Notation::Plain.fits(value) => return vec![Notation::Plain],
        Err(_) => {}
    }
    let mut found = Vec::new();
    for date in DATES {
        let Ok((_, length)) = BrokenDownTime::parse_prefix(date, value) else {
            continue;
        };
        let rest = value.get(length..).unwrap_or_default();
        let pattern = match rest {
            "" => Some((*date).to_owned()),
            rest => time_of(rest).map(|time| format!("{date}{time}")),
        };
        found.extend(pattern.map(Notation::Pattern).filter(|one| one.fits(value)));
    }
    found
}

/// The format of what follows a date.
fn time_of(rest: &str) -> Option<String> {
    for gap in GAPS.iter().filter(|gap| rest.starts_with(**gap)) {
        for time in TIMES {
            let behind = rest.get(gap.len()..)?;
            let Ok((_, length)) = BrokenDownTime::parse_prefix(time, behind) else {
                continue;
            };
            let end = behind.get(length..).unwrap_or_default();
            let is_end = |format: &&&str| match format.contains('%') {
                true => BrokenDownTime::parse(format, end).is_ok(),
                false => end == **format,
            };
            if let Some(format) = ENDS.iter().find(is_end) {
                // A fraction may be left out, so it is only named where there is one.
                let has_fraction = behind[..length].contains('.');
                if has_fraction || !time.contains("%.f") {
                    return Some(format!("{gap}{time}{format}"));
                }
            }
        }
    }
    None
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a number counts, if that gives a year from 1990 to 2100.
fn counted(value: &str) -> Option<Notation> {
    const SECONDS: std::ops::Range<u64> = 631_152_000..4_102_444_800;
    match value.parse::<u64>().ok().filter(|_| is_number(value))? {
        number if SECONDS.contains(&number) => Some(Notation::Unix),
        number if SECONDS.contains(&(number / 1000)) => Some(Notation::UnixMillis),
        _ => None,
    }
}

impl Notation {
    fn is_number(&self) -> bool {
        matches!(self, Notation::Unix | Notation::UnixMillis)
    }

    fn read(&self, value: &str, zone: Option<TimeZone>) -> Result<Moment, MomentError> {
        let notation = match self {
            Notation::Pattern(format) => Some(TimeNotation::Pattern(format.clone())),
            _ => None,
        };
        TimeFormat { notation, zone }.read(value)
    }

    /// Whether a value is written so, and says a likely year.
    fn fits(&self, value: &str) -> bool {
        match self {
            Notation::Unix | Notation::UnixMillis => counted(value).as_ref() == Some(self),
            Notation::Plain | Notation::Pattern(_) => {
                let read = self.read(value, Some(TimeZone::UTC));
                read.is_ok_and(|moment| (1900..2200).contains(&moment.local().year()))
            }
        }
    }

    fn lacks_offset(&self, value: &str) -> bool {
        !self.is_number() && self.read(value, None) == Err(MomentError::NoOffset)
    }

    /// Whether a word at the end says that the times are in UTC.
    fn is_utc(&self) -> bool {
        let ends = |format: &str| {
            ["UTC", "GMT", "Z"]
                .iter()
                .any(|word| format.ends_with(word))
        };
        matches!(self, Notation::Pattern(format) if ends(format))
    }

    /// Where it stands among those that fit alike: numbers and plain times first, then dates as they
    /// are usual in the language.
    fn rank(&self, is_russian: bool) -> (usize, usize) {
        let Notation::Pattern(format) = self else {
            return (0, 0);
        };
        let is_month_first = format.starts_with("%m");
        let is_american = !is_russian && format.contains('/');
        let place = DATES.iter().position(|date| format.starts_with(date));
        (
            1 + usize::from(is_month_first != is_american && !format.starts_with("%Y")),
            place.unwrap_or(DATES.len()),
        )
    }

    /// The other format, if it only has day and month in the other order.
    fn swapped(&self, other: &Notation) -> Option<String> {
        let (Notation::Pattern(one), Notation::Pattern(other)) = (self, other) else {
            return None;
        };
        let swapped = one
            .replace("%d", "%-")
            .replace("%m", "%d")
            .replace("%-", "%m");
        (one != other && *other == swapped).then(|| other.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(values: &[&str]) -> Dates {
        Dates::of(values.iter().copied(), false).unwrap_or_else(|| panic!("{values:?}"))
    }

    fn pattern(values: &[&str]) -> String {
        match dates(values).notation {
            Notation::Pattern(pattern) => pattern,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn formats_are_known_by_the_values() {
        for (value, format) in [
            ("31.12.2019 14:05:00", "%d.%m.%Y %H:%M:%S"),
            ("31.12.2019 14:05", "%d.%m.%Y %H:%M"),
            ("31.12.2019", "%d.%m.%Y"),
            ("31.12.19 9:05", "%d.%m.%y %H:%M"),
            ("12/31/2019 2:05 PM", "%m/%d/%Y %I:%M %p"),
            ("12/31/2019, 2:05:09 PM", "%m/%d/%Y, %I:%M:%S %p"),
            ("31/12/2019 14:05", "%d/%m/%Y %H:%M"),
            ("31-12-2019", "%d-%m-%Y"),
            ("2019-12-31", "%Y-%m-%d"),
            ("2019/12/31 14:05", "%Y/%m/%d %H:%M"),
            ("Mar 12, 2019 2:05 PM UTC", "%b %d, %Y %I:%M %p UTC"),
            ("12 March 2019", "%d %B %Y"),
            (
                "Tue, 12 Mar 2019 14:05:00 +0300",
                "%a, %d %b %Y %H:%M:%S %z",
            ),
            ("2019-03-12 14:05:00 UTC", "%Y-%m-%d %H:%M:%S UTC"),
            ("2019-03-12T14:05:00Z", "Plain"),
            ("2019-03-12T14:05:00.000+0000", "Plain"),
            ("2019-03-12 14:05", "Plain"),
            ("1552389900", "Unix"),
            ("1552389900000", "UnixMillis"),
        ] {
            assert_eq!(pattern(&[value]), format, "{value}");
        }
        for no_date in ["", "12", "hello", "43536.5868", "12 мар 2019", "########"] {
            assert_eq!(Dates::of([no_date].into_iter(), true), None, "{no_date}");
        }
    }

    #[test]
    fn day_and_month_are_told_apart_over_all_values() {
        let told = dates(&["03/04/2019", "05/06/2019", "13/06/2019"]);
        assert_eq!(told.notation, Notation::Pattern("%d/%m/%Y".into()));
        assert_eq!((told.other, told.unfit), (None, 0));
        let open = dates(&["03/04/2019", "05/06/2019"]);
        assert_eq!(open.notation, Notation::Pattern("%m/%d/%Y".into()));
        assert_eq!(open.other.as_deref(), Some("%d/%m/%Y"));
        let russian = Dates::of(["03/04/2019"].into_iter(), true).unwrap();
        assert_eq!(russian.notation, Notation::Pattern("%d/%m/%Y".into()));
        assert_eq!(pattern(&["03.04.2019 10:00"]), "%d.%m.%Y %H:%M");
    }

    #[test]
    fn what_lacks_an_offset_or_is_written_otherwise_is_told() {
        let mixed = dates(&["2019-03-12 14:05", "2019-03-12T14:05:00Z", "soon"]);
        assert!(mixed.lacks_offset);
        assert_eq!(
            (mixed.unfit, mixed.first_unfit.as_deref()),
            (1, Some("soon"))
        );
        assert!(!dates(&["2019-03-12T14:05:00Z"]).lacks_offset);
        assert!(!dates(&["1552389900"]).lacks_offset);
        let utc = dates(&["2019-03-12 14:05:00 UTC"]);
        assert!(utc.lacks_offset && utc.is_utc);
    }

    #[test]
    fn numbers_alone_are_no_dates() {
        assert!(!is_date("1552389900"));
        assert!(is_date("12.03.2019 14:05"));
        assert!(!is_date("A long text of 12.03.2019"));
    }
}
