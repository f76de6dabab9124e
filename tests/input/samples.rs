//! The samples of other systems' exports go through `guess`, `check` and a rehearsal as the README says.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Workspace, assert_counts, posts};

/// The folder of a sample, copied into a workspace.
fn sample(workspace: &Workspace, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name);
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        workspace.write(file, fs::read(&path).unwrap());
    }
}

fn rehearsed(workspace: &Workspace, manifest: &str, mapping: &str) -> serde_json::Value {
    let arguments = [
        "import",
        manifest,
        "--mapping",
        mapping,
        "--sandbox",
        "--format",
        "json",
    ];
    workspace.run(&arguments).expect(0).json()
}

#[test]
fn deals_of_amo_crm_give_a_post_for_each_note() {
    let workspace = Workspace::new();
    sample(&workspace, "amocrm");
    workspace
        .run(&["check", "leads.csv", "--mapping", "leads.toml"])
        .expect(0);
    let first = rehearsed(&workspace, "leads.csv", "leads.toml");
    assert_counts(&first, &[("posted", 10)]);
    assert_eq!(
        (&first["source_rows"], &first["empty"]),
        (&5.into(), &1.into())
    );
    let again = rehearsed(&workspace, "leads.csv", "leads.toml");
    assert_counts(&again, &[("already_posted", 10)]);
    let posts = posts(&workspace.path("leads.csv.sandbox.store.db"));
    let of_deal = |id| {
        posts
            .iter()
            .filter(move |post| post.entity == Some((2, id)))
    };
    let texts: Vec<&str> = of_deal(5201).map(|post| post.message.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Клиент просит перезвонить после 15:00, «только не в пятницу».",
            "Отправили КП № 118; ждём ответа, срок — 2 недели"
        ]
    );
    assert_eq!(of_deal(5204).count(), 5);
    // Two notes that say the same are two notes.
    assert_eq!(of_deal(5205).count(), 2);
}

#[test]
fn notes_of_hub_spot_go_to_each_of_their_records() {
    let workspace = Workspace::new();
    sample(&workspace, "hubspot");
    workspace
        .run(&["check", "notes.csv", "--mapping", "notes.toml"])
        .expect(0);
    let first = rehearsed(&workspace, "notes.csv", "notes.toml");
    assert_counts(&first, &[("posted", 9)]);
    assert_counts(
        &rehearsed(&workspace, "notes.csv", "notes.toml"),
        &[("already_posted", 9)],
    );
    let posts = posts(&workspace.path("notes.csv.sandbox.store.db"));
    let of_contact: Vec<&str> = posts
        .iter()
        .filter(|post| post.entity == Some((3, 301)))
        .map(|post| post.message.as_str())
        .collect();
    assert!(
        of_contact[0].starts_with("[i]12.03.2019 14:05 · Ann Lee[/i]\n"),
        "{of_contact:?}"
    );
    assert_eq!(of_contact.len(), 2);
    let left: Vec<&str> = posts
        .iter()
        .filter(|post| post.message.contains("Cho Min"))
        .map(|post| post.message.as_str())
        .collect();
    assert_eq!(left.len(), 1, "who has no user is named");
}

#[test]
fn what_guess_writes_lacks_nothing_but_the_maps_and_the_zone() {
    for (name, manifest) in [("amocrm", "leads.csv"), ("hubspot", "notes.csv")] {
        let workspace = Workspace::new();
        sample(&workspace, name);
        let guess = workspace.run(&["guess", manifest]).expect(0).stdout;
        workspace.write("guess.toml", guess);
        let arguments = [
            "check",
            manifest,
            "--mapping",
            "guess.toml",
            "--format",
            "json",
        ];
        let (problems, _) = workspace.run(&arguments).expect(3).checked();
        let mut codes: Vec<&str> = problems
            .iter()
            .map(|problem| problem["code"].as_str().unwrap())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let expected: &[&str] = match name {
            "amocrm" => &["entity_unmapped"],
            _ => &["entity_unmapped", "time_invalid"],
        };
        assert_eq!(codes, expected, "{name}");
    }
}
