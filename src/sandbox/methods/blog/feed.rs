//! Which posts a call of `log.blogpost.get` asks for, and in which order (bitrix24-rest.md §2.2).

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::super::execution::Execution;
use super::super::super::method_result::PageRange;
use super::super::super::php::{Array, Php};
use super::super::super::post::NewPost;
use super::super::params::{id, text};
use super::comment::CommentCounts;
use super::rights::{ADD, is_waiting};

/// The most posts that `LIMIT` brings.
const LIMIT: i64 = 200;

/// What a call asks for.
pub(super) struct Query {
    /// One post only, whatever else is asked.
    post: Option<i64>,
    rights: Vec<String>,
    /// Unix times in milliseconds.
    from: Option<i64>,
    to: Option<i64>,
    cursor: Option<Cursor>,
    limit: Option<usize>,
}

/// A place in the series of feed entries.
#[derive(Clone, Copy)]
enum Cursor {
    NewerThan(i64),
    OlderThan(i64),
}

impl Query {
    /// Reads the parameters. Of the later ones (times, cursors, `LIMIT`) older portals know
    /// nothing, and pass them over as they do any other name.
    pub(super) fn read(params: &Array, knows_all: bool) -> Query {
        let number = |name| id(params.named(name)).filter(|_| knows_all);
        let time = |name| {
            text(params, name)
                .filter(|_| knows_all)
                .and_then(|text| millis(&text))
        };
        let newer = number("FIRST_ID").map(Cursor::NewerThan);
        Query {
            post: id(params.named("POST_ID")),
            rights: rights(params.named("LOG_RIGHTS")),
            from: time("LOG_DATE_FROM"),
            to: time("LOG_DATE_TO"),
            cursor: newer.or_else(|| number("LAST_ID").map(Cursor::OlderThan)),
            limit: number("LIMIT").map(|limit| limit.min(LIMIT) as usize),
        }
    }

    /// The posts in the feed that it names, the one with the latest activity first.
    pub(super) fn posts<'a>(
        &self,
        work: &'a Execution<'_>,
        tally: &CommentCounts,
    ) -> Vec<&'a NewPost> {
        let posts = work.kept().all(ADD);
        let mut posts: Vec<&NewPost> = posts
            .filter(|post| !is_waiting(work.settings(), post) && self.names(post))
            .collect();
        posts.sort_by_key(|post| Reverse(tally.last(post.id)));
        posts
    }

    /// The page of so many posts: of the size that the call names, or the one it is turned to.
    pub(super) fn page(&self, params: &Array, total: usize) -> PageRange {
        match self.limit {
            Some(limit) => PageRange::first(limit, total),
            None => PageRange::of(params, total),
        }
    }

    fn names(&self, post: &NewPost) -> bool {
        if let Some(id) = self.post {
            return post.id == id;
        }
        let published = i64::try_from(post.received_at).unwrap_or(i64::MAX);
        let entry = entry_id(post.id);
        self.has_right(post)
            && self.from.is_none_or(|from| published >= from)
            && self.to.is_none_or(|to| published <= to)
            && match self.cursor {
                Some(Cursor::NewerThan(id)) => entry > id,
                Some(Cursor::OlderThan(id)) => entry < id,
                None => true,
            }
    }

    fn has_right(&self, post: &NewPost) -> bool {
        let given = |code: &String| post.audience.contains(code);
        self.rights.is_empty() || self.rights.iter().any(given)
    }
}

/// The feed entry of a post. Entries are a series of their own on a portal; here they are made of
/// the post's ID, so that they grow with it and never are it.
fn entry_id(post_id: i64) -> i64 {
    post_id.saturating_mul(3).saturating_add(1000)
}

/// An ISO 8601 time since 1970; one without an offset is the portal's own, which keeps UTC.
fn millis(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    let time: Option<Timestamp> = text.parse().ok();
    Some(
        time.or_else(|| Some(local()?.timestamp()))?
            .as_millisecond(),
    )
}

/// One code, or a list of them.
fn rights(value: Option<&Php>) -> Vec<String> {
    let texts: Vec<_> = match value {
        Some(Php::Array(list)) => list.values().filter_map(Php::to_text).collect(),
        Some(scalar) => scalar.to_text().into_iter().collect(),
        None => Vec::new(),
    };
    let codes = texts.iter().map(|code| String::from_utf8_lossy(code));
    codes
        .map(|code| code.into_owned())
        .filter(|code| !code.is_empty())
        .collect()
}
