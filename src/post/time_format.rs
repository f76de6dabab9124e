//! How the times of a manifest are written, where they are not RFC 3339.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::{Moment, MomentError};

/// How times are written that are not RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeNotation {
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
    /// As strftime has it.
    Pattern(String),
}

/// How times are written, and where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeFormat {
    /// None for `YYYY-MM-DD HH:MM[:SS]`.
    pub notation: Option<TimeNotation>,
    /// The zone of times that don't say their offset.
    pub zone: Option<TimeZone>,
}

impl TimeFormat {
    /// Reads a time: RFC 3339 always, else in this format and zone.
    ///
    /// # Errors
    /// When the text is no such time, or the zone has no such time or has it twice.
    pub fn read(&self, text: &str) -> Result<Moment, MomentError> {
        let text = text.trim();
        let lacking = match Moment::parse(text) {
            Ok(complete) => return Ok(complete),
            Err(error) => error,
        };
        let (time, offset) = match (&self.notation, lacking) {
            (Some(TimeNotation::Unix), _) => return self.counted(text, 1_000),
            (Some(TimeNotation::UnixMillis), _) => return self.counted(text, 1),
            (Some(TimeNotation::Pattern(format)), _) => formatted(format, text)?,
            (None, MomentError::NoOffset) => {
                let time: DateTime = text.parse().map_err(|_| MomentError::Unreadable)?;
                (time, None)
            }
            (None, error) => return Err(error),
        };
        let offset = match (offset, &self.zone) {
            (Some(offset), _) => offset,
            (None, None) => return Err(MomentError::NoOffset),
            (None, Some(zone)) => match zone.to_ambiguous_timestamp(time).offset() {
                AmbiguousOffset::Unambiguous { offset } => offset,
                AmbiguousOffset::Gap { .. } => return Err(MomentError::SkippedByZone),
                AmbiguousOffset::Fold { .. } => return Err(MomentError::TwiceInZone),
            },
        };
        let instant = offset.to_timestamp(time);
        Ok(Moment {
            instant: instant.map_err(|_| MomentError::Unreadable)?,
            offset,
            written: Some(Moment::hash_of(text)),
        })
    }

    /// Reads a number of units since 1970, each of so many milliseconds; its wall clock is the zone's.
    fn counted(&self, text: &str, unit: i64) -> Result<Moment, MomentError> {
        // Some programs write a whole number as `1552388709.0`.
        let whole = text.trim_end_matches('0').strip_suffix('.').unwrap_or(text);
        let count: i64 = whole.parse().map_err(|_| MomentError::NoCount)?;
        let instant = count.checked_mul(unit).map(Timestamp::from_millisecond);
        let instant = instant.and_then(Result::ok).ok_or(MomentError::NoCount)?;
        let zone = self.zone.as_ref();
        Ok(Moment {
            instant,
            offset: zone.map_or(Offset::UTC, |zone| zone.to_offset(instant)),
            written: Some(Moment::hash_of(text)),
        })
    }
}

impl TimeNotation {
    /// Reads `unix`, `unix-ms` or a format of strftime.
    ///
    /// # Errors
    /// What is wrong with the format: a time that is written in it must be read back as the same.
    pub fn parse(text: &str) -> Result<TimeNotation, String> {
        match text {
            "unix" => Ok(TimeNotation::Unix),
            "unix-ms" => Ok(TimeNotation::UnixMillis),
            pattern => {
                TimeNotation::check(pattern).map(|()| TimeNotation::Pattern(pattern.to_owned()))
            }
        }
    }

    fn check(format: &str) -> Result<(), String> {
        let time = jiff::civil::date(2019, 3, 12).at(14, 5, 9, 0);
        let zoned = time
            .to_zoned(TimeZone::UTC)
            .map_err(|error| error.to_string())?;
        let written =
            jiff::fmt::strtime::format(format, &zoned).map_err(|error| error.to_string())?;
        let (read, _) = formatted(format, &written).map_err(|_| {
            "it does not name day, month and year, such as %d.%m.%Y %H:%M".to_owned()
        })?;
        match read.date() == time.date() {
            true => Ok(()),
            false => Err("a date written so can't be read again; give the year as %Y".to_owned()),
        }
    }
}

impl fmt::Display for TimeNotation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            TimeNotation::Unix => "unix",
            TimeNotation::UnixMillis => "unix-ms",
            TimeNotation::Pattern(format) => format,
        })
    }
}

/// Zones whose names, or their last parts, are most like that one.
pub fn nearest_zones(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let likeness = |zone: &str| {
        let zone = zone.to_lowercase();
        let city = zone.rsplit('/').next().unwrap_or_default();
        strsim::jaro_winkler(&zone, &name).max(strsim::jaro_winkler(city, &name))
    };
    let zones = jiff::tz::db().available();
    let mut zones: Vec<(f64, String)> = zones
        .map(|zone| (likeness(zone.as_str()), zone.to_string()))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .collect();
    zones.sort_by(|one, other| other.0.total_cmp(&one.0));
    zones
        .into_iter()
        .take(NEAREST)
        .map(|(_, zone)| zone)
        .collect()
}

