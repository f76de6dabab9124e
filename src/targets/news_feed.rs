//! `log.blogpost.add`: a message in the company's News Feed (bitrix24-rest.md §2).
//!
//! Without recipients Bitrix24 would show a post to everybody, so `DEST` is always given.

use crate::batch::{Command, Value};
use crate::post::{AudienceCode, AudienceKind, ContentHash, Entity, Field, Post};

use super::files::file_pairs;
use super::fingerprint::fingerprint;
use super::lookup::{self, FoundPost, Lookup, Since, Stream};
use super::origin::text_with_origin;
use super::{Objection, ObjectionKind, OriginLine, Sending, Target};

/// The News Feed.
pub struct NewsFeed;

/// The method that shows posts.
const READ: &str = "log.blogpost.get";

/// Characters that the portal's column for titles holds.
const MAX_TITLE: usize = 255;

impl Target for NewsFeed {
    fn name(&self) -> &'static str {
        "news-feed"
    }

    fn method(&self) -> &'static str {
        "log.blogpost.add"
    }

    fn scope(&self) -> &'static str {
        "log"
    }

    fn carries(&self, field: Field) -> bool {
        !matches!(field, Field::EntityType | Field::EntityId)
    }

    fn keeps_manifest_order(&self) -> bool {
        true
    }

    fn author_needs_admin(&self) -> bool {
        true
    }

    fn object(&self, post: &Post<'_>, _: OriginLine, tell: &mut dyn FnMut(Objection)) {
        let title = post
            .title
            .as_deref()
            .map_or(0, |title| title.chars().count());
        let too_long = (title > MAX_TITLE).then(|| {
            let advice = format!("the title has {title} characters and may have {MAX_TITLE}");
            Objection::new(Field::Title, ObjectionKind::TooLong, advice)
        });
        let lonely_date = post.important_until.filter(|_| !post.important).map(|_| {
            let advice = "a post that is not important keeps no such date; \
                          set important to yes or empty this field";
            Objection::new(Field::ImportantUntil, ObjectionKind::Value, advice)
        });
        let split_tag = post.tags.iter().find(|tag| tag.contains(',')).map(|_| {
            let advice = "a tag can't hold a comma: Bitrix24 would make two of it";
            Objection::new(Field::Tags, ObjectionKind::Value, advice)
        });
        [audience(post), too_long, lonely_date, split_tag]
            .into_iter()
            .flatten()
            .for_each(tell);
    }

    fn text(&self, post: &Post<'_>, origin: OriginLine) -> String {
        text_with_origin(post, origin)
    }

    fn fingerprint(&self, post: &Post<'_>, origin: OriginLine) -> ContentHash {
        fingerprint(post.title.as_deref(), &self.text(post, origin))
    }

    fn lookup(&self) -> Option<&'static dyn Lookup> {
        Some(&NewsFeed)
    }

    fn command(&self, post: &Post<'_>, sending: &Sending<'_>) -> Command {
        let mut params = Vec::new();
        if let Some(title) = &post.title {
            params.push(("POST_TITLE", Value::Text(title.to_string())));
        }
        let message = self.text(post, sending.origin);
        params.push(("POST_MESSAGE", Value::Text(message)));
        params.push(("DEST", recipients(post, sending.user_id)));
        if post.important {
            params.push(("IMPORTANT", Value::Text("Y".to_owned())));
        }
        if let Some(until) = post.important_until {
            params.push(("IMPORTANT_DATE_END", Value::Text(until.to_string())));
        }
        if !post.tags.is_empty() {
            params.push(("TAGS", Value::Text(post.tags.join(","))));
        }
        if let Some(author) = post.author_id {
            params.push(("USER_ID", Value::Text(author.to_string())));
        }
        if let Some(files) = file_pairs(sending.files) {
            params.push(("FILES", files));
        }
        Command {
            method: self.method(),
            params,
        }
    }
}

impl Lookup for NewsFeed {
    fn stream(&self, _: Option<Entity>) -> Option<Stream> {
        Some(Stream::Feed)
    }

    /// The last active posts first. Portals that don't know the filter by date pass it over
    /// (bitrix24-rest.md §2.2); then there are more pages.
    fn page(&self, _: Stream, since: &Since, start: u64) -> Command {
        let mut params = Vec::new();
        if let Some(time) = since.time {
            params.push(("LOG_DATE_FROM", Value::Text(time.to_string())));
        }
        params.push(("start", Value::Text(start.to_string())));
        Command {
            method: READ,
            params,
        }
    }

