//! The transport against small servers of our own on loopback, one misbehaviour each.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::batch::{Part, Payload};
use crate::portal::Webhook;
use crate::portal::Within;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"result\":1}";

/// More than loopback's socket buffers take when nobody reads.
const HUGE: usize = 64 * 1024 * 1024;

struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Runs `serve` for every connection.
    async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Server
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Server {
            address,
            connections,
        }
    }

    /// A server that reads each whole request and answers with these bytes, then closes.
    async fn answering(answer: &'static str) -> Server {
        Server::start(move |mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await
    }

    async fn send(&self, payload: Payload) -> Result<Response, TransportError> {
        let request = request(&format!("http://{}", self.address), payload);
        transport().send(request).await
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn transport() -> HttpTransport {
    let patience = Patience {
        connect: Duration::from_secs(5),
        stall: Duration::from_millis(400),
        idle: Duration::from_secs(15),
    };
    HttpTransport::with_patience(true, None, patience).unwrap()
}

fn request(origin: &str, body: Payload) -> Request {
    let webhook = Webhook::parse(&format!("{origin}/rest/1/s3cr3t/")).unwrap();
    Request {
        verb: Verb::Post,
        url: webhook.endpoint("batch"),
        body,
        within: Within {
            upload: Duration::from_secs(60),
            answer: Duration::from_millis(600),
        },
    }
}

/// Reads one request: its head in lower case, and its body.
async fn read_request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert!(
            stream.read_buf(&mut bytes).await.unwrap() > 0,
            "the request broke off"
        );
    };
    let body = bytes.split_off(head);
    let head = String::from_utf8(bytes).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1);
    let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
    let mut body = body;
    while body.len() < length {
        assert!(
            stream.read_buf(&mut body).await.unwrap() > 0,
            "the body broke off"
        );
    }
    (head, body)
}

fn small() -> Payload {
    Payload::from_bytes("{\"cmd\":{}}")
}

fn huge() -> Payload {
    Payload::from_bytes(vec![b'x'; HUGE])
}

#[track_caller]
fn assert_failed(came: Result<Response, TransportError>, sent: Sent, cause: TransportCause) {
    let error = came.unwrap_err();
    assert_eq!((error.sent, &error.cause), (sent, &cause), "{error}");
    let text = format!("{error} {error:?}");
    assert!(
        !text.contains("s3cr3t") && !text.contains("http://"),
        "{text}"
    );
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let server = Server::answering(OK).await;
    let response = server.send(small()).await.unwrap();
    assert_eq!(
        (response.status, &response.body[..]),
        (200, &b"{\"result\":1}"[..])
    );
    assert_eq!(response.location, None);
}

#[tokio::test]
async fn the_request_is_json_of_known_length() {
    let server = Server::start(|mut stream| async move {
        let (head, body) = read_request(&mut stream).await;
        let version = env!("CARGO_PKG_VERSION");
        let is_right = head.starts_with("post /rest/1/s3cr3t/batch http/1.1\r\n")
            && head.contains("\r\ncontent-type: application/json\r\n")
            && head.contains("\r\naccept: application/json\r\n")
            && head.contains(&format!("\r\nuser-agent: b24post/{version}\r\n"))
            && !head.contains("transfer-encoding")
            && body == b"{\"f\":\"aGVsbG8=\"}";
        let status = if is_right { "200 Good" } else { "400 Bad" };
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "hello").unwrap();
    let parts = vec![
        Part::Bytes("{\"f\":\"".into()),
        Part::File { path, size: 5 },
        Part::Bytes("\"}".into()),
    ];
    assert_eq!(server.send(Payload { parts }).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_huge_body_arrives_and_the_answer_is_read() {
    let server = Server::start(|mut stream| async move {
        assert_eq!(read_request(&mut stream).await.1.len(), HUGE);
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .await;
    assert_eq!(server.send(huge()).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_closed_port_is_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let came = transport()
        .send(request(&format!("http://{address}"), small()))
        .await;
    assert_failed(came, Sent::Never, TransportCause::Connect);
}

#[tokio::test]
async fn a_server_without_tls_is_never_sent() {
    let server = Server::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await.unwrap();
    })
    .await;
    let came = transport()
        .send(request(&format!("https://{}", server.address), small()))
        .await;
    assert_failed(came, Sent::Never, TransportCause::Tls);
}

#[tokio::test]
async fn closing_without_reading_leaves_a_small_request_open() {
    let server = Server::start(|mut stream| async move {
        stream.read_exact(&mut [0]).await.unwrap();
    })
    .await;
    assert_failed(
        server.send(small()).await,
        Sent::Maybe,
        TransportCause::Broken,
    );
    assert_eq!(server.connections(), 1, "nothing is sent twice");
}

#[tokio::test]
async fn closing_before_a_byte_was_written_never_sends_twice() {
    let server = Server::start(|stream| async move { drop(stream) }).await;
    let error = server.send(small()).await.unwrap_err();
    assert_eq!(error.cause, TransportCause::Broken);
    assert_eq!(server.connections(), 1, "nothing is sent twice");
}

#[tokio::test]
async fn closing_without_reading_proves_that_a_huge_body_never_left() {
    let server = Server::start(|stream| async move { drop(stream) }).await;
    assert_failed(
        server.send(huge()).await,
        Sent::Never,
        TransportCause::Broken,
    );
    assert_eq!(server.connections(), 1, "nothing is sent twice");
}

#[tokio::test]
async fn closing_after_reading_leaves_it_open() {
    let server = Server::answering("").await;
    assert_failed(
        server.send(small()).await,
        Sent::Maybe,
        TransportCause::Broken,
    );
    assert_eq!(server.connections(), 1, "nothing is sent twice");
}

#[tokio::test]
async fn a_server_that_never_reads_stalls_a_huge_body() {
    let server = Server::start(|stream| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    assert_failed(
        server.send(huge()).await,
        Sent::Never,
        TransportCause::UploadStalled,
    );
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_in_time() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    })
    .await;
    assert_failed(
        server.send(small()).await,
        Sent::Maybe,
        TransportCause::AnswerTimeout,
    );
}

#[tokio::test]
async fn an_answer_that_never_ends_is_left_in_time() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{";
        stream.write_all(head).await.unwrap();
        tokio::time::sleep(Duration::from_secs(30)).await;
    })
    .await;
    assert_failed(
        server.send(small()).await,
        Sent::Maybe,
        TransportCause::AnswerTimeout,
    );
}

#[tokio::test]
async fn a_cut_answer_is_told_with_its_status() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"resu").await;
    assert_failed(
        server.send(small()).await,
        Sent::Maybe,
        TransportCause::AnswerCut { status: 200 },
    );
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
    })
    .await;
    let mut request = request(&format!("http://{}", server.address), small());
    request.within.answer = Duration::from_secs(60);
    let came = transport().send(request).await;
    assert_failed(
        came,
        Sent::Maybe,
        TransportCause::AnswerTooLarge { status: 200 },
    );
}

