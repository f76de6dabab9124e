//! `log.blogcomment.add`: comments on posts, which move those to the top of the feed
//! (bitrix24-rest.md §2.2).

use std::collections::BTreeMap;

use super::super::super::execution::Execution;
use super::super::super::method::Method;
use super::super::super::php::{Array, Php, trim};
use super::super::super::post::NewPost;
use super::super::super::read_model::ReadView;
use super::super::super::rest_failure::RestFailure;
use super::super::files::files;
use super::super::params::{id, text};
use super::rights::{ADD, author, is_waiting, may_read};

/// The method under which comments are kept; their entity is the post.
const COMMENT: Method = Method::BlogCommentAdd;

/// Creates a comment; the result is its ID. All errors have an empty code.
pub(in crate::sandbox) fn add(
    work: &mut Execution<'_>,
    params: &Array,
) -> Result<Php, RestFailure> {
    let post = id(params.named("POST_ID")).and_then(|id| work.kept().get(ADD, id));
    let post = post
        .filter(|post| !is_waiting(work.settings(), post) && may_read(work.user_id(), post))
        .ok_or_else(|| RestFailure::plain("No post found"))?
        .id;
    let message = text(params, "TEXT").unwrap_or_default();
    if trim(&message).is_empty() {
        return Err(RestFailure::plain("Blog comment hasn't been added"));
    }
    let (author_id, files) = (author(work, params), files(params));
    let last = of(work.kept(), post).next_back();
    let again = |last: &NewPost| last.author_id == author_id && last.message == message;
    if files.is_empty() && last.is_some_and(again) {
        return Err(RestFailure::plain("Duplicate comment"));
    }
    let comment_id = work.take_id();
    work.create(NewPost {
        id: comment_id,
        method: COMMENT.name(),
        entity_type: 0,
        entity_id: post,
        title: None,
        message,
        audience: Vec::new(),
        author_id,
        received_at: work.now().as_millis() as u64,
        files,
        news: None,
    });
    Ok(Php::Int(comment_id))
}

/// The comments on a post, oldest first.
pub(super) fn of(seen: ReadView<'_>, post: i64) -> impl DoubleEndedIterator<Item = &NewPost> {
    seen.all(COMMENT)
        .filter(move |comment| comment.entity_id == post)
}

/// How many comments each post has, and the ID of its last one.
#[derive(Default)]
pub(super) struct CommentCounts(BTreeMap<i64, (usize, i64)>);

impl CommentCounts {
    pub(super) fn take(seen: ReadView<'_>) -> CommentCounts {
        let mut tally = CommentCounts::default();
        for comment in seen.all(COMMENT) {
            let (count, last) = tally.0.entry(comment.entity_id).or_default();
            *count += 1;
            *last = comment.id;
        }
        tally
    }

    pub(super) fn count(&self, post: i64) -> usize {
        self.0.get(&post).map_or(0, |(count, _)| *count)
    }

    /// The last thing that was written: a comment, or the post itself.
    pub(super) fn last(&self, post: i64) -> i64 {
        self.0.get(&post).map_or(post, |(_, last)| *last)
    }
}