    fn is_newest_first(&self) -> bool {
        false
    }

    fn one(&self, id: u64) -> Option<Command> {
        Some(Command {
            method: READ,
            params: vec![("POST_ID", Value::Text(id.to_string()))],
        })
    }

    fn found(&self, page: &serde_json::Value) -> Option<Vec<FoundPost>> {
        let post = |entry: &serde_json::Value| {
            // Without a title of its own a post gets one made of its text.
            let is_untitled = entry.get("MICRO").and_then(serde_json::Value::as_str) == Some("Y");
            Some(FoundPost {
                id: lookup::number(entry, "ID")?,
                author_id: lookup::number(entry, "AUTHOR_ID").unwrap_or(0),
                title: lookup::text(entry, "TITLE").filter(|_| !is_untitled),
                text: lookup::text(entry, "DETAIL_TEXT")?,
                files: lookup::count(entry.get("FILES")),
                created: lookup::moment(entry, "DATE_PUBLISH"),
            })
        };
        lookup::entries(page)?.into_iter().map(post).collect()
    }

    /// Author and recipients: a post for a group may await that group's moderator, one for others
    /// may be hidden from the user who posts it (bitrix24-rest.md §2.1, §2.2). Where neither can
    /// happen the user sees the post whatever else its audience is, so the author alone counts.
    fn reach(&self, post: &Post<'_>, user_id: u64) -> u64 {
        let author = post.author_id.unwrap_or(user_id);
        let codes = post.audience.codes();
        let is_group = |code: &AudienceCode| code.kind == AudienceKind::Workgroup;
        let is_sure = |code: &AudienceCode| match code.kind {
            AudienceKind::Everyone => true,
            AudienceKind::User => code.id == user_id,
            _ => false,
        };
        let is_seen = author == user_id || codes.iter().any(is_sure);
        if is_seen && !codes.iter().any(is_group) {
            return author;
        }
        let codes = codes.iter().map(AudienceCode::to_string);
        let mut codes: Vec<String> = codes.collect();
        codes.sort();
        let whole = format!("{author}|{}", codes.join(","));
        // Apart from the authors' numbers.
        (1 << 62) | (ContentHash::of_bytes(whole.as_bytes()).fingerprint() >> 2)
    }

    /// Users alone may read what is addressed to users alone; of groups and departments it isn't
    /// known who is in them.
    fn shows(&self, post: &Post<'_>, user_id: u64) -> bool {
        let is_author = post.author_id.is_none_or(|author| author == user_id);
        let may_reach = |code: &AudienceCode| match code.kind {
            AudienceKind::User => code.id == user_id,
            _ => true,
        };
        is_author || post.audience.codes().iter().any(may_reach)
    }

    fn text_path(&self) -> &'static [&'static str] {
        &["POST_MESSAGE"]
    }
}

/// What is wrong with who may see the post.
fn audience(post: &Post<'_>) -> Option<Objection> {
    if post.audience.is_empty() {
        return Some(Objection::no_audience());
    }
    let mut codes = post.audience.codes().iter();
    let entity = codes.find(|code| code.kind.entity_kind().is_some())?;
    let advice =
        format!("the News Feed can't be limited to those who see {entity}; take the code out");
    let kind = ObjectionKind::Value;
    Some(Objection::new(Field::Audience, kind, advice))
}

/// `DEST`: the codes of the audience, or the author alone where there is none.
fn recipients(post: &Post<'_>, user_id: u64) -> Value {
    let codes = post.audience.codes().iter().map(AudienceCode::to_string);
    let mut codes: Vec<Value> = codes.map(Value::Text).collect();
    if codes.is_empty() {
        let author = post.author_id.unwrap_or(user_id);
        codes.push(Value::Text(format!("U{author}")));
    }
    Value::List(codes)
}

#[cfg(test)]
mod tests {
    use super::super::target::objections;
    use super::*;
    use crate::post::Moment;
    use crate::targets::FileToSend;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn codes(codes: &[&str]) -> crate::post::Audience {
        let parsed = codes.iter().map(|code| AudienceCode::parse(code).unwrap());
        parsed.collect()
    }

