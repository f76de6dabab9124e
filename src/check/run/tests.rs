use proptest::prelude::*;

use super::*;
use crate::check::Code;
use crate::check::testing::{checked, open, rules};
use crate::targets::CrmFeed;

/// A row of a manifest, by what rows are compared for.
#[derive(Clone, Debug)]
struct Sketch {
    id: Option<u16>,
    deal: u8,
    /// Days by which it is older than its neighbours, if it has a date.
    age: Option<u16>,
    is_faulty: bool,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let id = prop_oneof![3 => Just(None), 1 => (0..2_000_u16).prop_map(Some)];
    let age = prop_oneof![1 => Just(None), 8 => (0..3_u16).prop_map(Some), 1 => Just(Some(900))];
    let all = (id, 1..4_u8, age, proptest::bool::weighted(0.05));
    all.prop_map(|(id, deal, age, is_faulty)| Sketch {
        id,
        deal,
        age,
        is_faulty,
    })
}

fn csv(rows: &[Sketch]) -> String {
    let mut csv = "external_id,message,entity_type,entity_id,audience,created_at\n".to_owned();
    for (day, row) in (1_000..).zip(rows) {
        let id = row.id.map(|id| id.to_string()).unwrap_or_default();
        let message = if row.is_faulty { "" } else { "m" };
        let date = row.age.map(|age| {
            let hours = 24 * (i64::from(day) - i64::from(age));
            jiff::Timestamp::from_second(3_600 * hours).unwrap_or_default()
        });
        let date = date.map(|date| date.to_string()).unwrap_or_default();
        csv.push_str(&format!("{id},{message},deal,{},U1,{date}\n", row.deal));
    }
    csv
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_check_finds_across_rows_what_a_look_at_each_row_finds(
        rows in proptest::collection::vec(sketch(), 1_100..1_400)
    ) {
        let (csv, rules) = (csv(&rows), rules(&CrmFeed));
        let (_folder, manifest) = open("a.csv", csv.as_bytes());
        let mut found = Vec::new();
        let findings = check_manifest(&manifest, &rules, jiff::Timestamp::UNIX_EPOCH, |finding| {
            if let Finding::Problem(problem) = finding {
                found.push((problem.row, problem.code));
            }
        });
        let findings = findings.unwrap();

        let (mut repeats, mut chronology) = (Repeats::default(), Chronology::default());
        let (mut expected, mut invalid) = (Vec::new(), 0);
        for row in checked("a.csv", csv.as_bytes(), &rules).rows {
            let id = row.external_id.as_deref();
            let repeated = id.and_then(|id| repeats.of_id((id, &row.part), row.at, manifest.columns()));
            let mut codes: Vec<Code> = row.problems.iter().map(|problem| problem.code).collect();
            codes.extend(repeated.map(|problem| problem.code));
            if codes.is_empty() {
                let late = chronology.late(&row, manifest.columns());
                codes.extend(late.map(|problem| problem.code));
            }
            invalid += u64::from(!codes.is_empty());
            expected.extend(codes.into_iter().map(|code| (row.at.number, code)));
        }
        prop_assert_eq!(findings.rows, rows.len() as u64);
        prop_assert_eq!((findings.invalid, findings.problems), (invalid, found.len() as u64));
        prop_assert_eq!(&found, &expected);
        for code in [Code::MessageMissing, Code::ExternalIdRepeated, Code::OutOfOrder] {
            prop_assert!(found.iter().any(|(_, found)| *found == code), "no {}", code.as_str());
        }
    }
}
