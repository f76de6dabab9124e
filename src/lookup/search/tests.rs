use serde_json::json;

use super::*;

fn search(by: &str, values: &[(EntityKind, &str)]) -> Search {
    let wanted = values.iter().map(|(kind, old)| Wanted {
        entity: Some(*kind),
        old: (*old).to_owned(),
    });
    Search::new(Subject::Entities(by.parse().unwrap()), wanted.collect())
}

fn items(entries: &[(u64, &str)]) -> Json {
    let item = |(id, title): &(u64, &str)| json!({"id": id, "title": title, "originId": title});
    json!({"items": entries.iter().map(item).collect::<Vec<_>>()})
}

fn answer(search: &mut Search, answer: &Json) {
    let mut questions = search.next(1);
    search.answered(questions.remove(0), answer).unwrap();
}

fn told(search: &Search) -> Vec<(Option<u64>, Vec<u64>)> {
    let verdicts = search.verdicts().map(Option::unwrap);
    verdicts
        .map(|verdict| {
            let ids = verdict.candidates.iter().map(|found| found.id).collect();
            (verdict.hit.map(|hit| hit.id), ids)
        })
        .collect()
}

const COMPANY: EntityKind = EntityKind::Company;

#[test]
fn only_a_single_exact_hit_is_one() {
    let mut one = search("title", &[(COMPANY, "ООО Ромашка")]);
    answer(&mut one, &items(&[(5, "Ромашка Плюс"), (7, "«Ромашка»")]));
    assert_eq!(told(&one), [(Some(7), vec![])]);
    let mut two = search("title", &[(COMPANY, "Ромашка")]);
    answer(
        &mut two,
        &items(&[(5, "ЗАО Ромашка"), (6, "Ромашка плюс"), (7, "ООО Ромашка")]),
    );
    assert_eq!(told(&two), [(None, vec![5, 7])]);
}

#[test]
fn what_is_like_it_is_told_the_likeliest_first() {
    let mut search = search("title", &[(COMPANY, "Ромашка")]);
    let many = [
        (1, "Ромашка на большом лугу"),
        (2, "Ромашка-2"),
        (3, "x Ромашка y z"),
        (4, "ромашка 4"),
        (5, "ромашка 55"),
        (6, "ромашка 666"),
    ];
    answer(&mut search, &items(&many));
    let told = told(&search);
    assert_eq!((told[0].0, told[0].1.len()), (None, CANDIDATES));
    assert_eq!(
        (told[0].1[0], told[0].1.contains(&1)),
        (4, false),
        "{told:?}"
    );
}

#[test]
fn where_nothing_fits_the_longest_word_is_asked_for() {
    let mut search = search("title", &[(COMPANY, "Торговый дом Весна")]);
    answer(&mut search, &items(&[]));
    assert_eq!(search.settled(), 0);
    let question = search.next(5).remove(0);
    let pattern = "%Торговый%".to_owned();
    assert_eq!(
        question.ask,
        Ask::Title {
            kind: COMPANY,
            pattern
        }
    );
    search
        .answered(question, &items(&[(9, "Торговый ряд")]))
        .unwrap();
    assert!(search.next(5).is_empty());
    assert_eq!(told(&search), [(None, vec![9])]);
}

#[test]
fn a_full_page_is_read_on_and_too_many_are_not_certain() {
    let page = |from: u64| -> Vec<(u64, &str)> {
        (from..from + 50).map(|id| (id, "Ромашка и К")).collect()
    };
    let mut found = search("title", &[(COMPANY, "Ромашка")]);
    answer(&mut found, &items(&page(1)));
    let question = found.next(1).remove(0);
    assert_eq!(question.start, 50);
    found
        .answered(question, &items(&[(99, "Ромашка")]))
        .unwrap();
    assert_eq!(told(&found), [(Some(99), vec![])]);

    let mut many = search("title", &[(COMPANY, "Ромашка")]);
    let mut first = page(1);
    first[0].1 = "Ромашка";
    answer(&mut many, &items(&first));
    for start in (50..MOST_ENTRIES).step_by(PAGE) {
        answer(&mut many, &items(&page(1 + start as u64)));
    }
    assert!(many.next(1).is_empty());
    assert_eq!(told(&many), [(None, vec![1])]);
}

