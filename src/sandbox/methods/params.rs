//! Reading parameters as the newer methods do.

use bytes::Bytes;

use super::super::php::{Array, Php};
use super::super::rest_failure::RestFailure;

/// A parameter that must be there.
pub(super) fn required<'a>(params: &'a Array, name: &'static str) -> Result<&'a Php, RestFailure> {
    params.named(name).ok_or_else(|| RestFailure::missing(name))
}

/// The names under which the fields of a message of the CRM feed are accepted; the first found
/// wins.
const CONTAINERS: [&str; 4] = ["FIELDS", "fields", "Fields", "arFields"];

/// The parameter that holds the fields of a message of the CRM feed.
pub(in crate::sandbox) fn message_fields(params: &Array) -> Option<&Php> {
    CONTAINERS.into_iter().find_map(|name| params.named(name))
}

/// A parameter that must be there and be an array.
pub(super) fn required_array<'a>(
    params: &'a Array,
    name: &'static str,
) -> Result<&'a Array, RestFailure> {
    required(params, name)?
        .as_array()
        .ok_or_else(|| RestFailure::missing(name))
}

/// A parameter that the older methods take in lower case or in upper case.
pub(super) fn either<'a>(
    params: &'a Array,
    lower: &'static str,
    upper: &'static str,
) -> Option<&'a Php> {
    params.named(lower).or_else(|| params.named(upper))
}

/// A number above 0.
pub(super) fn id(value: Option<&Php>) -> Option<i64> {
    value.map(Php::to_int).filter(|id| *id > 0)
}

/// A value that is there and has a text. PHP warns or fails on an array, which counts as missing.
pub(super) fn text(params: &Array, name: &'static str) -> Option<Bytes> {
    params.named(name).and_then(Php::to_text)
}

/// What `select` names of an item: all of it where nothing is named, or `*`.
pub(super) fn selected(item: Array, select: Option<&Php>) -> Php {
    let names: Vec<Bytes> = select
        .and_then(Php::as_array)
        .into_iter()
        .flat_map(Array::values)
        .filter_map(Php::to_text)
        .collect();
    if names.is_empty() || names.iter().any(|name| name == "*") {
        return Php::Array(item);
    }
    let mut chosen = Array::new();
    for (key, value) in item {
        if names.contains(&key.to_text()) {
            chosen.insert(key, value);
        }
    }
    Php::Array(chosen)
}

/// A list, which PHP numbers from 0.
pub(super) fn list(values: impl IntoIterator<Item = Php>) -> Php {
    let mut list = Array::new();
    for value in values {
        list.push(value);
    }
    Php::Array(list)
}
