//! `log.blogpost.*` and `log.blogcomment.add`: posts in the News Feed (bitrix24-rest.md §2).

mod comment;
mod feed;
mod read;
mod rights;
mod tags;

use super::super::execution::Execution;
use super::super::php::{Array, Php, trim};
use super::super::post::{NewPost, News};
use super::super::rest_failure::RestFailure;
use super::super::settings::Settings;
use super::audience::EVERYONE;
use super::files::files;
use super::params::{id, text};

pub(in crate::sandbox) use comment::add as add_comment;
pub(in crate::sandbox) use read::get;
use rights::{ADD, author, is_moderated};

/// What a code begins with that names a user, a workgroup, a department; a number follows.
const PREFIXES: [&str; 4] = ["U", "SG", "DR", "D"];

/// Creates a post; the result is its ID. The parameters lie at the top, in no container.
pub(in crate::sandbox) fn add(
    work: &mut Execution<'_>,
    params: &Array,
) -> Result<Php, RestFailure> {
    let message = text(params, "POST_MESSAGE").unwrap_or_default();
    if trim(&message).is_empty() {
        return Err(RestFailure::not_posted(
            "The post was not added: it is empty",
        ));
    }
    let audience = destinations(work.settings(), params)?;
    let post_id = work.take_id();
    work.create(NewPost {
        id: post_id,
        method: ADD.name(),
        entity_type: 0,
        entity_id: 0,
        title: text(params, "POST_TITLE"),
        message,
        audience,
        author_id: author(work, params),
        received_at: work.now().as_millis() as u64,
        files: files(params),
        news: Some(News {
            important: text(params, "IMPORTANT").is_some_and(|important| important == "Y"),
            important_until: text(params, "IMPORTANT_DATE_END")
                .filter(|until| !until.is_empty())
                .map(|until| String::from_utf8_lossy(&until).into_owned()),
            tags: tags::sent(params.named("TAGS")),
        }),
    });
    Ok(Php::Int(post_id))
}

/// Who may see the post: `DEST`, by its old name `SPERM`, or everybody when neither says
/// anything. What is no list says nothing, and what is no code is passed over.
fn destinations(settings: &Settings, params: &Array) -> Result<Vec<String>, RestFailure> {
    let given = ["DEST", "SPERM"]
        .into_iter()
        .filter_map(|name| params.named(name)?.as_array())
        .find(|list| !list.is_empty());
    let mut audience = Vec::new();
    match given {
        Some(list) => {
            for code in list.values().filter_map(Php::to_text) {
                let code = String::from_utf8_lossy(&code).into_owned();
                if is_code(&code) && !audience.contains(&code) {
                    audience.push(code);
                }
            }
        }
        None => audience.push(EVERYONE.to_owned()),
    }
    audience.retain(|code| settings.everyone_allowed || code != EVERYONE);
    if audience.is_empty() {
        return Err(RestFailure::not_posted(
            "The post was not added: no recipients",
        ));
    }
    if audience.len() > 1 && audience.iter().any(|code| is_moderated(settings, code)) {
        return Err(RestFailure::not_posted(
            "The post was not added: no right to post to all recipients",
        ));
    }
    Ok(audience)
}

fn is_code(code: &str) -> bool {
    code == EVERYONE
        || PREFIXES.iter().any(|prefix| {
            let number = code.strip_prefix(prefix).map(str::parse::<u32>);
            matches!(number, Some(Ok(1..)))
        })
}

/// Deletes a post, which its author and administrators may; the result is true.
pub(in crate::sandbox) fn delete(
    work: &mut Execution<'_>,
    params: &Array,
) -> Result<Php, RestFailure> {
    let post = id(params.named("POST_ID")).and_then(|id| work.kept().get(ADD, id));
    let Some(post) = post else {
        return Err(RestFailure::WRONG_BLOG_POST);
    };
    if post.author_id != work.user_id() && !work.settings().administrator {
        return Err(RestFailure::NO_RIGHT_TO_DELETE);
    }
    let found = post.id;
    let comments = comment::of(work.kept(), found);
    for comment in comments.map(|comment| comment.id).collect::<Vec<_>>() {
        work.delete(comment);
    }
    work.delete(found);
    Ok(Php::Bool(true))
}

#[cfg(test)]
mod tests;
