//! What a mapping file makes of an export, and what it says where that can't be.

use serde_json::json;

use crate::common::{Sandbox, Workspace, assert_counts};

fn check(workspace: &Workspace, mapping: &str, more: &[&str]) -> Vec<String> {
    workspace.write("mapping.toml", mapping);
    let arguments = ["check", "m.csv", "--mapping", "mapping.toml"];
    workspace
        .command(&[&arguments, more].concat())
        .get_args()
        .map(|argument| argument.to_str().unwrap().to_owned())
        .collect()
}

fn run(workspace: &Workspace, arguments: &[String]) -> crate::common::Run {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    workspace.run(&arguments)
}

/// The texts that a portal has after an import, with their records.
fn imported(export: &str, mapping: &str, more: &[&str]) -> Vec<(Option<String>, String)> {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", export);
    workspace.write("mapping.toml", mapping);
    workspace.write(
        "entities.csv",
        "type,old_id,id\ndeal,A-1,11\ncontact,7,70\n",
    );
    workspace.write("users.csv", "old,id\nanna@example.com,6\nivan,5\n");
    workspace.write("files.csv", "id,path\nf1,scans/1.pdf\nf1,scans/2.pdf\n");
    workspace.write("scans/1.pdf", "one");
    workspace.write("scans/2.pdf", "two");
    workspace.write("notes/51/a.txt", "a");
    workspace.write("notes/51/b.txt", "b");
    let options = ["--mapping", "mapping.toml", "--no-record-check"];
    let run = workspace.import(&portal, &[&options, more].concat());
    run.expect(0);
    let files = crate::common::files(&portal.store);
    let post = |post: crate::common::Stored| {
        let names = files.iter().filter(|(id, ..)| *id == post.id);
        let names: Vec<&str> = names.map(|(_, name, ..)| name.as_str()).collect();
        let entity = post.entity.map(|(kind, id)| format!("{kind}:{id}"));
        (entity, format!("{}|{}", post.message, names.join(",")))
    };
    portal.posts_once().into_iter().map(post).collect()
}

#[test]
fn old_ids_of_records_users_and_files_are_translated() {
    let posts = imported(
        "id;deal;who;text;file\n1;A-1;ivan;[user=5]Ivan[/user], look;f1\n2;A-1;Anna@Example.com;b;\n",
        "[file]\ntarget = 'timeline'\nentity_map = 'entities.csv'\nfile_map = 'files.csv'\n\
         [fields]\nexternal_id = 'id'\nentity_type = { value = 'deal' }\n\
         entity_id = { column = 'deal', map = 'entity' }\nmessage = 'text'\n\
         attachments = { column = 'file', map = 'file' }\nauthor_id = 'who'\n",
        &["--user-map", "users.csv", "--mentions", "text"],
    );
    let texts: Vec<&str> = posts.iter().map(|(_, text)| text.as_str()).collect();
    assert!(
        posts
            .iter()
            .all(|(entity, _)| entity.as_deref() == Some("2:11")),
        "{posts:?}"
    );
    assert!(texts[0].ends_with("Ivan, look|1.pdf,2.pdf"), "{texts:?}");
}

#[test]
fn mentions_take_the_numbers_of_the_user_map() {
    let export = "entity_type,entity_id,message\ndeal,1,\"[user=5]Ivan[/user], look\"\n";
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", export);
    let import = |map: &str| {
        workspace.write("users.csv", map);
        let options = ["--target", "timeline", "--user-map", "users.csv"];
        workspace.import(&portal, &[&options[..], &["--no-record-check"]].concat())
    };
    let unmapped = import("old,id\n6,50\n").expect(3).stderr;
    assert!(unmapped.contains("user_unmapped"), "{unmapped}");
    import("old,id\n5,50\n").expect(0);
    assert_eq!(portal.posts_once()[0].message, "[user=50]Ivan[/user], look");
    let again = import("old,id\n5,51\n").expect(0).json();
    assert_counts(&again, &[("already_posted", 1)]);
}

