//! The built-in portal answers a client as Bitrix24 does: the real binary, over HTTP.

use crate::client::Portal;
use serde_json::{Value, json};

const COMMENT_ADD: &str = "crm.timeline.comment.add";
const COMMENT_UPDATE: &str = "crm.timeline.comment.update";
const BLOG_ADD: &str = "log.blogpost.add";

fn comment(deal: u64) -> Value {
    json!({"fields": {"ENTITY_TYPE": "deal", "ENTITY_ID": deal, "COMMENT": "text 🎉 ",
        "FILES": [["a.txt", "aGVsbG8="]]}})
}

fn news() -> Value {
    json!({"POST_MESSAGE": "news 🎉", "POST_TITLE": "T", "DEST": ["UA", "SG5"],
        "IMPORTANT": "Y", "TAGS": ["a"]})
}

#[tokio::test]
async fn a_webhook_may_call_what_its_scope_holds() {
    let crm = [
        "crm.livefeedmessage.add",
        COMMENT_ADD,
        "crm.timeline.comment.get",
        "crm.timeline.comment.list",
        "crm.timeline.comment.delete",
        "crm.timeline.comment.update",
        "crm.timeline.comment.fields",
        "crm.item.list",
    ];
    let user = ["user.get"];
    let log = [
        BLOG_ADD,
        "log.blogpost.get",
        "log.blogpost.delete",
        "log.blogcomment.add",
    ];
    let free = ["profile", "scope", "server.time", "method.get", "batch"];
    for (option, granted) in [
        ("--scope=log", json!(["log"])),
        ("--scope=crm,user", json!(["crm", "user"])),
        ("--scope=", json!([])),
    ] {
        let portal = Portal::start(&[option]);
        assert_eq!(portal.result("scope", json!({})).await, granted);
        let has = |scope| granted.as_array().unwrap().contains(&json!(scope));
        for (methods, allowed) in [
            (&crm[..], has("crm")),
            (&log, has("log")),
            (&user, has("user")),
            (&free, true),
        ] {
            for method in methods {
                let (status, body) = portal.call(method, json!({})).await;
                let refused = body["error"] == "insufficient_scope";
                assert_eq!(refused, !allowed, "{option} {method}: {body}");
                assert!(!refused || status == 403, "{option} {method}: {status}");
                let told = portal.result("method.get", json!({ "name": method }));
                let expected = json!({"isExisting": true, "isAvailable": allowed});
                assert_eq!(told.await, expected, "{option} {method}");
            }
        }
    }
}

#[tokio::test]
async fn a_command_outside_the_scope_fails_alone() {
    let portal = Portal::start(&["--scope", "log"]);
    let commands = json!({"cmd": {
        "feed": "crm.livefeedmessage.add?fields[MESSAGE]=m",
        "comment": "crm.timeline.comment.add?fields[ENTITY_ID]=1",
        "news": "log.blogpost.add?POST_MESSAGE=m",
    }});
    let result = portal.result("batch", commands).await;
    let refusal = json!({"error": "insufficient_scope", "error_description": ""});
    assert_eq!(result["result"], json!({"news": 1}));
    assert_eq!(
        result["result_error"],
        json!({"feed": refusal, "comment": refusal})
    );
}

#[tokio::test]
async fn in_a_batch_nulls_count_and_lists_tell_their_length() {
    let portal = Portal::start(&[]);
    let add =
        "crm.timeline.comment.add?fields[ENTITY_TYPE]=deal&fields[ENTITY_ID]=1&fields[COMMENT]=m";
    let mut commands: Vec<(String, String)> =
        (0..48).map(|n| (format!("a{n}"), add.to_owned())).collect();
    let list = "crm.timeline.comment.list?filter[ENTITY_TYPE]=deal&filter[ENTITY_ID]=1";
    commands.push(("y_list".into(), list.into()));
    commands.push((
        "z_gone".into(),
        "crm.timeline.comment.delete?id=$result[a0]".into(),
    ));
    let batch = |commands: &[(String, String)]| {
        let commands = commands
            .iter()
            .cloned()
            .map(|(key, command)| (key, json!(command)));
        json!({ "cmd": commands.collect::<serde_json::Map<_, _>>() })
    };
    let first = portal.result("batch", batch(&commands)).await;
    assert_eq!(first["result_error"], json!([]));
    assert_eq!(first["result_total"], json!({"y_list": 48}));
    assert_eq!(first["result_next"], json!([]));
    assert_eq!(first["result"].get("z_gone"), Some(&Value::Null));
    let second = portal.result("batch", batch(&commands[..49])).await;
    assert_eq!(second["result_total"], json!({"y_list": 95}));
    assert_eq!(second["result_next"], json!({"y_list": 50}));
    assert_eq!(portal.sandbox.count(), 95);
}