    fn sending(files: &[FileToSend]) -> Sending<'_> {
        Sending {
            files,
            origin: OriginLine::Auto,
            user_id: 1,
        }
    }

    #[test]
    fn the_whole_call() {
        let post = Post {
            title: Some("News".into()),
            message: "We moved".into(),
            audience: codes(&["SG5", "UA"]),
            important: true,
            important_until: Moment::parse("2030-01-01T00:00:00+03:00").ok(),
            tags: vec!["move".into(), "office".into()],
            author_id: Some(9),
            ..Post::default()
        };
        let file = FileToSend {
            path: "/files/a.pdf".into(),
            name: "a.pdf".into(),
            size: 9,
        };
        let content = Value::File {
            path: "/files/a.pdf".into(),
            size: 9,
        };
        let command = NewsFeed.command(&post, &sending(&[file]));
        assert_eq!(command.method, "log.blogpost.add");
        assert_eq!(
            command.params,
            vec![
                ("POST_TITLE", text("News")),
                ("POST_MESSAGE", text("We moved")),
                ("DEST", Value::List(vec![text("SG5"), text("UA")])),
                ("IMPORTANT", text("Y")),
                ("IMPORTANT_DATE_END", text("2030-01-01T00:00:00+03:00")),
                ("TAGS", text("move,office")),
                ("USER_ID", text("9")),
                (
                    "FILES",
                    Value::List(vec![Value::List(vec![text("a.pdf"), content])])
                ),
            ]
        );
    }

    #[test]
    fn posts_in_plain_sight_bear_witness_for_one_another_and_no_others_do() {
        let reach = |author_id, to: &[&str]| {
            let post = Post {
                author_id,
                audience: codes(to),
                ..Post::default()
            };
            NewsFeed.reach(&post, 1)
        };
        let own = reach(None, &["U5"]);
        assert_eq!(own, reach(Some(1), &["U9", "DR3"]));
        assert_eq!(reach(Some(7), &["UA"]), reach(Some(7), &["U1", "U9"]));
        for other in [
            reach(Some(7), &["UA"]),
            reach(None, &["SG5"]),
            reach(None, &["SG5", "U1"]),
            reach(Some(7), &["U9"]),
            reach(Some(7), &["DR3"]),
        ] {
            assert_ne!(own, other);
        }
        assert_ne!(reach(Some(7), &["U9"]), reach(Some(7), &["U8"]));
        assert!(reach(None, &["SG5"]) <= crate::post::MAX_ID);
    }

    #[test]
    fn a_post_for_nobody_goes_to_its_author_and_never_to_all() {
        let mut post = Post {
            message: "x".into(),
            ..Post::default()
        };
        let dest = |post: &Post<'_>| NewsFeed.command(post, &sending(&[])).params[1].clone();
        assert_eq!(dest(&post), ("DEST", Value::List(vec![text("U1")])));
        post.author_id = Some(9);
        assert_eq!(dest(&post), ("DEST", Value::List(vec![text("U9")])));
    }

    #[test]
    fn only_what_another_author_addresses_to_other_users_is_never_shown() {
        let shows = |author: Option<u64>, to: &[&str]| {
            let post = Post {
                author_id: author,
                audience: codes(to),
                ..Post::default()
            };
            NewsFeed.shows(&post, 1)
        };
        for author in [None, Some(1)] {
            assert!(shows(author, &["U5"]) && shows(author, &[]));
        }
        assert!(!shows(Some(9), &["U5", "U11"]) && !shows(Some(9), &[]));
        for code in ["U1", "UA", "SG5", "DR5"] {
            assert!(shows(Some(9), &["U5", code]), "{code}");
        }
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        let good = Post {
            message: "x".into(),
            title: Some("я".repeat(MAX_TITLE).into()),
            audience: codes(&["U1"]),
            ..Post::default()
        };
        let refused = |post: Post<'_>| {
            let objections = objections(&NewsFeed, &post);
            let each = objections.iter().map(|found| (found.field, found.kind));
            each.collect::<Vec<_>>()
        };
        assert_eq!(refused(good.clone()), []);
        let bad = Post {
            title: Some("я".repeat(MAX_TITLE + 1).into()),
            audience: codes(&["U1", "CRMDEAL3"]),
            important_until: Moment::parse("2030-01-01T00:00:00Z").ok(),
            tags: vec!["a,b".into()],
            ..good.clone()
        };
        assert_eq!(
            refused(bad),
            [
                (Field::Audience, ObjectionKind::Value),
                (Field::Title, ObjectionKind::TooLong),
                (Field::ImportantUntil, ObjectionKind::Value),
                (Field::Tags, ObjectionKind::Value),
            ]
        );
        let open = Post {
            audience: codes(&[]),
            ..good
        };
        assert_eq!(
            refused(open),
            [(Field::Audience, ObjectionKind::NoAudience)]
        );
    }
}
