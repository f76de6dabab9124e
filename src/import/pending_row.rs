//! A row on its way: everything that is needed to send it, claim it and find it again.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::batch::plan::Candidate;
use crate::batch::{Command, CommandKey, encoded_size, route};
use crate::ledger::Claim;
use crate::manifest::Position;
use crate::post::{ContentHash, Entity, Post, RowKey, is_direction_mark};
use crate::targets::{FileToSend, OriginLine, Sending, Target, fingerprint};

/// What keeps rows in order: those of one key arrive as the manifest has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderKey {
    /// All rows of the manifest, one after the other.
    Manifest,
    /// The posts of one CRM entity.
    Entity(Entity),
    /// A row that keeps no order with others, by its number.
    Row(u64),
}

/// Which rows must keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOrder {
    /// The rows of each CRM entity, among themselves.
    Entity,
    /// All rows.
    Manifest,
}

impl RowOrder {
    /// Requests that can be under way at once: one where all rows keep their order, else `lanes`.
    pub fn lanes(self, lanes: usize) -> usize {
        match self {
            RowOrder::Entity => lanes,
            RowOrder::Manifest => 1,
        }
    }
}

/// A row that waits to be sent, or is being sent.
#[derive(Clone, Debug)]
pub struct PendingRow {
    pub at: Position,
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
    /// What it is to be made from again if the portal keeps no author; none where that makes no
    /// difference.
    pub source: Option<Arc<RowSource>>,
    /// How often an intact reply left it out.
    pub left_out: u32,
    /// How often the portal answered a request with this row alone as if nothing had been sent.
    pub vanished: u32,
    /// Whether it came after one of its entity, in the same batch, that was not carried out.
    pub overtakes: bool,
    /// How often the access token ran out before its turn in a batch.
    pub expired: u32,
}

/// A row whose text is to name its author.
#[derive(Debug)]
pub struct RowSource {
    /// With the author's name.
    pub post: Post<'static>,
    files: Vec<FileToSend>,
}

/// The row's command in a request, with the name it has there.
pub type KeyedRow = (CommandKey, PendingRow);

/// Makes rows ready to be sent; the same for all rows of a run.
#[derive(Clone)]
pub struct RowBuilder {
    pub target: &'static dyn Target,
    pub order: RowOrder,
    pub origin: OriginLine,
    pub max_batch_bytes: u64,
    /// The credentials' user, the author of posts that name none.
    pub user_id: u64,
    pub authors: AuthorNames,
}

/// What is known of the users that rows are to be posted as.
#[derive(Clone, Debug, Default)]
pub struct AuthorNames {
    /// Names as the portal tells them.
    pub names: Arc<HashMap<u64, String>>,
    /// The portal posts as the credentials' user whatever author a call names, so that a post's
    /// first line is to name the author.
    pub are_lost: bool,
}

impl RowBuilder {
    /// The post with its author's name, where a portal may keep no author and the name would be
    /// gone with it: as the row has it, else as the portal does.
    fn names(&self, post: &Post<'_>) -> Option<Post<'static>> {
        let author = post.author_id.filter(|author| *author != self.user_id)?;
        let may_lose_author = self.target.lookup()?.may_lose_author();
        if !may_lose_author || self.origin == OriginLine::Never {
            return None;
        }
        let mut named = post.clone().into_owned();
        let name = self.authors.names.get(&author).cloned();
        named
            .author_name
            .get_or_insert_with(|| name.unwrap_or_else(|| format!("user {author}")).into());
        Some(named)
    }
}

/// What a row is known by.
#[derive(Clone, Debug)]
pub struct KnownBy {
    pub key: RowKey,
    pub content: ContentHash,
    /// The hash of its whole record.
    pub source: Option<ContentHash>,
    /// Whether the key is that of a rejects file: the row may say anything by now.
    pub is_bound: bool,
}

/// Characters of the text that are kept with a claim.
const EXCERPT: usize = 80;

impl PendingRow {
    /// Makes a checked row ready, with its files as found on the disk.
    pub fn new(
        builder: &RowBuilder,
        at: Position,
        known_by: KnownBy,
        post: &Post<'_>,
        files: &[FileToSend],
    ) -> PendingRow {
        let named = builder.names(post);
        let (post, origin) = match &named {
            Some(named) if builder.authors.are_lost => (named, OriginLine::Always),
            _ => (post, builder.origin),
        };
        let sending = Sending {
            files,
            origin,
            user_id: builder.user_id,
        };
        let command = builder.target.command(post, &sending);
        let size = encoded_size(&command);
        let candidate = Candidate {
            entity: order_key(builder.order, post, at.number),
            route: route(&command, size, builder.max_batch_bytes),
            size,
        };
        let lookup = builder.target.lookup();
        let is_in_sight = lookup.is_some_and(|lookup| lookup.shows(post, builder.user_id));
        let claim = claim(builder, at.row, known_by, (post, origin), files);
        let date = match candidate.entity {
            OrderKey::Entity(_) => post.created_at.map(|moment| moment.instant),
            OrderKey::Manifest | OrderKey::Row(_) => None,
        };
        let source = named.filter(|_| !builder.authors.are_lost);
        PendingRow {
            at,
            place: at.number,
            date,
            claim: Arc::new(claim),
            text_bytes: command.text_bytes(),
            command,
            candidate,
            is_in_sight,
            source: source.map(|post| {
                Arc::new(RowSource {
                    post,
                    files: files.to_vec(),
                })
            }),
            left_out: 0,
            overtakes: false,
            expired: 0,
            vanished: 0,
        }
    }

