//! `lookup` against the built-in portal: what it asks, what it writes, and what a second run keeps.

use std::fs;

use crate::common::{Run, Sandbox, Workspace, count, finish, signal, wait_until};
use serde_json::{Value, json};

const MAP: &str = "m.csv.entities.csv";

/// A portal with these data, whose webhook may see users too.
fn portal(workspace: &Workspace, data: &Value, more: &[&str]) -> Sandbox {
    let data = workspace.write("data.json", data.to_string());
    let mut options = vec!["--data", data.to_str().unwrap(), "--scope", "crm,user"];
    options.extend(more);
    Sandbox::start(workspace, &options)
}

fn lookup(workspace: &Workspace, portal: &Sandbox, more: &[&str]) -> Run {
    let plain = [
        "lookup",
        "m.csv",
        "--plan",
        "self-hosted",
        "--format",
        "json",
    ];
    workspace.run_by(&portal.webhook, &[&plain, more].concat())
}

/// The lines of the map, the portal's address as `P`.
fn map(workspace: &Workspace, portal: &Sandbox, name: &str) -> Vec<String> {
    let address = portal.webhook.split("/rest/").next().unwrap();
    let text = fs::read_to_string(workspace.path(name)).unwrap();
    text.replace(address, "P")
        .lines()
        .map(String::from)
        .collect()
}

fn companies() -> Value {
    json!({"records": [
        {"type": "company", "id": 12, "title": "ООО «Ромашка»", "inn": ["7701"], "originId": "77",
         "phone": ["8 (495) 123-45-67"], "email": ["info@romashka.ru"], "UF_CRM_OLD_ID": "amo_1"},
        {"type": "company", "id": 13, "title": "Берёза", "originId": "78", "UF_CRM_OLD_ID": "AMO_2"},
        {"type": "company", "id": 14, "title": "ЗАО Берёза", "originId": "78"},
        {"type": "company", "id": 15, "title": "Торговый ряд"},
        {"type": "contact", "id": 5, "name": "Анна", "lastName": "Семёнова", "inn": ["7701"]},
        {"type": "contact", "id": 6, "name": "Олег", "lastName": "Семёнова"},
    ]})
}

#[test]
fn titles_are_matched_once_each_and_what_is_unclear_has_candidates() {
    let workspace = Workspace::new();
    let portal = portal(&workspace, &companies(), &[]);
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id\na,company,ромашка ООО\nb,company,ромашка ООО\nc,company,БЕРЕЗА\n\
         d,company,Торговый дом Весна\ne,contact,Семенова Анна\nf,company,Ничего\ng,,x\n",
    );
    let run = lookup(&workspace, &portal, &["--by", "title"]).expect(0);
    let told = run.json();
    for (name, expected) in [
        ("total", 5),
        ("found", 2),
        ("ambiguous", 2),
        ("not_found", 1),
        ("rows", 6),
        ("rows_found", 3),
        ("untyped", 1),
        ("kept", 0),
    ] {
        assert_eq!(count(&told, name), expected, "{name} in {told}");
    }
    assert_eq!(
        map(&workspace, &portal, MAP),
        [
            "type,old_id,id,matched,candidate_1,candidate_2,candidate_3,candidate_4,candidate_5,rows",
            "company,ромашка ООО,12,12 ООО «Ромашка» P/crm/company/details/12/,,,,,,2",
            "company,БЕРЕЗА,,,13 Берёза P/crm/company/details/13/,14 ЗАО Берёза P/crm/company/details/14/,,,,1",
            "company,Торговый дом Весна,,,15 Торговый ряд P/crm/company/details/15/,,,,,1",
            "contact,Семенова Анна,5,5 Анна Семёнова P/crm/contact/details/5/,,,,,,1",
            "company,Ничего,,,,,,,,1",
        ]
    );
    // What a person chooses is kept, and asked for no more.
    let chosen = fs::read_to_string(workspace.path(MAP)).unwrap();
    workspace.write(MAP, chosen.replace("БЕРЕЗА,,", "БЕРЕЗА,14,"));
    let again = lookup(&workspace, &portal, &["--by", "title"])
        .expect(0)
        .json();
    assert_eq!((count(&again, "found"), count(&again, "kept")), (3, 3));
    assert!(map(&workspace, &portal, MAP)[2].starts_with("company,БЕРЕЗА,14,,13 Берёза"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(workspace.path(MAP))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(portal.count(), 0);
}

#[test]
fn each_field_finds_its_records() {
    let workspace = Workspace::new();
    let portal = portal(&workspace, &companies(), &[]);
    for (by, old, id) in [
        ("inn", "77 01", "12"),
        ("phone", "+7 495 1234567", "12"),
        ("email", "INFO@romashka.ru", "12"),
        ("originId", "77", "12"),
        ("originId", "78", ""),
        ("originId", "79", ""),
        ("UF_CRM_OLD_ID=amo_{}", "1", "12"),
        ("UF_CRM_OLD_ID=amo_{}", "2", ""),
    ] {
        workspace.write(
            "m.csv",
            format!("message,entity_type,entity_id\na,company,{old}\n"),
        );
        lookup(&workspace, &portal, &["--by", by, "--output", "map.csv"]).expect(0);
        let line = map(&workspace, &portal, "map.csv").pop().unwrap();
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[2], id, "{by} {old}: {line}");
        assert!(
            id.is_empty() || cells[3].starts_with("12 ООО «Ромашка» P/"),
            "{by} {old}: {line}"
        );
        fs::remove_file(workspace.path("map.csv")).unwrap();
    }
}

