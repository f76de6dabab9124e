//! An import is corrected between its runs: the mapping, the maps, the order of things in the
//! export. No row that is posted becomes a new one.

use crate::common::{LEDGER, Sandbox, Workspace, assert_counts, count};

/// A deals export as amoCRM writes it, with two notes a row.
const EXPORT: &str = "ID;Название;Создана;Автор;Примечание;Примечание 2\n\
    51;Поставка;12.03.2019 14:05;ivan;Перезвонить;Отправили КП\n\
    52;Аренда;13.03.2019 10:00;anna;Встреча;\n\
    53;Ремонт;14.03.2019 10:00;ivan;Перезвонить;Перезвонить\n";

const MAPPING: &str = "[file]\ntarget = \"timeline\"\ndelimiter = \";\"\ntimezone = \"Europe/Moscow\"\n\
    date_format = \"%d.%m.%Y %H:%M\"\nentity_map = \"entities.csv\"\nuser_map = \"users.csv\"\n\
    ignore_columns = [\"Название\", \"Автор\"]\n\
    [fields]\nexternal_id = \"ID\"\n\
    message = { template = \"{Название}\\n\\n{explode}\" }\n\
    entity_type = { value = \"deal\" }\nentity_id = { column = \"ID\", map = \"entity\" }\n\
    author_id = { column = \"Автор\", map = \"user\" }\ncreated_at = \"Создана\"\n\
    [explode]\ncolumns = [\"Примечание\", \"Примечание 2\"]\n";

const ENTITIES: &str = "type,old_id,id\ndeal,51,1051\ndeal,52,1052\ndeal,53,1053\n";
const USERS: &str = "old,id\nivan,5\nanna,6\n";

/// The files of an import, before or after a correction.
#[derive(Clone)]
struct Files {
    export: String,
    mapping: String,
    entities: String,
    users: String,
}

impl Files {
    fn first() -> Files {
        Files {
            export: EXPORT.to_owned(),
            mapping: MAPPING.to_owned(),
            entities: ENTITIES.to_owned(),
            users: USERS.to_owned(),
        }
    }

    /// Without IDs of their own, so that rows are known by what they say.
    fn without_ids() -> Files {
        Files::first().map(|mapping| mapping.replace("external_id = \"ID\"\n", ""))
    }

    fn map(self, correct: impl Fn(String) -> String) -> Files {
        Files {
            mapping: correct(self.mapping),
            ..self
        }
    }

    fn write(&self, workspace: &Workspace) {
        workspace.write("m.csv", &self.export);
        workspace.write("mapping.toml", &self.mapping);
        workspace.write("entities.csv", &self.entities);
        workspace.write("users.csv", &self.users);
    }
}

fn swap(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} in {text}");
    text.replace(from, to)
}

/// The columns of the export in another order, and one more.
fn other_columns(export: &str) -> String {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        let [id, name, date, author, first, second] = cells[..] else {
            panic!("{line}");
        };
        format!("{second};{name};{first};;{author};{date};{id}\n")
    };
    export
        .lines()
        .map(line)
        .collect::<String>()
        .replacen(";;", ";Новая;", 1)
}

