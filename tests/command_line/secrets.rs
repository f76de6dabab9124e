//! No output, no file and no process list shows the webhook's code, in whatever way a portal fails,
//! also where the portal itself repeats it. Tokens of applications are in
//! `tests/connection/oauth.rs`.

use std::fs;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Child;

use crate::common::stand_in::read_request;
use crate::common::{FAST, LEDGER, Run, Sandbox, Workspace, file_holds, finish, wait_until};
use serde_json::{Value, json};

const CODE: &str = "m4rkedS3cr3tC0de";

/// How a portal answers after its `profile`, if it gets that far.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Portal {
    /// `profile` itself: status, and a body with the whole address in it.
    Profile(u16),
    /// A page of a gateway with the whole address in it.
    Page(u16),
    /// An error code with the whole address in its description.
    Error(u16, &'static str),
    /// The same for each command of a batch.
    EachCommand,
    /// Results that are no IDs but the address.
    OddResults,
    /// A redirect to the same path elsewhere.
    Moved,
    /// The answer breaks off.
    Cut,
    /// No answer at all.
    Hang,
}

/// Serves every connection until the test ends.
fn serve(portal: Portal) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap(), portal));
        }
    });
    address
}

fn answer(mut stream: TcpStream, portal: Portal) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let (path, body) = read_request(&mut reader)?;
        let is_preflight = is_preflight(&body);
        let (status, more, text) = reply(portal, &path, &body);
        if portal == Portal::Hang && path.ends_with("/batch") && !is_preflight {
            std::thread::sleep(std::time::Duration::from_secs(60));
        }
        let is_cut = portal == Portal::Cut && path.ends_with("/batch") && !is_preflight;
        let length = text.len() + usize::from(is_cut);
        let head = format!("HTTP/1.1 {status} X\r\n{more}Content-Length: {length}\r\n\r\n");
        stream.write_all((head + &text).as_bytes()).ok()?;
        if length > text.len() {
            return None;
        }
    }
}

/// Status, more headers, body.
fn reply(portal: Portal, path: &str, body: &[u8]) -> (u16, String, String) {
    let address = format!("https://p.example{path}");
    let plain = |status, text: String| (status, String::new(), text);
    let error = |code: &str| json!({"error": code, "error_description": address}).to_string();
    let page = format!("<html><body>Error at {address}</body></html>");
    let is_profile = is_preflight(body);
    match portal {
        Portal::Profile(status) if is_profile && status < 500 => {
            plain(status, error("INVALID_CREDENTIALS"))
        }
        Portal::Profile(status) if is_profile => plain(status, page),
        Portal::Moved => (302, format!("Location: {address}\r\n"), String::new()),
        _ if is_profile => plain(200, preflight(body, &address)),
        _ if path.contains("/server.time") => plain(200, json!({"result": address}).to_string()),
        _ if path.contains(".add") => plain(400, error("")),
        Portal::Page(status) => plain(status, page),
        Portal::Error(status, code) => plain(status, error(code)),
        _ => plain(200, batch(portal, body, &address)),
    }
}

/// Whether it is the request that asks who posts, among other things.
fn is_preflight(body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body);
    body.contains("\"profile\"") || body.contains("\"profile?")
}

/// Answers to the questions before the first post.
fn preflight(body: &[u8], address: &str) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let (mut results, mut errors) = (serde_json::Map::new(), serde_json::Map::new());
    for (key, command) in body["cmd"].as_object().into_iter().flatten() {
        let command = command.as_str().unwrap_or_default();
        let (method, _) = command.split_once('?').unwrap_or((command, ""));
        let result = match method {
            "profile" => json!({"ID": "1", "ADMIN": true, "NAME": address}),
            "scope" => json!(["crm"]),
            "server.time" => json!(address),
            _ => {
                let error = json!({"error": "", "error_description": address});
                errors.insert(key.clone(), error);
                continue;
            }
        };
        results.insert(key.clone(), result);
    }
    json!({"result": {"result": results, "result_error": errors}}).to_string()
}

