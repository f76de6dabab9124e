//! The portal and the way to it: what a request meets before, while and after it is carried out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use b24post::batch::Part;
use b24post::import::Clock;
use b24post::portal::{Cause, Request, Response, Sent, Transport, TransportError};
use b24post::sandbox;
use bytes::Bytes;
use jiff::Timestamp;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;
use tokio::time::Instant;

use crate::plan::{Outage, Row};

/// The first moment of every world, in Unix milliseconds.
const BEGINNING: i64 = 1_700_000_000_000;

/// The wall clock: tokio's paused time from a fixed day on, and what it was put forward or back.
#[derive(Clone)]
pub struct SimClock {
    pub start: Instant,
    pub shift_ms: Arc<Mutex<i64>>,
}

impl Clock for SimClock {
    fn wall(&self) -> Timestamp {
        let shift = *self.shift_ms.lock().unwrap();
        Timestamp::from_millisecond(BEGINNING + passed_ms(self.start) + shift).unwrap()
    }
}

fn passed_ms(start: Instant) -> i64 {
    i64::try_from(start.elapsed().as_millis()).unwrap()
}

/// A post on the portal.
#[derive(Clone, Debug)]
pub struct Post {
    pub id: u64,
    pub text: String,
    pub author: u64,
    pub deal: Option<u64>,
    /// By somebody else.
    pub is_strange: bool,
}

/// The portal, and all that happened to it.
pub struct World {
    pub portal: sandbox::Portal,
    pub posts: Vec<Post>,
    pub rng: StdRng,
    pub network: f64,
    pub jumps: f64,
    pub strangers: f64,
    pub skew_ms: i64,
    pub start: Instant,
    /// Requests whose senders wait no longer, and when they will be carried out.
    late: BTreeMap<(Instant, usize), sandbox::Request>,
    /// How often what happened.
    pub happened: BTreeMap<&'static str, u64>,
    pub stale: f64,
    /// When a read was stale last.
    stale_at: Option<Instant>,
    /// How the portal is to be away, and since when it is.
    pub plan_outage: Option<Outage>,
    outage: Option<Instant>,
    /// Nothing goes wrong any more.
    pub is_calm: bool,
}

/// How long an outage lasts, and after how many requests it begins.
const OUTAGE: Duration = Duration::from_secs(600);
const BEFORE_OUTAGE: u64 = 4;

/// How old a stale read is, and how long it takes until there may be another.
const STALE: Duration = Duration::from_secs(600);

/// What the network does to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Fine,
    Refused,
    /// It never arrives.
    RequestLost,
    /// It is carried out, and the answer doesn't come back.
    AnswerLost,
    /// It is carried out after the sender has heard of a failure, but within the portal's limit.
    Late {
        is_broken: bool,
    },
    /// Somebody on the way answers 502.
    BadGateway {
        is_carried_out: bool,
    },
    /// A page says that the portal is being worked on.
    Maintenance,
    /// The credentials are refused as expired.
    Expired,
}

impl World {
    pub fn new(portal: sandbox::Portal, rng: StdRng, start: Instant) -> World {
        World {
            portal,
            posts: Vec::new(),
            rng,
            network: 0.0,
            jumps: 0.0,
            strangers: 0.0,
            skew_ms: 0,
            start,
            late: BTreeMap::new(),
            stale: 0.0,
            stale_at: None,
            plan_outage: None,
            outage: None,
            happened: BTreeMap::new(),
            is_calm: false,
        }
    }

