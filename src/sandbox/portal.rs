//! The portal as a state machine: a request and the time go in, an answer comes out.
//!
//! It does no I/O and knows no clock but the one it is given, so a simulation can drive it as
//! well as the HTTP server. It must not answer before the posts of the answer are stored: that is
//! up to whoever delivers it.

use std::time::Duration;

use super::answer::{Answer, Delivery};
use super::batch::Batch;
use super::bucket::RequestBucket;
use super::dispatch::{CallOutcome, call};
use super::execution::{Effects, Execution};
use super::fault::{FaultPlan, RequestFault};
use super::method::Method;
use super::oauth::OAuthServer;
use super::php::{Array, Key, Php};
use super::post::NewPost;
use super::request::{IncomingRequest, RestPath};
use super::rest_failure::RestFailure;
use super::settings::{Settings, Webhook};
use super::state::PortalState;
use super::workers::Workers;

/// Characters of an unknown method's name that go into the request log.
const LOGGED_NAME: usize = 64;

/// What the request log calls a request for tokens.
const TOKEN_REQUEST: &str = "oauth/token";

/// A Bitrix24 portal in miniature.
#[derive(Debug)]
pub struct Portal {
    pub(super) state: PortalState,
    bucket: Option<RequestBucket>,
    workers: Workers,
    oauth: Option<OAuthServer>,
}

impl Portal {
    /// A portal whose next post gets `next_id`, and that lets one webhook in.
    pub fn new(settings: Settings, webhook: Webhook, next_id: i64) -> Portal {
        Portal {
            bucket: settings.rate_limit.map(RequestBucket::new),
            workers: Workers::new(settings.workers),
            state: PortalState::new(settings, webhook, next_id),
            oauth: None,
        }
    }

    /// Takes in posts of an earlier process, so that they can be read, changed and deleted.
    pub fn restore(&mut self, posts: &[NewPost]) {
        for post in posts {
            self.state.kept.keep(post);
        }
    }

    /// Lets an application in as well, with the tokens of this server.
    pub(super) fn install(&mut self, oauth: OAuthServer) {
        self.oauth = Some(oauth);
    }

    /// From now on nothing goes wrong on purpose.
    pub fn without_faults(&mut self) {
        self.state.settings.faults = FaultPlan::none();
    }

    /// Answers a request that came in whole at `now`, unix time in milliseconds. Requests are
    /// worked on in the order in which they are brought here.
    pub fn handle(&mut self, request: &IncomingRequest, now: u64) -> Answer {
        if let Some(oauth) = self.oauth.as_mut().filter(|_| request.asks_for_tokens()) {
            return Answer {
                method: TOKEN_REQUEST.to_owned(),
                ..oauth.refresh(&request.params(), now)
            };
        }
        if let Some(host) = &self.state.settings.renamed_to {
            return Answer::moved(&new_address(host, request));
        }
        let Some(route) = request.route() else {
            return Answer::page(404, "Not Found");
        };
        let params = request.params();
        let mut answer = match self.admit(request, &route, &params, now) {
            Ok(method) => self.execute(method, &params, route.webhook.is_none(), now),
            Err(refusal) => *refusal,
        };
        answer.method = route.method.chars().take(LOGGED_NAME).collect();
        answer
    }

    /// What comes before a method runs, and takes no worker. The method is looked up before the
    /// credentials, and only requests with good ones fill the bucket: docs/bitrix24-rest.md is
    /// silent there, and a portal that counted the others could be blocked by anybody.
    fn admit(
        &mut self,
        request: &IncomingRequest,
        route: &RestPath<'_>,
        params: &Array,
        now: u64,
    ) -> Result<Method, Box<Answer>> {
        if !matches!(request.method.as_str(), "GET" | "POST") {
            return Err(Box::new(Answer::page(405, "Not Allowed")));
        }
        let refuse = |failure| Err(Box::new(Answer::failure(&failure)));
        let Some(method) = Method::find(&route.method) else {
            return refuse(RestFailure::METHOD_NOT_FOUND);
        };
        if let Err(failure) = self.sign_in(route, params, now) {
            return refuse(failure);
        }
        if !self.state.settings.grants(method.scopes()) {
            return refuse(RestFailure::INSUFFICIENT_SCOPE);
        }
        if self
            .bucket
            .as_mut()
            .is_some_and(|bucket| !bucket.admit(now))
        {
            return refuse(RestFailure::QUERY_LIMIT_EXCEEDED);
        }
        Ok(method)
    }

    /// By the webhook in the path, or else by the token among the parameters.
    fn sign_in(
        &mut self,
        route: &RestPath<'_>,
        params: &Array,
        now: u64,
    ) -> Result<(), RestFailure> {
        match (route.webhook, &mut self.oauth) {
            (Some((user, code)), _) if self.state.webhook.admits(user, code) => Ok(()),
            (Some(_), _) => Err(RestFailure::INVALID_CREDENTIALS),
            (None, Some(oauth)) => oauth.admit(params, now),
            (None, None) => Err(RestFailure::NO_AUTH_FOUND),
        }
    }

