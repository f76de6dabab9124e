//! The text form of a fault plan.

use std::ops::RangeInclusive;

use super::kind::{KINDS, Kind};

/// A fault plan that cannot be read.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error("no fault is called `{name}`; there are {}", kinds())]
    UnknownKind { name: String },
    #[error(
        "`{rule}` says not when; write KIND@3 for the third, KIND@3-5, or KIND=0.01 for one in a hundred"
    )]
    NoTime { rule: String },
    #[error(
        "`{numbers}` in `{rule}` is no number or range; they count from 1, as in KIND@3 or KIND@3-5"
    )]
    BadNumbers { rule: String, numbers: String },
    #[error("`{chance}` in `{rule}` is no chance; it goes from 0 to 1, as in KIND=0.01")]
    BadChance { rule: String, chance: String },
}

/// When a fault strikes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// By number, counted from 1.
    Numbers(RangeInclusive<u64>),
    /// By chance, 0 to 1.
    Chance(f64),
}

/// A fault and its time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FaultRule {
    pub kind: Kind,
    pub when: When,
}

/// The rules of a comma list, in its order.
pub(super) fn rules(spec: &str) -> Result<Vec<FaultRule>, FaultError> {
    spec.split(',')
        .map(str::trim)
        .filter(|rule| !rule.is_empty())
        .map(rule)
        .collect()
}

fn rule(rule: &str) -> Result<FaultRule, FaultError> {
    let at = rule.find(['@', '=']).ok_or_else(|| match kind(rule) {
        Ok(_) => FaultError::NoTime { rule: rule.into() },
        Err(unknown) => unknown,
    })?;
    let kind = kind(&rule[..at])?;
    let value = &rule[at + 1..];
    let when = if rule[at..].starts_with('@') {
        let numbers = numbers(value).ok_or_else(|| FaultError::BadNumbers {
            rule: rule.into(),
            numbers: value.into(),
        })?;
        When::Numbers(numbers)
    } else {
        let chance = chance(value).ok_or_else(|| FaultError::BadChance {
            rule: rule.into(),
            chance: value.into(),
        })?;
        When::Chance(chance)
    };
    Ok(FaultRule { kind, when })
}

fn kind(name: &str) -> Result<Kind, FaultError> {
    KINDS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
        .ok_or_else(|| FaultError::UnknownKind { name: name.into() })
}

fn numbers(text: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some(first..=last)
}

fn chance(text: &str) -> Option<f64> {
    let chance = text.parse().ok()?;
    (0.0..=1.0).contains(&chance).then_some(chance)
}

fn kinds() -> String {
    KINDS.map(|(name, _)| name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::kind::{self, PostFault, RequestFault};
    use super::*;

    #[test]
    fn every_kind_is_read() {
        for (name, kind) in KINDS {
            let numbered = rules(&format!("{name}@2")).unwrap();
            assert_eq!(kind::name(kind), name);
            assert_eq!(
                numbered,
                [FaultRule {
                    kind,
                    when: When::Numbers(2..=2)
                }]
            );
        }
        assert_eq!(
            rules(" lost@1-3, ,refuse=0.5,").unwrap(),
            [
                FaultRule {
                    kind: Kind::Request(RequestFault::Lost),
                    when: When::Numbers(1..=3)
                },
                FaultRule {
                    kind: Kind::Post(PostFault::Refuse),
                    when: When::Chance(0.5)
                }
            ]
        );
        assert_eq!(rules("").unwrap(), []);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (spec, message) in [
            (
                "lots@1",
                "no fault is called `lots`; there are lost, drop, ",
            ),
            ("lots", "no fault is called `lots`; there are lost, drop, "),
            ("LOST@1", "no fault is called `LOST`; "),
            ("lost", "`lost` says not when; "),
            ("cut@1,lost@0", "`0` in `lost@0` is no number or range; "),
            ("lost@3-2", "`3-2` in `lost@3-2` is no number or range; "),
            ("lost@", "`` in `lost@` is no number or range; "),
            ("lost@x", "`x` in `lost@x` is no number or range; "),
            ("lost=1.5", "`1.5` in `lost=1.5` is no chance; "),
            ("lost=-1", "`-1` in `lost=-1` is no chance; "),
            ("lost=NaN", "`NaN` in `lost=NaN` is no chance; "),
        ] {
            let error = rules(spec).unwrap_err().to_string();
            assert!(error.starts_with(message), "{spec}: {error}");
        }
    }
}
