//! How fast the line to the portal carries bodies, as far as answers have shown.
//!
//! What the network has taken says nothing: the kernel takes some MiB at once and sends them for
//! as long as the line needs. An answer proves that the whole body has arrived, so the time until
//! then, less what the portal says it worked, is the longest that the upload can have taken.

use std::time::Duration;

/// Bytes a second of the slowest line that a run allows for. An upload below that is cut.
pub const SLOWEST_LINE: u64 = 16 * 1024;

/// What may have been given away of a body without having left: Linux keeps up to 4 MiB for a
/// connection (`net.ipv4.tcp_wmem`), the HTTP library not quite one more.
const MOST_UNSENT: u64 = 5 << 20;

/// An upload that took so long shows how slow the line is; a shorter one only that it is not
/// slower.
const TELLING: Duration = Duration::from_secs(5);

/// Bytes that a body may always have, however slow the line.
const LEAST_BODY: u64 = 64 * 1024;

/// What the line has shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineSpeed {
    /// Bytes a second; none before the first answer.
    shown: Option<f64>,
}

impl LineSpeed {
    /// A body of that many bytes has arrived within that time.
    pub fn carried(&mut self, bytes: u64, within: Duration) {
        let speed = bytes as f64 / within.as_secs_f64().max(0.001);
        let is_faster = self.shown.is_none_or(|shown| speed > shown);
        if is_faster || within >= TELLING {
            self.shown = Some(speed);
        }
    }

    /// A request was lost: perhaps the line has become slower.
    pub fn doubt(&mut self) {
        self.shown = self.shown.map(|shown| shown / 2.0);
    }

    /// Bytes a second that can be relied on.
    fn speed(self) -> f64 {
        self.shown.unwrap_or(0.0).max(SLOWEST_LINE as f64)
    }

    /// How long after the last byte of a body was given away the line may still carry it, shared by
    /// so many requests.
    pub fn drain(self, bytes: u64, lanes: usize) -> Duration {
        let unsent = bytes.min(MOST_UNSENT) as f64;
        let shared = self.speed() / lanes.max(1) as f64;
        Duration::from_secs_f64(unsent / shared.max(SLOWEST_LINE as f64))
    }

    /// Bytes of a body that the line carries within that time.
    pub fn body_within(self, time: Duration) -> u64 {
        ((self.speed() * time.as_secs_f64()) as u64).max(LEAST_BODY)
    }
}

/// How long the upload of a body may take on the slowest line.
pub fn slowest_upload(bytes: u64) -> Duration {
    Duration::from_secs_f64(bytes as f64 / SLOWEST_LINE as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_line_that_has_shown_nothing_is_the_slowest() {
        let line = LineSpeed::default();
        assert_eq!(line.drain(SLOWEST_LINE, 1), Duration::from_secs(1));
        assert_eq!(line.drain(SLOWEST_LINE, 4), Duration::from_secs(1), "each");
        assert_eq!(line.drain(100 * MIB, 1), Duration::from_secs(320));
        let quarter = Duration::from_secs(15);
        assert_eq!(line.body_within(quarter), 15 * SLOWEST_LINE);
        assert_eq!(slowest_upload(100 * SLOWEST_LINE).as_secs(), 100);
    }

    #[test]
    fn short_uploads_only_raise_what_was_shown() {
        let mut line = LineSpeed::default();
        line.carried(MIB, Duration::from_secs(1));
        line.carried(1_000, Duration::from_secs(1));
        assert_eq!(line.drain(MIB, 1), Duration::from_secs(1));
        assert_eq!(line.drain(MIB, 2), Duration::from_secs(2), "shared");
        line.carried(4 * MIB, Duration::from_secs(2));
        assert_eq!(line.body_within(Duration::from_secs(15)), 30 * MIB);
        line.carried(MIB, Duration::from_secs(10));
        assert_eq!(
            line.drain(MIB, 1),
            Duration::from_secs(10),
            "a slow one counts"
        );
        line.doubt();
        assert_eq!(line.drain(MIB, 1), Duration::from_secs(20));
    }
}
