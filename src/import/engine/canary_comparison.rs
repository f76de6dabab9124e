//! A canary as it was sent beside the post that the portal shows: what differs, in words.

use std::fmt;
use std::sync::Arc;

use crate::import::pending_row::RowSource;
use crate::import::readback::End;
use crate::ledger::Witness;
use crate::post::{ContentHash, Entity, RowKey};
use crate::targets::{FoundPost, normal};

/// Characters shown of a text, around where two begin to differ.
const SHOWN: usize = 40;

/// What was sent.
#[derive(Clone, Debug)]
pub struct CanarySent {
    pub key: RowKey,
    pub row: u64,
    pub line: u64,
    pub author_id: u64,
    pub entity: Option<Entity>,
    pub text_hash: ContentHash,
    pub reach: Option<u64>,
    pub text: String,
    pub files: u64,
    /// What the row is made from again if its author is lost.
    pub source: Option<Arc<RowSource>>,
}

/// How a post differs from what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub row: u64,
    pub line: u64,
    pub id: u64,
    /// What differs, sent and found.
    pub what: Vec<(&'static str, String, String)>,
}

impl std::error::Error for Difference {}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "row {} (line {}) was posted as ID {}, but not as it was sent.",
            self.row, self.line, self.id
        )?;
        for (what, sent, found) in &self.what {
            write!(out, " The {what}: sent {sent}, found {found}.")?;
        }
        write!(
            out,
            " Nothing else is sent. Look at the post on the portal; to go on all the same, add \
             --no-canary"
        )
    }
}

/// Holds a post against what was sent.
pub fn compare(
    sent: &CanarySent,
    id: u64,
    found: Option<&FoundPost>,
    end: &End,
) -> Result<Option<Witness>, Difference> {
    let what = match (found, end) {
        (Some(found), _) => differences(sent, found),
        (None, End::Refused(reason)) => vec![("post", "there".to_owned(), reason.clone())],
        (None, _) => vec![(
            "post",
            place(sent),
            "nothing there: it may await a moderator, or be hidden from this user".to_owned(),
        )],
    };
    if what.is_empty() {
        return Ok(sent.reach.map(|reach| Witness {
            reach,
            remote_id: id,
            entity: sent.entity,
        }));
    }
    Err(Difference {
        row: sent.row,
        line: sent.line,
        id,
        what,
    })
}

fn place(sent: &CanarySent) -> String {
    match sent.entity {
        Some(entity) => format!("to {entity}"),
        None => "to the feed".to_owned(),
    }
}

fn differences(sent: &CanarySent, found: &FoundPost) -> Vec<(&'static str, String, String)> {
    let mut what = Vec::new();
    if found.author_id != sent.author_id {
        let user = |id: u64| format!("user {id}");
        what.push(("author", user(sent.author_id), user(found.author_id)));
    }
    if found.fingerprint() != sent.text_hash {
        let (ours, theirs) = (normal(&sent.text), normal(&found.text));
        let (ours, theirs) = around_difference(&ours, &theirs);
        what.push(("text", ours, theirs));
    }
    if found.files != sent.files {
        let files = |count: u64| format!("{count}");
        what.push(("number of files", files(sent.files), files(found.files)));
    }
    what
}

/// Both texts from shortly before the first character in which they differ. Equal ones differ in
/// their title.
fn around_difference(one: &str, other: &str) -> (String, String) {
    let common = one
        .chars()
        .zip(other.chars())
        .take_while(|(one, other)| one == other);
    let from = common.count().saturating_sub(SHOWN / 4);
    let shown = |text: &str| {
        let part: String = text.chars().skip(from).take(SHOWN).collect();
        format!("{part:?}")
    };
    (shown(one), shown(other))
}