/// A correction by its name, and the rows whose content it changes.
type Correction = (&'static str, fn(Files) -> Files, u64);

const CORRECTIONS: [Correction; 13] = [
    ("nothing", |files| files, 0),
    (
        "the zone",
        |files| files.map(|mapping| swap(&mapping, "Europe/Moscow", "Asia/Almaty")),
        0,
    ),
    (
        "the order of the exploded columns",
        |files| {
            let from = "[\"Примечание\", \"Примечание 2\"]";
            files.map(|mapping| swap(&mapping, from, "[\"Примечание 2\", \"Примечание\"]"))
        },
        0,
    ),
    (
        "the columns of the export",
        |files| Files {
            export: other_columns(&files.export),
            ..files
        },
        0,
    ),
    (
        "the template",
        |files| files.map(|mapping| swap(&mapping, "{Название}\\n\\n{explode}", "{explode}")),
        5,
    ),
    (
        "a date that was left out",
        |files| files.map(|mapping| swap(&mapping, "created_at = \"Создана\"\n", "")),
        5,
    ),
    (
        "the record of a deal",
        |files| Files {
            entities: swap(&files.entities, "51,1051", "51,1999"),
            ..files
        },
        2,
    ),
    (
        "the user of a login",
        |files| Files {
            users: swap(&files.users, "ivan,5", "ivan,7"),
            ..files
        },
        0,
    ),
    (
        "the spelling of names in a map",
        |files| Files {
            users: swap(&files.users, "ivan", " IVAN"),
            ..files
        },
        0,
    ),
    (
        "lines of a map",
        |files| Files {
            entities: "type,old_id,id\ndeal,53,1053\ndeal,52,1052\nlead,51,7\ndeal,51,1051\n"
                .to_owned(),
            ..files
        },
        0,
    ),
    (
        "a line that a map has lost",
        |files| Files {
            entities: swap(&files.entities, "deal,52,1052\n", ""),
            ..files
        },
        0,
    ),
    (
        "rows left out",
        |files| {
            files.map(|mapping| {
                format!("{mapping}[[skip]]\ncolumn = \"ID\"\nequals = [\"52\", \"99\"]\n")
            })
        },
        0,
    ),
    (
        "the delimiter",
        |files| Files {
            export: files.export.replace(';', "\t"),
            ..files.map(|mapping| swap(&mapping, "\";\"", "\"tab\""))
        },
        0,
    ),
];

const IMPORT: [&str; 3] = ["--mapping", "mapping.toml", "--no-record-check"];

fn holds(first: fn() -> Files) {
    for (name, correct, changed) in CORRECTIONS {
        let workspace = Workspace::new();
        let portal = Sandbox::start(&workspace, &[]);
        let import = || workspace.import(&portal, &IMPORT).expect(0).json();
        first().write(&workspace);
        assert_counts(&import(), &[("posted", 5)]);
        correct(first()).write(&workspace);
        // The corrected files are those of every later run too.
        for _ in 0..2 {
            let again = import();
            let seen = count(&again, "total") + count(&again, "skipped");
            assert_eq!(seen, 5, "{name}: {again}");
            let told = ["posted", "gone", "changed"].map(|count_of| count(&again, count_of));
            assert_eq!(told, [0, 0, changed], "{name}: {again}");
        }
        assert_eq!(portal.count(), 5, "{name}");
    }
}

#[test]
fn rows_with_ids_stay_the_same_rows() {
    holds(Files::first);
}

#[test]
fn rows_without_ids_stay_the_same_rows() {
    holds(Files::without_ids);
}

#[test]
fn rows_that_get_their_ids_from_another_column_stay_the_same_rows() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    let import = |files: Files| {
        files.write(&workspace);
        workspace.import(&portal, &IMPORT).expect(0).json()
    };
    assert_counts(&import(Files::without_ids()), &[("posted", 5)]);
    assert_counts(
        &import(Files::first()),
        &[("posted", 0), ("already_posted", 5), ("changed", 0)],
    );
    let named = "external_id = { template = \"{Название}-{ID}\" }\n";
    let by_template = Files::first().map(|mapping| swap(&mapping, "external_id = \"ID\"\n", named));
    let again = import(by_template.clone());
    assert_counts(&again, &[("posted", 0), ("gone", 0), ("already_posted", 5)]);
    assert_counts(
        &import(by_template),
        &[("posted", 0), ("already_posted", 5)],
    );
    assert!(keys(&workspace).contains(&"x:Поставка-51/Примечание 2".to_owned()));
}

fn keys(workspace: &Workspace) -> Vec<String> {
    let ledger = workspace.open(LEDGER);
    let mut query = ledger
        .prepare("SELECT row_key FROM rows ORDER BY row_key")
        .unwrap();
    let keys = query.query_map([], |row| row.get(0)).unwrap();
    keys.map(Result::unwrap).collect()
}

/// Notes as HubSpot exports them, each on several records.
const NOTES: &str = "Record ID,Body,Deal IDs,Contact IDs\n\
    1,Called,101;102,7\n2,Sent,102,\n";

const RECORDS: &str = "[file]\ntarget = \"timeline\"\n[fields]\nexternal_id = \"Record ID\"\n\
    message = \"Body\"\n\
    [[records]]\ntype = \"deal\"\ncolumn = \"Deal IDs\"\nseparator = \";\"\n\
    [[records]]\ntype = \"contact\"\ncolumn = \"Contact IDs\"\nseparator = \";\"\n";

#[test]
fn the_order_of_ids_and_further_ones_change_no_other_part() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    let import = |notes: String| {
        workspace.write("mapping.toml", RECORDS);
        workspace.write("m.csv", notes);
        workspace.import(&portal, &IMPORT).expect(0).json()
    };
    assert_counts(
        &import(NOTES.to_owned()),
        &[("posted", 4), ("source_rows", 2)],
    );
    let expected = [
        "x:1@contact:7",
        "x:1@deal:101",
        "x:1@deal:102",
        "x:2@deal:102",
    ];
    assert_eq!(keys(&workspace), expected);
    let more = swap(NOTES, "101;102", "102; 103 ;101");
    let again = import(more);
    assert_counts(
        &again,
        &[("posted", 1), ("already_posted", 4), ("changed", 0)],
    );
    let fewer = import(NOTES.to_owned());
    assert_counts(&fewer, &[("posted", 0), ("already_posted", 4), ("gone", 1)]);
}
