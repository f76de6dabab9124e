//! What each answer means, row by row of bitrix24-rest.md §7.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const RETIRED: &str = "Livefeed is no longer supported";

fn keys() -> Vec<String> {
    vec!["ka".into(), "kb".into()]
}

fn response(status: u16, body: impl Into<Bytes>) -> Result<Response, TransportError> {
    Ok(Response {
        status,
        location: None,
        body: body.into(),
    })
}

fn broken(sent: Sent, cause: TransportCause) -> Result<Response, TransportError> {
    Err(TransportError {
        sent,
        cause,
        detail: "why".into(),
    })
}

fn error_body(code: &Value, description: &str) -> String {
    json!({"error": code, "error_description": description}).to_string()
}

/// One word for an answer, so that tables stay readable. A direct call, or a batch's first command,
/// speaks for its answer.
fn word(answer: &RequestOutcome) -> String {
    match answer {
        RequestOutcome::Commands { outcomes, .. } => outcome_word(&outcomes[0].1),
        RequestOutcome::NotExecuted(NotExecuted::Unreachable(_)) => "unreachable".into(),
        RequestOutcome::NotExecuted(NotExecuted::Limited(Limit::Query)) => "query-limit".into(),
        RequestOutcome::NotExecuted(NotExecuted::Limited(Limit::Operating { .. })) => {
            "operating-limit".into()
        }
        RequestOutcome::NotExecuted(NotExecuted::TooLarge) => "too-large".into(),
        RequestOutcome::NotExecuted(NotExecuted::BadFile { .. }) => "bad-file".into(),
        RequestOutcome::Unknown(doubt) => format!("unknown {}", doubt.code),
        RequestOutcome::Blank => "blank".into(),
        RequestOutcome::Stop(stop) => format!("stop {:?}", stop.kind),
    }
}

fn outcome_word(outcome: &CommandOutcome) -> String {
    match outcome {
        CommandOutcome::Posted(id) => format!("posted {id}"),
        CommandOutcome::Failed { code, .. } => format!("failed {code}"),
        CommandOutcome::InDoubt { code, .. } => format!("doubt {code}"),
        CommandOutcome::Limited(Limit::Query) => "query-limit".into(),
        CommandOutcome::Limited(Limit::Operating { .. }) => "operating-limit".into(),
        CommandOutcome::Missing => "missing".into(),
        CommandOutcome::Stop(stop) => format!("stop {:?}", stop.kind),
    }
}

fn judge_batch(came: Result<Response, TransportError>) -> RequestOutcome {
    judge(came.map_err(SendError::from), Asked::Batch(&keys()))
}

fn judge_direct(came: Result<Response, TransportError>) -> RequestOutcome {
    judge(came.map_err(SendError::from), Asked::Direct("k"))
}

/// A 200 whose `result` is this.
fn batch_result(result: Value) -> RequestOutcome {
    judge_batch(response(200, json!({"result": result}).to_string()))
}

