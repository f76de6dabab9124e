//! Finding a post again: what is to be read of the portal, and what comes back (bitrix24-rest.md
//! §11).
//!
//! Plain data and pure functions, as everything here; `import` does the reading and judges.

use jiff::Timestamp;
use serde_json::Value;

use crate::batch::Command;
use crate::post::{ContentHash, Entity, Post, remote_id};

use super::fingerprint;

/// Posts that are read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Those of one CRM entity.
    Entity(Entity),
    /// All of them.
    Feed,
}

/// How far back a stream is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Only posts with a higher ID; IDs of a target grow. Decides alone where it is known.
    pub id: Option<u64>,
    /// Only posts from then on, by the portal's clock.
    pub time: Option<Timestamp>,
}

impl Since {
    /// Whether a post is new enough; one that doesn't say when it was made may be.
    pub fn reaches(&self, post: &FoundPost) -> bool {
        match (self.id, self.time, post.created) {
            (Some(id), ..) => post.id > id,
            (None, Some(time), Some(created)) => created >= time,
            (None, ..) => true,
        }
    }
}

/// A post as the portal shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPost {
    /// The portal's ID of the post.
    pub id: u64,
    /// The user who is its author.
    pub author_id: u64,
    /// The title that it was given, where the target keeps titles.
    pub title: Option<String>,
    /// The text, with what the portal has made of it.
    pub text: String,
    /// How many files it has.
    pub files: u64,
    /// When it was made, by the portal's clock; none where the portal doesn't tell it readably.
    pub created: Option<Timestamp>,
}

impl FoundPost {
    /// The hash by which it is compared with what was sent.
    pub fn fingerprint(&self) -> ContentHash {
        fingerprint(self.title.as_deref(), &self.text)
    }
}

/// How the posts of a target are found again.
pub trait Lookup: Sync {
    /// Where a post of that entity, if any, stands.
    fn stream(&self, entity: Option<Entity>) -> Option<Stream>;

    /// One page of a stream, the newest posts first as far as the portal can, skipping `start`.
    fn page(&self, stream: Stream, since: &Since, start: u64) -> Command;

    /// Whether pages are in the order of IDs, so that a post that is too old ends them.
    fn is_newest_first(&self) -> bool;

    /// The post of that ID alone, where the portal can show it in the way in which it shows pages.
    fn one(&self, id: u64) -> Option<Command>;

    /// The posts on a page; nothing where it can't be understood.
    fn found(&self, page: &Value) -> Option<Vec<FoundPost>>;

    /// A number, below 2^63, for those who see a post: a read that shows one post shows all of its
    /// reach.
    fn reach(&self, post: &Post<'_>, user_id: u64) -> u64;

    /// Whether some portals post as the credentials' user, whatever author the call names.
    fn may_lose_author(&self) -> bool {
        false
    }

    /// The call that gives a post another text, where there is one.
    fn update(&self, _id: u64, _text: String) -> Option<Command> {
        None
    }

    /// Whether the user may see the post once it is there; if not, no read by this user shows it.
    fn shows(&self, _post: &Post<'_>, _user_id: u64) -> bool {
        true
    }

    /// The names under which a post's text stands in its command.
    fn text_path(&self) -> &'static [&'static str];
}

/// The entries of what PHP gives as a list, or as a map where numbers are missing.
pub(super) fn entries(page: &Value) -> Option<Vec<&Value>> {
    match page {
        Value::Array(list) => Some(list.iter().collect()),
        Value::Object(map) => Some(map.values().collect()),
        _ => None,
    }
}

/// How many files an entry names.
pub(super) fn count(files: Option<&Value>) -> u64 {
    let files = match files {
        Some(Value::Array(list)) => list.len(),
        Some(Value::Object(map)) => map.len(),
        _ => 0,
    };
    files as u64
}

pub(super) fn number(entry: &Value, name: &str) -> Option<u64> {
    entry.get(name).and_then(remote_id)
}

