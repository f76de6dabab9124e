//! The posts that can be read back, in memory: timeline comments, news and comments on those, but
//! not the CRM feed, which no method reads (bitrix24-rest.md §11.5).

use std::collections::BTreeMap;

use super::method::Method;
use super::post::{NewPost, PostUpdate};

/// Posts by ID.
#[derive(Debug, Default)]
pub(super) struct ReadModel(BTreeMap<i64, NewPost>);

impl ReadModel {
    /// Keeps a post, if there is a method that reads it.
    pub(super) fn keep(&mut self, post: &NewPost) {
        if Method::find(post.method).is_some_and(Method::can_be_read) {
            self.0.insert(post.id, post.apart());
        }
    }

    /// Changes a post. Unlike a new post, the change is seen from the moment on at which its
    /// request is decided.
    pub(super) fn update(&mut self, update: &PostUpdate) {
        if let Some(post) = self.0.get_mut(&update.id) {
            post.apply(update);
        }
    }

    pub(super) fn remove(&mut self, id: i64) {
        self.0.remove(&id);
    }

    /// What there is to read at `now`, unix time in milliseconds. A request is decided as a whole
    /// when it comes, but its later posts are not there before their time.
    pub(super) fn at(&self, now: u64) -> ReadView<'_> {
        ReadView { kept: self, now }
    }
}

/// The posts that are there at a moment.
#[derive(Clone, Copy)]
pub(super) struct ReadView<'a> {
    kept: &'a ReadModel,
    now: u64,
}

impl<'a> ReadView<'a> {
    /// The post that `method` created under an ID.
    pub(super) fn get(self, method: Method, id: i64) -> Option<&'a NewPost> {
        self.kept.0.get(&id).filter(|post| self.shows(method, post))
    }

    /// All posts that `method` created, by ID.
    pub(super) fn all(self, method: Method) -> impl DoubleEndedIterator<Item = &'a NewPost> {
        self.kept
            .0
            .values()
            .filter(move |post| self.shows(method, post))
    }

    fn shows(self, method: Method, post: &NewPost) -> bool {
        post.method == method.name() && post.received_at <= self.now
    }
}