fn outcomes(answer: &RequestOutcome) -> Vec<(&str, String)> {
    match answer {
        RequestOutcome::Commands { outcomes, .. } => outcomes
            .iter()
            .map(|(key, outcome)| (key.as_str(), outcome_word(outcome)))
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// What comes back in one line of a table.
enum Came {
    /// A code in a reply.
    Error(u16, Value, &'static str),
    /// An answer without one.
    Page(u16, &'static str),
    /// No answer.
    Broken(Sent, TransportCause),
}

/// What comes back, and what it says of a batch, of a direct call and of a command in a batch.
struct Line {
    came: Came,
    words: [String; 3],
}

/// It says the same wherever it stands.
fn all(status: u16, code: &str, word: &str) -> Line {
    let words = [word, word, word];
    said(status, code, "", words)
}

fn said(status: u16, code: &str, text: &'static str, words: [&str; 3]) -> Line {
    Line {
        came: Came::Error(status, json!(code), text),
        words: words.map(str::to_owned),
    }
}

/// It leaves open what was executed.
fn open(status: u16, code: &str) -> Line {
    let whole = format!("unknown {code}");
    let came = Came::Error(status, json!(code), "");
    let words = [whole.clone(), whole, format!("doubt {code}")];
    Line { came, words }
}

/// It refuses one row; of a whole batch it says this.
fn row(status: u16, code: Value, of_batch: &str) -> Line {
    let name = code.as_str().map_or(code.to_string(), str::to_owned);
    let word = format!("failed {name}");
    let words = [of_batch.to_owned(), word.clone(), word];
    let came = Came::Error(status, code, "");
    Line { came, words }
}

fn page(status: u16, body: &'static str, word: &str) -> Line {
    let came = Came::Page(status, body);
    let words = [word, word, ""].map(str::to_owned);
    Line { came, words }
}

fn on_the_way(sent: Sent, cause: TransportCause, word: &str) -> Line {
    let came = Came::Broken(sent, cause);
    let words = [word, word, ""].map(str::to_owned);
    Line { came, words }
}

const HTML: &str = "<html>Oops</html>";
const CUT_JSON: &str = "{\"result\":{\"result\":{\"ka\":1";

/// The table of bitrix24-rest.md §7, its rows in their order and under their names.
fn the_table() -> Vec<Line> {
    let never = |cause| on_the_way(Sent::Never, cause, "unreachable");
    let maybe = |cause| on_the_way(Sent::Maybe, cause, "unknown no_answer");
    let plan = "REST API is available only on commercial plans.";
    vec![
        // QUERY_LIMIT_EXCEEDED
        all(503, "QUERY_LIMIT_EXCEEDED", "query-limit"),
        all(200, "query_limit_exceeded", "query-limit"),
        // OPERATION_TIME_LIMIT
        all(429, "OPERATION_TIME_LIMIT", "operating-limit"),
        // OVERLOAD_LIMIT
        all(503, "OVERLOAD_LIMIT", "stop Overload"),
        // INTERNAL_SERVER_ERROR
        open(500, "INTERNAL_SERVER_ERROR"),
        // ERROR_UNEXPECTED_ANSWER
        open(500, "ERROR_UNEXPECTED_ANSWER"),
        open(200, "ERROR_UNEXPECTED_ANSWER"),
        // 502/504/500 HTML or empty body
        page(502, HTML, "unknown http_502"),
        page(502, "", "unknown http_502"),
        page(504, HTML, "unknown http_504"),
        page(504, "", "unknown http_504"),
        page(500, HTML, "unknown http_500"),
        page(500, "", "unknown http_500"),
        // 503 without JSON code
        page(503, HTML, "unknown http_503"),
        page(503, "", "unknown http_503"),
        page(503, "{}", "unknown http_503"),
        // read timeout / reset after send
        maybe(TransportCause::AnswerTimeout),
        maybe(TransportCause::Broken),
        // DNS / connect / TLS failure
        never(TransportCause::Dns),
        never(TransportCause::Connect),
        never(TransportCause::ConnectTimeout),
        never(TransportCause::Tls),
        // 200, body unparsable or cut
        page(200, HTML, "unknown unreadable_answer"),
        page(200, "", "unknown unreadable_answer"),
        page(200, CUT_JSON, "unknown unreadable_answer"),
        // expired_token: refreshed and repeated before it gets here
        all(401, "expired_token", "stop TokenExpired"),
        // invalid_token, NO_AUTH_FOUND, authorization_error
        all(401, "invalid_token", "stop Credentials"),
        all(401, "NO_AUTH_FOUND", "stop Credentials"),
        all(401, "authorization_error", "stop Credentials"),
        // INVALID_CREDENTIALS
        all(403, "INVALID_CREDENTIALS", "stop Credentials"),
        all(401, "INVALID_CREDENTIALS", "stop Credentials"),
        // insufficient_scope
        all(403, "insufficient_scope", "stop Scope"),
        all(401, "insufficient_scope", "stop Scope"),
        // user_access_error, allowed_only_intranet_user
        all(403, "user_access_error", "stop User"),
        all(403, "allowed_only_intranet_user", "stop User"),
        // ACCESS_DENIED "…commercial plans"
        said(403, "ACCESS_DENIED", plan, ["stop Plan"; 3]),
        // ACCESS_DENIED other / empty-code "Access denied."
        row(400, json!("ACCESS_DENIED"), "stop Refused"),
        row(403, json!("ACCESS_DENIED"), "stop Refused"),
        said(400, "", "Access denied.", EMPTY_CODE),
        // PAYMENT_REQUIRED, NOT_INSTALLED, APPLICATION_NOT_FOUND, ERROR_OAUTH, wrong_client
        all(401, "PAYMENT_REQUIRED", "stop Plan"),
        all(401, "NOT_INSTALLED", "stop Application"),
        all(401, "APPLICATION_NOT_FOUND", "stop Application"),
        all(401, "ERROR_OAUTH", "stop Application"),
        all(200, "wrong_client", "stop Application"),
        // METHOD_CONFIRM_WAITING / _DENIED
        all(401, "METHOD_CONFIRM_WAITING", "stop Consent"),
        all(403, "METHOD_CONFIRM_DENIED", "stop Consent"),
        // WRONG_AUTH_TYPE
        all(403, "WRONG_AUTH_TYPE", "stop Credentials"),
        // INVALID_REQUEST (https needed)
        all(400, "INVALID_REQUEST", "stop Https"),
        // PORTAL_DELETED
        all(500, "PORTAL_DELETED", "stop Deleted"),
        all(403, "PORTAL_DELETED", "stop Deleted"),
        all(410, "PORTAL_DELETED", "stop Deleted"),
        // ERROR_METHOD_NOT_FOUND
        all(404, "ERROR_METHOD_NOT_FOUND", "stop Method"),
        // ERROR_BATCH_LENGTH_EXCEEDED / _METHOD_NOT_ALLOWED
        all(400, "ERROR_BATCH_LENGTH_EXCEEDED", "stop Defect"),
        all(200, "ERROR_BATCH_LENGTH_EXCEEDED", "stop Defect"),
        all(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "stop Defect"),
        // ERROR_CORE, ERROR_ARGUMENT
        row(400, json!("ERROR_CORE"), "unknown ERROR_CORE"),
        row(400, json!("ERROR_ARGUMENT"), "unknown ERROR_ARGUMENT"),
        said(500, "ERROR_CORE", "", AFTER_500_CORE),
        said(500, "ERROR_ARGUMENT", "", AFTER_500_ARGUMENT),
        // WRONG_ENCODING
        open(500, "WRONG_ENCODING"),
        open(200, "WRONG_ENCODING"),
        // "" + "Livefeed is no longer supported"
        said(400, "", RETIRED, ["stop Retired"; 3]),
        said(500, "", RETIRED, ["stop Retired"; 3]),
        // "" + other text
        said(400, "", "Пустое сообщение", EMPTY_CODE),
        said(500, "", "Пустое сообщение", EMPTY_CODE_AFTER_500),
    ]
}

/// A row's refusal; a batch as a whole could carry it from before or after executing.
const EMPTY_CODE: [&str; 3] = [
    "unknown portal_refused",
    "failed portal_refused",
    "failed portal_refused",
];
const EMPTY_CODE_AFTER_500: [&str; 3] = [
    "unknown http_500",
    "unknown http_500",
    "failed portal_refused",
];
const AFTER_500_CORE: [&str; 3] = [
    "unknown ERROR_CORE",
    "unknown ERROR_CORE",
    "failed ERROR_CORE",
];
const AFTER_500_ARGUMENT: [&str; 3] = [
    "unknown ERROR_ARGUMENT",
    "unknown ERROR_ARGUMENT",
    "failed ERROR_ARGUMENT",
];

/// Codes that the table doesn't have: those of the methods, numbers, and ones that nobody knows.
fn beside_the_table() -> Vec<Line> {
    let unknown = |status, of_batch: &str, of_direct: &str| {
        said(
            status,
            "NEW_CODE",
            "",
            [of_batch, of_direct, "failed NEW_CODE"],
        )
    };
    let blog = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR";
    let no_blog = "SONET_CONTROLLER_LIVEFEED_MODULE_BLOG_NOT_INSTALLED";
    let nested = Came::Error(400, json!({"code": "V3_CODE", "message": "no"}), "");
    let nested_words = ["unknown V3_CODE", "failed V3_CODE", "failed V3_CODE"];
    vec![
        row(400, json!("OWNER_NOT_FOUND"), "stop Refused"),
        row(400, json!("NOT_FOUND"), "stop Refused"),
        row(400, json!("INVALID_ARG_VALUE"), "stop Refused"),
        row(400, json!(100), "stop Refused"),
        row(400, json!(0), "unknown 0"),
        row(400, json!(blog), "stop Refused"),
        all(400, no_blog, "stop Method"),
        unknown(400, "unknown NEW_CODE", "failed NEW_CODE"),
        unknown(403, "stop Refused", "failed NEW_CODE"),
        unknown(401, "stop Credentials", "stop Credentials"),
        unknown(407, "stop Credentials", "stop Credentials"),
        unknown(408, "unknown NEW_CODE", "unknown NEW_CODE"),
        unknown(429, "unknown NEW_CODE", "unknown NEW_CODE"),
        unknown(413, "too-large", "too-large"),
        unknown(
            302,
            "stop Renamed { host: None }",
            "stop Renamed { host: None }",
        ),
        unknown(503, "unknown NEW_CODE", "unknown NEW_CODE"),
        Line {
            came: nested,
            words: nested_words.map(str::to_owned),
        },
    ]
}

impl Line {
    fn came(&self) -> Result<Response, TransportError> {
        match &self.came {
            Came::Error(status, code, text) => response(*status, error_body(code, text)),
            Came::Page(status, body) => response(*status, *body),
            Came::Broken(sent, cause) => broken(*sent, cause.clone()),
        }
    }

    fn check(&self) {
        let came = format!("{:?}", self.came());
        let [of_batch, of_direct, of_command] = &self.words;
        assert_eq!(word(&judge_batch(self.came())), *of_batch, "{came}");
        assert_eq!(word(&judge_direct(self.came())), *of_direct, "{came}");
        if let Came::Error(_, code, text) = &self.came {
            let inner = json!({"error": code, "error_description": text});
            let in_batch = batch_result(json!({"result": [], "result_error": {"ka": inner}}));
            assert_eq!(outcomes(&in_batch)[0].1, *of_command, "{came}");
        }
    }
}

#[test]
fn every_row_of_the_table_means_what_it_should() {
    the_table().iter().for_each(Line::check);
}

#[test]
fn so_does_what_the_table_does_not_have() {
    beside_the_table().iter().for_each(Line::check);
}

#[test]
fn a_status_counts_where_no_code_does() {
    let html = "<html>Oops</html>";
    for (status, body, expected) in [
        (401, html, "stop Credentials"),
        (401, "{}", "stop Credentials"),
        (403, html, "stop Refused"),
        (407, "", "stop Proxy"),
        (413, html, "too-large"),
        (500, "", "unknown http_500"),
        (502, html, "unknown http_502"),
        (503, html, "unknown http_503"),
        (504, "", "unknown http_504"),
        (
            500,
            "{\"result\":{\"result\":{\"ka\":1},\"result_error\":[]}}",
            "unknown http_500",
        ),
        (404, html, "unknown http_404"),
        (429, html, "unknown http_429"),
        (304, "", "unknown http_304"),
        (200, "", "unknown unreadable_answer"),
        (200, html, "unknown unreadable_answer"),
        (
            200,
            "{\"result\":{\"result\":{\"ka\":1",
            "unknown unreadable_answer",
        ),
        (200, "{}", "unknown unreadable_answer"),
        (200, "[]", "unknown unreadable_answer"),
    ] {
        assert_eq!(
            word(&judge_batch(response(status, body))),
            expected,
            "{status} {body}"
        );
        assert_eq!(
            word(&judge_direct(response(status, body))),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn a_redirect_is_a_stop_that_names_the_host_alone() {
    let redirect = |status, location: Option<&str>| {
        let came = Response {
            status,
            location: location.map(str::to_owned),
            body: Bytes::new(),
        };
        match judge_batch(Ok(came)) {
            RequestOutcome::Stop(stop) => stop,
            other => panic!("{other:?}"),
        }
    };
    for status in [301, 302, 303, 307, 308] {
        let stop = redirect(status, Some("https://new.example:8443/rest/1/s3cr3t/batch"));
        let host = Some("new.example".to_owned());
        assert_eq!(stop.kind, FatalKind::Renamed { host });
        assert_eq!(stop.code, "portal_renamed");
        let text = format!("{stop} {stop:?}");
        assert!(
            text.contains("new.example") && !text.contains("s3cr3t"),
            "{text}"
        );
    }
    for location in [None, Some("/rest/1/s3cr3t/batch"), Some("")] {
        let stop = redirect(302, location);
        assert_eq!(stop.kind, FatalKind::Renamed { host: None });
        assert!(!format!("{stop} {stop:?}").contains("s3cr3t"));
    }
}

#[test]
fn failures_on_the_way_depend_on_whether_the_body_left() {
    let path = || PathBuf::from("a.pdf");
    for (sent, cause, expected) in [
        (Sent::Never, TransportCause::Connect, "unreachable"),
        (Sent::Never, TransportCause::Dns, "unreachable"),
        (Sent::Never, TransportCause::Tls, "unreachable"),
        (Sent::Never, TransportCause::ConnectTimeout, "unreachable"),
        (Sent::Never, TransportCause::UploadStalled, "unreachable"),
        (Sent::Never, TransportCause::Broken, "unreachable"),
        (
            Sent::Never,
            TransportCause::AnswerCut { status: 502 },
            "unreachable",
        ),
        (
            Sent::Never,
            TransportCause::AnswerCut { status: 413 },
            "too-large",
        ),
        (
            Sent::Maybe,
            TransportCause::AnswerCut { status: 413 },
            "too-large",
        ),
        (
            Sent::Never,
            TransportCause::FileChanged { path: path() },
            "bad-file",
        ),
        (
            Sent::Never,
            TransportCause::FileUnreadable { path: path() },
            "bad-file",
        ),
        (Sent::Maybe, TransportCause::Broken, "unknown no_answer"),
        (
            Sent::Maybe,
            TransportCause::AnswerTimeout,
            "unknown no_answer",
        ),
        (
            Sent::Maybe,
            TransportCause::AnswerCut { status: 200 },
            "unknown unreadable_answer",
        ),
        (
            Sent::Maybe,
            TransportCause::AnswerTooLarge { status: 200 },
            "unknown unreadable_answer",
        ),
    ] {
        let row = format!("{sent:?} {cause:?}");
        assert_eq!(
            word(&judge_batch(broken(sent, cause.clone()))),
            expected,
            "{row}"
        );
        assert_eq!(word(&judge_direct(broken(sent, cause))), expected, "{row}");
    }
}

#[test]
fn doubt_about_a_lost_answer_says_what_happened() {
    let RequestOutcome::Unknown(doubt) =
        judge_direct(broken(Sent::Maybe, TransportCause::AnswerTimeout))
    else {
        panic!("no doubt");
    };
    assert_eq!(doubt.message, "the portal took too long to answer (why)");
}

#[test]
fn outcomes_go_by_key_in_the_order_asked() {
    let answer = batch_result(json!({
        "result": {"kb": 12, "other": 5},
        "result_error": {"ka": {"error": "", "error_description": "Пустое сообщение"}},
        "result_time": {"kb": {"duration": 0.5, "operating": 1.25, "operating_reset_at": 1700}},
    }));
    let RequestOutcome::Commands { outcomes, timing } = answer else {
        panic!("{answer:?}");
    };
    let failed = CommandOutcome::Failed {
        code: "portal_refused".into(),
        message: "Пустое сообщение".into(),
    };
    assert_eq!(
        outcomes,
        [
            ("ka".into(), failed),
            ("kb".into(), CommandOutcome::Posted(12))
        ]
    );
    let (key, time) = &timing.commands[0];
    assert_eq!(
        (key.as_str(), time.operating, time.operating_reset_at),
        ("kb", Some(1.25), Some(1700))
    );
}

#[test]
fn one_command_of_a_batch_in_every_state() {
    for (result, expected) in [
        (json!({"result": {"ka": 7}}), "posted 7"),
        (json!({"result": {"ka": "7"}}), "posted 7"),
        (json!({"result": {"ka": null}}), "doubt no_id"),
        (json!({"result": {"ka": true}}), "doubt no_id"),
        (json!({"result": {"ka": 0}}), "doubt no_id"),
        (json!({"result": {"ka": {"id": 7}}}), "doubt no_id"),
        (json!({"result": {"kb": 1}}), "missing"),
        (
            json!({"result": {"kb": 1}, "result_time": {"ka": {}}}),
            "doubt no_result",
        ),
        (
            json!({"result": [], "result_error": {"ka": "?"}}),
            "doubt unreadable_error",
        ),
        (
            json!({"result": [], "result_error": {"ka": null}}),
            "doubt unreadable_error",
        ),
        (
            json!({"result": {"ka": null}, "result_error": {"ka": {"error": "X"}}}),
            "failed X",
        ),
        (
            json!({"result": {"ka": 7}, "result_error": {"ka": {"error": "X"}}}),
            "doubt contradiction",
        ),
    ] {
        assert_eq!(
            outcomes(&batch_result(result.clone()))[0].1,
            expected,
            "{result}"
        );
    }
}

#[test]
fn an_abort_code_of_one_command_leaves_the_others_standing() {
    let answer = batch_result(json!({
        "result": {"ka": 7},
        "result_error": {"kb": {"error": "insufficient_scope", "error_description": ""}},
    }));
    assert_eq!(
        outcomes(&answer),
        [("ka", "posted 7".into()), ("kb", "stop Scope".into())]
    );
}

#[test]
fn five_empty_maps_are_a_blank_success() {
    let blank = json!({
        "result": [], "result_error": [], "result_total": [], "result_next": [], "result_time": [],
    });
    assert_eq!(batch_result(blank), RequestOutcome::Blank);
    assert_eq!(
        batch_result(json!({"result": {}, "result_error": []})),
        RequestOutcome::Blank
    );
}

#[test]
fn an_answer_to_something_else_is_no_answer() {
    for result in [
        json!({"result": {"kz": 1}, "result_error": []}),
        json!({"result": [1, 2], "result_error": []}),
        json!([]),
        json!(7),
        json!({"result": "text", "result_error": []}),
    ] {
        assert_eq!(
            word(&batch_result(result.clone())),
            "unknown unreadable_answer",
            "{result}"
        );
    }
}

#[test]
fn a_direct_call_speaks_for_its_one_key() {
    let result = |result: Value| {
        let body = json!({"result": result, "time": {"operating": 0.5}});
        judge_direct(response(200, body.to_string()))
    };
    for (value, expected) in [
        (json!(5), "posted 5"),
        (json!("5"), "posted 5"),
        (Value::Null, "doubt no_id"),
        (json!([]), "doubt no_id"),
    ] {
        assert_eq!(outcomes(&result(value)), [("k", expected.to_owned())]);
    }
    let RequestOutcome::Commands { timing, .. } = result(json!(5)) else {
        panic!();
    };
    assert_eq!(timing.request.operating, Some(0.5));
    assert_eq!(timing.commands, [("k".to_owned(), timing.request)]);
}

#[test]
fn an_unknown_error_beside_a_result_leaves_both_open() {
    let body = json!({"error": "", "result": 5}).to_string();
    assert_eq!(word(&judge_direct(response(200, body))), "unknown http_200");
}

#[test]
fn the_reset_of_the_operating_limit_is_kept_if_told() {
    let body = json!({"error": "OPERATION_TIME_LIMIT", "time": {"operating_reset_at": 1700}});
    let reset_at = Some(1700);
    assert_eq!(
        judge_batch(response(429, body.to_string())),
        RequestOutcome::NotExecuted(NotExecuted::Limited(Limit::Operating { reset_at }))
    );
}

#[test]
fn the_retired_feed_is_explained() {
    let RequestOutcome::Stop(stop) = judge_direct(response(400, error_body(&json!(""), RETIRED)))
    else {
        panic!();
    };
    assert_eq!(stop.code, "livefeed_retired");
    assert!(stop.to_string().contains("--target timeline"), "{stop}");
}

/// JSON of the shapes that a reply is made of, with our keys and known words in it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z_0-9 ]{0,12}".prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "result",
        "result_error",
        "result_time",
        "error",
        "error_description",
        "time",
        "ka",
        "kb",
        "code",
        "operating",
        "duration",
        "operating_reset_at",
    ]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
        ]
    })
}

/// Whatever comes, each key gets exactly one outcome, in order.
fn check_any(status: u16, body: Bytes) -> Result<(), TestCaseError> {
    if let RequestOutcome::Commands { outcomes, .. } = judge_batch(response(status, body.clone())) {
        let names: Vec<String> = outcomes.into_iter().map(|(key, _)| key).collect();
        prop_assert_eq!(names, keys());
    }
    if let RequestOutcome::Commands { outcomes, .. } = judge_direct(response(status, body)) {
        prop_assert_eq!(outcomes.len(), 1);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_judged(status in 0u16..1000, body in prop::collection::vec(any::<u8>(), 0..99)) {
        check_any(status, body.into())?;
    }

    #[test]
    fn any_json_is_judged(status in prop::sample::select(vec![200, 302, 400, 500]), body in any_json()) {
        check_any(status, body.to_string().into())?;
    }

    #[test]
    fn no_status_but_success_posts_anything(status in 300u16..600) {
        let body = json!({"result": {"result": {"ka": 1, "kb": 2}, "result_error": []}});
        let answer = judge_batch(response(status, body.to_string()));
        prop_assert!(!matches!(answer, RequestOutcome::Commands { .. }), "{answer:?}");
    }
}
