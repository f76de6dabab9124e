//! Which field a name may mean that is none.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::post::Field;

/// What other programs call a field, in small letters. Bitrix24's other methods have some of these;
/// the rest are what exports of CRM systems call such columns.
const OTHER_NAMES: &[(Field, &[&str])] = &[
    (
        Field::Message,
        &[
            "post message",
            "message text",
            "message body",
            "comment",
            "comment text",
            "note text",
            "note body",
            "text",
            "body",
            "content",
            "сообщение",
            "текст",
            "текст сообщения",
            "комментарий",
            "текст комментария",
        ],
    ),
    (Field::Title, &["subject", "headline", "заголовок", "тема"]),
    (Field::EntityType, &["тип сущности"]),
    (Field::EntityId, &["id сущности"]),
    (
        Field::Audience,
        &[
            "dest",
            "recipient",
            "recipients",
            "visible to",
            "visibility",
            "аудитория",
            "получатели",
            "кому",
            "доступ",
        ],
    ),
    (
        Field::Attachments,
        &[
            "file",
            "file name",
            "file path",
            "file paths",
            "attach",
            "attached file",
            "attached files",
            "document",
            "documents",
            "image",
            "images",
            "photo",
            "photos",
            "файл",
            "файлы",
            "вложение",
            "вложения",
            "документ",
            "документы",
        ],
    ),
    (
        Field::PublishAt,
        &[
            "publish",
            "publish date",
            "publish time",
            "publish on",
            "published",
            "published on",
            "date published",
            "publication date",
            "posted at",
            "post date",
            "scheduled at",
            "scheduled for",
            "дата публикации",
        ],
    ),
    (
        Field::CreatedAt,
        &[
            "created",
            "created date",
            "created on",
            "created time",
            "created datetime",
            "create date",
            "create time",
            "creation date",
            "creation time",
            "date created",
            "date create",
            "date",
            "date time",
            "datetime",
            "timestamp",
            "note date",
            "comment date",
            "дата",
            "дата и время",
            "дата создания",
            "дата комментария",
            "создан",
            "создано",
        ],
    ),
    (
        Field::AuthorName,
        &[
            "author",
            "created by",
            "posted by",
            "written by",
            "creator",
            "автор",
            "кем создан",
        ],
    ),
    (Field::Important, &["is important", "важно", "важное"]),
    (Field::Tags, &["hashtags", "tag list", "теги", "метки"]),
];

/// What names are held against, made ready once: a header of data has very many.
struct KnownNames {
    /// Other programs' names, written without gaps.
    others: HashMap<String, Field>,
    /// The words of each name of each field.
    fields: Vec<(Vec<String>, Field)>,
}

static KNOWN: LazyLock<KnownNames> = LazyLock::new(|| {
    let names = |field: Field| std::iter::once(field.name()).chain(field.aliases().iter().copied());
    let lower_words = |name: &str| words(&name.to_lowercase()).map(str::to_owned).collect();
    KnownNames {
        others: OTHER_NAMES
            .iter()
            .flat_map(|(field, others)| others.iter().map(|other| (*field, *other)))
            .map(|(field, other)| (words(other).collect(), field))
            .collect(),
        fields: Field::ALL
            .into_iter()
            .flat_map(|field| names(field).map(move |name| (name, field)))
            .map(|(name, field)| (lower_words(name), field))
            .collect(),
    }
});

/// The field that a name means if it is nearly a field's own, or what others call that field.
pub(super) fn nearest_field(name: &str) -> Option<Field> {
    if name.chars().nth(LONGEST).is_some() {
        return None;
    }
    let name = name.to_lowercase();
    let words: Vec<&str> = words(&name).collect();
    if let Some(field) = KNOWN.others.get(&words.concat()) {
        return Some(*field);
    }
    let attaches = |word: &&str| distance_up_to(1, word, "attachments").is_some();
    if words.iter().any(attaches) {
        return Some(Field::Attachments);
    }
    let near = |(known, field): &(Vec<String>, Field)| Some((distance(&words, known)?, *field));
    let fields = KNOWN.fields.iter().filter_map(near);
    fields
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, field)| field)
}

