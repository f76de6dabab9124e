//! What an answer told of the portal's time, as the pacing wants it.

use std::time::Duration;

use crate::pacing::Told;
use crate::portal::{Time, Timing};

/// How long the request kept the server busy: as told of the whole, else of its commands.
pub fn server_time(timing: &Timing) -> Option<Duration> {
    let commands = timing.commands.iter().filter_map(|(_, time)| time.duration);
    let seconds = timing
        .request
        .duration
        .or_else(|| commands.reduce(|sum, duration| sum + duration))?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// What an answer told of the method's account, where so many commands ran. A portal that tells
/// no time of them is taken to have worked for as long as the answer was `waited` for.
///
/// `unix_now` is our clock, for a portal that does not tell its own: the two may differ.
pub fn told(timing: &Timing, executed: usize, waited: Duration, unix_now: i64) -> Told {
    let times = || timing.commands.iter().map(|(_, time)| time);
    let known = times().filter_map(|time| duration(time.duration));
    let (commands, spent) = known.fold((0, Duration::ZERO), |(count, sum), spent| {
        (count + 1, sum + spent)
    });
    let (commands, spent) = match commands {
        0 => (executed, server_time(timing).unwrap_or(waited)),
        _ => (commands, spent),
    };
    // A reply is a map: what came last in it says nothing. The account grows within a batch.
    let tells = times().filter(|time| time.operating.is_some());
    let last = tells.max_by(|a, b| {
        let moment = |time: &Time| (time.finish.unwrap_or(0.0), time.operating.unwrap_or(0.0));
        let ((a, used), (b, more)) = (moment(a), moment(b));
        a.total_cmp(&b).then(used.total_cmp(&more))
    });
    Told {
        commands,
        spent,
        used: last.and_then(|time| time.operating),
        reset_in: last.and_then(|time| reset_in(time, unix_now)),
    }
}

fn reset_in(time: &Time, unix_now: i64) -> Option<Duration> {
    let now = time.finish.unwrap_or(unix_now as f64);
    duration(Some(time.operating_reset_at? as f64 - now))
}

fn duration(seconds: Option<f64>) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn time(duration: f64, operating: Option<f64>, finish: Option<f64>) -> (String, Time) {
        let time = Time {
            duration: Some(duration),
            finish,
            operating,
            operating_reset_at: operating.map(|_| 1_600),
        };
        ("k".into(), time)
    }

    #[test]
    fn a_batch_tells_of_each_command() {
        let timing = Timing {
            request: Time::default(),
            commands: vec![
                time(1.0, Some(11.5), Some(1_001.5)),
                time(0.5, Some(10.5), Some(1_000.5)),
                time(0.5, None, Some(1_002.0)),
            ],
        };
        let expected = Told {
            commands: 3,
            spent: SECOND * 2,
            used: Some(11.5),
            reset_in: Some(Duration::from_millis(598_500)),
        };
        assert_eq!(told(&timing, 3, SECOND * 9, 0), expected);
    }

    #[test]
    fn what_is_missing_is_taken_from_elsewhere() {
        let nothing = told(&Timing::default(), 2, SECOND * 9, 0);
        assert_eq!((nothing.commands, nothing.spent), (2, SECOND * 9));
        assert_eq!((nothing.used, nothing.reset_in), (None, None));
        let mut timing = Timing::default();
        timing.request.duration = Some(4.0);
        assert_eq!(told(&timing, 2, SECOND * 9, 0).spent, SECOND * 4);
        timing.commands.push(time(1.0, Some(5.0), None));
        assert_eq!(
            told(&timing, 2, SECOND * 9, 1_500).reset_in,
            Some(SECOND * 100)
        );
        assert_eq!(told(&timing, 2, SECOND * 9, 1_700).reset_in, None);
    }

    #[test]
    fn the_time_of_a_request_is_told_of_the_whole_or_of_its_parts() {
        let mut timing = Timing {
            request: Time::default(),
            commands: vec![time(0.5, None, None), time(1.0, None, None)],
        };
        assert_eq!(server_time(&timing), Some(Duration::from_millis(1_500)));
        timing.request.duration = Some(2.0);
        assert_eq!(server_time(&timing), Some(SECOND * 2));
        timing.request.duration = Some(-1.0);
        assert_eq!(server_time(&timing), None);
    }
}
