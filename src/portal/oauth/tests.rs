//! Refreshing against a portal and an OAuth server in memory, with a real file.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::*;
use crate::batch::Part;
use crate::portal::fatal::FatalKind;
use crate::portal::transport::{Request, Response, Sent, TransportCause, TransportError, Verb};
use crate::portal::{Client, SignIn, Within};

const WITHIN: Within = Within {
    upload: Duration::from_secs(75),
    answer: Duration::from_secs(75),
};

/// Both servers. A refresh token is good once.
struct World {
    access: String,
    refresh: String,
    /// What the OAuth server answers instead of a pair.
    refusal: Option<(u16, Value)>,
    /// Its answers are lost.
    unreachable: bool,
    /// The portal takes no token at all.
    hopeless: bool,
    refreshes: usize,
    calls: usize,
    path: PathBuf,
}

#[derive(Clone)]
struct Net(Arc<Mutex<World>>);

impl std::fmt::Debug for Net {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Net")
    }
}

impl Net {
    fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

impl Transport for Net {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        // Lets other lanes come in between.
        tokio::task::yield_now().await;
        let (status, body) = match request.verb {
            Verb::Get => self.world().refresh(&request)?,
            Verb::Post => self.world().call(&request),
        };
        tokio::task::yield_now().await;
        Ok(Response {
            status,
            location: None,
            body: body.to_string().into(),
        })
    }
}

impl World {
    fn refresh(&mut self, request: &Request) -> Result<(u16, Value), TransportError> {
        self.refreshes += 1;
        let url = request.url.expose();
        assert_eq!(url.path(), "/oauth/token/");
        assert!(request.body.is_empty());
        if self.unreachable {
            return Err(TransportError {
                sent: Sent::Maybe,
                cause: TransportCause::Broken,
                detail: String::new(),
            });
        }
        if let Some(refusal) = &self.refusal {
            return Ok(refusal.clone());
        }
        let expected = [
            ("grant_type", "refresh_token"),
            ("client_id", "app & co"),
            ("client_secret", "s3cr3t-key"),
            ("refresh_token", &self.refresh),
        ];
        assert!(
            url.query_pairs()
                .eq(expected.map(|(k, v)| (k.into(), v.into())))
        );
        self.access = format!("s3cr3t-a{}", self.refreshes);
        self.refresh = format!("s3cr3t-r{}", self.refreshes);
        Ok((
            200,
            json!({"access_token": self.access, "refresh_token": self.refresh,
                "domain": "oauth.bitrix.info"}),
        ))
    }

    fn call(&mut self, request: &Request) -> (u16, Value) {
        self.calls += 1;
        let url = request.url.expose();
        assert_eq!(url.as_str(), "https://p.example/rest/server.time");
        let body: Vec<u8> = request
            .body
            .parts
            .iter()
            .flat_map(|part| match part {
                Part::Bytes(bytes) => bytes.to_vec(),
                Part::File { .. } => Vec::new(),
            })
            .collect();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let token = body["auth"].as_str().unwrap();
        if self.hopeless || token != self.access {
            return (401, json!({"error": "expired_token"}));
        }
        // Whoever uses a token finds it durable.
        let file: Value = serde_json::from_slice(&fs::read(&self.path).unwrap()).unwrap();
        assert_eq!(file["access_token"], token);
        assert_eq!(file["refresh_token"], *self.refresh);
        (200, json!({"result": body["x"]}))
    }
}

struct Stage {
    _folder: tempfile::TempDir,
    path: PathBuf,
    net: Net,
    portal: Client<Net>,
}

/// A file whose access token has expired.
fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("o.json");
    let file = json!({"domain": "p.example", "client_id": "app & co",
        "client_secret": "s3cr3t-key", "access_token": "s3cr3t-old", "refresh_token": "s3cr3t-r"});
    fs::write(&path, file.to_string()).unwrap();
    let net = Net(Arc::new(Mutex::new(World {
        access: "s3cr3t-a".into(),
        refresh: "s3cr3t-r".into(),
        refusal: None,
        unreachable: false,
        hopeless: false,
        refreshes: 0,
        calls: 0,
        path: path.clone(),
    })));
    let oauth = OAuth::new(net.clone(), Account::read(&path).unwrap());
    let portal = Client::new(net.clone(), SignIn::from(oauth), WITHIN);
    Stage {
        _folder: folder,
        path,
        net,
        portal,
    }
}