#[test]
fn many_values_share_requests() {
    let workspace = Workspace::new();
    let record = |n: usize| json!({"type": "deal", "id": n, "title": format!("D{n}"), "originId": format!("o{n}")});
    let data = json!({"records": (1..=1000).map(record).collect::<Vec<_>>()});
    let portal = portal(&workspace, &data, &[]);
    let rows: String = (1..=1000).map(|n| format!("m,deal,o{n}\n")).collect();
    workspace.write("m.csv", format!("message,entity_type,entity_id\n{rows}"));
    let told = lookup(&workspace, &portal, &["--by", "originId"])
        .expect(0)
        .json();
    assert_eq!((count(&told, "found"), count(&told, "requests")), (1000, 3));
}

#[test]
fn users_are_found_by_address_and_name() {
    let workspace = Workspace::new();
    let users = json!({"users": [
        {"ID": 30, "NAME": "Пётр", "LAST_NAME": "Семёнов", "EMAIL": "ps@example.com"},
        {"ID": 31, "NAME": "Иван", "LAST_NAME": "Ли", "EMAIL": "li@example.com"},
        {"ID": 32, "NAME": "Иван", "LAST_NAME": "Ли", "ACTIVE": false},
        {"ID": 33, "NAME": "Олег", "LAST_NAME": "Новый"},
    ]});
    let portal = portal(&workspace, &users, &[]);
    workspace.write(
        "m.csv",
        "message,author_id\na,PS@example.com\nb,семенов петр\nc,Иван Ли\nd,Анна Новый\ne,17\nf,x@y.z\n",
    );
    lookup(&workspace, &portal, &["--users"]).expect(0);
    let lines = map(&workspace, &portal, "m.csv.users.csv");
    let short: Vec<String> = lines
        .iter()
        .map(|line| line.replace("P/company/personal/user/", "P/"))
        .collect();
    assert_eq!(
        short[1..],
        [
            "PS@example.com,30,30 Пётр Семёнов ps@example.com P/30/,,,,,,1",
            "семенов петр,30,30 Пётр Семёнов ps@example.com P/30/,,,,,,1",
            "Иван Ли,,,32 Иван Ли (dismissed) P/32/,31 Иван Ли li@example.com P/31/,,,,1",
            "Анна Новый,,,33 Олег Новый P/33/,,,,,1",
            "17,,,,,,,,1",
            "x@y.z,,,,,,,,1",
        ]
    );
}

