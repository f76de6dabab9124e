//! `log.blogpost.get`: posts read back, the latest activity first (bitrix24-rest.md §2.2).

use std::time::Duration;

use super::super::super::emoji;
use super::super::super::execution::Execution;
use super::super::super::method_result::MethodResult;
use super::super::super::php::{Array, Key, Php, trim};
use super::super::super::post::NewPost;
use super::super::super::settings::Settings;
use super::super::super::time_block::date;
use super::super::audience::EVERYONE;
use super::super::files::file_id;
use super::super::params::list;
use super::comment::CommentCounts;
use super::feed::Query;
use super::rights::may_read;
use super::tags;

/// Characters that the column of titles holds.
const TITLE: usize = 255;
/// Characters of the text that stand in for a missing title.
const DERIVED_TITLE: usize = 100;

/// A page of posts. Posts that the caller may not read are counted and leave a gap in the
/// numbers of the list, so that it can arrive as an object.
pub(in crate::sandbox) fn get(work: &Execution<'_>, params: &Array) -> MethodResult {
    let query = Query::read(params, work.settings().feed_filters);
    let tally = CommentCounts::take(work.kept());
    let posts = query.posts(work, &tally);
    let page = query.page(params, posts.len());
    let mut found = Array::new();
    for (number, post) in (0i64..).zip(&posts[page.range()]) {
        if may_read(work.user_id(), post) {
            found.insert(
                Key::Int(number),
                item(work.settings(), post, tally.count(post.id)),
            );
        }
    }
    page.reply(Php::Array(found))
}

fn item(settings: &Settings, post: &NewPost, comments: usize) -> Php {
    let flag = |set: bool| Php::text(if set { "Y" } else { "N" });
    let titled = post
        .title
        .as_deref()
        .is_some_and(|title| !trim(title).is_empty());
    let categories: Vec<String> = tags::categories(post).iter().map(u32::to_string).collect();
    let published = date(Duration::from_millis(post.received_at));
    let mut item = Array::from_names([
        ("ID", Php::text(post.id.to_string())),
        ("BLOG_ID", Php::text("1")),
        ("PUBLISH_STATUS", Php::text("P")),
        ("TITLE", Php::text(title(settings, post))),
        ("AUTHOR_ID", Php::text(post.author_id.to_string())),
        ("ENABLE_COMMENTS", Php::text("Y")),
        ("NUM_COMMENTS", Php::text(comments.to_string())),
        ("CODE", Php::Null),
        ("MICRO", flag(!titled)),
        ("DETAIL_TEXT", Php::text(detail_text(settings, post))),
        ("DATE_PUBLISH", Php::text(published)),
        ("CATEGORY_ID", Php::text(categories.join(","))),
        (
            "HAS_SOCNET_ALL",
            flag(post.audience.iter().any(|code| code == EVERYONE)),
        ),
        ("HAS_TAGS", flag(!categories.is_empty())),
        ("HAS_IMAGES", flag(false)),
        ("HAS_PROPS", flag(true)),
        ("HAS_COMMENT_IMAGES", Php::Null),
    ]);
    add_properties(&mut item, post);
    Php::Array(item)
}

/// The fields that a portal keeps beside the post: importance and files.
fn add_properties(item: &mut Array, post: &NewPost) {
    let news = post.news.as_ref();
    let important = news.is_some_and(|news| news.important);
    let until = news.and_then(|news| news.important_until.as_ref());
    let ids = (0..post.files.len()).map(|position| file_id(post.id, position));
    let ids: Vec<Php> = ids.map(|id| Php::text(id.to_string())).collect();
    let value = |value| Php::map([("VALUE", value)]);
    let attached = if ids.is_empty() {
        Php::Bool(false)
    } else {
        list(ids.clone())
    };
    for (name, property) in [
        (
            "UF_BLOG_POST_IMPRTNT",
            value(Php::text(if important { "1" } else { "0" })),
        ),
        (
            "UF_IMPRTANT_DATE_END",
            value(until.map_or(Php::Null, Php::text)),
        ),
        ("UF_BLOG_POST_FILE", value(attached)),
        ("FILES", list(ids)),
    ] {
        item.insert(Key::from_text(name.as_bytes()), property);
    }
}

/// The title in the length of its column; without one it is made of the text. Tokens stay tokens.
fn title(settings: &Settings, post: &NewPost) -> Vec<u8> {
    let sent = post.title.as_deref().map(trim).unwrap_or_default();
    let title = if sent.is_empty() {
        first(&post.message, DERIVED_TITLE)
    } else {
        sent.to_vec()
    };
    if settings.emoji_tokens {
        first(&emoji::encode(&title), TITLE)
    } else {
        first(&title, TITLE)
    }
}

fn first(text: &[u8], characters: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    text.chars().take(characters).collect::<String>().into()
}

/// The text. Where characters are kept as tokens they are turned back, whoever wrote them.
fn detail_text(settings: &Settings, post: &NewPost) -> Vec<u8> {
    if settings.emoji_tokens {
        emoji::decode(&post.message)
    } else {
        post.message.to_vec()
    }
}
