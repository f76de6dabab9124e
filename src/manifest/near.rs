//! Which field a name may mean that is none.

use crate::post::Field;

/// What other programs call a field, in small letters. Bitrix24's other methods have some of these;
/// the rest are what exports of CRM systems call such columns.
const OTHER_NAMES: &[(Field, &[&str])] = &[
    (
        Field::Message,
        &[
            "post message",
            "comment",
            "text",
            "body",
            "сообщение",
            "текст",
            "комментарий",
        ],
    ),
    (Field::Title, &["subject", "headline", "заголовок", "тема"]),
    (
        Field::Audience,
        &["dest", "recipient", "recipients", "аудитория", "получатели"],
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
            "файл",
            "файлы",
            "вложение",
            "вложения",
        ],
    ),
    (
        Field::PublishAt,
        &[
            "publish date",
            "publish on",
            "publication date",
            "scheduled at",
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
            "create date",
            "creation date",
            "date created",
            "date create",
            "date",
            "timestamp",
            "дата",
            "дата создания",
            "создан",
        ],
    ),
    (
        Field::AuthorName,
        &["author", "created by", "creator", "автор", "кем создан"],
    ),
    (Field::Tags, &["hashtags", "теги", "метки"]),
];

/// The field that a name means if it is nearly a field's own, or what others call that field.
pub(super) fn nearest_field(name: &str) -> Option<Field> {
    if name.chars().nth(LONGEST).is_some() {
        return None;
    }
    let name = name.to_lowercase();
    let words: Vec<&str> = words(&name).collect();
    let called = OTHER_NAMES.iter().find(|(_, others)| {
        let is_same = |other: &&str| is_same_without_gaps(&words, other);
        others.iter().any(is_same)
    });
    called.map(|(field, _)| *field).or_else(|| {
        let near = |field: &Field| Some((distance(&words, *field)?, *field));
        let fields = Field::ALL.iter().filter_map(near);
        fields
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, field)| field)
    })
}

/// Letters of a name beyond which it is near none.
const LONGEST: usize = 30;

fn words(name: &str) -> impl Iterator<Item = &str> {
    let is_gap = |letter: char| letter.is_whitespace() || matches!(letter, '-' | '_');
    name.split(is_gap).filter(|word| !word.is_empty())
}

/// Whether the words are those of the other name; `createdDate` has them without a gap.
fn is_same_without_gaps(name: &[&str], other: &str) -> bool {
    let other = words(other).flat_map(str::chars);
    name.iter().copied().flat_map(str::chars).eq(other)
}

/// How far the words are from one of the field's names, if they are near.
fn distance(words: &[&str], field: Field) -> Option<usize> {
    std::iter::once(&field.name())
        .chain(field.aliases())
        .filter_map(|name| between(words, &name.to_lowercase()))
        .min()
}

/// How many letters are to be changed, if that makes the one name out of the other: no more than a
/// third of a word, and two in all. Words written apart or together leave room for one.
fn between(name: &[&str], known: &str) -> Option<usize> {
    let known: Vec<&str> = words(known).collect();
    if name.len() != known.len() {
        let (name, known) = (name.concat(), known.concat());
        return distance_up_to(1, &name, &known);
    }
    let mut sum = 0;
    for (word, known) in name.iter().zip(&known) {
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
