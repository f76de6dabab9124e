mod server_time;

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::fault::FaultPlan;
use super::super::method::NAMES;
use super::super::settings::{Language, RateLimit};
use super::*;

const NOW: u64 = 1_700_000_000_000;
const ADD: &str =
    "crm.livefeedmessage.add?fields[MESSAGE]=m&fields[ENTITYTYPEID]=2&fields[ENTITYID]=";

fn portal(settings: Settings) -> Portal {
    let webhook = Webhook {
        user_id: 1,
        code: "code".into(),
    };
    Portal::new(settings, webhook, 17)
}

fn english() -> Settings {
    Settings {
        language: Language::English,
        ..Settings::default()
    }
}

fn faulty(spec: &str) -> Portal {
    portal(Settings {
        faults: FaultPlan::parse(spec, 1).unwrap(),
        ..english()
    })
}

fn post(method: &str, body: impl Into<Bytes>) -> IncomingRequest {
    IncomingRequest {
        method: "POST".into(),
        path: format!("/rest/1/code/{method}"),
        content_type: Some("application/json".into()),
        body: body.into(),
        ..IncomingRequest::default()
    }
}

fn call(portal: &mut Portal, method: &str, params: &Value) -> Answer {
    portal.handle(&post(method, params.to_string()), NOW)
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// Sends a batch and gives its five maps.
fn batch(portal: &mut Portal, params: &Value) -> Value {
    let answer = call(portal, "batch", params);
    assert_eq!(answer.status, 200);
    read(&answer)["result"].clone()
}

/// Nothing but commands `k00`, `k01` … that add posts.
fn adds(count: usize) -> Value {
    let commands = (0..count).map(|n| (format!("k{n:02}"), json!(format!("{ADD}{}", n + 1))));
    json!({ "cmd": commands.collect::<serde_json::Map<_, _>>() })
}

fn direct() -> Value {
    json!({"fields": {"MESSAGE": "m", "ENTITYTYPEID": 2, "ENTITYID": 1}})
}

mod calls {
    use super::*;

    #[test]
    fn a_direct_add_answers_its_id_and_time() {
        let mut portal = portal(english());
        let answer = call(&mut portal, "crm.livefeedmessage.add.json", &direct());
        assert_eq!(answer.status, 200);
        assert_eq!(answer.content_type, "application/json; charset=utf-8");
        assert_eq!(answer.method, "crm.livefeedmessage.add");
        assert_eq!(answer.delivery, Delivery::Whole);
        assert_eq!(read(&answer)["result"], 17);
        assert_eq!(read(&answer)["time"]["start"], 1_700_000_000);
        assert_eq!(answer.posts.len(), 1);
        let second = call(&mut portal, "crm.livefeedmessage.add", &direct());
        assert_eq!(read(&second)["result"], 18);
    }

    #[test]
    fn an_error_has_no_time() {
        let answer = call(
            &mut portal(english()),
            "crm.livefeedmessage.add",
            &json!({}),
        );
        assert_eq!(answer.status, 400);
        assert_eq!(
            read(&answer),
            json!({
                "error": "",
                "error_description": "The message text is empty, The CRM record is not specified"
            })
        );
    }

    #[test]
    fn the_telling_methods() {
        let mut portal = portal(english());
        let mut result =
            |method, params| read(&call(&mut portal, method, &params))["result"].clone();
        assert_eq!(result("profile", json!({}))["ID"], "1");
        assert_eq!(result("profile", json!({}))["ADMIN"], true);
        assert_eq!(result("scope", json!({})), json!(["crm", "log"]));
        assert_eq!(
            result("server.time", json!({})),
            "2023-11-14T22:13:20+00:00"
        );
        assert_eq!(
            result("method.get", json!({"name": "crm.livefeedmessage.add"})),
            json!({"isExisting": true, "isAvailable": true})
        );
    }

    #[test]
    fn parameters_may_come_by_url() {
        let request = IncomingRequest {
            method: "GET".into(),
            path: "/rest/1/code/crm.livefeedmessage.add/".into(),
            query: "FIELDS[MESSAGE]=a+b&FIELDS[ENTITYTYPEID]=1&FIELDS[ENTITYID]=2".into(),
            ..IncomingRequest::default()
        };
        let answer = portal(english()).handle(&request, NOW);
        assert_eq!(answer.posts[0].message, "a b");
    }

    #[test]
    fn the_method_is_looked_up_before_the_credentials() {
        for (path, status, code) in [
            (
                "/rest/1/wrong/no.such.method",
                404,
                "ERROR_METHOD_NOT_FOUND",
            ),
            ("/rest/no.such.method", 404, "ERROR_METHOD_NOT_FOUND"),
            ("/rest/1/code/", 404, "ERROR_METHOD_NOT_FOUND"),
            ("/rest/1/wrong/profile", 401, "INVALID_CREDENTIALS"),
            ("/rest/2/code/profile", 401, "INVALID_CREDENTIALS"),
            ("/rest/profile", 401, "NO_AUTH_FOUND"),
        ] {
            let mut request = post("", "");
            request.path = path.into();
            let answer = portal(english()).handle(&request, NOW);
            assert_eq!(answer.status, status, "{path}");
            assert_eq!(read(&answer)["error"], code, "{path}");
        }
    }

    #[test]
    fn other_pages_are_html() {
        let mut request = post("profile", "");
        request.method = "DELETE".into();
        assert_eq!(portal(english()).handle(&request, NOW).status, 405);
        request.path = "/crm/deal/".into();
        let answer = portal(english()).handle(&request, NOW);
        assert_eq!((answer.status, answer.content_type), (404, "text/html"));
        assert_eq!(answer.method, "");
    }

    #[test]
    fn the_bucket_refuses_what_overflows() {
        let mut portal = portal(Settings {
            rate_limit: Some(RateLimit {
                rate: 2.0,
                burst: 2.0,
            }),
            ..english()
        });
        let mut status = |now| portal.handle(&post("profile", ""), now).status;
        assert_eq!([status(NOW), status(NOW), status(NOW)], [200, 200, 503]);
        assert_eq!([status(NOW + 500), status(NOW + 500)], [200, 503]);
        let mut strangers = post("profile", "");
        strangers.path = "/rest/1/wrong/profile".into();
        assert_eq!(portal.handle(&strangers, NOW + 500).status, 401);
        let refused = portal.handle(&post("profile", ""), NOW + 500);
        assert_eq!(read(&refused)["error"], "QUERY_LIMIT_EXCEEDED");
    }
}

mod batches {
    use super::*;

    #[test]
    fn each_command_answers_under_its_key() {
        let mut portal = portal(english());
        let answer = call(
            &mut portal,
            "batch",
            &json!({"halt": 0, "cmd": {
                "a": format!("{ADD}5"),
                "b": "no.such.method",
                "c": "crm.livefeedmessage.add?fields[MESSAGE]=",
                "d": "batch?cmd[x]=profile",
                "e": "profile.json",
                "f": "Server.Time",
                "g": {"method": "profile"},
                "h": 5,
            }}),
        );
        assert_eq!(answer.posts.len(), 1);
        let result = &read(&answer)["result"];
        assert_eq!(
            result["result"],
            json!({"a": 17, "f": "2023-11-14T22:13:20+00:00"})
        );
        let code = |key: &str| result["result_error"][key]["error"].clone();
        assert_eq!(code("b"), "ERROR_METHOD_NOT_FOUND");
        assert_eq!(code("c"), "");
        assert_eq!(code("d"), "ERROR_BATCH_METHOD_NOT_ALLOWED");
        assert_eq!(code("e"), "ERROR_METHOD_NOT_FOUND");
        assert_eq!(result["result_error"].as_object().unwrap().len(), 4);
        let times = result["result_time"].as_object().unwrap();
        assert_eq!(times.keys().collect::<Vec<_>>(), ["a", "f"]);
        assert!(times["a"]["operating_reset_at"].is_u64());
        assert_eq!(result["result_total"], json!([]));
        assert_eq!(result["result_next"], json!([]));
    }

    #[test]
    fn maps_are_lists_or_objects_each_by_itself() {
        let mut portal = portal(english());
        let result = batch(&mut portal, &json!({"cmd": ["profile?", "scope", "nope"]}));
        assert!(result["result"].is_array());
        assert_eq!(result["result_error"].as_object().unwrap().len(), 1);
        assert!(result["result_error"]["2"].is_object());
        let result = batch(&mut portal, &json!({"cmd": ["nope", "scope"]}));
        assert_eq!(result["result"], json!({"1": ["crm", "log"]}));
        assert!(result["result_error"].is_array());
        let result = batch(&mut portal, &json!({"cmd": {"a": "nope"}}));
        assert_eq!(result["result"], json!([]));
        assert_eq!(result["result_time"], json!([]));
    }

    #[test]
    fn names_are_read_in_any_case_and_halt_as_php_does() {
        for (halt, stops) in [
            (json!(1), true),
            (json!(true), true),
            (json!("1"), true),
            (json!("false"), true),
            (json!(0), false),
            (json!(false), false),
            (json!("0"), false),
            (json!(""), false),
            (json!(null), false),
        ] {
            let params = json!({"CmD": {"a": "nope", "b": "scope"}, "HALT": halt});
            let result = batch(&mut portal(english()), &params);
            assert_eq!(result["result"] == json!([]), stops, "{params}");
            assert_eq!(result["result_error"].as_object().unwrap().len(), 1);
        }
    }

    #[test]
    fn the_fifty_first_key_fails_alone() {
        let mut portal = portal(english());
        let answer = call(&mut portal, "batch", &adds(53));
        assert_eq!(answer.posts.len(), 50);
        let result = &read(&answer)["result"];
        assert_eq!(result["result"]["k49"], 66);
        let errors = result["result_error"].as_object().unwrap();
        assert_eq!(errors.keys().collect::<Vec<_>>(), ["k50", "k51", "k52"]);
        assert_eq!(errors["k50"]["error"], "ERROR_BATCH_LENGTH_EXCEEDED");

        let mut halting = adds(53);
        halting["halt"] = json!(1);
        let result = batch(&mut portal, &halting);
        assert_eq!(result["result_error"].as_object().unwrap().len(), 1);
    }

    #[test]
    fn what_does_not_decode_is_a_blank_success() {
        let blank = json!({
            "result": [], "result_error": [], "result_total": [], "result_next": [],
            "result_time": []
        });
        let mut portal = portal(english());
        for body in [
            Bytes::from_static(b""),
            Bytes::from_static(b"{\"cmd\":{\"a\":\"profile\"}"),
            Bytes::from_static(b"{\"cmd\":{\"a\":\"profile\xff\"}}"),
            Bytes::from_static(b"{\"cmd\":{\"a\":\"profile\\ud800\"}}"),
            Bytes::from_static(b"{\"cmd\":\"profile\"}"),
            Bytes::from_static(b"{\"cmd\":[]}"),
        ] {
            let answer = portal.handle(&post("batch", body), NOW);
            assert_eq!(answer.status, 200);
            assert_eq!(read(&answer)["result"], blank);
        }
        let mut form = post("batch", adds(1).to_string());
        form.content_type = Some("text/plain".into());
        assert_eq!(read(&portal.handle(&form, NOW))["result"], blank);
        assert_eq!(batch(&mut portal, &json!({})), blank);
    }

    #[test]
    fn a_form_has_two_layers_of_escapes() {
        let mut request = post("batch", "");
        request.content_type = Some("application/x-www-form-urlencoded".into());
        request.body = Bytes::from(
            "cmd[a]=crm.livefeedmessage.add%3Ffields%5BMESSAGE%5D%3D1%252B1\
             %26fields%5BENTITYTYPEID%5D%3D1%26fields%5BENTITYID%5D%3D2&halt=false",
        );
        let answer = portal(english()).handle(&request, NOW);
        assert_eq!(answer.posts[0].message, "1+1");
    }

    #[test]
    fn a_key_that_is_not_utf8_spoils_the_answer_after_the_work() {
        let command = ADD.replace('&', "%26");
        let mut request = post("batch", format!("cmd[%FF]={command}5"));
        request.content_type = None;
        let answer = portal(english()).handle(&request, NOW);
        assert_eq!(answer.posts.len(), 1);
        assert_eq!(read(&answer)["error"], "WRONG_ENCODING");
    }

    #[test]
    fn later_commands_refer_to_earlier_ones() {
        let params = json!({"cmd": {
            "a": format!("{ADD}5"),
            "b": "crm.livefeedmessage.add?fields[MESSAGE]=after%20$result[a]\
                  &fields[ENTITYTYPEID]=1&fields[ENTITYID]=$result[a]",
            "c": "crm.livefeedmessage.add?fields[MESSAGE]=%24total%5B%2Fb%5D\
                  &fields[ENTITYTYPEID]=1&fields[ENTITYID]=1",
        }});
        let answer = call(&mut portal(english()), "batch", &params);
        assert_eq!(answer.posts.len(), 2);
        assert_eq!(answer.posts[1].message, "after 17");
        assert_eq!(answer.posts[1].entity_id, 17);
        let errors = &read(&answer)["result"]["result_error"];
        assert_eq!(
            errors["c"]["error_description"],
            "The message text is empty"
        );
    }

    #[test]
    fn inner_credentials_are_without_effect() {
        let params = json!({"cmd": {"a": "scope?auth=wrong&ap=wrong&access_token=x"}});
        let result = batch(&mut portal(english()), &params);
        assert_eq!(result["result"]["a"], json!(["crm", "log"]));
    }

    #[test]
    fn server_time_adds_up() {
        let mut portal = portal(Settings {
            post_cost: Duration::from_millis(250),
            ..english()
        });
        let answer = call(&mut portal, "batch", &adds(4));
        assert_eq!(answer.cost, Duration::from_secs(1));
        let reply = read(&answer);
        assert_eq!(reply["time"]["duration"], 1);
        assert_eq!(reply["time"]["operating"], 0);
        let times = &reply["result"]["result_time"];
        assert_eq!(times["k00"]["operating"], 0.25);
        assert_eq!(times["k03"]["operating"], 1);
        assert_eq!(times["k03"]["start"], 1_700_000_000.75);
        assert_eq!(times["k03"]["finish"], 1_700_000_001);
        let received: Vec<u64> = answer.posts.iter().map(|post| post.received_at).collect();
        assert_eq!(received, [NOW, NOW + 250, NOW + 500, NOW + 750]);
    }
}

mod filters {
    use super::*;

    fn messages(web_filter: bool, method: &str, params: &Value) -> Vec<Bytes> {
        let mut portal = portal(Settings {
            web_filter,
            ..english()
        });
        let answer = call(&mut portal, method, params);
        answer.posts.into_iter().map(|post| post.message).collect()
    }

    #[test]
    fn texts_of_a_batch_are_altered_and_no_others() {
        let mut single = direct();
        single["fields"]["MESSAGE"] = json!("<script>");
        let add = "crm.livefeedmessage.add";
        let command = format!("{ADD}1").replace("=m", "=%3CScript%3E");
        let batch = json!({"cmd": {"a": command}});
        assert_eq!(messages(true, "batch", &batch), ["<Sc ript>"]);
        assert_eq!(messages(false, "batch", &batch), ["<Script>"]);
        assert_eq!(messages(true, add, &single), ["<script>"]);
    }
}

mod faults {
    use super::*;

    #[test]
    fn only_writing_requests_are_counted() {
        let mut portal = faulty("unavailable@2");
        for params in [json!({"cmd": {"a": "profile"}}), json!({})] {
            assert_eq!(call(&mut portal, "batch", &params).status, 200);
        }
        let probe = json!({"fields": {}});
        let add = "crm.livefeedmessage.add";
        assert_eq!(call(&mut portal, add, &probe).status, 400);
        assert_eq!(call(&mut portal, "batch", &adds(1)).status, 200);
        assert_eq!(call(&mut portal, "profile", &json!({})).status, 200);
        assert_eq!(call(&mut portal, add, &direct()).status, 503);
        assert_eq!(call(&mut portal, "batch", &adds(1)).status, 200);
    }

    #[test]
    fn some_requests_are_not_executed() {
        for (kind, status, delivery) in [
            ("drop", 444, Delivery::Lost),
            ("unavailable", 503, Delivery::Whole),
            ("limit", 503, Delivery::Whole),
            ("too-large", 413, Delivery::Whole),
            ("blank", 200, Delivery::Whole),
        ] {
            let answer = call(&mut faulty(&format!("{kind}@1")), "batch", &adds(3));
            assert_eq!(answer.posts, [], "{kind}");
            assert_eq!(
                (answer.status, answer.delivery),
                (status, delivery),
                "{kind}"
            );
        }
        let limited = call(&mut faulty("limit@1"), "batch", &adds(1));
        assert_eq!(read(&limited)["error"], "QUERY_LIMIT_EXCEEDED");
        let blank = call(&mut faulty("blank@1"), "batch", &adds(1));
        assert_eq!(read(&blank)["result"]["result"], json!([]));
        let blank = call(&mut faulty("blank@1"), "crm.livefeedmessage.add", &direct());
        assert_eq!((blank.status, blank.posts.len()), (400, 0));
    }

    #[test]
    fn others_are_executed_and_their_answer_is_spoiled() {
        for (kind, status, delivery) in [
            ("lost", 200, Delivery::Lost),
            ("cut", 200, Delivery::Cut),
            ("hang", 200, Delivery::Never),
            ("drip", 200, Delivery::Drip),
            ("bad-gateway", 502, Delivery::Whole),
        ] {
            let answer = call(&mut faulty(&format!("{kind}@1")), "batch", &adds(3));
            assert_eq!(answer.posts.len(), 3, "{kind}");
            assert_eq!(
                (answer.status, answer.delivery),
                (status, delivery),
                "{kind}"
            );
        }
    }

    #[test]
    fn an_internal_error_comes_half_way() {
        for (sent, executed) in [(1, 1), (4, 2), (5, 3)] {
            let answer = call(&mut faulty("internal@1"), "batch", &adds(sent));
            assert_eq!(answer.status, 500);
            assert_eq!(read(&answer)["error"], "INTERNAL_SERVER_ERROR");
            assert_eq!(answer.posts.len(), executed, "{sent}");
        }
        let add = "crm.livefeedmessage.add";
        let answer = call(&mut faulty("internal@1"), add, &direct());
        assert_eq!((answer.status, answer.posts.len()), (500, 1));
    }

    #[test]
    fn a_partial_request_loses_its_second_half_and_its_answer() {
        for (sent, executed) in [(1, 1), (4, 2), (5, 3)] {
            let answer = call(&mut faulty("partial@1"), "batch", &adds(sent));
            assert_eq!(answer.delivery, Delivery::Lost);
            assert_eq!(answer.posts.len(), executed, "{sent}");
        }
    }

    #[test]
    fn a_webhook_does_not_expire() {
        let mut portal = faulty("expired@1");
        let answer = call(&mut portal, "batch", &adds(1));
        assert_eq!((answer.status, answer.fault), (200, None));
    }

    #[test]
    fn an_answer_names_what_it_met() {
        let mut portal = faulty("lost@2,drop@3,refuse@2,no-id@4,missing@5-6");
        let mut met = |count| {
            let answer = call(&mut portal, "batch", &adds(count));
            (answer.fault, answer.post_faults)
        };
        assert_eq!(met(2), (None, vec!["refuse"]));
        assert_eq!(met(3), (Some("lost"), vec!["no-id", "missing"]));
        assert_eq!(met(1), (Some("drop"), vec![]));
        assert_eq!(met(2), (None, vec!["missing"]));
        let mut portal = faulty("bad-gateway@1,refuse@1");
        let answer = call(&mut portal, "batch", &adds(1));
        assert_eq!(answer.fault, Some("bad-gateway"));
        assert_eq!(answer.post_faults, ["refuse"]);
    }

    #[test]
    fn single_posts_meet_their_own_mishaps() {
        let mut portal = faulty("refuse@2,command-limit@3,missing@4,no-id@5,refuse@7");
        let answer = call(&mut portal, "batch", &adds(6));
        let result = &read(&answer)["result"];
        assert_eq!(result["result"], json!({"k00": 17, "k04": true, "k05": 19}));
        let errors = &result["result_error"];
        assert_eq!(
            errors["k01"],
            json!({"error": "", "error_description": "Access denied."})
        );
        assert_eq!(errors["k02"]["error"], "OPERATION_TIME_LIMIT");
        assert_eq!(errors.as_object().unwrap().len(), 2);
        assert_eq!(answer.posts.len(), 3);
        let direct = call(&mut portal, "crm.livefeedmessage.add", &direct());
        assert_eq!((direct.status, direct.posts.len()), (400, 0));
    }

    #[test]
    fn a_direct_call_may_be_forgotten_too() {
        let add = "crm.livefeedmessage.add";
        let answer = call(&mut faulty("missing@1"), add, &direct());
        assert_eq!((answer.status, answer.posts.len()), (200, 0));
        assert_eq!(read(&answer).get("result"), None);
    }
}

proptest! {
    #[test]
    fn any_body_is_answered(
        body in prop::collection::vec(any::<u8>(), 0..200),
        json in any::<bool>(),
        method in prop::sample::select(NAMES.map(|(_, name)| name).to_vec()),
    ) {
        let mut request = post(method, body);
        if !json {
            request.content_type = None;
        }
        let answer = portal(english()).handle(&request, NOW);
        prop_assert!(serde_json::from_slice::<Value>(&answer.body).is_ok());
    }

    #[test]
    fn any_command_is_answered_under_its_key(command in ".{0,60}", add in any::<bool>()) {
        let command = if add { format!("{ADD}{command}") } else { command };
        let result = batch(&mut portal(english()), &json!({"cmd": {"k": command}}));
        let answered = result["result"].get("k").is_some();
        let failed = result["result_error"].get("k").is_some();
        prop_assert!(answered != failed);
    }

    #[test]
    fn a_fully_escaped_text_is_stored_unharmed(text in "[^\0$ \t\r\n\x0b][^$\0]{0,60}") {
        let escape = |text: &str| -> String {
            text.bytes().map(|byte| format!("%{byte:02X}")).collect()
        };
        let message = escape(&text.replace('&', "&amp;"));
        let title = escape(&text);
        let command = format!("{ADD}1&fields[POST_TITLE]={title}&fields%5BMESSAGE%5D={message}");
        let answer = call(&mut portal(english()), "batch", &json!({"cmd": {"k": command}}));
        prop_assert_eq!(&answer.posts[0].message, &text);
        prop_assert_eq!(answer.posts[0].title.as_ref().unwrap(), &text);
    }
}
