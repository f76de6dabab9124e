//! How long the bytes of a request are on their way: a slow line, and a kernel that takes a body
//! long before the line has carried it.

use std::time::Duration;

use tokio::time::Instant;

/// The line between the program and the portal.
#[derive(Debug)]
pub struct Line {
    /// None where it takes no time.
    bytes_per_second: Option<u64>,
    /// Bytes that the kernel takes before any has left.
    kernel_bytes: u64,
    uploads: u64,
}

/// Others use the line too, so that uploads get a half, a third or a quarter of it in turn; but never
/// less than the slowest line that a run allows for.
const SHARES: u64 = 4;
const LEAST: u64 = 17_000;

/// The two ends of an upload.
#[derive(Clone, Copy, Debug)]
pub struct Upload {
    /// When the program has given away the last byte.
    pub written: Instant,
    /// When the portal has it.
    pub arrived: Instant,
}

impl Line {
    pub fn new(bytes_per_second: Option<u64>, kernel_bytes: u64) -> Line {
        Line {
            bytes_per_second,
            kernel_bytes,
            uploads: 0,
        }
    }

    /// A body of that many bytes begins its way.
    pub fn carry(&mut self, bytes: usize, now: Instant) -> Upload {
        let Some(speed) = self.bytes_per_second else {
            return Upload {
                written: now,
                arrived: now,
            };
        };
        let bytes = bytes as u64;
        self.uploads += 1;
        let speed = (speed / (1 + self.uploads % SHARES)).max(LEAST);
        let takes = |bytes: u64| Duration::from_secs_f64(bytes as f64 / speed as f64);
        Upload {
            written: now + takes(bytes.saturating_sub(self.kernel_bytes)),
            arrived: now + takes(bytes),
        }
    }
}
