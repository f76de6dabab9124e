//! The commands that a report names, fit to be pasted into a shell.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Where the user stands: the manifest, and the ledger where it is not the default one.
#[derive(Clone, Debug)]
pub struct Commands {
    pub manifest: PathBuf,
    pub ledger: Option<PathBuf>,
}

impl Commands {
    /// Shows what the ledger knows.
    pub fn status(&self) -> String {
        let ledger = self.ledger.as_deref().map(quoted);
        let ledger = ledger
            .map(|path| format!(" --ledger {path}"))
            .unwrap_or_default();
        format!("b24post status {}{ledger}", quoted(&self.manifest))
    }

    /// Lists the problems of the manifest.
    pub fn check(&self) -> String {
        format!("b24post check {}", quoted(&self.manifest))
    }
}

fn quoted(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_the_shell() {
        let commands = Commands {
            manifest: "old crm/it's.csv".into(),
            ledger: Some("l.db".into()),
        };
        assert_eq!(
            commands.status(),
            r"b24post status 'old crm/it'\''s.csv' --ledger l.db"
        );
        let plain = Commands {
            manifest: "a/б.csv".into(),
            ledger: None,
        };
        assert_eq!(plain.check(), "b24post check a/б.csv");
    }
}
