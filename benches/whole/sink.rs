//! A portal that takes everything and keeps nothing, so that only the client is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Sink {
    address: SocketAddr,
    bytes: Arc<AtomicU64>,
}

impl Sink {
    /// Listens on loopback, for as long as the program runs.
    pub fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let bytes = Arc::new(AtomicU64::new(0));
        let (counted, next_id) = (Arc::clone(&bytes), Arc::new(AtomicU64::new(1)));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (counted, next_id) = (Arc::clone(&counted), Arc::clone(&next_id));
                std::thread::spawn(move || serve(&stream, &counted, &next_id));
            }
        });
        Sink { address, bytes }
    }

    pub fn webhook(&self) -> String {
        format!("http://{}/rest/1/code/", self.address)
    }

    /// Bytes of bodies so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Answers one request after the other until the client has gone.
fn serve(stream: &TcpStream, bytes: &AtomicU64, next_id: &AtomicU64) -> Option<()> {
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let method = line.split(' ').nth(1)?.rsplit('/').next()?.to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(number) = header.strip_prefix("content-length:") {
                length = number.trim().parse().ok()?;
            }
        }
        bytes.fetch_add(length, Ordering::Relaxed);
        let mut body = reader.by_ref().take(length);
        let answer = match method.as_str() {
            "batch" => batch(&mut body, next_id)?,
            method => direct(method, length, next_id),
        };
        std::io::copy(&mut body, &mut std::io::sink()).ok()?;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        (&mut &*stream)
            .write_all((head + &answer).as_bytes())
            .ok()?;
    }
}

fn direct(method: &str, length: u64, next_id: &AtomicU64) -> String {
    match method {
        "profile" => r#"{"result":{"ID":"1","ADMIN":true,"NAME":"Sink"}}"#.to_owned(),
        "scope" => r#"{"result":["crm","log"]}"#.to_owned(),
        "server.time" => r#"{"result":""}"#.to_owned(),
        // The call without fields that asks whether the method is switched on.
        _ if length < 48 => r#"{"error":"","error_description":"empty"}"#.to_owned(),
        _ => format!(
            r#"{{"result":{}}}"#,
            next_id.fetch_add(1, Ordering::Relaxed)
        ),
    }
}

/// An answer for each of the commands: the questions before a run, or an ID.
fn batch(body: &mut impl Read, next_id: &AtomicU64) -> Option<String> {
    let mut text = String::new();
    body.read_to_string(&mut text).ok()?;
    let request: serde_json::Value = serde_json::from_str(&text).ok()?;
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for (key, command) in request.get("cmd")?.as_object()? {
        let command = command.as_str()?;
        let method = command.split('?').next()?;
        let answer = direct(method, command.len() as u64, next_id);
        match answer
            .strip_prefix(r#"{"result":"#)
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(result) => results.push(format!(r#""{key}":{result}"#)),
            None => errors.push(format!(r#""{key}":{answer}"#)),
        }
    }
    Some(format!(
        r#"{{"result":{{"result":{{{}}},"result_error":{{{}}}}}}}"#,
        results.join(","),
        errors.join(",")
    ))
}
