//! `crm.timeline.comment.add`: a comment in the timeline of a CRM entity (bitrix24-rest.md §3).
//!
//! Whoever sees the entity sees the comment: there is no audience to give. Comments have no title,
//! so a post's title becomes the first line of the text.

use crate::batch::{Command, Value};
use crate::post::{Entity, Field, Post};

use super::files::file_pairs;
use super::lookup::{self, FoundPost, Lookup, Since, Stream};
use super::origin::text_with_origin;
use super::{Objection, ObjectionKind, OriginLine, Sending, Target};

/// The timeline of CRM entities.
pub struct Timeline;

/// Bytes that the portal's column holds.
const MAX_BYTES: usize = 65_535;

/// Bytes that a character of four takes there: it is kept as `:f09f9880:` (bitrix24-rest.md §3.2).
const TOKEN_BYTES: usize = 10;

impl Target for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn method(&self) -> &'static str {
        "crm.timeline.comment.add"
    }

    fn scope(&self) -> &'static str {
        "crm"
    }

    fn carries(&self, field: Field) -> bool {
        !matches!(
            field,
            Field::Audience | Field::Important | Field::ImportantUntil | Field::Tags
        )
    }

    fn object(&self, post: &Post<'_>, origin: OriginLine, tell: &mut dyn FnMut(Objection)) {
        if post.entity.is_none() {
            let advice = "name the CRM record in entity_type and entity_id";
            let kind = ObjectionKind::NoEntity;
            tell(Objection::new(Field::EntityType, kind, advice));
        }
        let bytes = stored_bytes(&self.longest_text(post, origin));
        if bytes > MAX_BYTES {
            let advice = format!(
                "with title and date the text takes {bytes} bytes of the {MAX_BYTES} that a \
                 timeline comment holds, an emoji taking {TOKEN_BYTES}; shorten or split it"
            );
            let kind = ObjectionKind::TooLong;
            tell(Objection::new(Field::Message, kind, advice));
        }
    }

    fn text(&self, post: &Post<'_>, origin: OriginLine) -> String {
        let text = text_with_origin(post, origin);
        match &post.title {
            Some(title) => format!("[b]{title}[/b]\n\n{text}"),
            None => text,
        }
    }

    fn lookup(&self) -> Option<&'static dyn Lookup> {
        Some(&Timeline)
    }

    fn command(&self, post: &Post<'_>, sending: &Sending<'_>) -> Command {
        let mut fields = Vec::new();
        if let Some(entity) = post.entity {
            fields.push(("ENTITY_ID", Value::Text(entity.id.to_string())));
            fields.push(("ENTITY_TYPE", Value::Text(entity.kind.to_string())));
        }
        fields.push(("COMMENT", Value::Text(self.text(post, sending.origin))));
        if let Some(author) = post.author_id {
            fields.push(("AUTHOR_ID", Value::Text(author.to_string())));
        }
        if let Some(files) = file_pairs(sending.files) {
            fields.push(("FILES", files));
        }
        Command {
            method: self.method(),
            params: vec![("fields", Value::Map(fields))],
        }
    }
}

/// Characters that the name of a user may have.
const LONGEST_NAME: usize = 100;

impl Timeline {
    /// The text with its author's name, which it gets where the portal keeps no author.
    fn longest_text(&self, post: &Post<'_>, origin: OriginLine) -> String {
        if post.author_id.is_none() || origin == OriginLine::Never {
            return self.text(post, origin);
        }
        let mut named = post.clone();
        named
            .author_name
            .get_or_insert_with(|| "n".repeat(LONGEST_NAME).into());
        self.text(&named, OriginLine::Always)
    }
}

impl Lookup for Timeline {
    fn stream(&self, entity: Option<Entity>) -> Option<Stream> {
        entity.map(Stream::Entity)
    }

    /// The filter honours the entity and nothing else (bitrix24-rest.md §3.2).
    fn page(&self, stream: Stream, _: &Since, start: u64) -> Command {
        let mut filter = Vec::new();
        if let Stream::Entity(entity) = stream {
            filter.push(("ENTITY_ID", Value::Text(entity.id.to_string())));
            filter.push(("ENTITY_TYPE", Value::Text(entity.kind.to_string())));
        }
        let order = vec![("ID", Value::Text("DESC".to_owned()))];
        Command {
            method: "crm.timeline.comment.list",
            params: vec![
                ("filter", Value::Map(filter)),
                ("order", Value::Map(order)),
                ("start", Value::Text(start.to_string())),
            ],
        }
    }

    fn is_newest_first(&self) -> bool {
        true
    }

    fn one(&self, _: u64) -> Option<Command> {
        None
    }

