//! A run posts every row as it was written, a rerun posts nothing, and invalid rows, missing files,
//! limits and dates hold back what they should.

use std::fs;

use crate::common::{
    LEDGER, Sandbox, Workspace, assert_counts, count, files, finish, posts, sha256, wait_until,
};

#[test]
fn a_fresh_run_posts_every_row_and_a_rerun_posts_nothing() {
    let workspace = Workspace::new();
    workspace.rows(5);
    let portal = Sandbox::start(&workspace, &[]);
    let first = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&first, &[("posted", 5)]);
    assert_eq!(count(&first, "commands"), 5);
    let posts = portal.posts();
    let messages: Vec<&str> = posts.iter().map(|post| post.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "Message 1",
            "Message 2",
            "Message 3",
            "Message 4",
            "Message 5"
        ]
    );
    assert_eq!(posts[0].entity, Some((2, 2)));
    let ledger = workspace.ledger(LEDGER);
    for (row, post) in ledger.iter().zip(&posts) {
        assert_eq!((row.1.as_str(), row.2), ("posted", Some(post.id)));
    }
    let before = portal.requests().len();
    let second = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&second, &[("already_posted", 5)]);
    assert_eq!(
        portal.requests().len(),
        before,
        "a finished import asks the portal nothing"
    );
    assert_eq!(portal.count(), 5);
}

#[test]
fn the_samples_arrive_as_written_files_and_all() {
    let workspace = Workspace::new();
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    copy_tree(&samples, &workspace.path("samples"));
    let originals = contents(&samples.join("files"));
    for (manifest, due) in [
        ("samples/announcements.csv", 30),
        ("samples/legacy-crm.jsonl", 30),
    ] {
        let run = workspace
            .run(&["import", manifest, "--sandbox", "--format", "json"])
            .expect(0);
        assert_counts(&run.json(), &[("posted", due), ("not_due", 1)]);
        let again = workspace
            .run(&["import", manifest, "--sandbox", "--format", "json"])
            .expect(0);
        assert_counts(&again.json(), &[("already_posted", due), ("not_due", 1)]);
        let store = workspace.path(&format!("{manifest}.sandbox.store.db"));
        assert_eq!(posts(&store).len() as u64, due);
        let sent = files(&store);
        assert!(!sent.is_empty());
        for (_, name, size, hash) in sent {
            assert!(
                originals.contains(&(size, hash)),
                "{name} is none of the samples"
            );
        }
    }
}

fn copy_tree(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &to.join(name));
        } else if !name.to_string_lossy().contains(".db") {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// Sizes and hashes of all files in a folder.
fn contents(folder: &std::path::Path) -> Vec<(u64, String)> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                return contents(&path);
            }
            let content = fs::read(path).unwrap();
            vec![(content.len() as u64, sha256(&content))]
        })
        .collect()
}

#[test]
fn awkward_text_arrives_unharmed_by_batch_and_by_direct_call() {
    let workspace = Workspace::new();
    let texts = [
        "plain",
        "a & b &lt;i&gt; &amp;lt; &quot; 100% + # = ? [b]x[/b]",
        "line\r\none\n\ntwo\rthree ",
        "  blanks kept  ",
        "[b]$total[/b] and $result[a][b]",
        "$timeline[3]",
        "\u{1f600} e\u{301} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{6f22}\u{5b57} \u{a0}",
        "\u{1} control \u{7f}",
    ];
    let rows: String = texts
        .iter()
        .map(|text| {
            let row = serde_json::json!({
                "message": text, "title": text, "entity_type": "deal", "entity_id": 1, "audience": ["U1"],
            });
            format!("{row}\n")
        })
        .collect();
    workspace.write("m.jsonl", rows);
    let run = workspace
        .run(&["import", "m.jsonl", "--sandbox", "--format", "json"])
        .expect(0);
    assert_counts(&run.json(), &[("posted", texts.len() as u64)]);
    let posts = posts(&workspace.path("m.jsonl.sandbox.store.db"));
    let arrived: Vec<&str> = posts.iter().map(|post| post.message.as_str()).collect();
    assert_eq!(arrived, texts);
    let titles: Vec<&str> = posts
        .iter()
        .filter_map(|post| post.title.as_deref())
        .collect();
    assert_eq!(titles, texts);
}

#[test]
fn attachments_beyond_the_byte_limit_are_streamed_by_a_call_of_their_own() {
    let workspace = Workspace::new();
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    workspace.write("files/big.bin", &content);
    workspace.write("files/small.txt", "small");
    workspace.write(
        "m.csv",
        "external_id,message,entity_type,entity_id,audience,attachments\n\
         1,Big,deal,1,U1,files/big.bin;files/small.txt\n\
         2,Small,deal,1,U1,files\\small.txt\n",
    );
    let portal = Sandbox::start(&workspace, &[]);
    let run = workspace
        .import(&portal, &["--max-batch-bytes", "64k"])
        .expect(0)
        .json();
    assert_counts(&run, &[("posted", 2)]);
    let methods = portal.methods_after_preflight();
    assert_eq!(methods, ["crm.livefeedmessage.add", "batch"]);
    let hash = sha256(&content);
    let sent = files(&portal.store);
    assert_eq!(sent.len(), 3);
    assert_eq!(
        (sent[0].1.as_str(), sent[0].2, &sent[0].3),
        ("big.bin", 1_200_000, &hash)
    );
    assert_eq!(sent[2].3, sha256(b"small"));
}

