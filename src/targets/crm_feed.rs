//! `crm.livefeedmessage.add`: a message in the feed of a CRM entity.
//!
//! The method left Bitrix24's documentation in April 2026 and portals may have switched it off;
//! the call is as its last page gave it (bitrix24-rest.md §1). It takes no author, no date and no
//! key that would tell two calls apart, and nothing reads its posts back.

use crate::batch::{Command, Value};
use crate::post::{EntityKind, Field, Post};

use super::files::file_pairs;
use super::origin::text_with_origin;
use super::{Objection, ObjectionKind, OriginLine, Sending, Target};

/// The CRM feed.
pub struct CrmFeed;

impl Target for CrmFeed {
    fn name(&self) -> &'static str {
        "crm-feed"
    }

    fn method(&self) -> &'static str {
        "crm.livefeedmessage.add"
    }

    fn scope(&self) -> &'static str {
        "crm"
    }

    /// Without fields: the switch is looked at before them, and without a text nothing is created
    /// (bitrix24-rest.md §1.3).
    fn retirement_probe(&self) -> Option<Command> {
        Some(Command {
            method: self.method(),
            params: vec![("fields", Value::Map(Vec::new()))],
        })
    }

    fn carries(&self, field: Field) -> bool {
        !matches!(
            field,
            Field::AuthorId | Field::Important | Field::ImportantUntil | Field::Tags
        )
    }

    fn object(&self, post: &Post<'_>, _: OriginLine, tell: &mut dyn FnMut(Objection)) {
        if post.feed_entity().is_none() {
            let advice = "give a lead, deal, contact or company in entity_type and entity_id, \
                          or a CRM code such as CRMDEAL3 in the audience";
            let kind = ObjectionKind::NoEntity;
            tell(Objection::new(Field::EntityType, kind, advice));
        }
        if let Some(entity) = post.entity
            && !EntityKind::CLASSIC.contains(&entity.kind)
        {
            let advice = format!(
                "the CRM feed has no {}; give a lead, deal, contact or company, or post to the \
                 timeline: --target timeline",
                entity.kind
            );
            let kind = ObjectionKind::Value;
            tell(Objection::new(Field::EntityType, kind, advice));
        }
        if post.audience.is_empty() {
            tell(Objection::no_audience());
        }
    }

    fn text(&self, post: &Post<'_>, origin: OriginLine) -> String {
        text_with_origin(post, origin)
    }

    fn command(&self, post: &Post<'_>, sending: &Sending<'_>) -> Command {
        let mut fields = Vec::new();
        if let Some(title) = &post.title {
            fields.push(("POST_TITLE", Value::Text(title.to_string())));
        }
        let message = guard_entities(&self.text(post, sending.origin));
        fields.push(("MESSAGE", Value::Text(message)));
        if let Some(audience) = audience(post) {
            fields.push(("SPERM", audience));
        }
        if let Some(entity) = post.entity {
            fields.push(("ENTITYTYPEID", Value::Text(entity.kind.id().to_string())));
            fields.push(("ENTITYID", Value::Text(entity.id.to_string())));
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

/// `SPERM`: a list of codes under the key of each kind.
fn audience(post: &Post<'_>) -> Option<Value> {
    let groups = post.audience.by_kind();
    if groups.is_empty() {
        return None;
    }
    let lists = groups.into_iter().map(|(kind, codes)| {
        let codes = codes.iter().map(|code| Value::Text(code.to_string()));
        (kind.prefix(), Value::List(codes.collect()))
    });
    Some(Value::Map(lists.collect()))
}

/// The method decodes these five once; a literal one is sent with its `&` as `&amp;`
/// (bitrix24-rest.md §1.4).
const DECODED_ENTITIES: [&str; 5] = ["lt;", "gt;", "quot;", "apos;", "amp;"];

/// The text that reads as `message` after the server has decoded it.
fn guard_entities(message: &str) -> String {
    let mut guarded = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at + 1);
        guarded.push_str(before);
        if DECODED_ENTITIES.iter().any(|name| after.starts_with(name)) {
            guarded.push_str("amp;");
        }
        rest = after;
    }
    guarded.push_str(rest);
    guarded
}

