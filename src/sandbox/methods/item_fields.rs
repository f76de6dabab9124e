//! The fields of items beside their ID: which there are, under which names, and what they hold
//! (bitrix24-rest.md §13.3).

use super::super::php::{Array, Key, Php};
use super::super::portal_data::{DataRecord, PortalData};

const LEAD: i64 = 1;
const CONTACT: i64 = 3;
const COMPANY: i64 = 4;

/// What the names of the user's own fields begin with.
const OWN: &str = "UF_";

/// The fields of one type of items.
pub(super) struct ItemFields<'w> {
    owner_type: i64,
    data: &'w PortalData,
    /// The user's own fields have the names that they have on the portal, not `ufCrm…`.
    original_names: bool,
}

impl<'w> ItemFields<'w> {
    pub(super) fn new(owner_type: i64, data: &'w PortalData, params: &Array) -> ItemFields<'w> {
        let original = params.named("useOriginalUfNames").and_then(Php::to_text);
        ItemFields {
            owner_type,
            data,
            original_names: original.is_some_and(|answer| answer == "Y"),
        }
    }

    /// The fields that every item of the type has.
    fn plain(&self) -> Vec<&'static str> {
        let mut names = vec!["xmlId"];
        if self.owner_type != CONTACT {
            names.push("title");
        }
        if matches!(self.owner_type, LEAD | CONTACT) {
            names.extend(["name", "secondName", "lastName"]);
        }
        if (LEAD..=COMPANY).contains(&self.owner_type) {
            names.extend(["originId", "originatorId"]);
        }
        names
    }

    /// The name under which the data have the field that a call names, if there is one.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        if self.plain().contains(&name) {
            return Some(name.to_owned());
        }
        let records = self.data.records_of(self.owner_type).into_iter();
        let mut own = records.flat_map(|record| record.fields.keys());
        own.find(|field| field.starts_with(OWN) && self.shown(field) == name)
            .cloned()
    }

    /// What the field of the data is called in answers.
    fn shown(&self, field: &str) -> String {
        match field.starts_with(OWN) && !self.original_names {
            true => camel_case(field),
            false => field.to_owned(),
        }
    }

    /// An item with the fields of a record.
    pub(super) fn item(&self, record: &DataRecord) -> Array {
        let mut item = Array::from_names([
            ("id", Php::Int(record.id)),
            ("entityTypeId", Php::Int(record.owner_type)),
        ]);
        for name in self.plain() {
            item.insert(Key::from_text(name.as_bytes()), Php::Null);
        }
        for (field, text) in &record.fields {
            let name = self.shown(field);
            item.insert(Key::from_text(name.as_bytes()), Php::text(text));
        }
        item
    }
}

/// `UF_CRM_OLD_ID` as `ufCrmOldId`, `UF_CRM_1639` as `ufCrm_1639`.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_lowercase();
    for part in parts {
        if part.starts_with(|letter: char| letter.is_ascii_digit()) {
            camel.push('_');
        }
        let (first, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
        camel.push_str(&first.to_uppercase());
        camel.push_str(&rest.to_lowercase());
    }
    camel
}