fn batch(portal: Portal, body: &[u8], address: &str) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let keys = body["cmd"].as_object().cloned().unwrap_or_default();
    let of_each = |value: Value| -> Value {
        keys.keys()
            .map(|key| (key.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let (results, errors) = match portal {
        Portal::EachCommand => {
            let error = json!({"error": "ERROR_CORE", "error_description": address});
            (json!([]), of_each(error))
        }
        _ => (of_each(address.into()), json!([])),
    };
    json!({"result": {"result": results, "result_error": errors}}).to_string()
}

fn start(workspace: &Workspace, webhook: &str, more: &[&str]) -> Child {
    let soon = ["--give-up-after", "1s", "--no-record-check"];
    let arguments = [&["import", "m.csv"], &FAST[..], &soon, more].concat();
    let mut command = workspace.command(&arguments);
    command
        .env("B24POST_WEBHOOK", webhook)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    command.spawn().unwrap()
}

/// Neither what was printed nor any file of the folder holds the code.
#[track_caller]
fn assert_silent(workspace: &Workspace, run: &Run, what: &str) {
    let status = workspace.run(&["status", "m.csv", "--format", "json"]);
    for text in [&run.stdout, &run.stderr, &status.stdout, &status.stderr] {
        assert!(!text.contains(CODE), "{what}: {text}");
    }
    for entry in fs::read_dir(workspace.path(".")).unwrap() {
        let path = entry.unwrap().path();
        assert!(!file_holds(&path, CODE), "{what}: {}", path.display());
    }
}

#[test]
fn no_failure_shows_the_code_even_if_the_portal_repeats_it() {
    let mut cases = Vec::new();
    for (portal, code) in [
        (Portal::Profile(403), 1),
        (Portal::Profile(502), 1),
        (Portal::Page(502), 4),
        (Portal::Page(404), 4),
        (Portal::Error(403, "insufficient_scope"), 1),
        (Portal::Error(500, "INTERNAL_SERVER_ERROR"), 4),
        (Portal::Error(400, "ERROR_UNHEARD_OF"), 4),
        (Portal::EachCommand, 3),
        (Portal::OddResults, 4),
        (Portal::Moved, 1),
        (Portal::Cut, 4),
    ] {
        cases.push(std::thread::spawn(move || fails_silently(portal, code)));
    }
    for case in cases {
        case.join().unwrap();
    }
}

fn fails_silently(portal: Portal, code: i32) {
    let workspace = Workspace::new();
    workspace.rows(3);
    let webhook = format!("http://{}/rest/1/{CODE}/", serve(portal));
    let first = finish(start(&workspace, &webhook, &[]));
    assert_silent(&workspace, &first, &format!("{portal:?}"));
    first.expect(code);
    let again = finish(start(&workspace, &webhook, &["--format", "json"]));
    assert_silent(&workspace, &again, &format!("{portal:?}"));
}

#[test]
fn a_portal_that_cannot_be_reached_is_named_without_the_code() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let plain = serve(Portal::Cut);
    for webhook in [
        format!("http://{closed}/rest/1/{CODE}/"),
        format!("https://{plain}/rest/1/{CODE}/"),
        format!("https://no-such-host.invalid/rest/1/{CODE}/"),
    ] {
        let workspace = Workspace::new();
        workspace.rows(3);
        let run = finish(start(&workspace, &webhook, &[])).expect(1);
        assert_silent(&workspace, &run, "unreachable");
        assert!(run.stderr.contains("error: "), "{}", run.stderr);
    }
}

#[test]
fn an_address_that_is_no_webhook_is_refused_without_repeating_it() {
    for webhook in [
        format!("http://p.example/rest/1/{CODE}/"),
        format!("https://p.example/{CODE}"),
        format!("https://p.example/rest/{CODE}"),
        CODE.to_owned(),
        format!("https://user:{CODE}@p.example/rest/1/x/"),
        format!("https://p.example/rest/1/{CODE}/?x=1"),
        format!("https://p.example:99999/rest/1/{CODE}/"),
    ] {
        let workspace = Workspace::new();
        workspace.rows(1);
        let run = finish(start(&workspace, &webhook, &[])).expect(2);
        assert_silent(&workspace, &run, &webhook);
        fs::create_dir(workspace.path("kept")).unwrap();
        workspace.write("kept/hook", &webhook);
        let from_file = ["import", "m.csv", "--webhook-file", "kept/hook"];
        let run = workspace.run(&from_file).expect(2);
        assert_silent(&workspace, &run, &webhook);
    }
}

#[test]
fn a_code_from_a_file_is_neither_in_the_arguments_nor_in_the_environment() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let webhook = format!("http://{}/rest/1/{CODE}/", serve(Portal::Hang));
    fs::create_dir(workspace.path("kept")).unwrap();
    workspace.write("kept/hook", webhook);
    let more = [
        "import",
        "m.csv",
        "--webhook-file",
        "kept/hook",
        "--no-record-check",
    ];
    let mut run = workspace.command(&more).spawn().unwrap();
    wait_until("the claim", || {
        workspace.path(LEDGER).exists() && !workspace.ledger(LEDGER).is_empty()
    });
    let process = format!("/proc/{}", run.id());
    for name in ["cmdline", "environ"] {
        let path = Path::new(&process).join(name);
        assert!(fs::read(&path).is_ok_and(|content| !content.is_empty()));
        assert!(!file_holds(&path, CODE), "{name}");
    }
    run.kill().unwrap();
    assert_silent(&workspace, &finish(run), "killed");
}

#[test]
fn no_output_and_no_file_holds_the_webhooks_code() {
    let workspace = Workspace::new();
    workspace.rows(30);
    let portal = Sandbox::start(
        &workspace,
        &["--faults", "lost@1,refuse@40", "--post-cost", "5ms"],
    );
    let code = portal.code();
    let child = workspace.start_import(&portal, &[]);
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&arguments).contains(code));
    let run = finish(child).expect(4);
    let help = workspace.run_by(&portal.webhook, &["import", "--help"]);
    let help = help.expect(0);
    let status = workspace.run(&["status", "m.csv"]).expect(0);
    for text in [
        &run.stdout,
        &run.stderr,
        &help.stdout,
        &help.stderr,
        &status.stdout,
    ] {
        assert!(!text.contains(code), "{text}");
    }
    for name in [LEDGER, "m.csv.ledger.db-wal", "m.csv.ledger.db.lock"] {
        assert!(!file_holds(&workspace.path(name), code), "{name}");
    }
}