/// How like a zone's name must be, from 0 to 1, and how many are told.
const ALIKE: f64 = 0.85;
const NEAREST: usize = 3;

/// A time in a format of strftime; midnight where that has only a date.
fn formatted(format: &str, text: &str) -> Result<(DateTime, Option<Offset>), MomentError> {
    let read = BrokenDownTime::parse(format, text).map_err(|_| MomentError::OtherFormat)?;
    let date = read.to_date().map_err(|_| MomentError::OtherFormat)?;
    let time = match read.hour() {
        Some(_) => read.to_time().map_err(|_| MomentError::OtherFormat)?,
        None => Time::midnight(),
    };
    Ok((date.to_datetime(time), read.offset()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(format: Option<&str>, zone: Option<&str>) -> TimeFormat {
        TimeFormat {
            notation: format.map(|format| TimeNotation::parse(format).unwrap()),
            zone: zone.map(|zone| TimeZone::get(zone).unwrap()),
        }
    }

    fn read(times: &TimeFormat, text: &str) -> Result<String, MomentError> {
        times.read(text).map(|moment| moment.to_string())
    }

    #[test]
    fn a_time_without_an_offset_has_that_of_its_zone() {
        let moscow = format(None, Some("Europe/Moscow"));
        for (text, moment) in [
            ("2019-03-12 14:05", "2019-03-12T14:05:00+03:00"),
            ("2019-03-12T14:05:09", "2019-03-12T14:05:09+03:00"),
            ("2012-03-12 14:05:00", "2012-03-12T14:05:00+04:00"),
            ("2019-03-12T14:05:00Z", "2019-03-12T14:05:00+00:00"),
        ] {
            assert_eq!(read(&moscow, text).as_deref(), Ok(moment), "{text}");
        }
        assert_eq!(read(&moscow, "2019-03-12"), Err(MomentError::NoTime));
        assert_eq!(
            read(&moscow, "12.03.2019 14:05"),
            Err(MomentError::Unreadable)
        );
        let nowhere = TimeFormat::default();
        assert_eq!(
            read(&nowhere, "2019-03-12 14:05"),
            Err(MomentError::NoOffset)
        );
    }

    #[test]
    fn a_format_is_read_as_it_is_written() {
        let almaty = format(Some("%d.%m.%Y %H:%M:%S"), Some("Asia/Almaty"));
        assert_eq!(
            read(&almaty, " 12.03.2019 14:05:00 ").as_deref(),
            Ok("2019-03-12T14:05:00+06:00")
        );
        assert_eq!(
            read(&almaty, "31.02.2019 14:05:00"),
            Err(MomentError::OtherFormat)
        );
        assert_eq!(
            read(&almaty, "2019-03-12T14:05:00Z").as_deref(),
            Ok("2019-03-12T14:05:00+00:00")
        );
        let american = format(Some("%m/%d/%Y %I:%M %p"), Some("UTC"));
        assert_eq!(
            read(&american, "03/12/2019 2:05 PM").as_deref(),
            Ok("2019-03-12T14:05:00+00:00")
        );
        let dates = format(Some("%d.%m.%Y"), Some("UTC"));
        assert_eq!(
            read(&dates, "12.03.2019").as_deref(),
            Ok("2019-03-12T00:00:00+00:00")
        );
        let offsets = format(Some("%Y-%m-%d %H:%M:%S %z"), None);
        assert_eq!(
            read(&offsets, "2019-03-12 14:05:00 +0300").as_deref(),
            Ok("2019-03-12T14:05:00+03:00")
        );
    }

    #[test]
    fn a_time_that_a_zone_skips_or_has_twice_is_told() {
        let berlin = format(None, Some("Europe/Berlin"));
        assert_eq!(
            read(&berlin, "2019-03-31 02:30"),
            Err(MomentError::SkippedByZone)
        );
        assert_eq!(
            read(&berlin, "2019-10-27 02:30"),
            Err(MomentError::TwiceInZone)
        );
    }

    #[test]
    fn a_format_that_can_not_be_read_back_is_refused() {
        for good in [
            "%d.%m.%Y %H:%M",
            "%Y-%m-%d",
            "%b %d, %Y %I:%M %p",
            "%d.%m.%y",
        ] {
            assert!(TimeNotation::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "%H:%M", "%d.%m", "%Q", "dd.mm.yyyy", "%d.%m.%Y %"] {
            assert!(TimeNotation::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_zone_is_no_part_of_what_is_written() {
        let one = format(None, Some("Europe/Moscow"));
        let other = format(None, Some("Asia/Almaty"));
        let (one, other) = (one.read("2019-03-12 14:05"), other.read("2019-03-12 14:05"));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_ne!(one.instant, other.instant);
        assert_eq!(one.written, other.written);
    }
}