impl Stage {
    async fn call(&self) -> Result<Response, SendError> {
        let body = Payload::from_bytes(r#"{"x":7}"#);
        self.portal.send("server.time", body, WITHIN).await
    }

    async fn lanes(&self) -> Vec<Result<Response, SendError>> {
        join_all((0..8).map(|_| self.call())).await
    }

    /// Changes the file as another process would.
    fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut file: Value = serde_json::from_slice(&fs::read(&self.path).unwrap()).unwrap();
        change(&mut file);
        fs::write(&self.path, file.to_string()).unwrap();
    }
}

fn no_token_yet(came: &Result<Response, SendError>) -> bool {
    matches!(came, Err(SendError::Transport(error))
        if error.cause == TransportCause::NoToken && error.sent == Sent::Never)
}

#[tokio::test]
async fn lanes_share_one_refresh_and_repeat_once() {
    let stage = stage();
    for came in stage.lanes().await {
        assert_eq!(came.unwrap().body, r#"{"result":7}"#);
    }
    assert_eq!(stage.net.world().refreshes, 1);
    assert_eq!(stage.net.world().calls, 16);
    stage.call().await.unwrap();
    assert_eq!(stage.net.world().calls, 17, "the new token is kept");
}

#[tokio::test]
async fn what_another_process_has_refreshed_is_taken_from_the_file() {
    let stage = stage();
    stage.change(|file| file["access_token"] = json!("s3cr3t-a"));
    assert_eq!(stage.call().await.unwrap().status, 200);
    assert_eq!(stage.net.world().refreshes, 0);
    // One that has run out too is refreshed in turn.
    stage.net.world().access = "gone".into();
    stage.change(|file| file["access_token"] = json!("s3cr3t-later"));
    assert_eq!(stage.call().await.unwrap().status, 200);
    assert_eq!(stage.net.world().refreshes, 1);
}

#[tokio::test]
async fn a_dead_refresh_token_is_told_to_all_and_tried_once() {
    let stage = stage();
    stage.net.world().refusal = Some((400, json!({"error": "invalid_grant"})));
    for _ in 0..2 {
        for came in stage.lanes().await {
            let Err(SendError::SignIn(stop)) = came else {
                panic!("{came:?}");
            };
            assert_eq!(stop.kind, FatalKind::TokenExpired);
            assert!(stop.to_string().contains("authorise"), "{stop}");
        }
    }
    assert_eq!(stage.net.world().refreshes, 1);
    let left = fs::read_dir(stage.path.parent().unwrap()).unwrap().count();
    assert_eq!(left, 2, "the file and its lock");
}

#[tokio::test]
async fn a_lost_answer_leaves_nothing_in_doubt_and_is_tried_again_later() {
    let stage = stage();
    stage.net.world().unreachable = true;
    assert!(stage.lanes().await.iter().all(no_token_yet));
    assert_eq!(
        stage.net.world().refreshes,
        1,
        "waiting lanes share the failure"
    );
    stage.net.world().unreachable = false;
    assert_eq!(stage.call().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_token_that_is_refused_at_once_is_not_refreshed_again() {
    let stage = stage();
    stage.net.world().hopeless = true;
    assert_eq!(stage.call().await.unwrap().status, 401);
    assert_eq!(stage.net.world().refreshes, 1);
    assert_eq!(stage.net.world().calls, 2);
}

#[tokio::test]
async fn a_token_known_to_be_spent_is_renewed_before_the_call() {
    let stage = stage();
    stage.call().await.unwrap();
    let SignIn::OAuth(oauth) = stage.portal.sign_in() else {
        panic!("OAuth expected");
    };
    let token = oauth.token().await.unwrap();
    oauth.spend(&Secret::new("another"));
    assert_eq!(oauth.token().await.unwrap(), token);
    oauth.spend(&token);
    let calls = stage.net.world().calls;
    stage.call().await.unwrap();
    assert_eq!(stage.net.world().refreshes, 2);
    assert_eq!(stage.net.world().calls, calls + 1, "nothing was repeated");
}

#[tokio::test]
async fn a_file_that_vanished_ends_the_run_before_anything_is_spent() {
    let stage = stage();
    fs::remove_file(&stage.path).unwrap();
    let came = stage.call().await;
    assert!(matches!(came, Err(SendError::SignIn(stop)) if stop.code == "oauth_file"));
    assert_eq!(stage.net.world().refreshes, 0);
}

#[tokio::test]
async fn nothing_prints_a_secret() {
    let stage = stage();
    stage.net.world().unreachable = true;
    let error = stage.call().await.unwrap_err();
    let shown = format!("{:?} {error:?} {error}", stage.portal.sign_in());
    assert!(!shown.contains("s3cr3t"), "{shown}");
}
