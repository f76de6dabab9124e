//! One request at work: what its calls may see of the portal, and what they leave behind.

use std::time::Duration;

use super::fault::PostFault;
use super::method::Method;
use super::operating::MethodAccount;
use super::php::Array;
use super::post::{NewPost, PostUpdate};
use super::read_model::ReadView;
use super::settings::Settings;
use super::state::PortalState;
use super::time_block::TimeBlock;

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
    /// The faults that its posts have met, by their names in the plan.
    pub post_faults: Vec<&'static str>,
    /// Whether it was cut at the portal's limit for a request.
    pub cut: bool,
}

/// A request that is being worked on.
pub(super) struct Execution<'a> {
    state: &'a mut PortalState,
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

impl<'a> Execution<'a> {
    /// Begins at `start`, since 1970.
    pub(super) fn new(state: &'a mut PortalState, start: Duration) -> Execution<'a> {
        Execution {
            state,
            start,
            spent: Duration::ZERO,
            posts: Vec::new(),
            updated: Vec::new(),
            deleted: Vec::new(),
            post_faults: Vec::new(),
            cut: false,
        }
    }

    /// Ends it, and charges the server time that it has spent.
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
        &self.state.settings
    }

    /// The webhook's user.
    pub(super) fn user_id(&self) -> u64 {
        self.state.webhook.user_id
    }

    /// The posts that can be read back by now.
    pub(super) fn kept(&self) -> ReadView<'_> {
        self.state.kept.at(self.millis())
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
        let id = self.state.next_id;
        self.state.next_id += 1;
        id
    }

    /// Keeps a post, and spends the time that one takes. A post is there from its beginning, also
    /// when the request is cut before its end.
    pub(super) fn create(&mut self, post: NewPost) {
        self.spend(post.bytes());
        self.state.kept.keep(&post);
        self.posts.push(post);
    }

    /// Changes a post. That takes as long as a new one of what is sent, and stays as well when
    /// the request is cut.
    pub(super) fn update(&mut self, update: PostUpdate) {
        self.spend(update.bytes());
        self.state.kept.update(&update);
        self.updated.push(update);
    }

    /// Spends the server time that a post of so many bytes takes, as far as the request has it.
    fn spend(&mut self, bytes: u64) {
        let limit = self.state.settings.request_limit;
        let spent = self.spent + self.state.settings.cost_of(bytes);
        self.cut = spent > limit;
        self.spent = spent.min(limit);
    }

    /// Forgets a post.
    pub(super) fn delete(&mut self, id: i64) {
        self.state.kept.remove(id);
        self.deleted.push(id);
    }

    /// The planned fault for this call, if it writes.
    pub(super) fn next_fault(&mut self, method: Method, params: &Array) -> Option<PostFault> {
        if !method.writes(params) {
            return None;
        }
        let fault = self.state.settings.faults.next_post();
        self.post_faults.extend(fault.map(PostFault::name));
        fault
    }

    /// Whether a method has server time left.
    pub(super) fn admits(&mut self, method: Method) -> bool {
        let now = self.millis();
        self.state.operating.admits(method.name(), now)
    }

    /// Charges a whole batch, where that is done.
    pub(super) fn charge_batch(&mut self) {
        let (batch, spent, now) = (Method::Batch.name(), self.spent, self.millis());
        self.state.operating.charge_batch(batch, spent, now);
    }

    /// The time block of the whole request, which was one call of `method`.
    pub(super) fn whole_timing(&mut self, method: Method) -> TimeBlock {
        self.settle();
        TimeBlock {
            start: self.start,
            spent: self.spent,
            account: self.account(method),
        }
    }

    /// Charges a call that began at `begun` and has just ended, and gives its time block.
    pub(super) fn timing(&mut self, method: Method, begun: Duration) -> TimeBlock {
        let (spent, now) = (self.now() - begun, self.millis());
        self.state.operating.charge(method.name(), spent, now);
        TimeBlock {
            start: begun,
            spent,
            account: self.account(method),
        }
    }

    fn account(&mut self, method: Method) -> Option<MethodAccount> {
        let now = self.millis();
        self.state.operating.account(method.name(), now)
    }

    fn settle(&mut self) {
        let now = self.millis();
        self.state.operating.settle(now);
    }

    /// The portal's clock as unix time in milliseconds.
    fn millis(&self) -> u64 {
        self.now().as_millis() as u64
    }
}
