//! The real program, run and watched.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command of the program, in a folder.
pub struct Prepared(Command);

/// What it took.
pub struct Watched {
    pub took: Duration,
    /// Bytes of memory at its peak; 0 where the system doesn't tell.
    pub peak: u64,
}

pub fn b24post(folder: &Path, arguments: &[&str]) -> Prepared {
    let mut command = Command::new(env!("CARGO_BIN_EXE_b24post"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_remove("B24POST_WEBHOOK")
        .env("B24POST_STATE_DIR", folder.join("state"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Prepared(command)
}

impl Prepared {
    pub fn webhook(&mut self, address: String) -> &mut Prepared {
        self.0.env("B24POST_WEBHOOK", address);
        self
    }

    /// Runs it to its end, which must be a good one.
    pub fn run(&mut self) -> Watched {
        let start = Instant::now();
        let mut child = self.0.spawn().unwrap();
        let mut peak = 0;
        let status = loop {
            peak = peak.max(peak_of(child.id()));
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        assert!(status.success(), "{status}");
        Watched {
            took: start.elapsed(),
            peak,
        }
    }
}

/// What Linux calls the high-water mark.
fn peak_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse::<u64>().ok())
        .unwrap_or(0)
        * 1_024
}
