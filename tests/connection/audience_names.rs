//! Names in audiences are looked for before the first post, and stay what a row is known by.

use crate::common::{Run, Sandbox, Workspace, count};
use serde_json::json;

fn portal(workspace: &Workspace, scope: &str) -> Sandbox {
    let data = json!({
        "users": [
            {"ID": 30, "NAME": "Ann", "LAST_NAME": "Lee", "EMAIL": "ann@example.com", "UF_DEPARTMENT": [3]},
            {"ID": 31, "NAME": "Bo", "UF_DEPARTMENT": [3, 4]},
        ],
        "departments": [{"ID": 3, "NAME": "Отдел продаж"}, {"ID": 4, "NAME": "Sales"}, {"ID": 9, "NAME": "sales"}],
        "groups": [{"ID": 5, "NAME": "Новости", "NUMBER_OF_MEMBERS": 12}],
    });
    let data = workspace.write("data.json", data.to_string());
    Sandbox::start(
        workspace,
        &["--data", data.to_str().unwrap(), "--scope", scope],
    )
}

fn post(workspace: &Workspace, portal: &Sandbox) -> Run {
    workspace.import(portal, &["--target", "news-feed"])
}

const ALL: &str = "log,user,department,sonet_group";

#[test]
fn names_become_codes_and_are_told_with_head_counts() {
    let workspace = Workspace::new();
    let portal = portal(&workspace, ALL);
    let rows = "message,audience\nHello,\"department:отдел продаж,U1\"\n\
                There,\"[\"\"group:Новости\"\",\"\"user:ANN@example.com\"\"]\"\n";
    workspace.write("m.csv", rows);
    workspace
        .run(&["check", "m.csv", "--target", "news-feed"])
        .expect(0);
    let run = post(&workspace, &portal).expect(0);
    for told in [
        "department:отдел продаж is DR3, 2 or more people",
        "group:Новости is SG5, 12 people",
        "user:ANN@example.com is U30",
    ] {
        assert!(run.stderr.contains(told), "{told} in {}", run.stderr);
    }
    let audiences: Vec<Vec<String>> = portal
        .posts()
        .into_iter()
        .map(|post| post.audience)
        .collect();
    assert_eq!(audiences, [vec!["U1", "DR3"], vec!["SG5", "U30"]]);
    // The rows have no ID of their own: they are known again by what is written.
    let again = post(&workspace, &portal).expect(0).json();
    assert_eq!(count(&again, "already_posted"), 2);
}

#[test]
fn a_name_that_means_nobody_or_several_stops_the_run() {
    let workspace = Workspace::new();
    let portal = portal(&workspace, ALL);
    workspace.write(
        "m.csv",
        "message,audience\na,U1\nb,\"department:SALES,group:None\"\n",
    );
    let (code, message) = post(&workspace, &portal).expect(1).error();
    assert_eq!((code.as_str(), portal.count()), ("audience_names", 0));
    assert!(
        message.contains("`department:SALES` may be any of DR4, DR9"),
        "{message}"
    );
    assert!(
        message.contains("nothing that is called `group:None`"),
        "{message}"
    );
}

#[test]
fn a_missing_permission_and_a_wrong_name_are_told() {
    let workspace = Workspace::new();
    let portal = portal(&workspace, "log");
    workspace.write("m.csv", "message,audience\na,group:News\n");
    let (code, message) = post(&workspace, &portal).expect(1).error();
    assert_eq!((code.as_str(), portal.count()), ("insufficient_scope", 0));
    assert!(message.contains("permission `sonet_group`"), "{message}");
    workspace.write("m.csv", "message,audience\na,user:Ann\n");
    let run = workspace.run(&[
        "check",
        "m.csv",
        "--target",
        "news-feed",
        "--format",
        "json",
    ]);
    let (problems, _) = run.expect(3).checked();
    assert_eq!(problems[0]["code"], "audience_invalid");
    assert!(
        problems[0]["advice"]
            .as_str()
            .unwrap()
            .contains("user:ann@example.com")
    );
}
