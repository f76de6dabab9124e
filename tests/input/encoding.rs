//! Any text and any structure survives our encoding and the portal's own reading of it.
//!
//! The sandbox parses as PHP does, from its own reading of the rules; it shares no code with the
//! encoder.

use b24post::batch::{
    Added, BatchBody, Command, Part, Payload, Route, Value, direct, encoded_size, route,
};
use b24post::post::{Attachment, AudienceCode, Entity, EntityKind, Post};
use b24post::sandbox::php::{Key, Php, json_decode, parse_str};
use b24post::sandbox::{IncomingRequest, NewPost, Portal, Settings, Store};
use b24post::targets::{CrmFeed, OriginLine, Sending, Target};
use bytes::Bytes;
use proptest::prelude::*;

fn bytes(payload: &Payload) -> Vec<u8> {
    let parts = payload.parts.iter().flat_map(|part| match part {
        Part::Bytes(bytes) => bytes.to_vec(),
        Part::File { .. } => panic!("no files here"),
    });
    parts.collect()
}

/// The command's query as PHP gets it, by way of the JSON body.
fn through_batch(command: &Command) -> Php {
    let mut body = BatchBody::new(usize::MAX, 0);
    assert_eq!(body.add("k", command).unwrap(), Added::Yes);
    let decoded: serde_json::Value = serde_json::from_slice(&bytes(&body.finish())).unwrap();
    let cmd = decoded["cmd"]["k"].as_str().unwrap();
    let query = cmd.strip_prefix("m?").unwrap();
    Php::Array(parse_str(&Bytes::from(query.to_owned())))
}

fn assert_same(value: &Value, php: &Php) {
    match (value, php) {
        (Value::Text(text), Php::Text(bytes)) => assert_eq!(text.as_bytes(), &bytes[..]),
        (Value::List(values), Php::Array(array)) => {
            assert_eq!(array.len(), values.len());
            for (place, value) in values.iter().enumerate() {
                assert_same(value, array.get(&Key::Int(place as i64)).unwrap());
            }
        }
        (Value::Map(pairs), Php::Array(array)) => {
            assert_eq!(array.len(), pairs.len());
            for (name, value) in pairs {
                let key = Key::Text(Bytes::from_static(name.as_bytes()));
                assert_same(value, array.get(&key).unwrap());
            }
        }
        (value, php) => panic!("{value:?} became {php:?}"),
    }
}

/// Texts of any characters, with those that matter to PHP more often.
fn text() -> impl Strategy<Value = String> {
    let awkward = prop::sample::select(vec![
        "%",
        "+",
        "&",
        "=",
        "#",
        "[",
        "]",
        "$result[a]",
        "\"",
        "\\",
        "\n",
        "\r",
        " ",
        "?",
        "\u{a0}",
        "\u{1f600}",
        "&lt;",
        "&amp;",
        ".",
        "_",
        "%41",
    ]);
    let piece = prop_oneof![
        awkward.prop_map(str::to_owned),
        any::<char>().prop_map(String::from)
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = text().prop_map(Value::Text);
    leaf.prop_recursive(4, 32, 4, |inner| {
        let names = prop::sample::subsequence(vec!["A", "POST_TITLE", "b9", "SG"], 1..4);
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::List),
            (names, prop::collection::vec(inner, 3..4)).prop_map(|(names, values)| {
                Value::Map(names.into_iter().zip(values).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_structure_survives_a_batch(value in value()) {
        let command = Command { method: "m", params: vec![("fields", value)] };
        let whole = Value::Map(command.params.clone());
        assert_same(&whole, &through_batch(&command));
    }

    #[test]
    fn any_structure_survives_a_direct_call(value in value()) {
        let command = Command { method: "m", params: vec![("fields", value)] };
        let whole = Value::Map(command.params.clone());
        let decoded = json_decode(&Bytes::from(bytes(&direct(&command)))).unwrap();
        assert_same(&whole, &decoded);
    }

    #[test]
    fn any_post_reaches_the_portal_as_written(message in text(), title in text()) {
        prop_assume!(!message.replace('\0', "").trim().is_empty() && !message.contains('\0'));
        let message = message.replace('\0', "");
        prop_assume!(!php_blank(&message));
        let post = Post {
            title: Some(title.clone().into()),
            message: message.clone().into(),
            entity: Some(Entity { kind: EntityKind::Deal, id: 7 }),
            audience: [AudienceCode::parse("U1").unwrap()].into_iter().collect(),
            attachments: Vec::<Attachment<'_>>::new(),
            ..Post::default()
        };
        let sending = Sending { files: &[], origin: OriginLine::Auto, user_id: 1 };
        let arrived = sent_to_the_portal(&CrmFeed.command(&post, &sending));
        prop_assert_eq!(std::str::from_utf8(&arrived.message).unwrap(), message);
        let arrived = arrived.title.unwrap_or_default();
        prop_assert_eq!(std::str::from_utf8(&arrived).unwrap(), title);
    }
}

/// What PHP's `trim` leaves nothing of.
fn php_blank(text: &str) -> bool {
    text.chars().all(|letter| " \t\n\r\0\u{b}".contains(letter))
}

/// Sends a command as the import would, and returns the post that the portal makes of it.
fn sent_to_the_portal(command: &Command) -> NewPost {
    let store = Store::in_memory().unwrap();
    let webhook = store.webhook().clone();
    let base = format!("/rest/{}/{}", webhook.user_id, webhook.code);
    let mut portal = Portal::new(Settings::default(), webhook, 1);
    let (method, body) = match route(command, encoded_size(command), 1 << 20) {
        Route::Direct => (command.method, direct(command)),
        Route::Batch => {
            let mut body = BatchBody::new(1 << 20, 0);
            assert_eq!(body.add("k1", command).unwrap(), Added::Yes);
            ("batch", body.finish())
        }
    };
    let request = IncomingRequest {
        method: "POST".into(),
        path: format!("{base}/{method}"),
        content_type: Some("application/json".into()),
        body: bytes(&body).into(),
        ..IncomingRequest::default()
    };
    let answer = portal.handle(&request, 1_700_000_000_000);
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.posts.into_iter().next().expect("the post was made")
}
