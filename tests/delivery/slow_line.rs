//! A slow line doubles nothing: the real program on a connection that is closed after the last byte
//! of a request, which the portal carries out a good while later.
//!
//! It takes four minutes, so an ordinary test run leaves it out; the simulation has such lines too.
//! `cargo test --test delivery slow_line:: -- --ignored`

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::common::stand_in::read_head;
use crate::common::{Sandbox, Workspace, assert_counts};

/// Bytes that the line carries in a second, and from which size on a request meets it.
const SPEED: usize = 50_000;
const LARGE: usize = 1_000_000;

/// How long after its last byte the portal carries a large request out.
const LATE: Duration = Duration::from_secs(18);

/// A line to the portal at that address; gives its own address.
fn slow_line(portal: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, portal) = (client.unwrap(), portal.clone());
            std::thread::spawn(move || carry(client, &portal));
        }
    });
    address
}

/// Carries requests one after the other; a large one slowly, and its answer never.
fn carry(client: TcpStream, portal: &str) -> Option<()> {
    let mut answers = client.try_clone().ok()?;
    let mut requests = BufReader::new(client);
    loop {
        let (head, length) = read_head(&mut requests)?;
        let body = read_body(&mut requests, length)?;
        let whole = [head.as_bytes(), &body].concat();
        if length < LARGE {
            answers.write_all(&ask(portal, &whole)?).ok()?;
            continue;
        }
        let portal = portal.to_owned();
        std::thread::spawn(move || {
            std::thread::sleep(LATE);
            ask(&portal, &whole)
        });
        return None;
    }
}

fn read_body(requests: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    for part in body.chunks_mut(SPEED / 10) {
        if length >= LARGE {
            std::thread::sleep(Duration::from_millis(100));
        }
        requests.read_exact(part).ok()?;
    }
    Some(body)
}

/// The portal's whole answer to a request of its own connection.
fn ask(portal: &str, request: &[u8]) -> Option<Vec<u8>> {
    let mut connection = TcpStream::connect(portal).ok()?;
    connection.write_all(request).ok()?;
    let mut answers = BufReader::new(connection);
    let (head, length) = read_head(&mut answers)?;
    let mut body = vec![0; length];
    answers.read_exact(&mut body).ok()?;
    Some([head.as_bytes(), &body].concat())
}

#[test]
#[ignore = "takes four minutes"]
fn a_slow_line_doubles_nothing() {
    let workspace = Workspace::new();
    let file: Vec<u8> = (0..1_600_000_u32).map(|byte| (byte % 251) as u8).collect();
    workspace.write("a.bin", &file);
    workspace.write(
        "m.csv",
        "external_id,message,entity_type,entity_id,attachments\n\
         1,Small,deal,1,\n2,Large,deal,2,a.bin\n3,Large too,deal,3,a.bin\n",
    );
    let portal = Sandbox::start(&workspace, &[]);
    let host = portal.webhook.split('/').nth(2).unwrap().to_owned();
    let webhook = portal.webhook.replace(&host, &slow_line(host.clone()));
    let more = ["--target", "timeline", "--request-limit", "20s"];
    let run = workspace.import_by(&webhook, &more).expect(0);
    assert_counts(&run.json(), &[("posted", 3)]);
    assert!(run.stderr.contains("2 arrived"), "{}", run.stderr);
    std::thread::sleep(LATE);
    assert_eq!(portal.count(), 3, "each row once");
}