    fn found(&self, page: &serde_json::Value) -> Option<Vec<FoundPost>> {
        let comment = |entry: &serde_json::Value| {
            Some(FoundPost {
                id: lookup::number(entry, "ID")?,
                author_id: lookup::number(entry, "AUTHOR_ID").unwrap_or(0),
                title: None,
                text: lookup::text(entry, "COMMENT")?,
                files: lookup::count(entry.get("FILES")),
                created: lookup::moment(entry, "CREATED"),
            })
        };
        lookup::entries(page)?.into_iter().map(comment).collect()
    }

    /// Whoever sees an entity sees its comments.
    fn reach(&self, post: &Post<'_>, user_id: u64) -> u64 {
        post.author_id.unwrap_or(user_id)
    }

    /// Newer portals ignore `AUTHOR_ID` (bitrix24-rest.md §3.1).
    fn may_lose_author(&self) -> bool {
        true
    }

    fn update(&self, id: u64, text: String) -> Option<Command> {
        let fields = vec![("COMMENT", Value::Text(text))];
        Some(Command {
            method: "crm.timeline.comment.update",
            params: vec![
                ("id", Value::Text(id.to_string())),
                ("fields", Value::Map(fields)),
            ],
        })
    }

    fn text_path(&self) -> &'static [&'static str] {
        &["fields", "COMMENT"]
    }
}

/// Bytes that a text takes in the portal's database.
fn stored_bytes(text: &str) -> usize {
    let stored = |letter: char| match letter.len_utf8() {
        4 => TOKEN_BYTES,
        bytes => bytes,
    };
    text.chars().map(stored).sum()
}

#[cfg(test)]
mod tests {
    use super::super::target::objections;
    use super::*;
    use crate::post::{Entity, EntityKind, Moment};
    use crate::targets::FileToSend;

    fn post() -> Post<'static> {
        Post {
            title: Some("Act".into()),
            message: "Signed".into(),
            entity: Some(Entity {
                kind: EntityKind::Dynamic(131),
                id: 7,
            }),
            author_id: Some(9),
            author_name: Some("Ivan".into()),
            created_at: Moment::parse("2019-03-12T14:05:00+03:00").ok(),
            ..Post::default()
        }
    }

    #[test]
    fn the_whole_call() {
        let file = FileToSend {
            path: "/files/a.pdf".into(),
            name: "a.pdf".into(),
            size: 9,
        };
        let sending = Sending {
            files: &[file],
            origin: OriginLine::Auto,
            user_id: 1,
        };
        let text = |text: &str| Value::Text(text.to_owned());
        let content = Value::File {
            path: "/files/a.pdf".into(),
            size: 9,
        };
        let fields = Value::Map(vec![
            ("ENTITY_ID", text("7")),
            ("ENTITY_TYPE", text("dynamic_131")),
            (
                "COMMENT",
                text("[b]Act[/b]\n\n[i]12.03.2019 14:05[/i]\nSigned"),
            ),
            ("AUTHOR_ID", text("9")),
            (
                "FILES",
                Value::List(vec![Value::List(vec![text("a.pdf"), content])]),
            ),
        ]);
        let command = Timeline.command(&post(), &sending);
        assert_eq!(command.method, "crm.timeline.comment.add");
        assert_eq!(command.params, vec![("fields", fields)]);
    }

    #[test]
    fn the_text_with_its_title_has_to_fit() {
        let fits = |message: String| {
            let post = Post {
                message: message.into(),
                title: Some("T".into()),
                created_at: None,
                author_name: None,
                author_id: None,
                ..post()
            };
            objections(&Timeline, &post).is_empty()
        };
        let room = MAX_BYTES - "[b]T[/b]\n\n".len();
        assert!(fits("a".repeat(room)) && !fits("a".repeat(room + 1)));
        assert!(fits("😀".repeat(room / 10)) && !fits("😀".repeat(room / 10 + 1)));
    }

    /// It is named in the text where the portal does not keep it.
    #[test]
    fn the_name_of_an_author_has_to_fit_too() {
        let fits = |author_id| {
            let post = Post {
                message: "a".repeat(MAX_BYTES - 50).into(),
                title: None,
                created_at: None,
                author_name: None,
                author_id,
                ..post()
            };
            objections(&Timeline, &post).is_empty()
        };
        assert!(fits(None) && !fits(Some(9)));
    }

    #[test]
    fn a_comment_needs_a_record() {
        let post = Post {
            entity: None,
            ..post()
        };
        let objections = objections(&Timeline, &post);
        assert_eq!(objections.len(), 1);
        assert_eq!(objections[0].kind, ObjectionKind::NoEntity);
    }
}