#[test]
fn odd_texts_are_told_by_their_records_however_many_posts_stand_above() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "id,a,b\n1,one,two\n2,three,four\n3,_x000D_ five,\n",
    );
    let mapping = "[file]\ntarget = 'timeline'\n[fields]\nexternal_id = 'id'\n\
        entity_type = { value = 'deal' }\nentity_id = { value = '7' }\n\
        [explode]\ncolumns = ['a', 'b']\n";
    let told = run(&workspace, &check(&workspace, mapping, &[]))
        .expect(0)
        .stdout;
    assert!(told.contains("1 row (3): Excel's signs"), "{told}");
}

#[test]
fn a_folder_of_files_goes_along_with_its_note() {
    let posts = imported(
        "id,entity_type,entity_id,message\n51,deal,1,a\n52,deal,2,b\n",
        "[file]\ntarget = 'timeline'\n[fields]\nattachments = { template = '{id}/*' }\n\
         external_id = 'id'\n",
        &["--attachments-root", "notes"],
    );
    assert_eq!(posts[0].1, "a|a.txt,b.txt");
    assert_eq!(posts[1].1, "b|");
}

#[test]
fn empty_cells_have_the_value_above_them_through_any_number_of_rows() {
    let mut export = "Контрагент;ID;Текст\n".to_owned();
    for row in 1..=9_000 {
        let customer = if row % 4_500 == 1 {
            format!("К{row}")
        } else {
            String::new()
        };
        export += &format!("{customer};{row};Текст {row}\n");
    }
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", export);
    let mapping = "[file]\nfill_down = ['Контрагент']\n[fields]\nexternal_id = 'ID'\n\
        message = { template = '{Контрагент}: {Текст}' }\naudience = { value = 'U1' }\n\
        entity_type = { value = 'deal' }\nentity_id = { value = '5' }\n";
    workspace.write("mapping.toml", mapping);
    let run = workspace.import(&portal, &["--mapping", "mapping.toml", "--no-record-check"]);
    assert_counts(&run.expect(0).json(), &[("posted", 9_000)]);
    let posts = portal.posts_once();
    for post in posts {
        let number: u64 = post.message.rsplit(' ').next().unwrap().parse().unwrap();
        let first = (number - 1) / 4_500 * 4_500 + 1;
        assert_eq!(post.message, format!("К{first}: Текст {number}"));
    }
}

#[test]
fn rows_are_left_out_knowingly_and_counted() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "id,deleted,note,note2\n1,0,a,\n2,1,b,\n3,0,,\n4,0,c,d\n",
    );
    let mapping = "[file]\ntarget = 'timeline'\n[fields]\nexternal_id = 'id'\n\
        entity_type = { value = 'deal' }\nentity_id = { value = '7' }\n\
        [explode]\ncolumns = ['note', 'note2']\n[[skip]]\ncolumn = 'deleted'\nequals = '1'\n";
    let arguments = check(&workspace, mapping, &["--format", "json"]);
    let (problems, summary) = run(&workspace, &arguments).expect(0).checked();
    assert!(problems.is_empty(), "{problems:?}");
    for (name, count) in [
        ("rows", 3),
        ("source_rows", 4),
        ("skipped", 1),
        ("empty", 1),
    ] {
        assert_eq!(summary[name], count, "{name}: {summary}");
    }
    assert_eq!(summary["warnings"]["exploded_columns_full"], 1);
}

#[test]
fn what_maps_lack_is_summed_up_and_written_to_be_filled_in() {
    let workspace = Workspace::new();
    let rows: String = (1..=30)
        .map(|n| format!("{n},deal,{},t\n", n % 7))
        .collect();
    workspace.write(
        "m.csv",
        format!("external_id,entity_type,entity_id,message\n{rows}"),
    );
    workspace.write("entities.csv", "type,old_id,id\ndeal,1,11\n");
    let check = |map: &str| {
        let arguments = [
            "check",
            "m.csv",
            "--target",
            "timeline",
            "--entity-map",
            map,
            "--missing",
            "lack.csv",
        ];
        workspace.run(&arguments)
    };
    let lacking = check("entities.csv").expect(3);
    let told = "25 rows name 6 CRM records that the map doesn't have";
    assert!(lacking.stdout.contains(told), "{}", lacking.stdout);
    let lack = std::fs::read_to_string(workspace.path("lack.csv")).unwrap();
    assert_eq!(lack.lines().count(), 7, "{lack}");
    let filled: String = lack
        .lines()
        .map(|line| line.replace(",,", ",99,") + "\n")
        .collect();
    workspace.write("filled.csv", filled + "deal,1,11,\n");
    check("filled.csv").expect(0);
}