#[test]
fn what_keeps_a_lookup_from_asking_is_told() {
    let workspace = Workspace::new();
    let plain = portal(&workspace, &companies(), &[]);
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,author_id\na,company,x,a@b.c\n",
    );
    let run = lookup(&workspace, &plain, &["--by", "UF_CRM_NONE"]).expect(1);
    let (code, message) = run.error();
    assert_eq!(code, "refused");
    assert!(
        message.contains("company") && message.contains("is not allowed in filter"),
        "{message}"
    );

    let names_only = Sandbox::start(&workspace, &["--scope", "crm,user_brief"]);
    let (code, message) = lookup(&workspace, &names_only, &["--users"])
        .expect(1)
        .error();
    assert_eq!(code, "insufficient_scope");
    assert!(message.contains("permission `user`"), "{message}");

    workspace.write(MAP, "type,old_id,id\ncompany,x,12 ООО\n");
    let (code, message) = lookup(&workspace, &plain, &["--by", "title"])
        .expect(1)
        .error();
    assert_eq!(code, "map");
    assert!(
        message.starts_with("m.csv.entities.csv:2: column id: `12 ООО` is no ID"),
        "{message}"
    );

    lookup(&workspace, &plain, &[]).expect(2);
    lookup(&workspace, &plain, &["--users", "--by", "title"]).expect(2);
}

#[test]
fn an_interrupted_lookup_keeps_what_it_has_found() {
    let workspace = Workspace::new();
    let record = |n: usize| json!({"type": "company", "id": n, "title": format!("Company {n}")});
    let data = json!({"records": (1..=30).map(record).collect::<Vec<_>>()});
    let busy = portal(&workspace, &data, &["--rate", "0.001", "--burst", "2"]);
    let rows: String = (1..=30)
        .map(|n| format!("m,company,Company {n}\n"))
        .collect();
    workspace.write("m.csv", format!("message,entity_type,entity_id\n{rows}"));
    let mut command = workspace.command(&["lookup", "m.csv", "--by", "title"]);
    let child = command
        .env("B24POST_WEBHOOK", &busy.webhook)
        .spawn()
        .unwrap();
    wait_until("the portal refuses", || busy.requests().len() > 2);
    signal(&child, "INT");
    let run = finish(child).expect(130);
    assert!(
        run.stdout
            .contains("interrupted: 10 of 30 names, 10 of 30 rows"),
        "{}",
        run.stdout
    );
    assert_eq!(map(&workspace, &busy, MAP).len(), 11);
}

#[test]
fn an_outage_leaves_what_was_found_and_the_next_run_goes_on() {
    let workspace = Workspace::new();
    let record =
        |n: usize| json!({"type": "company", "id": n, "title": format!("Company number{n}")});
    let data = json!({"records": (1..=30).map(record).collect::<Vec<_>>()});
    // It takes the first batch of questions and no more.
    let busy = portal(&workspace, &data, &["--rate", "0.001", "--burst", "2"]);
    let rows: String = (1..=30)
        .map(|n| format!("m,company,number{n} company\nm,company,Company number{n}\n"))
        .collect();
    workspace.write("m.csv", format!("message,entity_type,entity_id\n{rows}"));
    let broken = lookup(&workspace, &busy, &["--by", "title"])
        .expect(1)
        .json();
    let found = count(&broken, "found");
    assert!(
        (1..30).contains(&found) && count(&broken, "pending") > 0,
        "{broken}"
    );
    drop(busy);
    let portal = portal(&workspace, &data, &[]);
    let told = lookup(&workspace, &portal, &["--by", "title"])
        .expect(0)
        .json();
    assert_eq!((count(&told, "found"), count(&told, "total")), (30, 60));
    assert_eq!(count(&told, "kept"), found);
}