#[test]
fn values_that_share_a_full_page_are_asked_for_in_halves() {
    let values: Vec<(EntityKind, String)> = (0..4).map(|n| (COMPANY, format!("n{n}"))).collect();
    let values: Vec<(EntityKind, &str)> = values
        .iter()
        .map(|(kind, old)| (*kind, old.as_str()))
        .collect();
    let mut search = search("originId", &values);
    let full: Vec<(u64, &str)> = (1..=50).map(|id| (id, "n0")).collect();
    answer(&mut search, &items(&full));
    let halves: Vec<Vec<usize>> = search
        .next(9)
        .into_iter()
        .map(|question| {
            let values = question.values.clone();
            search
                .answered(question, &items(&[(70, "n1"), (71, "n2"), (72, "N3")]))
                .unwrap();
            values
        })
        .collect();
    assert_eq!(halves, [vec![0, 1], vec![2, 3]]);
    let hits: Vec<Option<u64>> = told(&search).into_iter().map(|(hit, _)| hit).collect();
    assert_eq!(hits, [None, Some(70), Some(71), None]);
}

#[test]
fn a_value_that_the_field_cannot_hold_spoils_no_other() {
    let mut search = search(
        "UF_CRM_NUMBER",
        &[(COMPANY, "7"), (COMPANY, "x"), (COMPANY, "8")],
    );
    let mut asked = Vec::new();
    while let Some(question) = search.next(1).pop() {
        asked.push(question.values.clone());
        match question.values.contains(&1) {
            true => search.cannot_hold(&question),
            false => search.answered(question, &items(&[])).unwrap(),
        }
    }
    assert_eq!(
        asked,
        [vec![0, 1, 2], vec![0], vec![1, 2], vec![1], vec![2]]
    );
    assert_eq!(search.settled(), 3);
}

#[test]
fn titles_are_asked_for_where_answers_have_none() {
    let mut search = search("phone", &[(COMPANY, "+7 1"), (COMPANY, "+7 2")]);
    answer(&mut search, &json!({"COMPANY": [5]}));
    answer(&mut search, &json!([]));
    search.ask_for_titles();
    answer(&mut search, &items(&[(5, "Ромашка")]));
    let verdict = search.verdicts().next().unwrap().unwrap();
    assert_eq!(verdict.hit.unwrap().title, "Ромашка");
    assert!(search.next(1).is_empty());
}

#[test]
fn types_that_the_portal_refuses_are_asked_for_no_more() {
    let dynamic = EntityKind::Dynamic(131);
    let mut search = search(
        "title",
        &[(dynamic, "Aaa"), (dynamic, "Bbb"), (COMPANY, "Ccc")],
    );
    let question = search.next(1).remove(0);
    search.refuse(&question, dynamic, "no".into());
    let left: Vec<usize> = search
        .next(9)
        .into_iter()
        .flat_map(|question| question.values)
        .collect();
    assert_eq!(left, [2]);
    assert_eq!(search.settled(), 2);
}

#[test]
fn a_text_that_a_batch_would_rewrite_goes_alone() {
    let mut search = search(
        "xmlId",
        &[
            (COMPANY, "a"),
            (EntityKind::Deal, "$total[1]"),
            (EntityKind::Lead, "b"),
        ],
    );
    let sizes: Vec<usize> = std::iter::from_fn(|| {
        let questions = search.next(9);
        (!questions.is_empty()).then_some(questions.len())
    })
    .collect();
    assert_eq!(sizes, [1, 1, 1]);
}
