//! `crm.item.list`, as far as it tells which entities are there and can be read, and finds those
//! that have fields of their own (bitrix24-rest.md §13.3).
//!
//! Without data the sandbox has no list of entities, only a rule for each ID, so it can answer for
//! the IDs that a filter names and not without one. A condition on another field finds entities
//! whose fields the data tell.

use std::collections::BTreeSet;

use super::super::execution::Execution;
use super::super::method_result::{MethodResult, PageRange};
use super::super::owner::{ORDER, type_name};
use super::super::php::{Array, Php};
use super::super::portal_data::DataRecord;
use super::super::rest_failure::RestFailure;
use super::item_fields::ItemFields;
use super::params::{list as php_list, required, selected};
use super::text_condition::TextCondition;

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
    let fields = ItemFields::new(owner_type, &settings.data, params);
    let records = settings.data.records_of(owner_type);
    let readable = |id: &i64| settings.entities.access((owner_type, *id)).may_read();
    let ids = ItemFilter::read(params, &fields)?.ids(&records);
    let mut ids: Vec<i64> = ids.into_iter().filter(readable).collect();
    if descending(params)? {
        ids.reverse();
    }
    let page = PageRange::of(params, ids.len());
    let select = params.named("select");
    let item = |id: &i64| match records.iter().find(|record| record.id == *id) {
        Some(record) => fields.item(record),
        None => plain_item(&name, owner_type, *id),
    };
    let items = ids[page.range()].iter();
    let items = items.map(|id| selected(item(id), select));
    Ok(page.reply(Php::map([("items", php_list(items))])))
}

/// How an ID stands to a bound.
type Comparison = fn(&i64, &i64) -> bool;

/// What a filter asks for; all of it must hold.
#[derive(Default)]
struct ItemFilter {
    /// One of these.
    ids: Option<BTreeSet<i64>>,
    bounds: Vec<(Comparison, i64)>,
    /// By the names that the data have for the fields.
    texts: Vec<(String, TextCondition)>,
}

impl ItemFilter {
    fn read(params: &Array, fields: &ItemFields<'_>) -> Result<ItemFilter, RestFailure> {
        let mut read = ItemFilter::default();
        let filter = params.named("filter").and_then(Php::as_array);
        for (key, value) in filter.into_iter().flat_map(Array::iter) {
            let key = key.to_text();
            let key = String::from_utf8_lossy(&key);
            let (name, condition) = TextCondition::read(&key, value, false);
            if let Some(field) = fields.find(name) {
                read.texts.push((field, condition));
                continue;
            }
            let condition = condition_on_id(&key)?;
            let ids = ids(value).ok_or_else(|| {
                RestFailure::invalid("Invalid filter: field 'id' has invalid value".to_owned())
            })?;
            match condition {
                ItemCondition::OneOf => read.ids = Some(meet(read.ids, ids)),
                ItemCondition::Bound(holds) => {
                    read.bounds.extend(ids.into_iter().map(|id| (holds, id)));
                }
            }
        }
        Ok(read)
    }

    /// The IDs that fulfil it: of those that it names, else of the records that have data.
    fn ids(self, records: &[&DataRecord]) -> BTreeSet<i64> {
        let fits = |record: &&&DataRecord| {
            let text = |field: &str| record.fields.get(field).map_or("", String::as_str);
            let mut texts = self.texts.iter();
            texts.all(|(field, condition)| condition.holds(text(field)))
        };
        let of_data = || {
            records
                .iter()
                .filter(fits)
                .map(|record| record.id)
                .collect()
        };
        let mut found = match (self.ids, self.texts.is_empty()) {
            (Some(ids), true) => ids,
            (ids, _) => meet(ids, of_data()),
        };
        let in_bounds = |id: &i64| self.bounds.iter().all(|(holds, bound)| holds(id, bound));
        found.retain(|id| *id > 0 && in_bounds(id));
        found
    }
}

/// What a field of the filter asks of an ID.
enum ItemCondition {
    OneOf,
    Bound(Comparison),
}

/// The condition that a name such as `@id` or `>ID` stands for.
fn condition_on_id(field: &str) -> Result<ItemCondition, RestFailure> {
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

fn plain_item(type_name: &str, owner_type: i64, id: i64) -> Array {
    Array::from_names([
        ("id", Php::Int(id)),
        ("title", Php::text(format!("{type_name} {id}"))),
        ("entityTypeId", Php::Int(owner_type)),
    ])
}

#[cfg(test)]
mod tests;
