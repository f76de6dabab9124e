//! Which function a method's name leads to, and which faults and limits apply before and after it.

use super::execution::Execution;
use super::fault::PostFault;
use super::method::Method;
use super::method_result::MethodResult;
use super::methods::{
    blog, duplicates, info, items, livefeed, requisites, structure, timeline, users,
};
use super::php::{Array, Php};
use super::rest_failure::RestFailure;
use super::time_block::TimeBlock;

/// What became of one call.
pub(super) enum CallOutcome {
    Done {
        reply: MethodResult,
        timing: TimeBlock,
    },
    Failed(RestFailure),
    /// A fault made the portal forget it, or the request was cut in it.
    Unanswered,
}

/// Runs one method, unless its server time is used up; faults of single posts strike here.
pub(super) fn call(work: &mut Execution<'_>, method: Method, params: &Array) -> CallOutcome {
    if !work.admits(method) {
        return CallOutcome::Failed(RestFailure::OPERATION_TIME_LIMIT);
    }
    let fault = work.next_fault(method, params);
    match fault {
        Some(PostFault::Refuse) => return CallOutcome::Failed(RestFailure::ACCESS_DENIED),
        Some(PostFault::CommandLimit) => {
            return CallOutcome::Failed(RestFailure::OPERATION_TIME_LIMIT);
        }
        Some(PostFault::Missing) => return CallOutcome::Unanswered,
        Some(PostFault::NoId) | None => {}
    }
    let begun = work.now();
    let reply = run(work, method, params);
    let timing = work.timing(method, begun);
    match reply {
        Err(failure) => CallOutcome::Failed(failure),
        Ok(_) if work.is_cut() => CallOutcome::Unanswered,
        Ok(_) if fault == Some(PostFault::NoId) => CallOutcome::Done {
            reply: Php::Bool(true).into(),
            timing,
        },
        Ok(reply) => CallOutcome::Done { reply, timing },
    }
}

/// Runs the method. `batch` is no method of this kind: it runs others.
///
/// # Errors
/// What the method answers instead of a result.
fn run(
    work: &mut Execution<'_>,
    method: Method,
    params: &Array,
) -> Result<MethodResult, RestFailure> {
    match method {
        Method::Batch => Err(RestFailure::BATCH_METHOD_NOT_ALLOWED),
        Method::BlogCommentAdd => blog::add_comment(work, params).map(MethodResult::from),
        Method::BlogPostAdd => blog::add(work, params).map(MethodResult::from),
        Method::BlogPostDelete => blog::delete(work, params).map(MethodResult::from),
        Method::BlogPostGet => Ok(blog::get(work, params)),
        Method::DepartmentGet => Ok(structure::departments(work, params)),
        Method::DuplicateFind => duplicates::find(work, params).map(MethodResult::from),
        Method::Get => Ok(info::method_get(work, params).into()),
        Method::GroupGet => Ok(structure::groups(work, params)),
        Method::ItemList => items::list(work, params),
        Method::LivefeedMessageAdd => livefeed::add(work, params).map(MethodResult::from),
        Method::Profile => Ok(info::profile(work).into()),
        Method::RequisiteList => Ok(requisites::list_of(work, params)),
        Method::Scope => Ok(info::scope(work).into()),
        Method::ServerTime => Ok(info::server_time(work).into()),
        Method::TimelineCommentAdd => timeline::add(work, params).map(MethodResult::from),
        Method::TimelineCommentDelete => timeline::delete(work, params).map(MethodResult::from),
        Method::TimelineCommentFields => Ok(timeline::fields().into()),
        Method::TimelineCommentGet => timeline::get(work, params).map(MethodResult::from),
        Method::TimelineCommentList => timeline::list(work, params),
        Method::TimelineCommentUpdate => timeline::update(work, params).map(MethodResult::from),
        Method::UserGet => Ok(users::get(work, params)),
    }
}
