//! What a finished command left, and what its summary counts.

use std::process::Child;

use serde_json::Value;

/// What a finished command left.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Asserts the exit code, showing everything printed if it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Run {
        assert_eq!(
            self.code, code,
            "\n-- stdout\n{}\n-- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// The JSON object on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Code and message of the error that an import ended with, by its summary.
    #[track_caller]
    pub fn error(&self) -> (String, String) {
        let summary = self.json();
        let text = |key: &str| summary["error"][key].as_str().unwrap().to_owned();
        (text("code"), text("message"))
    }

    /// The problems that `check --format json` lists, and its summary.
    #[track_caller]
    pub fn checked(&self) -> (Vec<Value>, Value) {
        let lines = self.stdout.lines().map(|line| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{error}: {line}\n{}", self.stderr))
        });
        let mut lines: Vec<Value> = lines.collect();
        let last = lines.pop().expect("a summary");
        assert!(last.get("summary").is_some(), "{last}");
        (lines, last["summary"].clone())
    }
}

/// Waits for a command that was started.
pub fn finish(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A summary's count.
#[track_caller]
pub fn count(summary: &Value, name: &str) -> u64 {
    summary[name]
        .as_u64()
        .unwrap_or_else(|| panic!("no {name} in {summary}"))
}

/// Asserts some counts of a summary, that the others are 0, and that all add up.
#[track_caller]
pub fn assert_counts(summary: &Value, expected: &[(&str, u64)]) {
    const COUNTS: [&str; 8] = [
        "posted",
        "already_posted",
        "invalid",
        "failed",
        "in_doubt",
        "not_due",
        "pending",
        "undone",
    ];
    for name in COUNTS {
        let wanted = expected.iter().find(|(known, _)| *known == name);
        assert_eq!(
            count(summary, name),
            wanted.map_or(0, |(_, count)| *count),
            "{name} in {summary}"
        );
    }
    let sum: u64 = COUNTS.iter().map(|name| count(summary, name)).sum();
    assert_eq!(sum, count(summary, "total"), "{summary}");
}
