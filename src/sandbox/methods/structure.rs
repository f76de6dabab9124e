//! `department.get` and `sonet_group.get`: the departments and workgroups by their names
//! (bitrix24-rest.md §13.3).

use super::super::execution::Execution;
use super::super::method_result::{MethodResult, PageRange};
use super::super::php::{Array, Key, Php};
use super::super::portal_data::{DataDepartment, DataGroup};
use super::params::{either, list};
use super::row_filter::RowFilter;

/// The departments by ID. The conditions stand among the parameters; a name has to be whole.
pub(in crate::sandbox) fn departments(work: &Execution<'_>, params: &Array) -> MethodResult {
    let row = |department: &DataDepartment| {
        let mut row = Array::from_names([
            ("ID", Php::text(department.id.to_string())),
            ("NAME", Php::text(&department.name)),
            ("SORT", Php::Int(500)),
        ]);
        if let Some(parent) = department.parent {
            row.insert(Key::from_text(b"PARENT"), Php::text(parent.to_string()));
        }
        row
    };
    let rows = work.settings().data.departments.iter().map(row).collect();
    page(rows, params, Some(params), &["ID", "NAME", "PARENT"])
}

/// The workgroups, the newest first, as the method orders them.
pub(in crate::sandbox) fn groups(work: &Execution<'_>, params: &Array) -> MethodResult {
    let mut groups: Vec<_> = work.settings().data.groups.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.id));
    let row = |group: &DataGroup| {
        Array::from_names([
            ("ID", Php::text(group.id.to_string())),
            ("NAME", Php::text(&group.name)),
            ("ACTIVE", Php::text(if group.active { "Y" } else { "N" })),
            (
                "NUMBER_OF_MEMBERS",
                Php::text(group.number_of_members.to_string()),
            ),
        ])
    };
    let rows = groups.into_iter().map(row).collect();
    let filter = either(params, "filter", "FILTER").and_then(Php::as_array);
    page(rows, params, filter, &["ID", "NAME", "ACTIVE"])
}

/// A page of the rows that fulfil a filter's conditions on these fields; others are ignored.
fn page(rows: Vec<Array>, params: &Array, filter: Option<&Array>, fields: &[&str]) -> MethodResult {
    let filter = RowFilter::read(filter, fields, false);
    let rows: Vec<Array> = rows.into_iter().filter(|row| filter.admits(row)).collect();
    let page = PageRange::of(params, rows.len());
    page.reply(list(rows[page.range()].iter().cloned().map(Php::Array)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::TestPortal;

    fn ids(result: &Value) -> Vec<&str> {
        let rows = result.as_array().unwrap().iter();
        rows.map(|row| row["ID"].as_str().unwrap()).collect()
    }

    #[test]
    fn departments_and_groups_are_found_by_name() {
        let mut portal = TestPortal::with_data(&json!({
            "departments": [{"ID": 3, "NAME": "Отдел продаж", "PARENT": 1}, {"ID": 4, "NAME": "Sales"}],
            "groups": [{"ID": 5, "NAME": "Новости", "NUMBER_OF_MEMBERS": 12}, {"ID": 7, "NAME": "новости"}],
        }));
        for (method, params, found) in [
            (
                "department.get",
                json!({"NAME": "отдел ПРОДАЖ"}),
                &["3"][..],
            ),
            ("department.get", json!({"NAME": "Отдел"}), &[]),
            ("department.get", json!({}), &["3", "4"]),
            (
                "sonet_group.get",
                json!({"FILTER": {"NAME": "Новости"}}),
                &["7", "5"],
            ),
            (
                "sonet_group.get",
                json!({"FILTER": {"%NAME": "нов", "ID": 5}}),
                &["5"],
            ),
        ] {
            assert_eq!(
                ids(&portal.result(method, &params)),
                found,
                "{method} {params}"
            );
        }
        let groups = portal.result("sonet_group.get", &json!({"FILTER": {"ID": 5}}));
        assert_eq!(groups[0]["NUMBER_OF_MEMBERS"], "12");
    }
}
