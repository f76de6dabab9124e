//! The line that tells how far a run is.

use std::collections::VecDeque;
use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};

use crate::import::Progress;
use crate::pacing::WaitReason;

/// Seconds over which the rate is taken.
const SPAN: Duration = Duration::from_secs(30);

/// Posts per second over the last half minute.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    samples: VecDeque<(Duration, u64)>,
}

impl Rate {
    /// Notes how many were posted at a moment of the run.
    pub fn note(&mut self, at: Duration, posted: u64) {
        self.samples.push_back((at, posted));
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|(time, _)| *time + SPAN <= at)
        {
            self.samples.pop_front();
        }
    }

    /// Posts a second; none before there is anything to tell.
    pub fn per_second(&self) -> Option<f64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let seconds = last.0.checked_sub(first.0)?.as_secs_f64();
        let posted = last.1.checked_sub(first.1)?;
        (seconds > 0.0 && posted > 0).then(|| posted as f64 / seconds)
    }
}

/// `120 of 10,000 posted, 1 failed, 0 in doubt`.
pub fn counts(progress: &Progress) -> String {
    let tally = &progress.tally;
    let mut parts = vec![
        format!(
            "{} of {} posted",
            HumanCount(tally.posted),
            HumanCount(progress.total)
        ),
        format!("{} failed", HumanCount(tally.failed)),
        format!("{} in doubt", HumanCount(tally.in_doubt)),
    ];
    if tally.invalid > 0 {
        parts.push(format!("{} invalid", HumanCount(tally.invalid)));
    }
    parts.join(", ")
}

/// `45.2 posts/s, 3 minutes left`, and the reason while it waits; empty at the very beginning.
pub fn pace(progress: &Progress, rate: Option<f64>) -> String {
    let mut parts = Vec::new();
    if let Some(rate) = rate {
        parts.push(format!("{rate:.1} posts/s"));
    }
    if let Some(left) = progress.left {
        parts.push(format!("{} left", HumanDuration(left)));
    }
    if progress.stopping {
        parts.push("stopping: finishing what is in flight".to_owned());
    } else if let Some(wait) = progress.wait {
        let seconds = wait.left.as_secs_f64().ceil().max(1.0);
        parts.push(format!("waiting {seconds} s: {}", reason(wait.reason)));
    }
    parts.join(", ")
}

/// Why nothing is sent, in a few words.
fn reason(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Rate => "keeping to the portal's request rate",
        WaitReason::RateRefused => "the portal refused a request for its rate",
        WaitReason::Operating => "the portal's time budget for this method is used up",
        WaitReason::Unreachable => "the portal can't be reached",
        WaitReason::TooLarge => "the portal did not take a request of that size",
        WaitReason::Doubt => "an answer was lost; the portal is tested first",
        WaitReason::Looking => "the portal may still be busy with rows in doubt",
    }
}

/// Both on one line.
pub fn line(progress: &Progress, rate: Option<f64>) -> String {
    let (counts, pace) = (counts(progress), pace(progress, rate));
    if pace.is_empty() {
        return counts;
    }
    format!("{counts}, {pace}")
}

/// Rows of the run that are settled, one way or another.
pub fn done(progress: &Progress) -> u64 {
    progress.tally.settled()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Tally, Wait};
    use crate::pacing::WaitReason;

    fn progress() -> Progress {
        Progress {
            total: 10_000,
            tally: Tally {
                posted: 4_000,
                failed: 1,
                ..Tally::default()
            },
            wait: None,
            stopping: false,
            left: None,
        }
    }

    #[test]
    fn the_line_says_how_far_how_fast_and_how_long() {
        assert_eq!(
            line(&progress(), None),
            "4,000 of 10,000 posted, 1 failed, 0 in doubt"
        );
        let mut later = progress();
        later.left = Some(Duration::from_secs(120));
        assert_eq!(
            line(&later, Some(50.0)),
            "4,000 of 10,000 posted, 1 failed, 0 in doubt, 50.0 posts/s, 2 minutes left"
        );
    }

    #[test]
    fn waiting_shows_its_reason_and_end() {
        let mut waiting = progress();
        let left = Duration::from_millis(4_200);
        waiting.wait = Some(Wait {
            left,
            reason: WaitReason::Rate,
        });
        let text = line(&waiting, None);
        assert!(
            text.ends_with("waiting 5 s: keeping to the portal's request rate"),
            "{text}"
        );
        waiting.stopping = true;
        assert!(line(&waiting, None).ends_with("stopping: finishing what is in flight"));
    }

    #[test]
    fn the_rate_is_that_of_the_last_half_minute() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(), None);
        for second in 0..=100 {
            let posted = if second < 60 { 0 } else { (second - 60) * 10 };
            rate.note(Duration::from_secs(second), posted);
        }
        let per_second = rate.per_second().unwrap();
        assert!((9.5..10.5).contains(&per_second), "{per_second}");
    }
}
