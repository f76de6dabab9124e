//! `crm.livefeedmessage.add`: its checks, in their order, and what it makes of the fields
//! (bitrix24-rest.md §1.2–§1.4).

use bytes::Bytes;
use memchr::{memchr, memmem};

use super::super::execution::Execution;
use super::super::method::Method;
use super::super::php::{Array, Php, trim};
use super::super::post::NewPost;
use super::super::rest_failure::RestFailure;
use super::super::settings::{Language, Settings};
use super::audience::{crm_entity, right_codes};
use super::files::files;
use super::params::{message_fields, text};

/// The entities that a message is freed from, once and one after the other, so that `&amp;lt;`
/// ends as `&lt;`.
const ENTITIES: [(&[u8], &[u8]); 5] = [
    (b"&lt;", b"<"),
    (b"&gt;", b">"),
    (b"&quot;", b"\""),
    (b"&apos;", b"'"),
    (b"&amp;", b"&"),
];

/// Creates a post; the result is its ID in the feed log.
pub(in crate::sandbox) fn add(
    work: &mut Execution<'_>,
    params: &Array,
) -> Result<Php, RestFailure> {
    let settings = work.settings();
    if settings.retired_livefeed {
        return Err(RestFailure::LIVEFEED_RETIRED);
    }
    if !settings.crm_access {
        return Err(RestFailure::ACCESS_DENIED);
    }
    let nothing = Array::new();
    let fields = match message_fields(params) {
        Some(Php::Array(fields)) => fields,
        Some(_) => return Err(RestFailure::plain("Parameter 'fields' must be array.")),
        None => &nothing,
    };
    let denied = |entity| !settings.entities.access(entity).may_change();
    let given = given_entity(fields);
    if given.is_some_and(denied) {
        return Err(RestFailure::ACCESS_DENIED);
    }
    // A portal stores the files before it looks at the text: a failure below leaves orphans on
    // the Drive. The store keeps posts only, so they are not seen here.
    let files = files(fields);
    let message = decode_entities(text(fields, "MESSAGE").unwrap_or_default());
    let audience = right_codes(fields.named("SPERM"), settings.everyone_allowed);
    let entity = given.or_else(|| audience.iter().find_map(|code| crm_entity(code)));
    let (entity_type, entity_id) = accepted(settings, &message, &audience, entity)?;
    let id = work.take_id();
    work.create(NewPost {
        id,
        method: Method::LivefeedMessageAdd.name(),
        entity_type,
        entity_id,
        title: text(fields, "POST_TITLE"),
        message,
        audience,
        author_id: work.user_id(),
        received_at: work.now().as_millis() as u64,
        files,
        news: None,
    });
    Ok(Php::Int(id))
}

/// `ENTITYTYPEID` and `ENTITYID`, when both name something.
fn given_entity(fields: &Array) -> Option<(i64, i64)> {
    let number = |name| fields.named(name).map_or(0, Php::to_int);
    let (owner_type, id) = (number("ENTITYTYPEID"), number("ENTITYID"));
    ((1..=4).contains(&owner_type) && id > 0).then_some((owner_type, id))
}

/// The last checks. Their complaints come together in one text, in the portal's language.
fn accepted(
    settings: &Settings,
    message: &[u8],
    audience: &[String],
    entity: Option<(i64, i64)>,
) -> Result<(i64, i64), RestFailure> {
    let texts = Texts::of(settings.language);
    let mut complaints = Vec::new();
    if trim(message).is_empty() {
        complaints.push(texts.empty_message.to_owned());
    }
    let denied = |entity| !settings.entities.access(entity).may_change();
    for code in audience
        .iter()
        .filter(|code| crm_entity(code).is_some_and(denied))
    {
        complaints.push(format!("{} {code}", texts.no_permission));
    }
    if entity.is_none() {
        complaints.push(texts.no_owner.to_owned());
    }
    match entity {
        Some(entity) if complaints.is_empty() => Ok(entity),
        _ => Err(RestFailure::plain(complaints.join(", "))),
    }
}

struct Texts {
    empty_message: &'static str,
    no_permission: &'static str,
    no_owner: &'static str,
}

impl Texts {
    fn of(language: Language) -> Texts {
        match language {
            Language::English => Texts {
                empty_message: "The message text is empty",
                no_permission: "No permission to post to",
                no_owner: "The CRM record is not specified",
            },
            Language::Russian => Texts {
                empty_message: "Не заполнен текст сообщения",
                no_permission: "Нет прав на публикацию в",
                no_owner: "Не указан элемент CRM",
            },
        }
    }
}

fn decode_entities(message: Bytes) -> Bytes {
    if memchr(b'&', &message).is_none() {
        return message;
    }
    ENTITIES
        .into_iter()
        .fold(message, |text, (entity, character)| {
            replace(text, entity, character)
        })
}

fn replace(text: Bytes, what: &[u8], with: &[u8]) -> Bytes {
    let mut found = memmem::find_iter(&text, what).peekable();
    if found.peek().is_none() {
        drop(found);
        return text;
    }
    let mut replaced = Vec::with_capacity(text.len());
    let mut done = 0;
    for at in found {
        replaced.extend_from_slice(&text[done..at]);
        replaced.extend_from_slice(with);
        done = at + what.len();
    }
    replaced.extend_from_slice(&text[done..]);
    Bytes::from(replaced)
}

#[cfg(test)]
mod tests;
