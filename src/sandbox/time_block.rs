//! The `time` block of an answer, and `result_time` of a batch (bitrix24-rest.md §4.2).

use std::time::Duration;

use jiff::{Timestamp, tz::Offset};

use super::operating::MethodAccount;
use super::php::{Array, Key, Php};

/// When a call ran, and what it cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeBlock {
    /// Since 1970.
    pub start: Duration,
    /// Server time spent.
    pub spent: Duration,
    /// Nothing where the portal keeps none.
    pub account: Option<MethodAccount>,
}

impl TimeBlock {
    /// The block as PHP prints it: seconds with a fraction, dates with an offset.
    pub(super) fn to_php(self) -> Php {
        let finish = self.start + self.spent;
        let mut block = Array::from_names([
            ("start", seconds(self.start)),
            ("finish", seconds(finish)),
            ("duration", seconds(self.spent)),
            ("processing", seconds(self.spent)),
            ("date_start", Php::text(date(self.start))),
            ("date_finish", Php::text(date(finish))),
        ]);
        if let Some(account) = self.account {
            let reset_at = Php::Int(account.reset_at.try_into().unwrap_or(i64::MAX));
            block.insert(Key::from_text(b"operating_reset_at"), reset_at);
            block.insert(Key::from_text(b"operating"), seconds(account.spent));
        }
        Php::Array(block)
    }
}

fn seconds(time: Duration) -> Php {
    Php::Float(time.as_micros() as f64 / 1e6)
}

/// A time since 1970 as PHP's `date('c')` has it on a portal that keeps UTC.
pub(super) fn date(time: Duration) -> String {
    let second = time.as_secs().try_into().unwrap_or(i64::MAX);
    let moment = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    format!("{:.0}+00:00", Offset::UTC.to_datetime(moment))
}

#[cfg(test)]
mod tests {
    use super::super::php::json_encode;
    use super::*;

    #[test]
    fn the_block_holds_all_eight() {
        let timing = TimeBlock {
            start: Duration::from_millis(1_700_000_000_250),
            spent: Duration::from_millis(1_500),
            account: Some(MethodAccount {
                spent: Duration::from_secs(3),
                reset_at: 1_700_000_400,
            }),
        };
        let encoded =
            |timing: TimeBlock| String::from_utf8(json_encode(&timing.to_php()).unwrap()).unwrap();
        assert_eq!(
            encoded(timing),
            "{\"start\":1700000000.25,\"finish\":1700000001.75,\"duration\":1.5,\
             \"processing\":1.5,\"date_start\":\"2023-11-14T22:13:20+00:00\",\
             \"date_finish\":\"2023-11-14T22:13:21+00:00\",\
             \"operating_reset_at\":1700000400,\"operating\":3}"
        );
        let uncounted = encoded(TimeBlock {
            account: None,
            ..timing
        });
        assert!(uncounted.ends_with("22:13:21+00:00\"}"), "{uncounted}");
    }
}
