//! Reading comments back: `crm.timeline.comment.get`, `.list` and `.fields` (bitrix24-rest.md
//! §3.2).

use std::cmp::Ordering;
use std::time::Duration;

use super::super::super::emoji;
use super::super::super::execution::Execution;
use super::super::super::method_result::{MethodResult, PageRange};
use super::super::super::owner::type_name;
use super::super::super::php::{Array, Key, Php, trim};
use super::super::super::post::NewPost;
use super::super::super::rest_failure::RestFailure;
use super::super::super::settings::Settings;
use super::super::super::time_block::date;
use super::super::files::file_id;
use super::super::params::{either, id, list as php_list, selected};
use super::owner::{ADD, entity_of, owner};

/// One comment by its ID.
pub(in crate::sandbox) fn get(work: &Execution<'_>, params: &Array) -> Result<Php, RestFailure> {
    let number =
        id(either(params, "id", "ID")).ok_or_else(|| RestFailure::plain("ID is not specified."))?;
    let comment = work.kept().get(ADD, number);
    let comment = comment.ok_or_else(|| RestFailure::plain("Not found."))?;
    if !readable(work.settings(), entity_of(comment)) {
        return Err(RestFailure::ACCESS_DENIED);
    }
    Ok(Php::Array(item(work.settings(), comment)))
}

/// The comments of one entity. The filter honours the entity's type and ID and nothing else.
pub(in crate::sandbox) fn list(
    work: &Execution<'_>,
    params: &Array,
) -> Result<MethodResult, RestFailure> {
    let settings = work.settings();
    let entity = either(params, "filter", "FILTER")
        .and_then(Php::as_array)
        .and_then(owner)
        .filter(|entity| readable(settings, *entity))
        .ok_or(RestFailure::ACCESS_DENIED)?;
    let comments = work.kept().all(ADD);
    let mut comments: Vec<&NewPost> = comments
        .filter(|comment| entity_of(comment) == entity)
        .collect();
    if let Some(Php::Array(order)) = either(params, "order", "ORDER") {
        comments.sort_by(|one, other| compare(order, one, other));
    }
    let page = PageRange::of(params, comments.len());
    let select = either(params, "select", "SELECT");
    let items = comments[page.range()]
        .iter()
        .map(|comment| selected(item(settings, comment), select));
    Ok(page.reply(php_list(items)))
}

fn readable(settings: &Settings, entity: (i64, i64)) -> bool {
    settings.crm_access && settings.entities.access(entity).may_read()
}

/// Only three fields sort, and only the exact `DESC` turns the order round.
fn compare(order: &Array, one: &NewPost, other: &NewPost) -> Ordering {
    order
        .iter()
        .map(|(field, direction)| {
            let ascending = match field.to_text().as_ref() {
                b"ID" => one.id.cmp(&other.id),
                b"CREATED" => one.received_at.cmp(&other.received_at),
                b"AUTHOR_ID" => one.author_id.cmp(&other.author_id),
                _ => Ordering::Equal,
            };
            if *direction == Php::text("DESC") {
                ascending.reverse()
            } else {
                ascending
            }
        })
        .fold(Ordering::Equal, Ordering::then)
}

fn item(settings: &Settings, comment: &NewPost) -> Array {
    let (owner_type, owner_id) = entity_of(comment);
    Array::from_names([
        ("ID", Php::text(comment.id.to_string())),
        ("ENTITY_ID", Php::text(owner_id.to_string())),
        (
            "ENTITY_TYPE",
            Php::text(type_name(owner_type).unwrap_or_default()),
        ),
        ("CREATED", created(comment)),
        ("COMMENT", Php::text(shown(settings, &comment.message))),
        ("AUTHOR_ID", Php::text(comment.author_id.to_string())),
        ("FILES", files(comment)),
    ])
}

/// The text as the portal keeps it.
fn shown(settings: &Settings, message: &[u8]) -> Vec<u8> {
    let message = if settings.trim_comments {
        trim(message)
    } else {
        message
    };
    if settings.emoji_tokens {
        emoji::encode(message)
    } else {
        message.to_vec()
    }
}

fn created(comment: &NewPost) -> Php {
    Php::text(date(Duration::from_millis(comment.received_at)))
}

/// A map by file ID; without files it is the empty array, as PHP has it.
fn files(comment: &NewPost) -> Php {
    let mut files = Array::new();
    for (position, file) in comment.files.iter().enumerate() {
        let id = file_id(comment.id, position);
        let address = |page: &str| Php::text(format!("/disk/{page}/{id}/"));
        let entry = Php::map([
            ("id", Php::Int(id)),
            ("date", created(comment)),
            ("type", Php::text("file")),
            ("name", Php::Text(file.name.clone())),
            ("size", Php::Int(file.size.try_into().unwrap_or(i64::MAX))),
            (
                "authorId",
                Php::Int(comment.author_id.try_into().unwrap_or(i64::MAX)),
            ),
            ("urlShow", address("showFile")),
            ("urlDownload", address("downloadFile")),
        ]);
        files.insert(Key::Int(id), entry);
    }
    Php::Array(files)
}

/// What a comment consists of.
pub(in crate::sandbox) fn fields() -> Php {
    Php::map([
        ("ID", field("ID", "integer", &["isReadOnly"])),
        ("CREATED", field("Created on", "datetime", &["isReadOnly"])),
        (
            "ENTITY_ID",
            field("Record ID", "integer", &["isRequired", "isImmutable"]),
        ),
        (
            "ENTITY_TYPE",
            field("Record type", "string", &["isRequired", "isImmutable"]),
        ),
        ("AUTHOR_ID", field("Author", "integer", &["isImmutable"])),
        ("COMMENT", field("Comment", "string", &[])),
        (
            "FILES",
            field("Files", "attached_diskfile", &["isMultiple"]),
        ),
    ])
}

fn field(title: &str, kind: &str, traits: &[&str]) -> Php {
    let has = |name| Php::Bool(traits.contains(&name));
    Php::map([
        ("type", Php::text(kind)),
        ("isRequired", has("isRequired")),
        ("isReadOnly", has("isReadOnly")),
        ("isImmutable", has("isImmutable")),
        ("isMultiple", has("isMultiple")),
        ("isDynamic", has("isDynamic")),
        ("title", Php::text(title)),
    ])
}