#[tokio::test]
async fn only_administrators_post_for_others() {
    for (options, admin, author) in [(&[][..], true, "9"), (&["--not-admin"], false, "1")] {
        let portal = Portal::start(options);
        assert_eq!(portal.result("profile", json!({})).await["ADMIN"], admin);
        let mut add = news();
        add["USER_ID"] = json!(9);
        let id = portal.result(BLOG_ADD, add).await;
        let read = portal.result("log.blogpost.get", json!({ "POST_ID": id }));
        assert_eq!(read.await[0]["AUTHOR_ID"], author);
    }
}

#[tokio::test]
async fn a_renamed_portal_names_its_new_address_and_does_nothing() {
    for (host, address) in [
        ("new.example", "https://new.example/rest/1/"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9/rest/1/"),
    ] {
        let portal = Portal::start(&["--renamed-to", host]);
        let called = portal.address(&format!("{COMMENT_ADD}?x=1"));
        let response = portal.post(&called, &comment(1)).send().await.unwrap();
        assert_eq!(response.status(), 302);
        let location = response.headers()["Location"].to_str().unwrap();
        assert!(location.starts_with(address), "{location}");
        assert!(
            location.ends_with("/crm.timeline.comment.add?x=1"),
            "{location}"
        );
        assert_eq!(portal.sandbox.count(), 0);
    }
}

#[tokio::test]
async fn posts_and_their_changes_outlive_the_process_and_deleted_ones_do_not() {
    let portal = Portal::start(&[]);
    for deal in 1..=2 {
        portal.result(COMMENT_ADD, comment(deal)).await;
        portal.result(BLOG_ADD, news()).await;
    }
    let gone = portal.result("log.blogpost.delete", json!({"POST_ID": 4}));
    assert_eq!(gone.await, true);
    let change = json!({"id": 3, "fields": {"COMMENT": "changed"}});
    assert_eq!(portal.result(COMMENT_UPDATE, change).await, 3);
    let read = |portal: Portal| async move {
        let comment = portal.result("crm.timeline.comment.get", json!({"id": 1}));
        let read = (
            comment.await,
            portal.result("log.blogpost.get", json!({})).await,
        );
        (portal, read)
    };
    let (portal, before) = read(portal).await;
    let (portal, after) = read(portal.restart(&[])).await;
    assert_eq!(after, before);
    assert_eq!(after.1.as_array().unwrap().len(), 1);
    assert_eq!(portal.result(COMMENT_ADD, comment(1)).await, 5);
    let stored = portal.sandbox.posts();
    assert_eq!(
        stored.iter().map(|post| post.id).collect::<Vec<_>>(),
        [1, 2, 3, 5]
    );
    assert_eq!(stored[0].entity, Some((2, 1)));
    assert_eq!(stored[0].message, "text 🎉 ");
    assert_eq!(stored[1].entity, Some((0, 0)));
    assert_eq!(stored[2].message, "changed");
    assert_eq!(stored[1].audience, ["UA", "SG5"]);
    let portal = portal.restart(&["--trim-comments", "--emoji-tokens"]);
    let shown = portal.result("crm.timeline.comment.get", json!({"id": 1}));
    assert_eq!(shown.await["COMMENT"], "text :f09f8e89:");
    assert_eq!(portal.sandbox.posts(), stored);
}

#[tokio::test]
async fn a_portal_without_its_feed_takes_comments() {
    let portal = Portal::start(&["--retired-livefeed"]);
    let (status, body) = portal
        .call("crm.livefeedmessage.add", json!({"fields": {}}))
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        body,
        json!({"error": "", "error_description": "Livefeed is no longer supported"})
    );
    assert_eq!(portal.result(COMMENT_ADD, comment(1)).await, 1);
}