pub(super) fn text(entry: &Value, name: &str) -> Option<String> {
    match entry.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

pub(super) fn moment(entry: &Value, name: &str) -> Option<Timestamp> {
    entry.get(name)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::post::{AudienceCode, EntityKind};
    use crate::targets::{NewsFeed, Timeline};

    #[test]
    fn an_id_decides_before_the_time() {
        let post = |id, second: Option<i64>| FoundPost {
            id,
            author_id: 1,
            title: None,
            text: String::new(),
            files: 0,
            created: second.and_then(|second| Timestamp::from_second(second).ok()),
        };
        let since = |id, second: Option<i64>| Since {
            id,
            time: second.and_then(|second| Timestamp::from_second(second).ok()),
        };
        assert!(since(Some(5), Some(100)).reaches(&post(6, Some(1))));
        assert!(!since(Some(5), Some(100)).reaches(&post(5, Some(200))));
        assert!(since(None, Some(100)).reaches(&post(1, Some(100))));
        assert!(!since(None, Some(100)).reaches(&post(1, Some(99))));
        assert!(since(None, Some(100)).reaches(&post(1, None)));
        assert!(since(None, None).reaches(&post(1, Some(1))));
    }

    fn announcement(author_id: Option<u64>, codes: &[&str]) -> u64 {
        let codes = codes.iter().map(|code| AudienceCode::parse(code).unwrap());
        let post = Post {
            author_id,
            audience: codes.collect(),
            ..Post::default()
        };
        NewsFeed.reach(&post, 1)
    }

    #[test]
    fn an_announcement_reaches_by_author_and_recipients() {
        let plain = announcement(None, &["U1", "SG5"]);
        assert_eq!(announcement(Some(1), &["SG5", "U1"]), plain);
        assert_ne!(announcement(Some(2), &["U1", "SG5"]), plain);
        assert_ne!(announcement(None, &["U1"]), plain);
        let reaches = (1..100).map(|author| announcement(Some(author), &["U1"]));
        assert!(reaches.into_iter().all(|reach| reach < 1 << 63));
    }

    #[test]
    fn a_comment_reaches_by_its_author() {
        let by = |author_id| Post {
            author_id,
            ..Post::default()
        };
        assert_eq!(Timeline.reach(&by(None), 1), 1);
        assert_eq!(Timeline.reach(&by(Some(9)), 1), 9);
    }

    #[test]
    fn the_feed_is_asked_from_a_time_on_if_one_is_known() {
        let since = |time| Since { id: Some(4), time };
        let page = |time| NewsFeed.page(Stream::Feed, &since(time), 50);
        let known = page(Some(Timestamp::UNIX_EPOCH));
        assert_eq!(known.text(&["LOG_DATE_FROM"]), Some("1970-01-01T00:00:00Z"));
        assert_eq!(known.text(&["start"]), Some("50"));
        assert_eq!(page(None).params.len(), 1);
    }

    #[test]
    fn comments_are_asked_for_newest_first() {
        let kind = EntityKind::Deal;
        let stream = Stream::Entity(Entity { kind, id: 7 });
        let page = Timeline.page(stream, &Since::default(), 0);
        assert_eq!(page.text(&["order", "ID"]), Some("DESC"));
    }

    #[test]
    fn a_title_that_the_portal_made_is_none() {
        let titled = |micro: &str| {
            let post = json!({
                "ID": "5", "AUTHOR_ID": "1", "TITLE": "Hi", "DETAIL_TEXT": "Hi all",
                "MICRO": micro, "FILES": ["3"], "DATE_PUBLISH": "2025-01-01T00:00:00+03:00",
            });
            NewsFeed.found(&json!([post])).unwrap().remove(0)
        };
        assert_eq!(titled("N").title.as_deref(), Some("Hi"));
        let micro = titled("Y");
        assert_eq!((micro.title.as_deref(), micro.files), (None, 1));
        assert!(micro.created.is_some());
    }
}
