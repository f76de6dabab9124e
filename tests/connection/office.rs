//! OAuth before the built-in portal: an OAuth server and a portal's door in one, on loopback.
//!
//! The door takes a call with a good token in its body and hands it to the portal behind; the
//! server gives a new pair for a refresh token that is good once. Both note what they dislike.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::Response;
use b24post::batch::Payload;
use b24post::portal::{self, HttpTransport, Transport, Verb, Webhook};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What happened in the office.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Asked for, whatever came of it.
    pub refreshes: usize,
    /// Refreshes that have come in.
    pub asked: usize,
    /// Calls that were never answered.
    pub held: usize,
    /// What a careful client would not have done.
    pub wrong: Vec<String>,
}

struct Books {
    seen: Seen,
    serial: usize,
    access: String,
    refresh: String,
    /// Calls that the present token is still good for.
    left: usize,
    /// Calls that a new token is good for.
    good_for: usize,
    refusal: Option<(u16, String)>,
    failures: usize,
    /// How long a refresh takes.
    slow: Duration,
    hold: bool,
    /// Commands of the next batch before its token runs out.
    within: Option<usize>,
    redirect: Option<String>,
    path: PathBuf,
    webhook: Webhook,
}

#[derive(Clone)]
struct Door {
    books: Arc<Mutex<Books>>,
    transport: Arc<HttpTransport>,
}

/// The office, open until it is dropped.
pub struct Office {
    door: Door,
    address: SocketAddr,
    _runtime: Runtime,
}

type Reply = (u16, Value);