#[cfg(test)]
mod tests {
    use super::super::target::objections;
    use super::*;
    use crate::post::{Attachment, AudienceCode, Entity};
    use crate::targets::FileToSend;

    /// The server's own order of replacements.
    fn decoded(text: &str) -> String {
        [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&apos;", "'"),
            ("&amp;", "&"),
        ]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    #[test]
    fn literal_entities_survive_the_servers_decoding() {
        for text in [
            "a < b & c > d",
            "&lt;b&gt;",
            "&amp;lt;",
            "&amp;amp;amp;",
            "&nbsp;&copy;&#38;",
            "R&D &l &lt &quot;&apos;",
            "&&lt;",
        ] {
            assert_eq!(decoded(&guard_entities(text)), text);
        }
        assert_eq!(guard_entities("R&D &nbsp;"), "R&D &nbsp;");
    }

    proptest::proptest! {
        #[test]
        fn any_mix_of_entities_survives(parts in proptest::collection::vec(
            proptest::sample::select(vec!["&", "amp;", "lt;", "quot;", "&lt;", "x", ";", "&amp;"]), 0..12)
        ) {
            let text = parts.concat();
            proptest::prop_assert_eq!(decoded(&guard_entities(&text)), text);
        }
    }

    #[test]
    fn the_whole_call_is_as_the_page_gives_it() {
        let post = Post {
            title: Some("Act".into()),
            message: "Signed".into(),
            entity: Some(Entity {
                kind: EntityKind::Deal,
                id: 7,
            }),
            audience: ["U1", "CRMDEAL7", "U3"]
                .iter()
                .map(|code| AudienceCode::parse(code).unwrap())
                .collect(),
            attachments: vec![Attachment::at("act.pdf")],
            ..Post::default()
        };
        let file = FileToSend {
            path: "/files/act.pdf".into(),
            name: "act.pdf".into(),
            size: 9,
        };
        let text = |text: &str| Value::Text(text.to_owned());
        let fields = Value::Map(vec![
            ("POST_TITLE", text("Act")),
            ("MESSAGE", text("Signed")),
            (
                "SPERM",
                Value::Map(vec![
                    ("U", Value::List(vec![text("U1"), text("U3")])),
                    ("CRMDEAL", Value::List(vec![text("CRMDEAL7")])),
                ]),
            ),
            ("ENTITYTYPEID", text("2")),
            ("ENTITYID", text("7")),
            (
                "FILES",
                Value::List(vec![Value::List(vec![
                    text("act.pdf"),
                    Value::File {
                        path: "/files/act.pdf".into(),
                        size: 9,
                    },
                ])]),
            ),
        ]);
        let sending = Sending {
            files: &[file],
            origin: OriginLine::Auto,
            user_id: 1,
        };
        let command = CrmFeed.command(&post, &sending);
        assert_eq!(command.method, "crm.livefeedmessage.add");
        assert_eq!(command.params, vec![("fields", fields)]);
        assert_eq!(command.leaves(), 9);
    }

    #[test]
    fn a_post_needs_a_record_and_readers() {
        let nobody = Post {
            message: "x".into(),
            ..Post::default()
        };
        let kinds = |post: &Post<'_>| {
            let objections = objections(&CrmFeed, post);
            let kinds = objections.iter().map(|objection| objection.kind);
            kinds.collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(&nobody),
            [ObjectionKind::NoEntity, ObjectionKind::NoAudience]
        );
        let by_code = Post {
            audience: [AudienceCode::parse("CRMLEAD9").unwrap()]
                .into_iter()
                .collect(),
            ..nobody
        };
        assert_eq!(kinds(&by_code), []);
        let order = Post {
            entity: Some(Entity {
                kind: EntityKind::Order,
                id: 3,
            }),
            ..by_code
        };
        assert_eq!(kinds(&order), [ObjectionKind::Value]);
    }
}
