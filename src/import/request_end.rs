//! By when a request has certainly come to its end on the portal, whatever became of its answer.
//!
//! A post is called absent, and its row sent again, only after that. Three stretches lie before it:
//!
//! 1. *The upload.* A request's time on the portal begins when its last byte has arrived, since the
//!    web server takes the whole body before PHP sees it. The last write is not that moment: what
//!    the kernel still holds leaves at the line's pace ([`Governor::drain`]). An upload slower than
//!    [`SLOWEST_LINE`] is cut. So of a body that an earlier run has sent, of which only its size
//!    and the moment of its claim are known, the last byte has arrived by then or never will.
//! 2. *The work.* The portal ends it within its request limit. Where nobody promises that, as on a
//!    server of one's own, the user gives `--late-execution` on top: PHP works on after the web
//!    server in front of it has hung up.
//! 3. *The margin*, [`MARGIN`]: for connecting, for a request that waits between two servers, and
//!    for clocks that differ by seconds.
//!
//! What this can't cover is somebody on the way who holds a complete request back for longer, and a
//! line slower than [`SLOWEST_LINE`] whose bodies the kernel has taken whole.
//!
//! [`Governor::drain`]: crate::pacing::Governor::drain
//! [`SLOWEST_LINE`]: crate::pacing::SLOWEST_LINE

use std::time::Duration;

use crate::pacing::slowest_upload;
use crate::portal::Within;

/// Added to each of these times.
pub const MARGIN: Duration = Duration::from_secs(15);

/// What the portal may take for a request that has arrived.
#[derive(Clone, Copy, Debug)]
pub struct RequestEnd {
    /// After which it cuts a request.
    pub request_limit: Duration,
    /// How long after that it may still be at work.
    pub late_execution: Duration,
}

impl RequestEnd {
    /// How long the upload of a body may take, and its answer after that. `drain` is how long the
    /// body's last byte may be under way after it was given away.
    pub fn within(&self, bytes: u64, drain: Duration) -> Within {
        Within {
            upload: slowest_upload(bytes) + MARGIN,
            answer: drain + self.request_limit + MARGIN,
        }
    }

    /// The same for a call that creates nothing; its body is taken to have 1 MiB at most.
    pub fn within_for_questions(&self) -> Within {
        self.within(1 << 20, Duration::ZERO)
    }

    /// How long after its last byte was given away a request has come to its end.
    pub fn after_last_write(&self, drain: Duration) -> Duration {
        drain + self.request_limit + MARGIN + self.late_execution
    }

    /// How long after its claim a request of so many bytes has come to its end, if nothing else is
    /// known of it.
    pub fn after_claim(&self, bytes: u64) -> Duration {
        self.within(bytes, Duration::ZERO).upload + self.after_last_write(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pacing::SLOWEST_LINE;

    #[test]
    fn upload_work_and_margin_add_up() {
        let seconds = Duration::from_secs;
        let end = RequestEnd {
            request_limit: seconds(20),
            late_execution: seconds(300),
        };
        let within = end.within(100 * SLOWEST_LINE, seconds(42));
        assert_eq!((within.upload, within.answer), (seconds(115), seconds(77)));
        assert_eq!(
            end.after_last_write(seconds(42)),
            seconds(42 + 20 + 15 + 300)
        );
        let question = end.within_for_questions().upload;
        assert_eq!(question, seconds((1 << 20) / SLOWEST_LINE + 15));
        let after_claim = end.after_claim(100 * SLOWEST_LINE);
        assert_eq!(after_claim, seconds(100 + 15 + 20 + 15 + 300));
    }
}
