//! How the portal's clock goes against ours.

use jiff::{SignedDuration, Timestamp};

use crate::import::notice::Oddity;

/// A difference that is worth a word.
const WORTH_A_WORD: SignedDuration = SignedDuration::from_mins(1);

/// By how much the portal's clock is ahead: the time that it told last in its answer against ours
/// when that came.
pub fn between(portal: Timestamp, answered: Timestamp) -> SignedDuration {
    answered.duration_until(portal)
}

/// What the user should hear of it.
pub fn oddity(skew: SignedDuration) -> Option<Oddity> {
    (skew.abs() > WORTH_A_WORD).then_some(Oddity::ClockSkew(skew))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_minute_is_told() {
        let is_told = |seconds| oddity(SignedDuration::from_secs(seconds)).is_some();
        assert!(!is_told(60) && !is_told(-60));
        assert!(is_told(61) && is_told(-61));
    }
}
