//! What rows are checked against, the same for a whole run.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use crate::manifest::Row;
use crate::maps::Maps;
use crate::post::{
    Audience, AudienceCode, AudienceError, AudienceNames, Field, FieldSet, MessageFormat,
};
use crate::targets::{OriginLine, Target};

use super::near_file::Folders;
use super::times::Times;

/// The rules of a run.
#[derive(Clone)]
pub struct Rules {
    /// The target that the rows are to be posted to.
    pub target: &'static dyn Target,
    /// The fields that the target carries.
    pub(super) carried: FieldSet,
    /// Where attachment paths start; absolute, symlinks resolved.
    root: PathBuf,
    /// Folders in which files were missing.
    pub(super) folders: Arc<Folders>,
    /// What is cut off each attachment's path first, such as `C:\\Export\\`.
    pub attachments_prefix: Option<String>,
    /// Who sees the posts of rows that name nobody; none makes such a row a problem on targets with
    /// audiences.
    pub default_audience: Option<DefaultAudience>,
    /// The codes of the names in audiences; none while the portal has not been asked, and then names
    /// stay names.
    pub audience_names: Option<Arc<AudienceNames>>,
    /// Fields that are left out of every post. They stay part of a row's key and content.
    pub dropped: FieldSet,
    /// None where the row's age decides: refused with `created_at`, else kept.
    pub mentions: Option<Mentions>,
    /// Which posts begin with a line of date and author's name.
    pub origin_line: OriginLine,
    /// How times are written, and the zone of those without an offset.
    pub times: Times,
    /// What old IDs have become.
    pub maps: Arc<Maps>,
    /// How messages are written of which the mapping's field doesn't say it; none if nobody does,
    /// and they are sent as they are.
    pub message_format: Option<MessageFormat>,
    /// Bytes of a batch, at most: a larger post goes by a call of its own.
    pub max_batch_bytes: u64,
}

/// Unless the user says otherwise.
const MAX_BATCH_BYTES: u64 = 8 << 20;

/// What becomes of mentions such as `[user=5]Ann[/user]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mentions {
    /// Sent as they are; the screen before the run counts them.
    Keep,
    /// Only the name is sent.
    Text,
    /// A problem of the row.
    Error,
}

/// Who sees a post whose row names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultAudience {
    /// Nobody but its author.
    Author,
    /// Those who have these access codes.
    Codes(Audience),
}

/// Why rules can't be set up.
#[allow(missing_docs, reason = "the message says what the fields are")]
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    #[error("cannot use the attachments root {}: {reason}; give a folder with --attachments-root", path.display())]
    Root { path: PathBuf, reason: io::Error },
}

impl Rules {
    /// Rules for a target, everything else as by default. Attachments are looked for below the
    /// root.
    ///
    /// # Errors
    /// When the root is no folder that can be reached.
    pub fn new(
        target: &'static dyn Target,
        attachments_root: &Path,
        default_audience: Option<DefaultAudience>,
    ) -> Result<Rules, RulesError> {
        let root = attachments_root
            .canonicalize()
            .and_then(|root| match root.is_dir() {
                true => Ok(root),
                false => Err(io::ErrorKind::NotADirectory.into()),
            })
            .map_err(|reason| RulesError::Root {
                path: attachments_root.to_owned(),
                reason,
            })?;
        let carries = |field: &Field| target.carries(*field);
        Ok(Rules {
            target,
            carried: Field::ALL.into_iter().filter(carries).collect(),
            root,
            folders: Arc::default(),
            attachments_prefix: None,
            default_audience,
            audience_names: None,
            dropped: FieldSet::default(),
            mentions: None,
            origin_line: OriginLine::default(),
            times: Times::default(),
            maps: Arc::default(),
            message_format: None,
            max_batch_bytes: MAX_BATCH_BYTES,
        })
    }

    /// How the message of a row is written, if somebody has said it.
    pub(super) fn format_said(&self, row: &Row<'_>) -> Option<MessageFormat> {
        let own = row.rules(Field::Message);
        own.and_then(|rules| rules.message_format)
            .or(self.message_format)
    }

    /// A path without what all paths begin with, in any letter case, with `/` and `\` alike. One
    /// that begins otherwise stays as it is.
    pub fn without_prefix<'p>(&self, path: &'p str) -> &'p str {
        let Some(prefix) = &self.attachments_prefix else {
            return path;
        };
        let same = |one: char, other: char| {
            let is_separator = |letter| matches!(letter, '/' | '\\');
            (is_separator(one) && is_separator(other))
                || one.to_lowercase().eq(other.to_lowercase())
        };
        let mut rest = path.chars();
        let begins = prefix
            .chars()
            .all(|letter| rest.next().is_some_and(|other| same(letter, other)));
        match begins {
            true => rest.as_str().trim_start_matches(['/', '\\']),
            false => path,
        }
    }

    /// Where attachment paths start; absolute, symlinks resolved.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl fmt::Display for DefaultAudience {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefaultAudience::Author => out.write_str("author"),
            DefaultAudience::Codes(audience) => {
                let codes: Vec<String> = audience
                    .codes()
                    .iter()
                    .map(AudienceCode::to_string)
                    .collect();
                out.write_str(&codes.join(","))
            }
        }
    }
}

impl FromStr for DefaultAudience {
    type Err = AudienceError;

    /// Reads `author`, or access codes separated by commas.
    fn from_str(text: &str) -> Result<DefaultAudience, AudienceError> {
        if text.trim().eq_ignore_ascii_case("author") {
            return Ok(DefaultAudience::Author);
        }
        let codes = text.split(',').map(AudienceCode::parse);
        codes.collect::<Result<_, _>>().map(DefaultAudience::Codes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::CrmFeed;

    #[test]
    fn the_default_audience_is_the_author_or_codes() {
        assert_eq!("Author".parse(), Ok(DefaultAudience::Author));
        let Ok(DefaultAudience::Codes(codes)) = "U1, sg5".parse() else {
            panic!("no codes")
        };
        assert_eq!(codes.codes().len(), 2);
        assert_eq!(DefaultAudience::Codes(codes).to_string(), "U1,SG5");
        assert_eq!(DefaultAudience::Author.to_string(), "author");
        assert_eq!("U1,".parse::<DefaultAudience>(), Err(AudienceError::Empty));
        assert!("me".parse::<DefaultAudience>().is_err());
    }

    #[test]
    fn the_root_has_to_be_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.txt");
        std::fs::write(&file, "a").unwrap();
        assert!(Rules::new(&CrmFeed, folder.path(), None).is_ok());
        for wrong in [file, folder.path().join("none")] {
            let Err(error) = Rules::new(&CrmFeed, &wrong, None) else {
                panic!("{wrong:?} was taken")
            };
            assert!(error.to_string().contains("--attachments-root"), "{error}");
        }
    }
}
