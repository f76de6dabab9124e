//! Values of options: sizes and durations as people write them.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::tz::TimeZone;

use crate::lookup::LookupBy;
use crate::manifest::InputFormat;
use crate::post::{Field, TimeNotation, nearest_zones, parse_id};
use crate::targets::{self, Target};

/// Reads a target's name; help lists all of them.
pub fn target() -> impl TypedValueParser<Value = &'static dyn Target> {
    PossibleValuesParser::new(targets::ALL.map(Target::name))
        .try_map(|name| targets::named(&name).ok_or("no such target"))
}

/// Reads the name of a manifest's format; help lists all of them.
pub fn input_format() -> impl TypedValueParser<Value = InputFormat> {
    PossibleValuesParser::new(InputFormat::ALL.map(InputFormat::name))
        .try_map(|name| InputFormat::parse(&name).ok_or("no such format"))
}

/// Reads the name of a field that a post can do without.
pub fn droppable(name: &str) -> Result<Field, String> {
    match Field::from_name(name) {
        Some(Field::Message) => Err("a post needs its message".to_owned()),
        Some(Field::ExternalId) => Err("external_id is never sent; it names the row".to_owned()),
        Some(field) => Ok(field),
        None => {
            let names = Field::ALL.map(Field::name).join(", ");
            Err(format!("no such field; there are {names}"))
        }
    }
}

/// Reads the name of a time zone, such as `Europe/Moscow`.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        let advice = "no such time zone; give a name such as Europe/Moscow";
        match &nearest_zones(name)[..] {
            [] => advice.to_owned(),
            near => format!("{advice}; perhaps {}", near.join(", ")),
        }
    })
}

/// Reads `FIELD=COLUMN`: which column holds a field.
pub fn mapping(text: &str) -> Result<(Field, String), String> {
    let (field, column) = text
        .split_once('=')
        .filter(|(_, column)| !column.trim().is_empty())
        .ok_or("give the field and the column that holds it, such as message=Body")?;
    match Field::from_name(field.trim()) {
        Some(field) => Ok((field, column.trim().to_owned())),
        None => {
            let names = Field::ALL.map(Field::name).join(", ");
            Err(format!("no such field; there are {names}"))
        }
    }
}

/// Reads a format of times such as `%d.%m.%Y %H:%M`.
pub fn time_format(format: &str) -> Result<TimeNotation, String> {
    TimeNotation::parse(format)
}

/// Reads `KEY=ID`, as import prints it when its ledger fails. The key may hold `=` itself.
pub fn arrival(text: &str) -> Result<(String, u64), String> {
    let (key, id) = text
        .rsplit_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or("give the row's key and the ID of its post, such as x:7=512")?;
    parse_id(id)
        .map(|id| (key.to_owned(), id))
        .ok_or_else(|| "the ID after the last = is a positive whole number such as 512".to_owned())
}

/// Reads what records are looked for by.
pub fn lookup_by(text: &str) -> Result<LookupBy, String> {
    text.parse()
}

/// Reads `90`, `90s`, `15m`, `2h` or `250ms`; a bare number is seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let seconds = match unit {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err("give a duration such as 90s, 15m, 2h or 250ms".to_owned()),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "give a duration such as 90s".to_owned())?;
    Duration::try_from_secs_f64(number * seconds)
        .ok()
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| "give a duration of at most a week".to_owned())
}

/// Longer ones help nobody and overflow what is added to them.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Reads a duration of a second or more.
pub fn period(text: &str) -> Result<Duration, String> {
    duration(text)?
        .checked_sub(Duration::from_secs(1))
        .map(|beyond| beyond + Duration::from_secs(1))
        .ok_or_else(|| "give a duration of at least a second".to_owned())
}

/// Server time that is granted; nothing for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted(pub Option<Duration>);

/// Reads a duration of a second or more, or `none`.
pub fn granted(text: &str) -> Result<Granted, String> {
    match text {
        "none" => Ok(Granted(None)),
        text => period(text).map(|limit| Granted(Some(limit))),
    }
}

/// The largest share that can be left to others.
const LARGEST_SHARE: f64 = 90.0;

/// Reads `20%` or `20` as 0.2.
pub fn share(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end();
    number
        .parse()
        .ok()
        .filter(|percent| (0.0..=LARGEST_SHARE).contains(percent))
        .map(|percent: f64| percent / 100.0)
        .ok_or_else(|| format!("give a share from 0% to {LARGEST_SHARE}%"))
}

/// Reads a number above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number > 0.0)
        .ok_or_else(|| "give a number above 0".to_owned())
}

/// Reads `1048576`, `64k`, `16M` or `1GiB`; units are powers of 1,024.
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let shift = match unit
        .to_ascii_lowercase()
        .trim_end_matches("ib")
        .trim_end_matches('b')
    {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return Err("give a size such as 64k, 16M or 1GiB".to_owned()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .filter(|size| *size > 0)
        .ok_or_else(|| "give a size such as 64k, 16M or 1GiB".to_owned())
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_grants_are_read_as_people_write_them() {
        assert_eq!(
            (share("20%"), share("0"), share("90 %")),
            (Ok(0.2), Ok(0.0), Ok(0.9))
        );
        for wrong in ["", "-1", "91", "all", "nan"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
        assert_eq!(granted("none"), Ok(Granted(None)));
        assert_eq!(granted("5m"), Ok(Granted(Some(Duration::from_secs(300)))));
        assert!(granted("0").is_err());
    }

    #[test]
    fn what_makes_a_post_cant_be_dropped() {
        assert_eq!(droppable("AUDIENCE"), Ok(Field::Audience));
        assert_eq!(droppable("TAGS"), Ok(Field::Tags));
        for wrong in ["message", "external_id", "tag"] {
            assert!(droppable(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_may_hold_the_sign_before_its_id() {
        assert_eq!(arrival("x:a=7"), Ok(("x:a".to_owned(), 7)));
        assert_eq!(arrival("x:a=b==7"), Ok(("x:a=b=".to_owned(), 7)));
        for wrong in [
            "",
            "7",
            "=7",
            "a=",
            "a=0",
            "a=-1",
            "a=+1",
            "a= 1",
            "a=1x",
            "a=99999999999999999999",
        ] {
            assert!(arrival(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, seconds) in [
            ("90", 90.0),
            ("90s", 90.0),
            ("1.5m", 90.0),
            ("2 h", 7_200.0),
            ("250ms", 0.25),
        ] {
            assert_eq!(
                duration(text),
                Ok(Duration::from_secs_f64(seconds)),
                "{text}"
            );
        }
        for wrong in [
            "",
            "s",
            "5x",
            "-1s",
            "1e9999",
            "99999999999999999999s",
            "8000m 1",
            "200h",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_period_is_no_moment() {
        assert_eq!(period("1s"), Ok(Duration::from_secs(1)));
        assert!(period("0s").is_err() && period("999ms").is_err());
    }

    #[test]
    fn sizes_read_as_people_write_them() {
        for (text, bytes) in [
            ("7", 7),
            ("64k", 65_536),
            ("16MiB", 16 << 20),
            ("1 GB", 1 << 30),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "0", "k", "1.5k", "5x", "99999999999G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
