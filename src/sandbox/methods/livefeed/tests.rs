use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::super::super::entities::EntityPlan;
use super::super::super::php::json_decode;
use super::super::super::post::NewFile;
use super::super::super::settings::Webhook;
use super::super::super::state::PortalState;
use super::*;

fn state(settings: Settings) -> PortalState {
    let webhook = Webhook {
        user_id: 7,
        code: "code".into(),
    };
    PortalState::new(settings, webhook, 100)
}

/// The result of an add with JSON parameters, and the post it made.
fn added(settings: Settings, json: &str) -> (Result<Php, RestFailure>, Vec<NewPost>) {
    let mut state = state(settings);
    let mut work = Execution::new(&mut state, std::time::Duration::from_secs(1_700_000_000));
    let Some(Php::Array(params)) = json_decode(&Bytes::copy_from_slice(json.as_bytes())) else {
        panic!("parameters are an array: {json}");
    };
    let result = add(&mut work, &params);
    (result, work.finish().posts)
}

fn english() -> Settings {
    Settings {
        language: Language::English,
        ..Settings::default()
    }
}

fn refused(settings: Settings, json: &str) -> String {
    let (result, posts) = added(settings, json);
    let failure = result.unwrap_err();
    assert_eq!((failure.code, failure.status), ("", 400));
    assert_eq!(posts, []);
    failure.text.into_owned()
}

fn post(json: &str) -> NewPost {
    let (result, mut posts) = added(english(), json);
    assert_eq!(result, Ok(Php::Int(100)), "{json}");
    posts.remove(0)
}

#[test]
fn a_whole_post() {
    let post = post(
        r#"{"fields":{"POST_TITLE":"T &amp; t","MESSAGE":"1 &lt; 2","SPERM":{"U":["U1"],"SG":["SG5"]},
        "ENTITYTYPEID":"2","ENTITYID":12,"FILES":[["a.txt","aGVsbG8="],["b","eA=="]]}}"#,
    );
    let sha256 = |text: &str| <[u8; 32]>::from(Sha256::digest(text));
    let expected = NewPost {
        id: 100,
        method: "crm.livefeedmessage.add",
        entity_type: 2,
        entity_id: 12,
        title: Some(Bytes::from("T &amp; t")),
        message: Bytes::from("1 < 2"),
        audience: vec!["U1".into(), "SG5".into()],
        author_id: 7,
        received_at: 1_700_000_000_000,
        files: vec![
            NewFile {
                name: Bytes::from("a.txt"),
                size: 5,
                sha256: sha256("hello"),
            },
            NewFile {
                name: Bytes::from("b"),
                size: 1,
                sha256: sha256("x"),
            },
        ],
        news: None,
    };
    assert_eq!(post, expected);
}

#[test]
fn the_checks_come_in_their_order() {
    let empty = r#"{"fields":{}}"#;
    let denied = || Settings {
        entities: EntityPlan::parse("deal:5=read-only").unwrap(),
        ..english()
    };
    let retired = Settings {
        retired_livefeed: true,
        crm_access: false,
        ..english()
    };
    assert_eq!(refused(retired, empty), "Livefeed is no longer supported");
    let outsider = Settings {
        crm_access: false,
        ..english()
    };
    assert_eq!(refused(outsider, empty), "Access denied.");
    let text = r#"{"fields":"text"}"#;
    assert_eq!(
        refused(english(), text),
        "Parameter 'fields' must be array."
    );
    let entity = r#"{"fields":{"ENTITYTYPEID":2,"ENTITYID":5}}"#;
    assert_eq!(refused(denied(), entity), "Access denied.");
    let other = r#"{"fields":{"ENTITYTYPEID":2,"ENTITYID":6,"SPERM":{"D":["CRMDEAL5","U1"]}}}"#;
    assert_eq!(
        refused(denied(), other),
        "The message text is empty, No permission to post to CRMDEAL5"
    );
    assert_eq!(
        refused(english(), empty),
        "The message text is empty, The CRM record is not specified"
    );
    assert_eq!(
        refused(Settings::default(), empty),
        "Не заполнен текст сообщения, Не указан элемент CRM"
    );
    assert_eq!(refused(english(), "{}"), refused(english(), empty));
}

