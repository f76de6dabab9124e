//! `crm.item.list`, as far as it tells which entities are there and can be read (bitrix24-rest.md
//! §13.3).
//!
//! The sandbox has no list of entities, only a rule for each ID, so it can answer for the IDs that
//! a filter names and not without one.

use std::collections::BTreeSet;

use super::super::execution::Execution;
use super::super::method_result::{MethodResult, PageRange};
use super::super::owner::{ORDER, type_name};
use super::super::php::{Array, Php};
use super::super::rest_failure::RestFailure;
use super::params::{list as php_list, required, selected};

/// The entities that a filter names, are there, and may be read.
pub(in crate::sandbox) fn list(
    work: &Execution<'_>,
    params: &Array,
) -> Result<MethodResult, RestFailure> {
    let settings = work.settings();
    let owner_type = required(params, "entityTypeId")?.to_int();
    let name = type_name(owner_type).filter(|_| owner_type != ORDER);
    let name = name.ok_or(RestFailure::TYPE_NOT_FOUND)?;
    if !settings.crm_access {
        return Err(RestFailure::NO_RIGHT);
    }
    let readable = |id: &i64| settings.entities.access((owner_type, *id)).may_read();
    let ids = filtered(params)?.into_iter().filter(readable);
    let mut ids: Vec<i64> = ids.collect();
    if descending(params)? {
        ids.reverse();
    }
    let page = PageRange::of(params, ids.len());
    let select = params.named("select");
    let items = ids[page.range()]
        .iter()
        .map(|id| selected(item(&name, owner_type, *id), select));
    Ok(page.reply(Php::map([("items", php_list(items))])))
}

/// The IDs that the filter names. Several conditions must all hold; bounds alone name nothing.
fn filtered(params: &Array) -> Result<BTreeSet<i64>, RestFailure> {
    let mut found: Option<BTreeSet<i64>> = None;
    let mut bounds = Vec::new();
    let filter = params.named("filter").and_then(Php::as_array);
    for (field, value) in filter.into_iter().flat_map(Array::iter) {
        let condition = condition(&field.to_text())?;
        let ids = ids(value).ok_or_else(|| {
            RestFailure::invalid("Invalid filter: field 'id' has invalid value".to_owned())
        })?;
        match condition {
            ItemCondition::OneOf => found = Some(meet(found, ids)),
            ItemCondition::Bound(holds) => bounds.extend(ids.into_iter().map(|id| (holds, id))),
        }
    }
    let mut found = found.unwrap_or_default();
    found.retain(|id| *id > 0 && bounds.iter().all(|(holds, bound)| holds(id, bound)));
    Ok(found)
}

/// What a field of the filter asks of an ID.
enum ItemCondition {
    OneOf,
    Bound(fn(&i64, &i64) -> bool),
}

/// The condition that a name such as `@id` or `>ID` stands for.
fn condition(field: &[u8]) -> Result<ItemCondition, RestFailure> {
    let field = String::from_utf8_lossy(field);
    let operator = field
        .strip_suffix("id")
        .or_else(|| field.strip_suffix("ID"));
    Ok(match operator {
        Some("@" | "=" | "") => ItemCondition::OneOf,
        Some(">") => ItemCondition::Bound(i64::gt),
        Some(">=") => ItemCondition::Bound(i64::ge),
        Some("<") => ItemCondition::Bound(i64::lt),
        Some("<=") => ItemCondition::Bound(i64::le),
        _ => {
            let text = format!("Invalid filter: field '{field}' is not allowed in filter");
            return Err(RestFailure::invalid(text));
        }
    })
}

fn meet(found: Option<BTreeSet<i64>>, ids: BTreeSet<i64>) -> BTreeSet<i64> {
    match found {
        Some(found) => found.intersection(&ids).copied().collect(),
        None => ids,
    }
}

/// One ID or a list of them; nothing if one of them is no number.
fn ids(value: &Php) -> Option<BTreeSet<i64>> {
    let number = |value: &Php| {
        let text = value.to_text()?;
        let id: i64 = std::str::from_utf8(&text).ok()?.trim().parse().ok()?;
        Some(id)
    };
    let ids: Option<BTreeSet<i64>> = match value {
        Php::Array(list) => list.values().map(number).collect(),
        scalar => number(scalar).map(|id| [id].into()),
    };
    ids.map(|ids| ids.into_iter().filter(|id| *id >= 0).collect())
}

/// The direction of `order`, which knows the ID only.
fn descending(params: &Array) -> Result<bool, RestFailure> {
    let order = params.named("order").and_then(Php::as_array);
    let Some((field, direction)) = order.and_then(|order| order.iter().next()) else {
        return Ok(false);
    };
    let field = String::from_utf8_lossy(&field.to_text()).into_owned();
    if !matches!(field.as_str(), "id" | "ID") {
        let text = format!("Invalid order: field '{field}' is not allowed in order");
        return Err(RestFailure::invalid(text));
    }
    let direction = direction.to_text().unwrap_or_default().to_ascii_uppercase();
    match direction.as_slice() {
        b"ASC" => Ok(false),
        b"DESC" => Ok(true),
        other => Err(RestFailure::invalid(format!(
            "Invalid order: allowed sort directions are ASC, DESC. But got '{}' for field 'id'",
            String::from_utf8_lossy(other)
        ))),
    }
}

fn item(type_name: &str, owner_type: i64, id: i64) -> Array {
    Array::from_names([
        ("id", Php::Int(id)),
        ("title", Php::text(format!("{type_name} {id}"))),
        ("entityTypeId", Php::Int(owner_type)),
    ])
}

#[cfg(test)]
mod tests;
