//! What a transaction is told: requests that are about to be sent, and what became of others.

use std::sync::Arc;

use crate::post::{ContentHash, Entity, RowKey};

/// A request that is about to be sent, with the rows in it.
#[derive(Clone, Debug)]
pub struct BatchStart {
    /// The request's number in this ledger; later ones have higher numbers.
    pub id: i64,
    /// The method of the request itself: `batch`, or the target's own.
    pub method: &'static str,
    /// Now, by the portal's clock, if that is known; Unix milliseconds.
    pub portal_time: Option<i64>,
    /// Who its posts will be by.
    pub authorship: Authorship,
    /// Bytes of the whole encoded body.
    pub body_bytes: u64,
    /// The rows in it.
    pub claims: Vec<Arc<Claim>>,
}

/// Who the posts of a request will be by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorship {
    /// The author that their calls name.
    AsNamed,
    /// That one or this user; nobody has seen which.
    AsNamedOr(u64),
    /// This user, whatever their calls say.
    By(u64),
}

impl Authorship {
    /// Author and other possible author of a post whose call names `author`.
    pub(super) fn of(self, author: u64) -> (u64, Option<u64>) {
        match self {
            Authorship::AsNamed => (author, None),
            Authorship::AsNamedOr(user) => (author, (user != author).then_some(user)),
            Authorship::By(user) => (user, None),
        }
    }
}

/// A row that is about to be sent, and what is needed to find it again.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its name in the ledger.
    pub key: RowKey,
    /// Its number in the manifest, from 1.
    pub row_number: u64,
    /// The ID that it brought along, if any.
    pub external_id: Option<String>,
    /// Hash of what the manifest says.
    pub content: ContentHash,
    /// Hash of its whole record, whatever a mapping has made of it.
    pub source: Option<ContentHash>,
    /// Whether a row that is known already keeps that hash and its number: the row comes from a rejects
    /// file, corrected.
    pub keeps_source: bool,
    /// Bytes of its attachments, all together.
    pub attachment_bytes: u64,
    /// The CRM entity that the post belongs to, if any.
    pub entity: Option<Entity>,
    /// The user whom the call names as author, else the credentials' user.
    pub author_id: u64,
    /// When it was due; Unix milliseconds.
    pub publish_at: Option<i64>,
    /// Hash of title and message alone, by which rows that say the same are known.
    pub message_hash: ContentHash,
    /// Hash by which the text as sent is recognised on the portal.
    pub text_hash: ContentHash,
    /// Who sees the post, where that can be read; see [`Witness`].
    pub reach: Option<u64>,
    /// How many files go along.
    pub files: u64,
    /// The beginning of the text, for people.
    pub excerpt: String,
}

/// A request that has come to an end.
#[derive(Clone, Debug)]
pub struct BatchEnd {
    /// The request's number in this ledger.
    pub id: i64,
    /// How it came to its end, in a word for the ledger's table of requests.
    pub outcome: &'static str,
    /// What became of each of its rows.
    pub settled: Vec<Settle>,
    /// The newest post of each reach among them.
    pub witnesses: Vec<Witness>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// The row's name in the ledger.
    pub key: RowKey,
    /// What has become of it.
    pub settlement: Settlement,
}

/// What becomes of a row that was being sent, or of one in doubt that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Executed: it is on the portal.
    Posted {
        /// The portal's ID of the post.
        remote_id: u64,
    },
    /// Refused for good; not executed.
    Failed {
        /// The portal's code, or one of our own in lower case.
        code: String,
        /// The portal's words, or our own.
        message: String,
    },
    /// It may have been executed.
    InDoubt {
        /// The portal's code, or one of our own in lower case.
        code: String,
        /// What is known of how it came to that.
        message: String,
    },
    /// Not executed; to be sent again.
    Pending,
    /// Not executed, and its attachment has gone or changed: as `pending` in the ledger.
    Unsendable,
}

/// One transaction: what has ended, and what may be sent after it.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// Requests that have come to an end.
    pub ended: Vec<BatchEnd>,
    /// Requests that leave once the transaction is durable.
    pub started: Vec<BatchStart>,
    /// Unix milliseconds.
    pub at: i64,
}

/// What a transaction found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Rows whose ID another row of this target already has; kept as in doubt. The portal, or we,
    /// mixed something up: the run must stop.
    pub id_taken: Vec<(RowKey, u64)>,
}

/// A post that is known to exist, by which a read proves that it shows posts of its reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// A number for those who see the post; see `Lookup::reach` of the targets.
    pub reach: u64,
    /// The portal's ID of the post.
    pub remote_id: u64,
    /// The CRM entity that it belongs to; none in the News Feed.
    pub entity: Option<Entity>,
}