    /// The same row with its author named in the text, for a portal that keeps no author.
    pub fn with_author_named(self, builder: &RowBuilder) -> PendingRow {
        let Some(source) = &self.source else {
            return self;
        };
        let known_by = KnownBy {
            key: self.claim.key.clone(),
            content: self.claim.content,
            source: self.claim.source,
            is_bound: self.claim.keeps_source,
        };
        let named = PendingRow::new(builder, self.at, known_by, &source.post, &source.files);
        PendingRow {
            place: self.place,
            left_out: self.left_out,
            overtakes: self.overtakes,
            expired: self.expired,
            vanished: self.vanished,
            ..named
        }
    }

    /// The record in which it stands in the manifest.
    pub fn number(&self) -> u64 {
        self.claim.row_number
    }
}

/// What is to be kept of a row that is sent as this post.
fn claim(
    builder: &RowBuilder,
    row_number: u64,
    known_by: KnownBy,
    (post, origin): (&Post<'_>, OriginLine),
    files: &[FileToSend],
) -> Claim {
    let lookup = builder.target.lookup();
    Claim {
        key: known_by.key,
        row_number,
        external_id: post.external_id.as_deref().map(str::to_owned),
        content: known_by.content,
        source: known_by.source,
        keeps_source: known_by.is_bound,
        attachment_bytes: files.iter().map(|file| file.size).sum(),
        entity: post.feed_entity(),
        author_id: post.author_id.unwrap_or(builder.user_id),
        publish_at: post
            .publish_at
            .map(|moment| moment.instant.as_millisecond()),
        message_hash: fingerprint(post.title.as_deref(), &post.message),
        text_hash: builder.target.fingerprint(post, origin),
        reach: lookup.map(|lookup| lookup.reach(post, builder.user_id)),
        files: files.len() as u64,
        excerpt: one_line(&post.message),
    }
}

fn order_key(order: RowOrder, post: &Post<'_>, number: u64) -> OrderKey {
    match (order, post.feed_entity()) {
        (RowOrder::Manifest, _) => OrderKey::Manifest,
        (RowOrder::Entity, Some(entity)) => OrderKey::Entity(entity),
        (RowOrder::Entity, None) => OrderKey::Row(number),
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
    use crate::targets::Timeline;

    fn known_by() -> KnownBy {
        KnownBy {
            key: RowKey::external("1"),
            content: ContentHash([0; 16]),
            source: None,
            is_bound: false,
        }
    }

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
        let builder = RowBuilder {
            target: &Timeline,
            order: RowOrder::Entity,
            origin: OriginLine::Auto,
            max_batch_bytes: 1 << 20,
            user_id: 1,
            authors: AuthorNames::default(),
        };
        let at = Position::of_record(3, 9);
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
            let files = std::slice::from_ref(&file);
            PendingRow::new(&builder, at, known_by(), &post, files)
        };
        let row = waiting(Some(5));
        assert_eq!((row.place, row.at.line, row.number()), (3, 9, 3));
        assert_eq!(row.candidate.entity, OrderKey::Entity(deal));
        assert_eq!(row.candidate.route, Route::Batch);
        let claim = &row.claim;
        assert_eq!((claim.entity, claim.author_id), (Some(deal), 5));
        assert_eq!((claim.reach, claim.files), (Some(5), 1));
        assert_eq!(claim.text_hash, fingerprint(None, "Hello"));
        assert_eq!(waiting(None).claim.author_id, 1);
    }

    #[test]
    fn a_text_names_its_author_where_the_portal_keeps_none() {
        let builder = |are_lost, origin| RowBuilder {
            target: &Timeline,
            order: RowOrder::Entity,
            origin,
            max_batch_bytes: 1 << 20,
            user_id: 1,
            authors: AuthorNames {
                names: Arc::new([(5, "Ann Lee".to_owned())].into()),
                are_lost,
            },
        };
        let post = |author_id| Post {
            message: "Hello".into(),
            author_id: Some(author_id),
            ..Post::default()
        };
        let waiting = |builder: &RowBuilder, post: &Post<'_>| {
            let at = Position::of_record(3, 9);
            PendingRow::new(builder, at, known_by(), post, &[])
        };
        let text = |row: &PendingRow| row.command.text(&["fields", "COMMENT"]).map(str::to_owned);
        let kept = builder(false, OriginLine::Auto);
        let lost = builder(true, OriginLine::Auto);
        for (author, named) in [(5, "[i]Ann Lee[/i]\nHello"), (9, "[i]user 9[/i]\nHello")] {
            let row = waiting(&kept, &post(author));
            assert_eq!(text(&row).as_deref(), Some("Hello"));
            let again = row.with_author_named(&lost);
            assert_eq!(text(&again).as_deref(), Some(named));
            assert_eq!(again.claim.text_hash, fingerprint(None, named));
            assert_eq!(text(&waiting(&lost, &post(author))).as_deref(), Some(named));
        }
        let own = waiting(&lost, &post(1));
        assert_eq!(text(&own).as_deref(), Some("Hello"), "the caller's own");
        let never = builder(true, OriginLine::Never);
        assert_eq!(text(&waiting(&never, &post(5))).as_deref(), Some("Hello"));
        let called = Post {
            author_name: Some("A. L.".into()),
            ..post(5)
        };
        let text = text(&waiting(&lost, &called));
        assert_eq!(text.as_deref(), Some("[i]A. L.[/i]\nHello"));
    }
}
