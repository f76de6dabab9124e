//! The exit codes of the program: scripts rely on them, and README.md lists them.

/// How a command ended, as a script sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Every due row is posted.
    Done = 0,
    /// Stopped by an error.
    Stopped = 1,
    /// Bad usage, or nobody to ask.
    Usage = 2,
    /// Rows invalid or failed.
    Rows = 3,
    /// Rows in doubt.
    Doubt = 4,
    /// Another run holds the ledger.
    Locked = 75,
    /// Interrupted, resumable.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code there is.
    pub const ALL: [Exit; 7] = [
        Exit::Done,
        Exit::Stopped,
        Exit::Usage,
        Exit::Rows,
        Exit::Doubt,
        Exit::Locked,
        Exit::Interrupted,
    ];

    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_exactly_these_codes() {
        let readme = include_str!("../README.md");
        let table = readme.split("\n## Exit codes\n").nth(1).unwrap();
        let table = table.split("\n## ").next().unwrap();
        let cell = |line: &str| line.strip_prefix("| ")?.split(" |").next()?.parse().ok();
        let mut listed: Vec<u8> = table.lines().filter_map(cell).collect();
        listed.sort_unstable();
        assert_eq!(listed, Exit::ALL.map(Exit::code));
    }
}