    pub fn count(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    /// Whether and how the portal is away.
    fn outage(&mut self) -> Option<Outage> {
        let outage = self.plan_outage.filter(|_| !self.is_calm)?;
        self.count("before an outage");
        let asked = self.happened["before an outage"];
        if self.outage.is_none() && asked < BEFORE_OUTAGE {
            return None;
        }
        let since = *self.outage.get_or_insert_with(Instant::now);
        let is_away = since.elapsed() < OUTAGE;
        if is_away {
            self.count("met an outage");
        }
        is_away.then_some(outage)
    }

    fn fate(&mut self) -> Fate {
        if let Some(outage) = self.outage() {
            let is_carried_out = self.rng.random_bool(0.5);
            return match (outage, is_carried_out) {
                (Outage::BadGateway, _) => Fate::BadGateway { is_carried_out },
                (Outage::Silence, true) => Fate::Late { is_broken: false },
                (Outage::Silence, false) => Fate::RequestLost,
                (Outage::Maintenance, _) => Fate::Maintenance,
            };
        }
        let chance = self.network;
        if self.is_calm || !self.rng.random_bool(chance) {
            return Fate::Fine;
        }
        let (fate, name) = [
            (Fate::Refused, "connection refused"),
            (Fate::RequestLost, "request lost"),
            (Fate::AnswerLost, "answer lost"),
            (Fate::Late { is_broken: false }, "carried out late"),
            (
                Fate::Late { is_broken: true },
                "broken and carried out late",
            ),
            (Fate::Expired, "expired token"),
        ][self.rng.random_range(0..6)];
        self.count(name);
        fate
    }

    /// Carries out what is late and due, then this request.
    fn execute(&mut self, request: &sandbox::Request) -> sandbox::Answer {
        self.catch_up(Instant::now());
        self.strange_post();
        let at = self.reads_at(request);
        self.carry_out(request, at, false)
    }

    /// Now, or long ago for a stale read. Two in a row never are.
    fn reads_at(&mut self, request: &sandbox::Request) -> Instant {
        let now = Instant::now();
        let body = String::from_utf8_lossy(&request.body);
        let is_read = body.contains(".list?") || body.contains("blogpost.get?");
        let may_be_stale = self.stale_at.is_none_or(|at| now - at > STALE);
        let chance = self.stale;
        if !is_read || !may_be_stale || self.is_calm || !self.rng.random_bool(chance) {
            return now;
        }
        self.count("stale read");
        self.stale_at = Some(now);
        now.checked_sub(STALE).unwrap_or(self.start).max(self.start)
    }

    /// Carries out every late request up to that moment.
    pub fn catch_up(&mut self, until: Instant) {
        while let Some(entry) = self.late.first_entry() {
            let at = entry.key().0;
            if at > until {
                return;
            }
            let request = entry.remove();
            self.carry_out(&request, at, false);
        }
    }

    fn carry_out(
        &mut self,
        request: &sandbox::Request,
        at: Instant,
        is_strange: bool,
    ) -> sandbox::Answer {
        let passed = i64::try_from((at - self.start).as_millis()).unwrap();
        let now = u64::try_from(BEGINNING + passed + self.skew_ms).unwrap();
        let answer = self.portal.handle(request, now);
        for post in &answer.posts {
            self.posts.push(Post {
                id: u64::try_from(post.id).unwrap(),
                text: String::from_utf8(post.message.to_vec()).unwrap(),
                author: post.author_id,
                deal: u64::try_from(post.entity_id).ok().filter(|id| *id > 0),
                is_strange,
            });
        }
        for fault in answer.fault.iter().chain(&answer.post_faults) {
            self.count(fault);
        }
        let unwell = match (answer.status, &answer.delivery) {
            (_, sandbox::Delivery::Cut) => Some("answer cut"),
            (_, sandbox::Delivery::Never) => Some("answer never came"),
            (_, sandbox::Delivery::Drip) => Some("answer came in drops"),
            (_, sandbox::Delivery::Lost) => Some("connection closed"),
            (200, _) => None,
            (413, _) => Some("413"),
            (500, _) => Some("500"),
            (502, _) => Some("502"),
            (503, _) => Some("503"),
            _ => Some("other refusals"),
        };
        if let Some(unwell) = unwell {
            self.count(unwell);
        }
        answer
    }

    /// Somebody else posts in the name of the webhook's user.
    fn strange_post(&mut self) {
        let chance = self.strangers;
        if self.is_calm || !self.rng.random_bool(chance) {
            return;
        }
        self.count("strange post");
        let text = format!("Hello {}", self.posts.len());
        let deal = self.rng.random_range(1..8);
        match self.rng.random_range(0..3) {
            0 => self.comment(deal, 1, &text),
            1 => self.announce(1, &text),
            // It moves an old post to the top of the feed, and others from page to page.
            _ => {
                let id = self.rng.random_range(1..2 + self.posts.len() as u64 * 2);
                let body = json!({"POST_ID": id, "TEXT": text});
                self.by_others("log.blogcomment.add", &body);
            }
        }
    }

    /// Somebody posts what a row says, in both places.
    pub fn old_post(&mut self, row: &Row) {
        self.count("old post");
        self.comment(row.deal, row.author, &row.text);
        self.announce(row.author, &row.text);
    }

    fn comment(&mut self, deal: usize, author: u64, text: &str) {
        let fields = json!({
            "ENTITY_TYPE": "deal", "ENTITY_ID": deal, "COMMENT": text, "AUTHOR_ID": author,
        });
        self.by_others("crm.timeline.comment.add", &json!({"fields": fields}));
    }

    fn announce(&mut self, author: u64, text: &str) {
        let body = json!({"POST_MESSAGE": text, "DEST": ["UA"], "USER_ID": author});
        self.by_others("log.blogpost.add", &body);
    }

    fn by_others(&mut self, method: &str, body: &serde_json::Value) {
        let path = format!("/rest/1/code/{method}");
        let request = simple(path, body.to_string().into());
        self.carry_out(&request, Instant::now(), true);
    }

    fn jump(&mut self, clock: &SimClock) {
        let chance = self.jumps;
        if !self.is_calm && self.rng.random_bool(chance) {
            self.count("clock jump");
            let shift = self.rng.random_range(-5_000_000..5_000_000);
            *clock.shift_ms.lock().unwrap() = shift;
        }
    }
}

fn simple(path: String, body: Bytes) -> sandbox::Request {
    sandbox::Request {
        method: "POST".into(),
        path,
        content_type: Some("application/json".into()),
        body,
        ..sandbox::Request::default()
    }
}

/// The way to the portal.
pub struct SimTransport {
    pub world: Arc<Mutex<World>>,
    pub clock: SimClock,
}

/// After which the simulated portal cuts a request, or has carried it out.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(60);

impl SimTransport {
    fn prepare(&self) -> (Fate, Duration, Duration) {
        let mut world = self.world.lock().unwrap();
        world.jump(&self.clock);
        let fate = world.fate();
        let mut way = || Duration::from_millis(world.rng.random_range(0..200));
        (fate, way(), way())
    }