impl Office {
    /// Opens before the portal of this webhook, and writes an OAuth file that is good.
    pub fn open(webhook: &str, path: PathBuf) -> Office {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let door = Door {
            books: Arc::new(Mutex::new(Books {
                seen: Seen::default(),
                serial: 0,
                access: "s3cr3t-access-0".into(),
                refresh: "s3cr3t-refresh-0".into(),
                left: usize::MAX,
                good_for: usize::MAX,
                refusal: None,
                failures: 0,
                slow: Duration::from_millis(150),
                hold: false,
                within: None,
                redirect: None,
                path,
                webhook: Webhook::parse(webhook).unwrap(),
            })),
            transport: Arc::new(HttpTransport::new(true, None).unwrap()),
        };
        let router = Router::new().fallback(serve).with_state(door.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let office = Office {
            door,
            address,
            _runtime: runtime,
        };
        office.write_file();
        office
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.door.books.lock().unwrap()
    }

    fn write_file(&self) {
        let books = self.books();
        let file = json!({
            "domain": self.address(), "server": self.address(), "note": "kept",
            "client_id": "s3cr3t-app", "client_secret": "s3cr3t-key",
            "access_token": books.access, "refresh_token": books.refresh,
        });
        fs::write(&books.path, file.to_string()).unwrap();
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn seen(&self) -> Seen {
        self.books().seen.clone()
    }

    /// The token that is good now.
    pub fn access(&self) -> String {
        self.books().access.clone()
    }

    pub fn file(&self) -> Value {
        self.books().file()
    }

    pub fn change_file(&self, name: &str, value: &str) {
        let mut file = self.file();
        file[name] = value.into();
        fs::write(&self.books().path, file.to_string()).unwrap();
    }

    /// Each token, the present one included, expires after so many calls.
    pub fn tokens_are_good_for(&self, calls: usize) {
        let mut books = self.books();
        books.good_for = calls;
        books.left = calls;
    }

    pub fn expire(&self) {
        self.books().left = 0;
    }

    pub fn expire_within_batch(&self, commands: usize) {
        self.books().within = Some(commands);
    }

    /// Whether calls with a good token wait for ever.
    pub fn hold_calls(&self, hold: bool) {
        self.books().hold = hold;
    }

    pub fn refuse_refresh(&self, status: u16, code: &str) {
        self.books().refusal = Some((status, code.to_owned()));
    }

    /// The next refreshes are answered by a gateway.
    pub fn fail_refreshes(&self, times: usize) {
        self.books().failures = times;
    }

    pub fn refresh_slowly(&self, slow: Duration) {
        self.books().slow = slow;
    }

    pub fn redirect_to(&self, address: &str) {
        self.books().redirect = Some(address.to_owned());
    }

    /// A new pair by hand, as after a sign-in, and no more refusals.
    pub fn authorise_again(&self) {
        let mut books = self.books();
        books.refusal = None;
        books.rotate();
        drop(books);
        self.write_file();
    }
}

impl Books {
    fn file(&self) -> Value {
        serde_json::from_slice(&fs::read(&self.path).unwrap()).unwrap()
    }

    fn rotate(&mut self) {
        self.serial += 1;
        self.access = format!("s3cr3t-access-{}", self.serial);
        self.refresh = format!("s3cr3t-refresh-{}", self.serial);
        self.left = self.good_for;
    }

    fn refresh(&mut self, uri: &Uri) -> Reply {
        self.seen.refreshes += 1;
        if let Some((status, code)) = &self.refusal {
            return (*status, json!({"error": code}));
        }
        if self.failures > 0 {
            self.failures -= 1;
            return (502, Value::Null);
        }
        let url = url::Url::parse(&format!("http://x{uri}")).unwrap();
        let given: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let expected = [
            ("grant_type", "refresh_token"),
            ("client_id", "s3cr3t-app"),
            ("client_secret", "s3cr3t-key"),
            ("refresh_token", &self.refresh),
        ];
        if given != expected.map(|(name, value)| (name.to_owned(), value.to_owned())) {
            self.seen.wrong.push(format!("a refresh with {given:?}"));
            return (400, json!({"error": "invalid_grant"}));
        }
        if self.left > 0 {
            self.seen
                .wrong
                .push("a good token was refreshed".to_owned());
        }
        self.rotate();
        let pair = json!({
            "access_token": self.access, "refresh_token": self.refresh, "expires_in": 3600,
            "domain": "oauth.bitrix.info", "status": "L",
        });
        (200, pair)
    }

    /// Lets a call in, or says why not.
    fn admit(&mut self, uri: &Uri, body: &Value) -> Result<(), Reply> {
        let token = body["auth"].as_str().unwrap_or_default();
        if uri.to_string().contains("s3cr3t") {
            self.seen.wrong.push(format!("a secret in {uri}"));
        }
        if token != self.access || self.left == 0 {
            return Err((401, json!({"error": "expired_token"})));
        }
        self.left -= 1;
        if self.file()["access_token"] != token || self.file()["refresh_token"] != *self.refresh {
            self.seen
                .wrong
                .push("a token was used before it was kept".to_owned());
        }
        Ok(())
    }
}

/// Takes the later commands out of a batch.
fn cut_batch(body: &mut Value, keep: usize) -> Map<String, Value> {
    let Some(commands) = body["cmd"].as_object_mut() else {
        return Map::new();
    };
    let later: Vec<String> = commands.keys().skip(keep).cloned().collect();
    let expired = json!({"error": "expired_token", "error_description": ""});
    later
        .into_iter()
        .map(|key| {
            commands.remove(&key);
            (key, expired.clone())
        })
        .collect()
}

async fn serve(State(door): State<Door>, request: Request) -> Response {
    let redirect = door.books.lock().unwrap().redirect.clone();
    let (parts, body) = request.into_parts();
    if let Some(to) = redirect {
        let location = format!("{to}{}", parts.uri);
        let response = Response::builder().status(302).header("Location", location);
        return response.body(Body::empty()).unwrap();
    }
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let (status, answer) = match parts.method.as_str() {
        "GET" if parts.uri.path() == "/oauth/token/" => {
            // Meanwhile other lanes and processes find their token expired.
            let slow = {
                let mut books = door.books.lock().unwrap();
                books.seen.asked += 1;
                books.slow
            };
            tokio::time::sleep(slow).await;
            door.books.lock().unwrap().refresh(&parts.uri)
        }
        "POST" => door.call(&parts.uri, &body).await,
        _ => (405, Value::Null),
    };
    let response = Response::builder().status(status);
    response.body(Body::from(answer.to_string())).unwrap()
}

impl Door {
    async fn call(&self, uri: &Uri, body: &[u8]) -> Reply {
        let mut body: Value = serde_json::from_slice(body).unwrap();
        let method = uri.path().strip_prefix("/rest/").unwrap().to_owned();
        let (hold, within, url) = {
            let mut books = self.books.lock().unwrap();
            if let Err(refused) = books.admit(uri, &body) {
                return refused;
            }
            books.seen.held += usize::from(books.hold);
            let within = (method == "batch").then(|| books.within.take()).flatten();
            if within.is_some() {
                books.left = 0;
            }
            (books.hold, within, books.webhook.endpoint(&method))
        };
        if hold {
            std::future::pending::<()>().await;
        }
        let expired = within.map(|keep| cut_batch(&mut body, keep));
        let request = portal::Request {
            verb: Verb::Post,
            url,
            body: Payload::from_bytes(body.to_string()),
            within: portal::Within {
                upload: Duration::from_secs(30),
                answer: Duration::from_secs(30),
            },
        };
        let response = self.transport.send(request).await.unwrap();
        let mut answer: Value = serde_json::from_slice(&response.body).unwrap();
        if let Some(expired) = expired {
            answer["result"]["result_error"] = expired.into();
        }
        (response.status, answer)
    }
}
