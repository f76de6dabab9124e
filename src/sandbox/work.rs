//! One request at work: what its calls may see of the portal, and what they leave behind.

use std::time::Duration;

use super::failure::Failure;
use super::fault::PostFault;
use super::kept::Seen;
use super::methods::Method;
use super::operating::Account;
use super::php::{Array, Php};
use super::portal::Portal;
use super::post::{NewPost, PostUpdate};
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
    /// A fault made the portal forget it, or the request was cut in it.
    Unanswered,
}

/// What a request leaves behind.
pub(super) struct Effects {
    /// Server time spent.
    pub cost: Duration,
    /// The posts created, in order.
    pub posts: Vec<NewPost>,
    /// What it changed in these and older posts after that, in order.
    pub updated: Vec<PostUpdate>,
    /// The IDs of the posts deleted after that.
    pub deleted: Vec<i64>,
    /// The mishaps that its posts have met, by their names in the plan.
    pub post_faults: Vec<&'static str>,
    /// Whether it was cut at the portal's limit for a request.
    pub cut: bool,
}

/// A request that is being worked on.
pub(super) struct Work<'a> {
    portal: &'a mut Portal,
    /// Since 1970.
    start: Duration,
    /// Server time spent so far.
    spent: Duration,
    posts: Vec<NewPost>,
    updated: Vec<PostUpdate>,
    deleted: Vec<i64>,
    post_faults: Vec<&'static str>,
    cut: bool,
}

impl<'a> Work<'a> {
    /// Begins at `start`, since 1970.
    pub(super) fn new(portal: &'a mut Portal, start: Duration) -> Work<'a> {
        Work {
            portal,
            start,
            spent: Duration::ZERO,
            posts: Vec::new(),
            updated: Vec::new(),
            deleted: Vec::new(),
            post_faults: Vec::new(),
            cut: false,
        }
    }

    /// Ends it: the portal's books are closed, too.
    pub(super) fn finish(mut self) -> Effects {
        self.settle();
        Effects {
            cost: self.spent,
            posts: self.posts,
            updated: self.updated,
            deleted: self.deleted,
            post_faults: self.post_faults,
            cut: self.cut,
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.portal.settings
    }

    /// The webhook's user.
    pub(super) fn user_id(&self) -> u64 {
        self.portal.webhook.user_id
    }

    /// The posts that can be read back by now.
    pub(super) fn kept(&self) -> Seen<'_> {
        self.portal.kept.at(self.millis())
    }

    /// Whether its time is over: nothing more runs.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
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

    /// Keeps a post, and spends the time that one takes. A post is there from its beginning, also
    /// when the request is cut before its end.
    pub(super) fn create(&mut self, post: NewPost) {
        self.spend(post.bytes());
        self.portal.kept.keep(&post);
        self.posts.push(post);
    }

    /// Changes a post. That takes as long as a new one of what is sent, and stays as well when
    /// the request is cut.
    pub(super) fn update(&mut self, update: PostUpdate) {
        self.spend(update.bytes());
        self.portal.kept.update(&update);
        self.updated.push(update);
    }

    /// Spends the server time that a post of so many bytes takes, as far as the request has it.
    fn spend(&mut self, bytes: u64) {
        let limit = self.portal.settings.request_limit;
        let spent = self.spent + self.portal.settings.cost_of(bytes);
        self.cut = spent > limit;
        self.spent = spent.min(limit);
    }

    /// Forgets a post.
    pub(super) fn delete(&mut self, id: i64) {
        self.portal.kept.remove(id);
        self.deleted.push(id);
    }

    /// Runs one method, unless its server time is used up; faults of single posts strike here.
    pub(super) fn call(&mut self, method: Method, params: &Array) -> Outcome {
        if !self.admits(method) {
            return Outcome::Failed(Failure::OPERATION_TIME_LIMIT);
        }
        let fault = if method.writes(params) {
            self.portal.settings.faults.next_post()
        } else {
            None
        };
        self.post_faults.extend(fault.map(PostFault::name));
        match fault {
            Some(PostFault::Refuse) => return Outcome::Failed(Failure::ACCESS_DENIED),
            Some(PostFault::CommandLimit) => return Outcome::Failed(Failure::OPERATION_TIME_LIMIT),
            Some(PostFault::Missing) => return Outcome::Unanswered,
            Some(PostFault::NoId) | None => {}
        }
        let begun = self.now();
        let reply = method.run(self, params);
        let timing = self.timing(method, begun);
        match reply {
            Err(failure) => Outcome::Failed(failure),
            Ok(_) if self.cut => Outcome::Unanswered,
            Ok(_) if fault == Some(PostFault::NoId) => Outcome::Done {
                reply: Php::Bool(true).into(),
                timing,
            },
            Ok(reply) => Outcome::Done { reply, timing },
        }
    }

    /// Whether a method has server time left.
    pub(super) fn admits(&mut self, method: Method) -> bool {
        let now = self.millis();
        self.portal.operating.admits(method.name(), now)
    }

    /// Charges a whole batch, where that is done.
    pub(super) fn charge_batch(&mut self) {
        let (batch, spent, now) = (Method::Batch.name(), self.spent, self.millis());
        self.portal.operating.charge_batch(batch, spent, now);
    }

    /// The time block of the whole request, which was one call of `method`.
    pub(super) fn whole_timing(&mut self, method: Method) -> Timing {
        self.settle();
        Timing {
            start: self.start,
            spent: self.spent,
            account: self.account(method),
        }
    }

    /// Charges a call that began at `begun` and has just ended, and gives its time block.
    fn timing(&mut self, method: Method, begun: Duration) -> Timing {
        let (spent, now) = (self.now() - begun, self.millis());
        self.portal.operating.charge(method.name(), spent, now);
        Timing {
            start: begun,
            spent,
            account: self.account(method),
        }
    }

    fn account(&mut self, method: Method) -> Option<Account> {
        let now = self.millis();
        self.portal.operating.account(method.name(), now)
    }

    fn settle(&mut self) {
        let now = self.millis();
        self.portal.operating.settle(now);
    }

    /// The portal's clock as unix time in milliseconds.
    fn millis(&self) -> u64 {
        self.now().as_millis() as u64
    }
}
