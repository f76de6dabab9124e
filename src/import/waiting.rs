//! A row on its way: everything that is needed to send it, claim it and find it again.

use std::sync::Arc;

use jiff::Timestamp;

use crate::batch::plan::Candidate;
use crate::batch::{Command, CommandKey, encoded_size, route};
use crate::ledger::Claim;
use crate::manifest::Position;
use crate::post::{ContentHash, Entity, Post, RowKey, is_direction_mark};
use crate::target::{FileToSend, OriginLine, Sending, Target};

/// What keeps rows in order: those of one key arrive as the manifest has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderKey {
    /// The whole manifest is one line.
    Manifest,
    /// The posts of one CRM record.
    Record(Entity),
    /// A row of its own.
    Row(u64),
}

/// Which rows must keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Entity,
    Manifest,
}

impl Order {
    /// Requests that can be under way at once, of so many: rows of one line go one after the other.
    pub fn lanes(self, lanes: usize) -> usize {
        match self {
            Order::Entity => lanes,
            Order::Manifest => 1,
        }
    }
}

/// A row that waits to be sent, or is being sent.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Physical line in the manifest, for messages.
    pub line: u64,
    /// Its place among the rows that wait; at first its number.
    pub place: u64,
    /// When it was written, where that decides its turn.
    pub date: Option<Timestamp>,
    pub claim: Arc<Claim>,
    pub command: Command,
    /// Bytes of its texts in memory.
    pub text_bytes: u64,
    pub candidate: Candidate<OrderKey>,
    /// Whether a read by the credentials' user can show it.
    pub is_in_sight: bool,
    /// How often an intact reply left it out.
    pub left_out: u32,
    /// How often a request with this row alone vanished.
    pub vanished: u32,
    /// Whether it came after one of its entity, in the same batch, that was not carried out.
    pub overtakes: bool,
    /// How often the access token ran out before its turn in a batch.
    pub expired: u32,
}

/// The row's command in a request, with the name it has there.
pub type Named = (CommandKey, Waiting);

/// What all rows of a run share.
#[derive(Clone, Copy)]
pub struct Making {
    pub target: &'static dyn Target,
    pub order: Order,
    pub origin: OriginLine,
    pub max_batch_bytes: u64,
    /// The credentials' user, the author of posts that name none.
    pub user_id: u64,
}

/// Characters of the text that are kept with a claim.
const EXCERPT: usize = 80;

impl Waiting {
    /// Makes a checked row ready, with its files as found on the disk.
    pub fn new(
        making: &Making,
        at: Position,
        key: RowKey,
        content: ContentHash,
        post: &Post<'_>,
        files: &[FileToSend],
    ) -> Waiting {
        let sending = Sending {
            files,
            origin: making.origin,
            user_id: making.user_id,
        };
        let command = making.target.command(post, &sending);
        let size = encoded_size(&command);
        let candidate = Candidate {
            entity: order_key(making.order, post, at.number),
            route: route(&command, size, making.max_batch_bytes),
            size,
        };
        let lookup = making.target.lookup();
        let claim = Claim {
            key,
            row_number: at.number,
            external_id: post.external_id.as_deref().map(str::to_owned),
            content,
            attachment_bytes: files.iter().map(|file| file.size).sum(),
            entity: post.record(),
            author_id: post.author_id.unwrap_or(making.user_id),
            text_hash: making.target.fingerprint(post, making.origin),
            reach: lookup.map(|lookup| lookup.reach(post, making.user_id)),
            files: files.len() as u64,
            excerpt: one_line(&post.message),
        };
        Waiting {
            line: at.line,
            place: at.number,
            date: match candidate.entity {
                OrderKey::Record(_) => post.created_at.map(|moment| moment.instant),
                OrderKey::Manifest | OrderKey::Row(_) => None,
            },
            claim: Arc::new(claim),
            text_bytes: command.text_bytes(),
            command,
            candidate,
            is_in_sight: lookup.is_some_and(|lookup| lookup.shows(post, making.user_id)),
            left_out: 0,
            overtakes: false,
            expired: 0,
            vanished: 0,
        }
    }

    /// Its number in the manifest.
    pub fn number(&self) -> u64 {
        self.claim.row_number
    }
}

fn order_key(order: Order, post: &Post<'_>, number: u64) -> OrderKey {
    match (order, post.record()) {
        (Order::Manifest, _) => OrderKey::Manifest,
        (Order::Entity, Some(record)) => OrderKey::Record(record),
        (Order::Entity, None) => OrderKey::Row(number),
    }
}

/// The beginning of a text on one line, fit to be printed.
pub fn one_line(text: &str) -> String {
    let is_space = |letter: char| letter.is_whitespace() || letter.is_control();
    let words = text.split(is_space).filter(|word| !word.is_empty());
    let (mut line, mut letters) = (String::with_capacity(EXCERPT + 16), 0);
    for word in words {
        let gap = (letters > 0).then_some(' ');
        let shown = word.chars().filter(|letter| !is_direction_mark(*letter));
        for letter in gap.into_iter().chain(shown) {
            if letters == EXCERPT {
                line.push('…');
                return line;
            }
            line.push(letter);
            letters += 1;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Route;
    use crate::post::EntityKind;
    use crate::target::{Timeline, fingerprint};

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(one_line(" a\r\n b\tc \u{1b}[1m\u{202e}d"), "a b c [1md");
        let long = one_line(&"я".repeat(500));
        assert_eq!(long.chars().count(), EXCERPT + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_claim_keeps_what_finds_the_post_again() {
        let kind = EntityKind::Deal;
        let deal = Entity { kind, id: 7 };
        let making = Making {
            target: &Timeline,
            order: Order::Entity,
            origin: OriginLine::Auto,
            max_batch_bytes: 1 << 20,
            user_id: 1,
        };
        let at = Position { number: 3, line: 9 };
        let file = FileToSend {
            path: "/files/a.pdf".into(),
            name: "a.pdf".into(),
            size: 9,
        };
        let waiting = |author_id| {
            let post = Post {
                message: "Hello".into(),
                entity: Some(deal),
                author_id,
                ..Post::default()
            };
            let (key, content) = (RowKey::external("1"), ContentHash([0; 16]));
            let files = std::slice::from_ref(&file);
            Waiting::new(&making, at, key, content, &post, files)
        };
        let row = waiting(Some(5));
        assert_eq!((row.place, row.line, row.number()), (3, 9, 3));
        assert_eq!(row.candidate.entity, OrderKey::Record(deal));
        assert_eq!(row.candidate.route, Route::Batch);
        let claim = &row.claim;
        assert_eq!((claim.entity, claim.author_id), (Some(deal), 5));
        assert_eq!((claim.reach, claim.files), (Some(5), 1));
        assert_eq!(claim.text_hash, fingerprint(None, "Hello"));
        assert_eq!(waiting(None).claim.author_id, 1);
    }
}