    /// From now on the request is the portal's, whatever becomes of its sender.
    fn leave_behind(&self, request: sandbox::Request) {
        let mut world = self.world.lock().unwrap();
        let delay = world.rng.random_range(0..REQUEST_LIMIT.as_millis());
        let at = Instant::now() + Duration::from_millis(u64::try_from(delay).unwrap());
        let place = world.late.len();
        world.late.insert((at, place), request);
    }
}

/// A page of a server on the way.
fn page(status: u16) -> Response {
    Response {
        status,
        location: None,
        body: Bytes::from_static(b"<html><body>Back soon</body></html>"),
    }
}

fn expired() -> Response {
    Response {
        status: 401,
        location: None,
        body: Bytes::from_static(br#"{"error":"expired_token","error_description":"old"}"#),
    }
}

fn failed(sent: Sent, cause: Cause) -> TransportError {
    TransportError {
        sent,
        cause,
        detail: String::new(),
    }
}

impl Transport for SimTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (fate, there, back) = self.prepare();
        tokio::time::sleep(there).await;
        let bytes = request.body.parts.iter().flat_map(|part| match part {
            Part::Bytes(bytes) => bytes.to_vec(),
            Part::File { .. } => panic!("no files in the simulation"),
        });
        let body = Bytes::from(bytes.collect::<Vec<u8>>());
        let carried = simple(request.url.expose().path().into(), body);
        match fate {
            Fate::Refused => return Err(failed(Sent::Never, Cause::Connect)),
            Fate::Late { is_broken: true } => {
                self.leave_behind(carried);
                return Err(failed(Sent::Maybe, Cause::Broken));
            }
            Fate::RequestLost | Fate::Late { .. } => {
                if fate != Fate::RequestLost {
                    self.leave_behind(carried);
                }
                tokio::time::sleep(request.answer_within).await;
                return Err(failed(Sent::Maybe, Cause::AnswerTimeout));
            }
            Fate::Maintenance => return Ok(page(503)),
            Fate::Expired => return Ok(expired()),
            Fate::BadGateway { is_carried_out } => {
                if is_carried_out {
                    self.world.lock().unwrap().execute(&carried);
                }
                return Ok(page(502));
            }
            Fate::Fine | Fate::AnswerLost => {}
        }
        let answer = self.world.lock().unwrap().execute(&carried);
        tokio::time::sleep(answer.cost + back).await;
        let status = answer.status;
        match answer.delivery {
            sandbox::Delivery::Whole if fate == Fate::Fine => Ok(Response {
                status,
                location: None,
                body: answer.body.into(),
            }),
            sandbox::Delivery::Cut => Err(failed(Sent::Maybe, Cause::AnswerCut { status })),
            sandbox::Delivery::Never | sandbox::Delivery::Drip => {
                tokio::time::sleep(request.answer_within).await;
                Err(failed(Sent::Maybe, Cause::AnswerTimeout))
            }
            sandbox::Delivery::Whole | sandbox::Delivery::Lost => {
                Err(failed(Sent::Maybe, Cause::Broken))
            }
        }
    }
}
