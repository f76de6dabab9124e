//! Which function a method's name leads to, and what strikes a call before and after it.

use super::failure::Failure;
use super::fault::PostFault;
use super::method::Method;
use super::methods::{blog, info, items, livefeed, timeline, users};
use super::php::{Array, Php};
use super::reply::Reply;
use super::timing::Timing;
use super::work::Work;

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

/// Runs one method, unless its server time is used up; faults of single posts strike here.
pub(super) fn call(work: &mut Work<'_>, method: Method, params: &Array) -> Outcome {
    if !work.admits(method) {
        return Outcome::Failed(Failure::OPERATION_TIME_LIMIT);
    }
    let fault = work.next_fault(method, params);
    match fault {
        Some(PostFault::Refuse) => return Outcome::Failed(Failure::ACCESS_DENIED),
        Some(PostFault::CommandLimit) => return Outcome::Failed(Failure::OPERATION_TIME_LIMIT),
        Some(PostFault::Missing) => return Outcome::Unanswered,
        Some(PostFault::NoId) | None => {}
    }
    let begun = work.now();
    let reply = run(work, method, params);
    let timing = work.timing(method, begun);
    match reply {
        Err(failure) => Outcome::Failed(failure),
        Ok(_) if work.is_cut() => Outcome::Unanswered,
        Ok(_) if fault == Some(PostFault::NoId) => Outcome::Done {
            reply: Php::Bool(true).into(),
            timing,
        },
        Ok(reply) => Outcome::Done { reply, timing },
    }
}

/// Runs the method. `batch` is no method of this kind: it runs others.
///
/// # Errors
/// What the method answers instead of a result.
fn run(work: &mut Work<'_>, method: Method, params: &Array) -> Result<Reply, Failure> {
    match method {
        Method::Batch => Err(Failure::BATCH_METHOD_NOT_ALLOWED),
        Method::BlogCommentAdd => blog::add_comment(work, params).map(Reply::from),
        Method::BlogPostAdd => blog::add(work, params).map(Reply::from),
        Method::BlogPostDelete => blog::delete(work, params).map(Reply::from),
        Method::BlogPostGet => Ok(blog::get(work, params)),
        Method::Get => Ok(info::method_get(work, params).into()),
        Method::ItemList => items::list(work, params),
        Method::LivefeedMessageAdd => livefeed::add(work, params).map(Reply::from),
        Method::Profile => Ok(info::profile(work).into()),
        Method::Scope => Ok(info::scope(work).into()),
        Method::ServerTime => Ok(info::server_time(work).into()),
        Method::TimelineCommentAdd => timeline::add(work, params).map(Reply::from),
        Method::TimelineCommentDelete => timeline::delete(work, params).map(Reply::from),
        Method::TimelineCommentFields => Ok(timeline::fields().into()),
        Method::TimelineCommentGet => timeline::get(work, params).map(Reply::from),
        Method::TimelineCommentList => timeline::list(work, params),
        Method::TimelineCommentUpdate => timeline::update(work, params).map(Reply::from),
        Method::UserGet => Ok(users::get(work, params)),
    }
}