#[tokio::test]
async fn a_get_asks_by_its_address_alone() {
    let (heads, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(move |mut stream| {
        let heads = heads.clone();
        async move {
            heads.send(read_request(&mut stream).await).unwrap();
            stream.write_all(OK.as_bytes()).await.unwrap();
        }
    })
    .await;
    let mut request = request(&format!("http://{}", server.address), Payload::default());
    request.verb = Verb::Get;
    assert_eq!(transport().send(request).await.unwrap().status, 200);
    let (head, body) = heard.recv().await.unwrap();
    assert!(
        head.starts_with("get /rest/1/s3cr3t/batch http/1.1"),
        "{head}"
    );
    assert!(body.is_empty());
}

#[tokio::test]
async fn a_redirect_is_handed_back_and_not_followed() {
    let server = Server::answering(
        "HTTP/1.1 302 Found\r\nLocation: https://new.example/rest/1/s3cr3t/batch\r\n\
         Content-Length: 0\r\n\r\n",
    )
    .await;
    let response = server.send(small()).await.unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(
        response.location.as_deref(),
        Some("https://new.example/rest/1/s3cr3t/batch")
    );
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_refusal_before_the_whole_body_was_read_is_heard() {
    let server = Server::start(|mut stream| async move {
        let mut start = [0; 1024];
        stream.read_exact(&mut start).await.unwrap();
        let answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    })
    .await;
    assert_eq!(server.send(huge()).await.unwrap().status, 413);
}

#[tokio::test]
async fn a_spoiled_file_is_named_and_its_request_never_sent() {
    let server = Server::start(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "hello").unwrap();
    let with_file = |size| Payload {
        parts: vec![
            Part::Bytes("{\"f\":\"".into()),
            Part::File {
                path: path.clone(),
                size,
            },
            Part::Bytes("\"}".into()),
        ],
    };
    let changed = TransportCause::FileChanged { path: path.clone() };
    assert_failed(server.send(with_file(6)).await, Sent::Never, changed);
    std::fs::remove_file(&path).unwrap();
    let unreadable = TransportCause::FileUnreadable { path: path.clone() };
    assert_failed(server.send(with_file(5)).await, Sent::Never, unreadable);
}

#[test]
fn certificates_are_read_or_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let fault = || HttpTransport::new(false, Some(&path)).unwrap_err();
    assert!(matches!(fault(), HttpSetupError::CaUnreadable { .. }));
    let begin = "-----BEGIN CERTIFICATE-----\n";
    for content in [
        "",
        "no PEM",
        &format!("{begin}%%%\n-----END CERTIFICATE-----\n"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = fault();
        assert!(matches!(error, HttpSetupError::CaInvalid { .. }), "{error}");
        assert!(error.to_string().contains("ca.pem"));
    }
}

/// Run by the test below in a process of its own, with proxies and without certificates.
#[tokio::test]
#[ignore = "needs the environment that loopback_needs_no_proxy_and_no_certificates gives it"]
async fn loopback_child() {
    let server = Server::answering(OK).await;
    assert_eq!(server.send(small()).await.unwrap().status, 200);
}

#[test]
fn loopback_needs_no_proxy_and_no_certificates() {
    let closed = "http://127.0.0.1:9";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "portal::http::tests::loopback_child",
            "--ignored",
        ])
        .envs([
            ("HTTP_PROXY", closed),
            ("http_proxy", closed),
            ("ALL_PROXY", closed),
        ])
        .envs([
            ("SSL_CERT_FILE", "/nonexistent"),
            ("SSL_CERT_DIR", "/nonexistent"),
        ])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{stdout}"
    );
}
