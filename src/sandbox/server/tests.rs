use std::time::Instant;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::super::fault::FaultPlan;
use super::*;

const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

async fn start(store: Store, settings: Settings) -> Server {
    let options = ServerOptions {
        listen: LOOPBACK,
        settings,
        store,
    };
    Server::start(options).await.unwrap()
}

async fn faulty(spec: &str) -> Server {
    let settings = Settings {
        faults: FaultPlan::parse(spec, 1).unwrap(),
        ..Settings::default()
    };
    start(Store::in_memory().unwrap(), settings).await
}

/// A client without TLS, which reqwest makes only where there could be some.
fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .no_proxy()
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

fn add(message: &str) -> Value {
    json!({"fields": {"MESSAGE": message, "ENTITYTYPEID": 2, "ENTITYID": 1,
        "FILES": [["a.txt", "aGVsbG8="]]}})
}

async fn post(server: &Server, method: &str, body: String) -> reqwest::Result<(u16, String)> {
    let response = client()
        .post(format!("{}{method}", server.webhook_url()))
        .header("Content-Type", "application/json")
        .body(body)
        .send()
        .await?;
    let status = response.status().as_u16();
    Ok((status, response.text().await?))
}

async fn post_add(server: &Server, message: &str) -> reqwest::Result<Value> {
    let method = "crm.livefeedmessage.add";
    let (_, body) = post(server, method, add(message).to_string()).await?;
    Ok(serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn posts_and_identity_outlive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let first = start(Store::open(&path).unwrap(), Settings::default()).await;
    let url = first.webhook_url();
    assert!(url.starts_with(&format!(
        "http://127.0.0.1:{}/rest/1/",
        first.address().port()
    )));
    assert_eq!(post_add(&first, "one").await.unwrap()["result"], 1);

    let stored: (i64, String, i64) = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT id, message, size FROM posts JOIN files ON post_id = id",
            [],
            |row| row.try_into(),
        )
        .unwrap();
    assert_eq!(stored, (1, "one".into(), 5));
    let identity = first.identity().to_owned();
    first.shutdown().await;

    let second = start(Store::open(&path).unwrap(), Settings::default()).await;
    assert_eq!(second.identity(), identity);
    let path_of = |url: &str| url.split_once("/rest/").unwrap().1.to_owned();
    assert_eq!(path_of(&second.webhook_url()), path_of(&url));
    assert_eq!(post_add(&second, "two").await.unwrap()["result"], 2);
    second.shutdown().await;
    let requests: i64 = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT count(*) FROM requests WHERE status = 200",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(requests, 2);
}

#[tokio::test]
async fn a_dropped_server_stops() {
    let server = start(Store::in_memory().unwrap(), Settings::default()).await;
    let address = server.address();
    post_add(&server, "one").await.unwrap();
    drop(server);
    let deadline = Instant::now() + PATIENCE;
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "still listening");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let server = start(Store::in_memory().unwrap(), Settings::default()).await;
    let options = ServerOptions {
        listen: server.address(),
        settings: Settings::default(),
        store: Store::in_memory().unwrap(),
    };
    let error = Server::start(options).await.unwrap_err().to_string();
    assert!(error.contains(&server.address().to_string()), "{error}");
}

#[tokio::test]
async fn secrets_are_not_printed() {
    let server = start(Store::in_memory().unwrap(), Settings::default()).await;
    let code = server.webhook.code.clone();
    assert!(!format!("{server:?}").contains(&code));
}

#[tokio::test]
async fn connections_break_without_a_byte() {
    for (spec, executed) in [("lost@1", 2), ("drop@1", 1)] {
        let server = faulty(spec).await;
        let error = post_add(&server, "one").await.unwrap_err();
        assert!(
            !error.is_connect() && !error.is_timeout(),
            "{spec}: {error:?}"
        );
        assert_eq!(post_add(&server, "two").await.unwrap()["result"], executed);
        server.shutdown().await;
    }
}

