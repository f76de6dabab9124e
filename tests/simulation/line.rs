//! How long the bytes of a request are on their way: a slow line, and a kernel that takes a body
//! long before the line has carried it.

use std::time::Duration;

use tokio::time::Instant;

/// The line between the program and the portal; all requests share it, first come, first served.
#[derive(Debug)]
pub struct Line {
    /// None where it takes no time.
    bytes_per_second: Option<u64>,
    /// Bytes that the kernel takes before any has left.
    kernel_bytes: u64,
    /// When all that was given to it has been carried.
    free_at: Option<Instant>,
}

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
            free_at: None,
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
        let takes = |bytes: u64| Duration::from_secs_f64(bytes as f64 / speed as f64);
        let start = self.free_at.map_or(now, |free| free.max(now));
        let arrived = start + takes(bytes);
        self.free_at = Some(arrived);
        let buffered = takes(bytes.min(self.kernel_bytes));
        Upload {
            written: arrived.checked_sub(buffered).unwrap_or(now).max(now),
            arrived,
        }
    }
}