#[test]
fn the_container_has_four_names_and_the_fields_one_case() {
    for name in ["FIELDS", "fields", "Fields", "arFields"] {
        let json = format!(r#"{{"{name}":{{"MESSAGE":"m","ENTITYTYPEID":1,"ENTITYID":1}}}}"#);
        assert_eq!(post(&json).message, "m");
    }
    let json = r#"{"fIELDS":{"MESSAGE":"m","ENTITYTYPEID":1,"ENTITYID":1}}"#;
    assert!(refused(english(), json).contains("message text is empty"));
    let json = r#"{"fields":{"message":"m","ENTITYTYPEID":1,"ENTITYID":1}}"#;
    assert_eq!(refused(english(), json), "The message text is empty");
}

#[test]
fn entities_are_decoded_once_and_in_order() {
    for (sent, kept) in [
        (
            "a &lt;b&gt; &quot;c&quot; &apos;d&apos; &amp;",
            "a <b> \"c\" 'd' &",
        ),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;", "&amp;"),
        ("&amp;amp;lt;", "&amp;lt;"),
        ("&&lt;&", "&<&"),
        ("&nbsp; &#39; & &LT; &lt", "&nbsp; &#39; & &LT; &lt"),
    ] {
        assert_eq!(decode_entities(Bytes::from(sent)), kept, "{sent}");
    }
}

#[test]
fn blank_messages_are_empty_and_outer_blanks_are_kept() {
    let with = |message: &str| {
        format!(r#"{{"fields":{{"MESSAGE":{message},"ENTITYTYPEID":1,"ENTITYID":1}}}}"#)
    };
    for message in [
        r#""""#,
        r#"" \n\t\u0000\u000b""#,
        "null",
        "false",
        "[]",
        r#"["m"]"#,
    ] {
        let text = refused(english(), &with(message));
        assert_eq!(text, "The message text is empty", "{message}");
    }
    assert_eq!(post(&with(r#""  m\n""#)).message, "  m\n");
    assert_eq!(post(&with("17")).message, "17");
    assert_eq!(post(&with(r#""\u00a0""#)).message, "\u{a0}");
}

#[test]
fn the_record_comes_from_the_fields_or_the_first_crm_code() {
    let with = |fields: &str| format!(r#"{{"fields":{{"MESSAGE":"m",{fields}}}}}"#);
    for (fields, entity) in [
        (r#""ENTITYTYPEID":4,"ENTITYID":"9""#, (4, 9)),
        (
            r#""SPERM":{"U":["U1"],"X":["CRMCONTACT3","CRMLEAD1"]}"#,
            (3, 3),
        ),
        (
            r#""ENTITYTYPEID":1,"ENTITYID":0,"SPERM":{"X":["CRMDEAL2"]}"#,
            (2, 2),
        ),
        (
            r#""ENTITYTYPEID":1,"ENTITYID":5,"SPERM":{"X":["CRMDEAL2"]}"#,
            (1, 5),
        ),
    ] {
        let post = post(&with(fields));
        assert_eq!((post.entity_type, post.entity_id), entity, "{fields}");
    }
    for fields in [
        r#""SPERM":{"U":["U1"]}"#,
        r#""ENTITYTYPEID":5,"ENTITYID":1"#,
        r#""ENTITYTYPEID":1,"ENTITYID":-1"#,
        r#""ENTITYTYPEID":"deal","ENTITYID":1"#,
    ] {
        let text = refused(english(), &with(fields));
        assert_eq!(text, "The CRM record is not specified", "{fields}");
    }
}

#[test]
fn files_that_are_nothing_vanish() {
    let files = |json: &str| {
        let json = format!(
            r#"{{"fields":{{"MESSAGE":"m","ENTITYTYPEID":1,"ENTITYID":1,"FILES":{json}}}}}"#
        );
        let names = post(&json).files.into_iter().map(|file| file.name);
        names.collect::<Vec<_>>()
    };
    assert_eq!(
        files(r#"[["a",""],["b","!"],["c","eA=="],["d"],"eA==",["e","e\nA"],["f",[]]]"#),
        ["c", "e"]
    );
    assert_eq!(files(r#"["a","eA=="]"#), [""; 0]);
    assert_eq!(files(r#"{"x":{"name":"a","content":"eA=="}}"#), ["a"]);
    assert_eq!(files(r#""eA==""#), [""; 0]);
}

#[test]
fn a_missing_title_is_not_an_empty_one() {
    let with = |title: &str| {
        format!(r#"{{"fields":{{{title}"MESSAGE":"m","ENTITYTYPEID":1,"ENTITYID":1}}}}"#)
    };
    assert_eq!(post(&with("")).title, None);
    assert_eq!(post(&with(r#""POST_TITLE":"","#)).title, Some(Bytes::new()));
}

proptest! {
    #[test]
    fn a_guarded_text_survives(text in "[a-z&;<>\"' ]{1,30}|(&(lt|amp|gt|quot|apos);){1,4}") {
        let guarded = text.replace('&', "&amp;");
        prop_assert_eq!(decode_entities(Bytes::from(guarded)), text);
    }
}
