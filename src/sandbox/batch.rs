//! `batch`: up to 50 commands in one request, one after the other (bitrix24-rest.md §4).

use bytes::Bytes;

use super::dispatch::{CallOutcome, call};
use super::execution::Execution;
use super::method::Method;
use super::php::{Array, Key, Php, leading_path, parse_str, parse_url};
use super::rest_failure::RestFailure;
use super::substitution::{BatchResults, substitute};
use super::web_filter::filter;

/// The most commands that run; each further key gets an error of its own.
const MAX_LENGTH: usize = 50;

/// The parameters of a batch, whose names are read in any letter case.
pub(super) struct Batch<'a> {
    /// Nothing when `cmd` is missing or no array.
    commands: Option<&'a Array>,
    halt: bool,
}

impl<'a> Batch<'a> {
    pub(super) fn read(params: &'a Array) -> Batch<'a> {
        Batch {
            commands: any_case(params, "cmd").and_then(Php::as_array),
            halt: any_case(params, "halt").is_some_and(Php::truthy),
        }
    }

    /// Keys sent, whatever stands under them.
    pub(super) fn len(&self) -> usize {
        self.commands.map_or(0, Array::len)
    }

    /// Whether a command in it writes posts.
    pub(super) fn writes(&self) -> bool {
        self.entries().any(|(_, command)| match command {
            Php::Text(command) => method(leading_path(command))
                .is_some_and(|method| method.writes(&parse_str(&parse_url(command).query))),
            _ => false,
        })
    }

    /// Runs the first `count` commands and gives the five maps of the result.
    ///
    /// The portal copies the outer credentials over parameters of the same names (`auth`, `ap` …);
    /// no method here reads them, so inner ones are simply without effect.
    pub(super) fn run(&self, work: &mut Execution<'_>, count: usize) -> Php {
        let mut answered = BatchResults::default();
        for (position, (key, command)) in self.entries().take(count).enumerate() {
            let outcome = if position >= MAX_LENGTH {
                CallOutcome::Failed(RestFailure::BATCH_LENGTH_EXCEEDED)
            } else if let Php::Text(command) = command {
                run_command(work, command, &answered)
            } else {
                continue;
            };
            let failed = matches!(outcome, CallOutcome::Failed(_));
            enter(&mut answered, key, outcome);
            if (failed && self.halt) || work.is_cut() {
                break;
            }
        }
        Php::map([
            ("result", Php::Array(answered.result)),
            ("result_error", Php::Array(answered.error)),
            ("result_total", Php::Array(answered.total)),
            ("result_next", Php::Array(answered.next)),
            ("result_time", Php::Array(answered.time)),
        ])
    }

    fn entries(&self) -> impl Iterator<Item = (&'a Key, &'a Php)> + use<'a> {
        self.commands.into_iter().flat_map(Array::iter)
    }
}

/// The parameter with a name in any letter case. PHP folds the names to one case, so that the
/// last one sent stays.
fn any_case<'a>(params: &'a Array, name: &str) -> Option<&'a Php> {
    params
        .iter()
        .filter(|(key, _)| match key {
            Key::Text(text) => text.eq_ignore_ascii_case(name.as_bytes()),
            Key::Int(_) => false,
        })
        .map(|(_, value)| value)
        .last()
}

fn run_command(work: &mut Execution<'_>, command: &Bytes, answered: &BatchResults) -> CallOutcome {
    let target = parse_url(command);
    let mut params = substitute(parse_str(&target.query), answered);
    if work.settings().web_filter {
        params = filter(params);
    }
    match method(&target.path) {
        Some(Method::Batch) => CallOutcome::Failed(RestFailure::BATCH_METHOD_NOT_ALLOWED),
        Some(method) if !work.settings().grants(method.scopes()) => {
            CallOutcome::Failed(RestFailure::INSUFFICIENT_SCOPE_OF_COMMAND)
        }
        Some(method) => call(work, method, &params),
        None => CallOutcome::Failed(RestFailure::METHOD_NOT_FOUND),
    }
}

/// The method of a command, in any letter case; `.json` is not cut off here.
fn method(path: &[u8]) -> Option<Method> {
    Method::find(&std::str::from_utf8(path).ok()?.to_ascii_lowercase())
}

fn enter(answered: &mut BatchResults, key: &Key, outcome: CallOutcome) {
    match outcome {
        CallOutcome::Done { reply, timing } => {
            let number = |number: usize| Php::Int(number as i64);
            answered.result.insert(key.clone(), reply.value);
            if let Some(total) = reply.total {
                answered.total.insert(key.clone(), number(total));
            }
            if let Some(next) = reply.next {
                answered.next.insert(key.clone(), number(next));
            }
            answered.time.insert(key.clone(), timing.to_php());
        }
        CallOutcome::Failed(failure) => answered.error.insert(key.clone(), failure.to_php()),
        CallOutcome::Unanswered => {}
    }
}