#[test]
fn a_value_that_a_table_or_map_lacks_is_what_missing_says() {
    let export = "id,kind,deal,author,text\n1,Deal,A-1,ivan,a\n2,Task,A-1,ivan,b\n3,Deal,A-9,ivan,c\n\
        4,Deal,A-1,nobody,d\n";
    let mapping = |missing: [&str; 3]| {
        let [kind, deal, author] = missing;
        format!(
            "[file]\ntarget = 'timeline'\nentity_map = 'entities.csv'\nuser_map = 'users.csv'\n\
             [fields]\nexternal_id = 'id'\nmessage = 'text'\n\
             entity_type = {{ column = 'kind', values = {{ Deal = 'deal' }}{kind} }}\n\
             entity_id = {{ column = 'deal', map = 'entity'{deal} }}\n\
             author_id = {{ column = 'author', map = 'user'{author} }}\n"
        )
    };
    let workspace = Workspace::new();
    workspace.write("m.csv", export);
    workspace.write("entities.csv", "type,old_id,id\ndeal,A-1,11\n");
    workspace.write("users.csv", "old,id\nivan,5\n");
    let strict = check(&workspace, &mapping(["", "", ""]), &["--format", "json"]);
    let (_, summary) = run(&workspace, &strict).expect(3).checked();
    assert_eq!(
        summary["problems"],
        json!({"value_unknown": 1, "entity_unmapped": 1, "user_unmapped": 1})
    );
    let skip = ", missing = 'skip'";
    let kind = mapping([skip, skip, ", missing = 'warn'"]);
    let lenient = check(&workspace, &kind, &["--format", "json"]);
    let (_, summary) = run(&workspace, &lenient).expect(0).checked();
    assert_eq!(summary["rows"], 2, "{summary}");
    assert_eq!(summary["skipped"], 2, "{summary}");
    assert_eq!(summary["warnings"]["value_left_out"], 1);
    let instead = mapping([", missing = 'lead'", ", missing = '77'", ", missing = '1'"]);
    let filled = check(&workspace, &instead, &["--format", "json"]);
    let (problems, summary) = run(&workspace, &filled).checked();
    // A lead is not in the map, and has a stand-in too.
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(summary["rows"], 4);
}

#[test]
fn a_mapping_that_does_not_fit_says_where_and_what_would() {
    let workspace = Workspace::new();
    workspace.write("m.csv", "ID;Текст;Сделка\n1;a;2\n");
    let wrong = check(
        &workspace,
        "[file]\ntarget = 'timelines'\n[fields]\nmessage = 'Тест'\n",
        &[],
    );
    let told = run(&workspace, &wrong).expect(1).stderr;
    assert!(
        told.contains("mapping.toml:2:") && told.contains("there is no target"),
        "{told}"
    );
    let unknown = check(&workspace, "[fields]\nmessage = 'Тест'\n", &[]);
    let told = run(&workspace, &unknown).expect(1).stderr;
    assert!(
        told.contains("mapping.toml:2:11: no column is named `Тест`; perhaps `Текст`"),
        "{told}"
    );
    let map = "[fields]\nmessage = 'Текст'\nentity_type = { value = 'deal' }\nentity_id = { column = 'Сделка', map = 'entity' }\n";
    let told = run(&workspace, &check(&workspace, map, &[]))
        .expect(3)
        .stdout;
    assert!(told.contains("--entity-map"), "{told}");
    let no_message = check(&workspace, "[fields]\nexternal_id = 'ID'\n", &[]);
    let told = run(&workspace, &no_message).expect(1).stderr;
    assert!(told.contains("no column is named `message`"), "{told}");
}
