//! One request at work: what its calls may see of the portal, and what they leave behind.

use std::time::Duration;

use super::failure::Failure;
use super::fault::PostFault;
use super::kept::Kept;
use super::methods::Method;
use super::operating::Account;
use super::php::{Array, Php};
use super::portal::Portal;
use super::post::NewPost;
use super::reply::Reply;
use super::settings::Settings;
use super::timing::Timing;

/// What became of one call.
pub(super) enum Outcome {
    Done {
        reply: Reply,
        timing: Timing,
    },
    Failed(Failure),
    /// A fault made the portal forget it.
    Unanswered,
}

/// What a request leaves behind.
pub(super) struct Effects {
    /// Server time spent.
    pub cost: Duration,
    /// The posts created, in order.
    pub posts: Vec<NewPost>,
    /// The IDs of the posts deleted after that.
    pub deleted: Vec<i64>,
}

/// A request that is being worked on.
pub(super) struct Work<'a> {
    portal: &'a mut Portal,
    /// Since 1970.
    start: Duration,
    /// Server time spent so far.
    spent: Duration,
    posts: Vec<NewPost>,
    deleted: Vec<i64>,
}

impl<'a> Work<'a> {
    /// Begins at `now`, unix time in milliseconds.
    pub(super) fn new(portal: &'a mut Portal, now: u64) -> Work<'a> {
        Work {
            portal,
            start: Duration::from_millis(now),
            spent: Duration::ZERO,
            posts: Vec::new(),
            deleted: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Effects {
        Effects {
            cost: self.spent,
            posts: self.posts,
            deleted: self.deleted,
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.portal.settings
    }

    /// The webhook's user.
    pub(super) fn user_id(&self) -> u64 {
        self.portal.webhook.user_id
    }

    /// The posts that can be read back.
    pub(super) fn kept(&self) -> &Kept {
        &self.portal.kept
    }

    /// The portal's clock, which the work so far has moved; since 1970.
    pub(super) fn now(&self) -> Duration {
        self.start + self.spent
    }

    /// The next ID of a post; all methods share one series.
    pub(super) fn take_id(&mut self) -> i64 {
        let id = self.portal.next_id;
        self.portal.next_id += 1;
        id
    }

    /// Keeps a post, and spends the time that one takes.
    pub(super) fn create(&mut self, post: NewPost) {
        self.spent += self.portal.settings.post_cost;
        self.portal.kept.keep(&post);
        self.posts.push(post);
    }

    /// Forgets a post.
    pub(super) fn delete(&mut self, id: i64) {
        self.portal.kept.remove(id);
        self.deleted.push(id);
    }

    /// Runs one method; faults of single posts strike here.
    pub(super) fn call(&mut self, method: Method, params: &Array) -> Outcome {
        let fault = if method.writes(params) {
            self.portal.settings.faults.next_post()
        } else {
            None
        };
        match fault {
            Some(PostFault::Refuse) => return Outcome::Failed(Failure::ACCESS_DENIED),
            Some(PostFault::CommandLimit) => return Outcome::Failed(Failure::OPERATION_TIME_LIMIT),
            Some(PostFault::Missing) => return Outcome::Unanswered,
            Some(PostFault::NoId) | None => {}
        }
        let begun = self.now();
        match method.run(self, params) {
            Err(failure) => Outcome::Failed(failure),
            Ok(reply) => Outcome::Done {
                reply: if fault == Some(PostFault::NoId) {
                    Php::Bool(true).into()
                } else {
                    reply
                },
                timing: self.timing(method, begun),
            },
        }
    }

    /// The time block of the whole request, when its time is charged to the calls inside.
    pub(super) fn whole_timing(&mut self) -> Timing {
        Timing {
            start: self.start,
            spent: self.spent,
            account: self.account(Method::Batch, Duration::ZERO),
        }
    }

    /// The time block of a call that began at `begun` and has just ended.
    fn timing(&mut self, method: Method, begun: Duration) -> Timing {
        let spent = self.now() - begun;
        Timing {
            start: begun,
            spent,
            account: self.account(method, spent),
        }
    }

    fn account(&mut self, method: Method, spent: Duration) -> Account {
        let now = self.now().as_millis() as u64;
        self.portal.operating.charge(method.name(), spent, now)
    }
}
