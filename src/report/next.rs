//! The commands that a report names, fit to be pasted into a shell.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::style::{COMMAND, styled};

/// Where the user stands: the manifest, how it is read, and the ledger where it is not the default.
#[derive(Clone, Debug)]
pub struct Commands {
    /// As it was typed.
    pub manifest: PathBuf,
    /// Options that tell how to read the manifest.
    pub reading: Vec<OsString>,
    /// None where it is the default.
    pub ledger: Option<PathBuf>,
}

impl Commands {
    /// Shows what the ledger knows.
    pub fn status(&self) -> String {
        self.of_ledger("status", "")
    }

    /// Lists the rows in doubt, and settles them.
    pub fn resolve(&self) -> String {
        self.resolve_with("")
    }

    /// The same with options, which begin with a blank.
    pub fn resolve_with(&self, options: &str) -> String {
        self.of_ledger("resolve", options)
    }

    fn of_ledger(&self, command: &str, options: &str) -> String {
        let ledger = self
            .ledger
            .iter()
            .flat_map(|path| [OsStr::new("--ledger"), path.as_os_str()]);
        line(
            command,
            [self.manifest.as_os_str()].into_iter().chain(ledger),
            options,
        )
    }

    /// Tells what is wrong with the manifest.
    pub fn check(&self) -> String {
        self.check_with("")
    }

    /// Lists each problem of the manifest.
    pub fn all_problems(&self) -> String {
        self.check_with(" --format json")
    }

    /// Imports a rejects file, corrected, as the manifest was; with more options.
    pub fn import(&self, rejects: &Path, more: &[OsString]) -> String {
        let words = [rejects.as_os_str()].into_iter();
        let options = self.reading.iter().chain(more).map(OsString::as_os_str);
        line("import", words.chain(options), "")
    }

    fn check_with(&self, options: &str) -> String {
        let reading = self.reading.iter().map(OsString::as_os_str);
        line(
            "check",
            [self.manifest.as_os_str()].into_iter().chain(reading),
            options,
        )
    }
}

fn line<'a>(command: &str, words: impl Iterator<Item = &'a OsStr>, options: &str) -> String {
    let words: Vec<String> = words.map(quoted).collect();
    let words = words.join(" ");
    styled(COMMAND, format!("b24post {command} {words}{options}"))
}

/// A word as it may be typed into a shell.
pub fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::plain;

    #[test]
    fn words_are_quoted_for_the_shell() {
        let commands = Commands {
            manifest: "old crm/it's.csv".into(),
            reading: vec!["--attachments-root".into(), "my files".into()],
            ledger: Some("l.db".into()),
        };
        assert_eq!(
            plain(&commands.status()),
            r"b24post status 'old crm/it'\''s.csv' --ledger l.db"
        );
        assert!(plain(&commands.resolve()).starts_with("b24post resolve 'old crm"));
        assert_eq!(
            plain(&commands.check()),
            r"b24post check 'old crm/it'\''s.csv' --attachments-root 'my files'"
        );
        let unquoted = Commands {
            manifest: "a/б.csv".into(),
            reading: Vec::new(),
            ledger: None,
        };
        assert_eq!(plain(&unquoted.check()), "b24post check a/б.csv");
    }
}
