//! `crm.requisite.list`, as far as it tells which companies and contacts have an INN
//! (bitrix24-rest.md §13.3).

use super::super::execution::Execution;
use super::super::method_result::{MethodResult, PageRange};
use super::super::php::{Array, Php};
use super::super::portal_data::DataRecord;
use super::params::{either, list, selected};
use super::row_filter::RowFilter;

/// The fields that a filter may ask for; conditions on others are ignored.
const FILTERED: [&str; 4] = ["ID", "ENTITY_TYPE_ID", "ENTITY_ID", "RQ_INN"];

/// The sets of requisites that the filter lets through, by ID.
pub(in crate::sandbox) fn list_of(work: &Execution<'_>, params: &Array) -> MethodResult {
    let filter = either(params, "filter", "FILTER").and_then(Php::as_array);
    let filter = RowFilter::read(filter, &FILTERED, false);
    let mut rows = rows(work);
    rows.retain(|row| filter.admits(row));
    let page = PageRange::of(params, rows.len());
    let select = either(params, "select", "SELECT");
    let shown = rows[page.range()].iter().cloned();
    page.reply(list(shown.map(|row| selected(row, select))))
}

/// All sets of requisites; every value is a text.
fn rows(work: &Execution<'_>) -> Vec<Array> {
    let settings = work.settings();
    let readable = |owner| settings.crm_access && settings.entities.access(owner).may_read();
    let records = settings.data.records.iter();
    let records = records.filter(|record| readable((record.owner_type, record.id)));
    let inns = records.flat_map(|record| record.inn.iter().map(move |inn| (record, inn)));
    let row = |(place, (record, inn)): (usize, (&DataRecord, &String))| {
        Array::from_names([
            ("ID", Php::text((place + 1).to_string())),
            ("ENTITY_TYPE_ID", Php::text(record.owner_type.to_string())),
            ("ENTITY_ID", Php::text(record.id.to_string())),
            ("RQ_INN", Php::text(inn)),
        ])
    };
    inns.enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::TestPortal;

    #[test]
    fn requisites_lead_to_their_companies() {
        let mut portal = TestPortal::with_data(&json!({"records": [
            {"type": "company", "id": 12, "inn": ["7701", "7702"]},
            {"type": "contact", "id": 5, "inn": ["7701"]},
        ]}));
        let mut found = |filter| {
            let params =
                json!({"filter": filter, "select": ["ENTITY_TYPE_ID", "ENTITY_ID", "RQ_INN"]});
            portal.result("crm.requisite.list", &params)
        };
        let company = json!({"ENTITY_TYPE_ID": "4", "ENTITY_ID": "12", "RQ_INN": "7701"});
        let contact = json!({"ENTITY_TYPE_ID": "3", "ENTITY_ID": "5", "RQ_INN": "7701"});
        assert_eq!(
            found(json!({"@RQ_INN": ["7701", "9"]})),
            json!([company, contact])
        );
        assert_eq!(
            found(json!({"RQ_INN": "7701", "ENTITY_TYPE_ID": 4})),
            json!([company])
        );
        assert_eq!(found(json!({"RQ_INN": "770"})), json!([]));
    }
}