    /// Runs a method, unless a fault keeps the request from it; other faults strike afterwards.
    fn execute(&mut self, method: Method, params: &Array, by_token: bool, now: u64) -> Answer {
        let fault = self
            .next_fault(method, params)
            .filter(|fault| by_token || *fault != RequestFault::Expired);
        let answer = match fault {
            Some(RequestFault::Drop) => Answer::closed(),
            Some(RequestFault::Unavailable) => Answer::page(503, "Service Temporarily Unavailable"),
            Some(RequestFault::TooLarge) => Answer::page(413, "Request Entity Too Large"),
            Some(RequestFault::Expired) => Answer::failure(&RestFailure::EXPIRED_TOKEN),
            Some(RequestFault::Limit) => Answer::failure(&RestFailure::QUERY_LIMIT_EXCEEDED),
            Some(RequestFault::Blank) => self.run(method, &Array::new(), Extent::Whole, now),
            Some(RequestFault::Internal) => self
                .run(method, params, Extent::Half, now)
                .replaced_by(Answer::failure(&RestFailure::INTERNAL_SERVER_ERROR)),
            Some(RequestFault::BadGateway) => self
                .run(method, params, Extent::Whole, now)
                .replaced_by(Answer::page(502, "Bad Gateway")),
            Some(RequestFault::Partial) => self
                .run(method, params, Extent::Half, now)
                .delivered(Delivery::Lost),
            Some(RequestFault::Lost) => self
                .run(method, params, Extent::Whole, now)
                .delivered(Delivery::Lost),
            Some(RequestFault::Cut) => self
                .run(method, params, Extent::Whole, now)
                .delivered(Delivery::Cut),
            Some(RequestFault::Hang) => self
                .run(method, params, Extent::Whole, now)
                .delivered(Delivery::Never),
            Some(RequestFault::Drip) => self
                .run(method, params, Extent::Whole, now)
                .delivered(Delivery::Drip),
            None => self.run(method, params, Extent::Whole, now),
        };
        Answer {
            fault: fault.map(RequestFault::name),
            ..answer
        }
    }

    fn next_fault(&mut self, method: Method, params: &Array) -> Option<RequestFault> {
        let writes = match method {
            Method::Batch => Batch::read(params).writes(),
            _ => method.writes(params),
        };
        if writes {
            self.state.settings.faults.next_request()
        } else {
            None
        }
    }

    /// Runs a method as soon as a worker is free. A request whose time is over is cut without an
    /// answer of its own (bitrix24-rest.md §6): the web server says that PHP is gone.
    fn run(&mut self, method: Method, params: &Array, extent: Extent, now: u64) -> Answer {
        let now = Duration::from_millis(now);
        let start = self.workers.next_start(now);
        self.state.operating.advance(now.as_millis() as u64);
        let mut work = Execution::new(&mut self.state, start);
        let answer = match method {
            Method::Batch => run_batch(&mut work, params, extent),
            _ => run_direct(&mut work, method, params),
        };
        let Effects {
            cost,
            posts,
            updated,
            deleted,
            post_faults,
            cut,
        } = work.finish();
        self.workers.occupy(start + cost);
        let answer = if cut {
            Answer::page(502, "Bad Gateway")
        } else {
            answer
        };
        Answer {
            cost: start - now + cost,
            posts,
            updated,
            deleted,
            post_faults,
            ..answer
        }
    }
}

/// How much of a batch is executed.
#[derive(Clone, Copy)]
enum Extent {
    Whole,
    /// The first half of the commands, rounded up, so that a request of one still takes effect.
    Half,
}

/// A batch answers 200 even if every command in it failed. Its own server time may be used up,
/// too, where it is counted.
fn run_batch(work: &mut Execution<'_>, params: &Array, extent: Extent) -> Answer {
    if !work.admits(Method::Batch) {
        return Answer::failure(&RestFailure::OPERATION_TIME_LIMIT);
    }
    let batch = Batch::read(params);
    let count = match extent {
        Extent::Whole => batch.len(),
        Extent::Half => batch.len().div_ceil(2),
    };
    let result = batch.run(work, count);
    work.charge_batch();
    let time = work.whole_timing(Method::Batch).to_php();
    Answer::json(200, &Php::map([("result", result), ("time", time)]))
}

fn run_direct(work: &mut Execution<'_>, method: Method, params: &Array) -> Answer {
    match call(work, method, params) {
        CallOutcome::Failed(failure) => Answer::failure(&failure),
        CallOutcome::Done { reply, .. } => {
            let mut body = Array::new();
            reply.enter(&mut body);
            let time = work.whole_timing(method).to_php();
            body.insert(Key::from_text(b"time"), time);
            Answer::json(200, &Php::Array(body))
        }
        CallOutcome::Unanswered => {
            let time = work.whole_timing(method).to_php();
            Answer::json(200, &Php::map([("time", time)]))
        }
    }
}

/// The same page under the portal's new address.
fn new_address(host: &str, request: &IncomingRequest) -> String {
    let scheme = if host.contains("://") { "" } else { "https://" };
    let mark = if request.query.is_empty() { "" } else { "?" };
    let host = host.trim_end_matches('/');
    format!("{scheme}{host}{}{mark}{}", request.path, request.query)
}

#[cfg(test)]
mod tests;