/// Letters of a name beyond which it is near none.
const LONGEST: usize = 30;

fn words(name: &str) -> impl Iterator<Item = &str> {
    let is_gap = |letter: char| !letter.is_alphanumeric();
    name.split(is_gap).filter(|word| !word.is_empty())
}

/// How many letters are to be changed, if that makes the one name out of the other: no more than a
/// third of a word, and two in all. Words written apart or together leave room for one. A name of
/// several words is also near with one more word before or behind it, as in `created at (UTC)`.
fn distance(name: &[&str], known: &[String]) -> Option<usize> {
    if known.len() > 1 && name.len() == known.len() + 1 {
        let holds = name[1..] == *known || name[..known.len()] == *known;
        return holds.then_some(2);
    }
    if name.len() != known.len() {
        return distance_up_to(1, &name.concat(), &known.concat());
    }
    let mut sum = 0;
    for (word, known) in name.iter().zip(known) {
        let most = (known.len() / 3).clamp(1, 2);
        sum += distance_up_to(most, word, known)?;
    }
    (sum <= 2).then_some(sum)
}

fn distance_up_to(most: usize, one: &str, other: &str) -> Option<usize> {
    let lengths = one.chars().count().abs_diff(other.chars().count());
    if lengths > most {
        return None;
    }
    Some(strsim::osa_distance(one, other)).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_near_a_field_by_few_letters_or_by_what_others_call_it() {
        for (name, field) in [
            ("mesage", Some(Field::Message)),
            ("Titel", Some(Field::Title)),
            ("attachement", Some(Field::Attachments)),
            ("attachment", Some(Field::Attachments)),
            ("FILE", Some(Field::Attachments)),
            ("Вложения", Some(Field::Attachments)),
            ("publish_date", Some(Field::PublishAt)),
            ("published_at", Some(Field::PublishAt)),
            ("POST_TITEL", Some(Field::Title)),
            ("POST_MESSAGE", Some(Field::Message)),
            ("Comment", Some(Field::Message)),
            ("message 2", Some(Field::Message)),
            ("DEST", Some(Field::Audience)),
            ("audiense", Some(Field::Audience)),
            ("createdAt", Some(Field::CreatedAt)),
            ("created_date", Some(Field::CreatedAt)),
            ("createdDate", Some(Field::CreatedAt)),
            ("DATE_CREATE", Some(Field::CreatedAt)),
            ("Дата создания", Some(Field::CreatedAt)),
            ("Created By", Some(Field::AuthorName)),
            ("authorId", Some(Field::AuthorId)),
            ("EntityType", Some(Field::EntityType)),
            ("entity_ids", Some(Field::EntityId)),
            ("externalid", Some(Field::ExternalId)),
            ("tag", Some(Field::Tags)),
            ("Attachment(s)", Some(Field::Attachments)),
            ("hs_attachment_ids", Some(Field::Attachments)),
            ("Created at (UTC)", Some(Field::CreatedAt)),
            ("note created_at", Some(Field::CreatedAt)),
        ] {
            assert_eq!(nearest_field(name), field, "{name}");
        }
    }

    #[test]
    fn other_names_are_near_none() {
        for name in [
            "",
            "_",
            "id",
            "note",
            "note_id",
            "name",
            "type",
            "fields",
            "department",
            "message_id",
            "updated_at",
            "author_type",
            "author_email",
            "post_type",
            "entity_name",
            "external_url",
            "deal_id",
            "status",
            "stage",
            "phone",
            "email",
            "url",
            "source",
            "Бюджет",
            "Этап сделки",
        ] {
            assert_eq!(nearest_field(name), None, "{name}");
        }
    }
}