#[tokio::test]
async fn records_are_as_the_option_says() {
    let portal = Portal::start(&["--records", "deal:2=missing,deal:3=hidden", "--no-everyone"]);
    let wanted = json!({"entityTypeId": 2, "filter": {"@id": [1, 2, 3]}, "select": ["id"]});
    let found = portal.result("crm.item.list", wanted).await;
    assert_eq!(found, json!({"items": [{"id": 1}]}));
    for (deal, code) in [(2, "OWNER_NOT_FOUND"), (3, "ACCESS_DENIED")] {
        let (status, body) = portal.call(COMMENT_ADD, comment(deal)).await;
        assert_eq!((status, &body["error"]), (400, &json!(code)));
        let feed = json!({"fields": {"MESSAGE": "m", "ENTITYTYPEID": 2, "ENTITYID": deal}});
        let (status, body) = portal.call("crm.livefeedmessage.add", feed).await;
        assert_eq!((status, &body["error"]), (400, &json!("")));
    }
    let everyone = json!({"POST_MESSAGE": "m", "DEST": ["UA"]});
    assert_eq!(portal.call(BLOG_ADD, everyone).await.0, 400);
    let wrong = portal
        .workspace
        .run(&["sandbox", "--records", "deal:2=gone"]);
    assert!(wrong.expect(2).stderr.contains("`gone` in `deal:2=gone`"));
}

#[tokio::test]
async fn a_moderated_workgroup_keeps_its_posts_back() {
    let portal = Portal::start(&["--moderated-group", "5,6"]);
    let to = |codes: Value| json!({"POST_MESSAGE": "m", "DEST": codes});
    assert_eq!(portal.result(BLOG_ADD, to(json!(["SG5"]))).await, 1);
    assert_eq!(portal.result(BLOG_ADD, to(json!(["SG7"]))).await, 2);
    let (status, body) = portal.call(BLOG_ADD, to(json!(["SG5", "SG6"]))).await;
    assert_eq!(status, 400, "{body}");
    let seen = portal.result("log.blogpost.get", json!({})).await;
    assert_eq!(
        (&seen[0]["ID"], seen.as_array().unwrap().len()),
        (&json!("2"), 1)
    );
    let one = portal.result("log.blogpost.get", json!({"POST_ID": 1}));
    assert_eq!(one.await, json!([]));
    let portal = portal.restart(&[]);
    let seen = portal.result("log.blogpost.get", json!({})).await;
    assert_eq!(seen.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_administrator_sees_no_post_that_is_for_others() {
    let portal = Portal::start(&[]);
    for dest in ["U5", "U1", "U9"] {
        let add = json!({"POST_MESSAGE": "m", "DEST": [dest], "USER_ID": 9});
        portal.result(BLOG_ADD, add).await;
    }
    let (_, body) = portal.call("log.blogpost.get", json!({})).await;
    assert_eq!(body["total"], 3);
    let seen = body["result"].as_object().unwrap();
    assert_eq!(seen.keys().collect::<Vec<_>>(), ["1"]);
    assert_eq!(seen["1"]["ID"], "2");
}

#[tokio::test]
async fn the_feed_is_read_as_the_portals_age_has_it() {
    for (options, count) in [(&[][..], 1), (&["--old-feed"], 3)] {
        let portal = Portal::start(options);
        for _ in 0..3 {
            portal.result(BLOG_ADD, news()).await;
        }
        let seen = portal.result("log.blogpost.get", json!({"LIMIT": 1})).await;
        assert_eq!(seen.as_array().unwrap().len(), count, "{options:?}");
        let comment = json!({"POST_ID": 1, "TEXT": "m"});
        assert_eq!(portal.result("log.blogcomment.add", comment).await, 4);
        let portal = portal.restart(options);
        let seen = portal.result("log.blogpost.get", json!({})).await;
        assert_eq!(
            (&seen[0]["ID"], &seen[0]["NUM_COMMENTS"]),
            (&json!("1"), &json!("1"))
        );
    }
}

#[tokio::test]
async fn forms_say_the_same_as_json() {
    let portal = Portal::start(&[]);
    let address = format!("{}{COMMENT_ADD}", portal.sandbox.webhook);
    let pairs = [
        ("ENTITY_TYPE", "deal"),
        ("ENTITY_ID", "1"),
        ("COMMENT", "a b"),
    ];
    let form: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("fields[{name}]={}", value.replace(' ', "+")))
        .collect();
    let parts: String = pairs
        .iter()
        .map(|(name, value)| {
            format!(
                "--x\r\nContent-Disposition: form-data; name=\"fields[{name}]\"\r\n\r\n{value}\r\n"
            )
        })
        .collect();
    for (content_type, body) in [
        ("application/x-www-form-urlencoded", form.join("&")),
        (
            "multipart/form-data; boundary=x",
            format!("{parts}--x--\r\n"),
        ),
    ] {
        let request = portal.client.post(&address).body(body);
        let response = request.header("Content-Type", content_type).send();
        assert_eq!(response.await.unwrap().status(), 200, "{content_type}");
    }
    for post in portal.sandbox.posts() {
        assert_eq!((post.entity, &*post.message), (Some((2, 1)), "a b"));
    }
    assert_eq!(portal.sandbox.count(), 2);
}
