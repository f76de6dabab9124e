//! The way to a portal, and what is counted there.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use b24post::batch::Part;
use b24post::import::Clock;
use b24post::portal::{Request, Response, Sent, Transport, TransportCause, TransportError};
use b24post::sandbox;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::Instant;

/// The beginning of every run: a full ten minutes, in Unix milliseconds.
const BEGINNING: u64 = 1_700_000_400_000;

/// Tokio's paused time from a fixed day on.
#[derive(Clone, Copy)]
pub struct SimClock {
    pub start: Instant,
}

impl SimClock {
    fn now_ms(&self) -> u64 {
        BEGINNING + self.start.elapsed().as_millis() as u64
    }
}

impl Clock for SimClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms() as i64).unwrap()
    }
}

/// A portal whose kind changes when it has so many posts.
pub struct World {
    pub portal: sandbox::Portal,
    pub change: Option<(u64, sandbox::Settings)>,
    pub posts: u64,
    /// Kept for the portal after the change.
    pub kept: Vec<sandbox::NewPost>,
    pub requests: u64,
    /// Requests that were refused for a limit, as a whole or in part.
    pub refusals: Vec<Instant>,
    /// Requests that were cut at the portal's limit for a request.
    pub cuts: Vec<Instant>,
    /// When the portal changed.
    pub changed: Option<Instant>,
}

pub fn webhook() -> sandbox::Webhook {
    sandbox::Webhook {
        user_id: 1,
        code: "code".into(),
    }
}

impl World {
    pub fn new(settings: sandbox::Settings, change: Option<(u64, sandbox::Settings)>) -> World {
        World {
            portal: sandbox::Portal::new(settings, webhook(), 1),
            change,
            posts: 0,
            kept: Vec::new(),
            requests: 0,
            refusals: Vec::new(),
            cuts: Vec::new(),
            changed: None,
        }
    }

    fn handle(&mut self, request: &sandbox::IncomingRequest, now_ms: u64) -> sandbox::Answer {
        if let Some((_, settings)) = self.change.take_if(|(at, _)| *at <= self.posts) {
            let next_id = self.posts as i64 + 1;
            self.portal = sandbox::Portal::new(settings, webhook(), next_id);
            self.portal.restore(&self.kept);
            self.changed = Some(Instant::now());
        }
        let answer = self.portal.handle(request, now_ms);
        self.requests += 1;
        self.posts += answer.posts.len() as u64;
        if self.change.is_some() {
            self.kept.extend(answer.posts.iter().cloned());
        }
        let says = |code: &str| {
            let mut windows = answer.body.windows(code.len());
            windows.any(|window| window == code.as_bytes())
        };
        match answer.status {
            429 | 503 => self.refusals.push(Instant::now()),
            502 => self.cuts.push(Instant::now()),
            _ if says("OPERATION_TIME_LIMIT") => self.refusals.push(Instant::now()),
            _ => {}
        }
        answer
    }
}

/// The way there and back.
pub struct SimTransport {
    pub world: Arc<Mutex<World>>,
    pub clock: SimClock,
    pub way: Duration,
    /// Bytes a second of an upload.
    pub line: f64,
    /// What a row's file is in a body; empty for none. The portal is handed none of it, or a grid
    /// would take an hour of decoding.
    pub file: Vec<u8>,
}

impl SimTransport {
    fn without_files(&self, body: Bytes) -> Bytes {
        if self.file.is_empty() {
            return body;
        }
        // By its beginning: to look for all of it would take longer than to make the request.
        let beginning = &self.file[..self.file.len().min(64)];
        let mut left = Vec::new();
        let mut rest = &body[..];
        while let Some(place) = memchr::memmem::find(rest, beginning) {
            left.extend_from_slice(&rest[..place]);
            rest = &rest[place..];
            match rest.strip_prefix(&self.file[..]) {
                Some(behind) => rest = behind,
                None => panic!("a file is not as it was"),
            }
        }
        left.extend_from_slice(rest);
        left.into()
    }
}

impl Transport for SimTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let upload = Duration::from_secs_f64(request.body.len() as f64 / self.line);
        tokio::time::sleep(self.way / 2 + upload).await;
        let parts = request.body.parts.iter().map(|part| match part {
            Part::Bytes(bytes) => bytes.clone(),
            Part::File { .. } => Bytes::new(),
        });
        let parts: Vec<Bytes> = parts.collect();
        let carried = sandbox::IncomingRequest {
            method: "POST".into(),
            path: request.url.expose().path().into(),
            content_type: Some("application/json".into()),
            body: self.without_files(match parts.as_slice() {
                [whole] => whole.clone(),
                parts => parts.concat().into(),
            }),
            ..sandbox::IncomingRequest::default()
        };
        // The body has arrived, and its memory may be used again.
        drop((request.body, parts));
        let answer = self
            .world
            .lock()
            .unwrap()
            .handle(&carried, self.clock.now_ms());
        let waits = answer.cost + self.way / 2;
        if waits > request.within.answer {
            tokio::time::sleep(request.within.answer).await;
            return Err(TransportError {
                sent: Sent::Maybe,
                cause: TransportCause::AnswerTimeout,
                detail: String::new(),
            });
        }
        tokio::time::sleep(waits).await;
        Ok(Response {
            status: answer.status,
            location: None,
            body: answer.body.into(),
        })
    }
}