#[test]
fn an_invalid_row_holds_everything_back_until_it_is_skipped() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let manifest = fs::read_to_string(workspace.path("m.csv")).unwrap();
    workspace.write(
        "m.csv",
        format!("{manifest}r4,,deal,1,U1\nr5,Text,deal,x,U1\n"),
    );
    let portal = Sandbox::start(&workspace, &[]);
    let held = workspace.import(&portal, &[]).expect(3);
    assert_counts(&held.json(), &[("invalid", 2), ("pending", 3)]);
    assert!(held.stderr.contains("message_missing"), "{}", held.stderr);
    assert_eq!(portal.requests().len(), 0, "nothing at all is sent");
    let skipped = workspace
        .import(&portal, &["--skip-invalid"])
        .expect(3)
        .json();
    assert_counts(&skipped, &[("invalid", 2), ("posted", 3)]);
    assert_eq!(portal.count(), 3);
}

#[test]
fn posted_rows_need_neither_their_files_nor_valid_text_any_more() {
    let workspace = Workspace::new();
    workspace.write("a.txt", "attached");
    let header = "external_id,message,entity_type,entity_id,audience,attachments\n";
    let rows = "1,One,deal,1,U1,a.txt\n,Unnamed,deal,1,U1,a.txt\n";
    workspace.write("m.csv", format!("{header}{rows}"));
    workspace.rehearse(&[]).expect(0);
    fs::remove_file(workspace.path("a.txt")).unwrap();
    let again = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&again, &[("already_posted", 2)]);
    assert_eq!(count(&again, "changed"), 0);
    let spoiled = rows.replace("One,deal", ",nothing");
    workspace.write("m.csv", format!("{header}{spoiled}"));
    let spoiled = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&spoiled, &[("already_posted", 2)]);
}

#[test]
fn a_missing_file_is_a_problem_before_anything_is_sent() {
    let workspace = Workspace::new();
    let manifest = "message,entity_type,entity_id,audience,attachments\nOne,deal,1,U1,\nTwo,deal,1,U1,gone.txt\n";
    workspace.write("m.csv", manifest);
    let run = workspace.rehearse(&[]).expect(3);
    assert_counts(&run.json(), &[("invalid", 1), ("pending", 1)]);
    assert!(run.stderr.contains("gone.txt"), "{}", run.stderr);
}

#[test]
fn a_file_that_goes_while_the_run_is_on_costs_only_its_row() {
    let workspace = Workspace::new();
    let mut manifest =
        "external_id,message,entity_type,entity_id,audience,attachments\n".to_owned();
    for n in 1..=40 {
        workspace.write(&format!("{n}.txt"), format!("file {n}"));
        manifest += &format!("{n},Message {n},deal,1,U1,{n}.txt\n");
    }
    workspace.write("m.csv", manifest);
    let portal = Sandbox::start(&workspace, &["--post-cost", "20ms"]);
    let more = [
        "--order",
        "manifest",
        "--plan",
        "standard",
        "--concurrency",
        "1",
    ];
    let run = workspace.start_import(&portal, &more);
    wait_until("the first batch", || portal.count() > 0);
    fs::remove_file(workspace.path("40.txt")).unwrap();
    let run = finish(run).expect(3);
    assert_counts(&run.json(), &[("posted", 39), ("invalid", 1)]);
    assert!(run.stderr.contains("40.txt"), "{}", run.stderr);
    workspace.write("40.txt", "file 40");
    let rest = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&rest, &[("posted", 1), ("already_posted", 39)]);
}

#[test]
fn numbers_beyond_the_portals_are_problems_of_their_rows() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience\nOne,deal,18446744073709551615,U1\n\
         Two,,,CRMDEAL9223372036854775808\nThree,deal,9223372036854775807,U1\n",
    );
    let run = workspace.rehearse(&["--skip-invalid"]).expect(3).json();
    assert_counts(&run, &[("invalid", 2), ("posted", 1)]);
}

#[test]
fn rows_of_the_future_wait_and_limits_leave_the_rest() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience,publish_at\n\
         One,deal,1,U1,2099-01-01T00:00:00Z\nTwo,deal,1,U1,2020-01-01T00:00:00+03:00\n\
         Three,deal,1,U1,\n",
    );
    let first = workspace.rehearse(&["--limit", "1"]).expect(0).json();
    assert_counts(&first, &[("posted", 1), ("not_due", 1), ("pending", 1)]);
    let second = workspace.rehearse(&[]).expect(0).json();
    assert_counts(
        &second,
        &[("posted", 1), ("not_due", 1), ("already_posted", 1)],
    );
}

#[test]
fn identical_rows_are_all_posted_and_none_twice() {
    let workspace = Workspace::new();
    let row = "Same,deal,1,U1\n";
    let header = "message,entity_type,entity_id,audience\n";
    workspace.write("m.csv", format!("{header}{}", row.repeat(3)));
    assert_counts(
        &workspace.rehearse(&["--limit", "2"]).expect(0).json(),
        &[("posted", 2), ("pending", 1)],
    );
    assert_counts(
        &workspace.rehearse(&[]).expect(0).json(),
        &[("posted", 1), ("already_posted", 2)],
    );
    assert_eq!(posts(&workspace.path("m.csv.sandbox.store.db")).len(), 3);
}

#[test]
fn order_holds_within_each_record() {
    let workspace = Workspace::new();
    workspace.rows(400);
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &["--concurrency", "8"]).expect(0);
    let posts = portal.posts();
    assert_eq!(posts.len(), 400);
    for deal in 1..=5 {
        let numbers: Vec<usize> = posts
            .iter()
            .filter(|post| post.entity == Some((2, deal)))
            .map(|post| post.message["Message ".len()..].parse().unwrap())
            .collect();
        assert!(numbers.is_sorted(), "deal {deal}: {numbers:?}");
    }
}
