use bytes::Bytes;

use super::super::post::{NewFile, News};
use super::*;

fn post(id: i64) -> NewPost {
    NewPost {
        id,
        method: "crm.livefeedmessage.add",
        entity_type: 2,
        entity_id: 9,
        title: None,
        message: Bytes::from("text"),
        audience: vec!["U1".into(), "SG\"5".into()],
        author_id: 1,
        received_at: 1_700_000_000_000,
        files: vec![
            NewFile {
                name: Bytes::from("a.txt"),
                size: 5,
                sha256: [0xab; 32],
            },
            NewFile {
                name: Bytes::from_static(b"\xff"),
                size: 6,
                sha256: [0; 32],
            },
        ],
        news: None,
    }
}

fn entry(posts: Vec<NewPost>) -> LogEntry {
    LogEntry {
        posts,
        updated: Vec::new(),
        deleted: Vec::new(),
        method: "batch".into(),
        status: 200,
        received_at: 1_700_000_000_001,
    }
}

fn one<T: rusqlite::types::FromSql>(store: &Store, sql: &str) -> T {
    let row = store.connection.query_row(sql, [], |row| row.get(0));
    row.unwrap()
}

#[test]
fn a_store_keeps_its_posts_and_its_identity() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.last_id().unwrap(), 0);
    store.append(&[entry(vec![post(3), post(8)])]).unwrap();
    let identity = store.identity().to_owned();
    let webhook = store.webhook().clone();
    assert_eq!(identity.len(), 32);
    assert_ne!(identity, webhook.code);
    drop(store);

    let store = Store::open(&path).unwrap();
    assert_eq!(store.last_id().unwrap(), 8);
    assert_eq!(store.identity(), identity);
    assert_eq!(store.webhook(), &webhook);
    let other = Store::in_memory().unwrap();
    assert_ne!(other.identity(), identity);
}

#[test]
fn the_columns_hold_what_they_say() {
    let mut store = Store::in_memory().unwrap();
    let titled = NewPost {
        title: Some(Bytes::from("заголовок 🎉")),
        ..post(4)
    };
    store.append(&[entry(vec![post(3), titled])]).unwrap();
    let post: (String, i64, i64, Option<String>, String, String, i64, i64) = store
        .connection
        .query_row(
            "SELECT method, entity_type, entity_id, title, message, audience, author_id, \
             received_at FROM posts WHERE id = 3",
            [],
            |row| row.try_into(),
        )
        .unwrap();
    assert_eq!(
        post,
        (
            "crm.livefeedmessage.add".into(),
            2,
            9,
            None,
            "text".into(),
            r#"["U1","SG\"5"]"#.into(),
            1,
            1_700_000_000_000
        )
    );
    let title: String = one(&store, "SELECT title FROM posts WHERE id = 4");
    assert_eq!(title, "заголовок 🎉");
    let hash: String = one(
        &store,
        "SELECT sha256 FROM files WHERE post_id = 3 AND position = 0",
    );
    assert_eq!(hash, "ab".repeat(32));
    let name: String = one(
        &store,
        "SELECT hex(name) FROM files WHERE post_id = 3 AND position = 1",
    );
    assert_eq!(name, "FF");
    let request: String = one(
        &store,
        "SELECT method || status || received_at FROM requests",
    );
    assert_eq!(request, "batch2001700000000001");
}

#[test]
fn records_are_written_all_or_none() {
    let mut store = Store::in_memory().unwrap();
    let twice = [entry(vec![post(1)]), entry(vec![post(1)])];
    let error = store.append(&twice).unwrap_err();
    assert!(error.to_string().contains("cannot write the sandbox store"));
    assert_eq!(store.last_id().unwrap(), 0);
    assert_eq!(one::<i64>(&store, "SELECT count(*) FROM requests"), 0);
}

#[test]
fn other_databases_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE posts(id)").unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Foreign(_))));
    let tables: i64 = other
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);

    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "no database at all, just some lines of text").unwrap();
    assert!(matches!(Store::open(&text), Err(StoreError::Sqlite { .. })));
}

#[test]
fn another_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(Store::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute("UPDATE meta SET value = '9' WHERE key = 'schema'", [])
        .unwrap();
    assert!(matches!(
        Store::open(&path),
        Err(StoreError::Version { found, .. }) if found == "9"
    ));
}

#[test]
fn deleted_posts_are_gone_and_their_ids_stay_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path).unwrap();
    store.append(&[entry(vec![post(3), post(8)])]).unwrap();
    let created_and_deleted = LogEntry {
        deleted: vec![9, 8],
        ..entry(vec![post(9)])
    };
    store.append(&[created_and_deleted]).unwrap();
    assert_eq!(one::<i64>(&store, "SELECT sum(id) FROM posts"), 3);
    assert_eq!(one::<i64>(&store, "SELECT count(*) FROM files"), 2);
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.last_id().unwrap(), 9);
}

#[test]
fn updates_replace_texts_and_the_files_that_they_name() {
    let mut store = Store::in_memory().unwrap();
    let comment = |id| NewPost {
        method: "crm.timeline.comment.add",
        ..post(id)
    };
    store.append(&[entry(vec![comment(3)])]).unwrap();
    let update = |id, text, files| PostUpdate {
        id,
        message: Bytes::from_static(text),
        files,
    };
    let file = NewFile {
        name: Bytes::from("new.txt"),
        size: 7,
        sha256: [1; 32],
    };
    let updates = LogEntry {
        updated: vec![
            update(4, b"of the same request", None),
            update(3, b"first", None),
            update(3, b"\xff last", Some(vec![file])),
        ],
        ..entry(vec![comment(4)])
    };
    store.append(std::slice::from_ref(&updates)).unwrap();
    let mut expected = vec![comment(3), comment(4)];
    expected[0].apply(&updates.updated[2]);
    expected[1].apply(&updates.updated[0]);
    assert_eq!(store.readable_posts().unwrap(), expected);
    assert_eq!(one::<i64>(&store, "SELECT count(*) FROM files"), 3);
}

#[test]
fn readable_posts_come_back_whole_and_by_id() {
    let mut store = Store::in_memory().unwrap();
    let comment = NewPost {
        method: "crm.timeline.comment.add",
        message: Bytes::from_static(b"\xff text"),
        ..post(6)
    };
    let news = NewPost {
        method: "log.blogpost.add",
        title: Some(Bytes::from("t")),
        news: Some(News {
            important: true,
            important_until: Some("2030-01-01".into()),
            tags: vec!["a".into(), "b c".into()],
        }),
        ..post(5)
    };
    let sent = vec![post(4), comment.clone(), news.clone()];
    store.append(&[entry(sent)]).unwrap();
    assert_eq!(store.readable_posts().unwrap(), [news, comment]);
}