#[tokio::test]
async fn a_cut_answer_has_its_head_and_half_its_body() {
    let server = faulty("cut@1").await;
    let mut response = client()
        .post(format!("{}crm.livefeedmessage.add", server.webhook_url()))
        .header("Content-Type", "application/json")
        .body(add("one").to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let announced = response.content_length().unwrap();
    let mut received = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(piece)) => received += piece.len() as u64,
            Ok(None) => panic!("the body ended well"),
            Err(error) => break error,
        }
    };
    assert!(!error.is_timeout());
    assert_eq!(received, announced / 2);
    assert_eq!(post_add(&server, "two").await.unwrap()["result"], 2);
}

#[tokio::test]
async fn a_dripping_answer_has_its_head_and_ends_with_the_server() {
    let server = faulty("drip@1").await;
    let mut response = client()
        .post(format!("{}crm.livefeedmessage.add", server.webhook_url()))
        .header("Content-Type", "application/json")
        .body(add("one").to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.content_length().unwrap() > 100);
    assert_eq!(response.chunk().await.unwrap().unwrap(), "{");
    let patience = Duration::from_millis(200);
    let next = tokio::time::timeout(patience, response.chunk()).await;
    assert!(next.is_err(), "{next:?}");
    assert_eq!(post_add(&server, "two").await.unwrap()["result"], 2);
    let begun = Instant::now();
    server.shutdown().await;
    assert!(begun.elapsed() < PATIENCE);
    assert!(response.chunk().await.is_err());
}

#[tokio::test]
async fn a_hanging_answer_ends_with_the_server() {
    let server = faulty("hang@1").await;
    let request = client()
        .post(format!("{}crm.livefeedmessage.add", server.webhook_url()))
        .header("Content-Type", "application/json")
        .body(add("one").to_string())
        .send();
    let hanging = tokio::spawn(request);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!hanging.is_finished());
    assert_eq!(post_add(&server, "two").await.unwrap()["result"], 2);
    let begun = Instant::now();
    server.shutdown().await;
    assert!(begun.elapsed() < PATIENCE);
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn pages_and_refusals_keep_their_status() {
    let server = faulty("bad-gateway@1,unavailable@2,too-large@3,internal@4").await;
    for expected in [502, 503, 413, 500] {
        let body = add("one").to_string();
        let (status, body) = post(&server, "crm.livefeedmessage.add", body)
            .await
            .unwrap();
        assert_eq!(status, expected);
        assert_eq!(body.starts_with("<html>"), expected != 500, "{body}");
    }
}

#[tokio::test]
async fn server_time_is_slept_through_side_by_side() {
    let settings = Settings {
        post_cost: Duration::from_millis(300),
        ..Settings::default()
    };
    let server = start(Store::in_memory().unwrap(), settings).await;
    let begun = Instant::now();
    let (one, two, three) = tokio::join!(
        post_add(&server, "one"),
        post_add(&server, "two"),
        post_add(&server, "three"),
    );
    let mut ids = [one, two, three].map(|reply| reply.unwrap()["result"].as_i64().unwrap());
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3]);
    let taken = begun.elapsed();
    assert!(taken >= Duration::from_millis(300), "{taken:?}");
    assert!(taken < Duration::from_millis(800), "{taken:?}");
}

#[tokio::test]
async fn large_bodies_are_taken() {
    let server = start(Store::in_memory().unwrap(), Settings::default()).await;
    let content = "QUJD".repeat(3 << 20);
    let body = json!({"fields": {"MESSAGE": "m", "ENTITYTYPEID": 2, "ENTITYID": 1,
        "FILES": [["large.bin", content]]}});
    let (status, body) = post(&server, "crm.livefeedmessage.add", body.to_string())
        .await
        .unwrap();
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_store_that_fails_leaves_the_outcome_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let server = start(Store::open(&path).unwrap(), Settings::default()).await;
    Connection::open(&path)
        .unwrap()
        .execute("DROP TABLE requests", [])
        .unwrap();
    let reply = post_add(&server, "one").await.unwrap();
    assert_eq!(reply["error"], "INTERNAL_SERVER_ERROR");
}
