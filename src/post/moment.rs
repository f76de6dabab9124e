//! A point in time with the offset in which it was written.

use std::fmt;

use jiff::{Timestamp, civil, fmt::temporal::Pieces, tz::Offset};

/// A time: the instant, and the offset that gives its wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The point in time.
    pub instant: Timestamp,
    /// How far the wall clock of the text was from UTC.
    pub offset: Offset,
    /// A hash of what is written, where that alone does not tell the instant: a zone or a format
    /// that is corrected later makes no other row of it.
    pub written: Option<u64>,
}

/// A text that is no RFC 3339 time.
#[allow(missing_docs, reason = "the messages say what the variants are")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    #[error("not a time like 2026-03-12T14:05:00+03:00")]
    Unreadable,
    #[error("the time of day is missing")]
    NoTime,
    #[error("the offset is missing; add Z or +03:00 at the end, or give --timezone")]
    NoOffset,
    #[error("not a time in the format that --date-format or the mapping gives")]
    OtherFormat,
    #[error("not a whole number of seconds or milliseconds since 1970")]
    NoCount,
    #[error(
        "the zone has no such time: clocks were put forward over it; correct it or give its offset"
    )]
    SkippedByZone,
    #[error("the zone has this time twice: clocks were put back over it; give its offset")]
    TwiceInZone,
}

impl Moment {
    /// Reads an RFC 3339 time such as `2026-03-12T14:05:00+03:00`.
    ///
    /// # Errors
    /// Tells an unreadable text from one without a time of day or an offset.
    pub fn parse(text: &str) -> Result<Moment, MomentError> {
        let pieces = Pieces::parse(text.trim()).map_err(|_| MomentError::Unreadable)?;
        if pieces.time_zone_annotation().is_some() {
            return Err(MomentError::Unreadable);
        }
        let time = pieces.time().ok_or(MomentError::NoTime)?;
        let offset = pieces.to_numeric_offset().ok_or(MomentError::NoOffset)?;
        let instant = offset
            .to_timestamp(pieces.date().to_datetime(time))
            .map_err(|_| MomentError::Unreadable)?;
        Ok(Moment {
            instant,
            offset,
            written: None,
        })
    }

    /// The hash of a time as it is written.
    pub(super) fn hash_of(text: &str) -> u64 {
        xxhash_rust::xxh3::xxh3_64(text.as_bytes())
    }

    /// The wall clock as written.
    pub fn local(&self) -> civil::DateTime {
        self.offset.to_datetime(self.instant)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.instant.display_with_offset(self.offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_kept() {
        let moment = Moment::parse("2019-03-12T14:05:00+03:00").unwrap();
        assert_eq!(moment.local(), civil::date(2019, 3, 12).at(14, 5, 0, 0));
        assert_eq!(moment.instant.to_string(), "2019-03-12T11:05:00Z");
        assert_eq!(moment.to_string(), "2019-03-12T14:05:00+03:00");
        assert_eq!(
            Moment::parse("2019-03-12T11:05:00Z").unwrap().instant,
            moment.instant
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(Moment::parse("12.03.2019"), Err(MomentError::Unreadable));
        assert_eq!(Moment::parse("2019-03-12"), Err(MomentError::NoTime));
        assert_eq!(
            Moment::parse("2019-03-12T14:05:00"),
            Err(MomentError::NoOffset)
        );
        assert_eq!(
            Moment::parse("2019-02-30T14:05:00Z"),
            Err(MomentError::Unreadable)
        );
        assert_eq!(
            Moment::parse("2019-03-12T14:05:00+03:00[Europe/Moscow]"),
            Err(MomentError::Unreadable)
        );
    }
}
