//! How the portal's clock goes against ours.

use jiff::{SignedDuration, Timestamp};

/// A difference that is worth a word.
const WORTH_A_WORD: SignedDuration = SignedDuration::from_mins(1);

/// By how much the portal's clock is ahead: the time that it told last in its answer against ours
/// when that came.
pub fn between(portal: Timestamp, answered: Timestamp) -> SignedDuration {
    answered.duration_until(portal)
}

/// What the user should hear of it.
pub fn warning(skew: SignedDuration) -> Option<String> {
    if skew.abs() <= WORTH_A_WORD {
        return None;
    }
    let direction = if skew.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let by = SignedDuration::from_secs(skew.abs().as_secs());
    Some(format!(
        "the portal's clock is {by:#} {direction} this computer's: publish_at goes by this \
         computer's, the dates of the posts by the portal's. Set the wrong one right"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_minute_is_told_with_its_direction() {
        let of = |seconds| warning(SignedDuration::from_secs(seconds));
        assert_eq!((of(60), of(-60)), (None, None));
        assert!(of(312).unwrap().contains("5m 12s ahead of this computer's"));
        assert!(of(-3_600).unwrap().contains("1h behind this computer's"));
    }
}
