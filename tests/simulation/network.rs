//! The portal and the way to it: what a request meets before, while and after it is carried out.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use b24post::batch::{MAX_COMMANDS, Part};
use b24post::import::Clock;
use b24post::portal::{Request, Response, Sent, Transport, TransportCause, TransportError};
use b24post::sandbox;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;
use tokio::time::Instant;

use crate::line::{Line, Upload};
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
    /// The hashes of its files.
    pub files: Vec<[u8; 32]>,
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
    pub post_cost: Duration,
    pub start: Instant,
    /// Requests that the portal has, or will have whatever becomes of their senders, and when it
    /// carries them out.
    coming: BTreeMap<(Instant, u64), sandbox::IncomingRequest>,
    /// What became of them, for those who wait.
    answers: HashMap<u64, sandbox::Answer>,
    tickets: u64,
    pub line: Line,
    /// How long after a request has arrived the portal may end its work on it at the latest.
    pub done_within: Duration,
    /// Chance that a request waits in a line of its own on the portal.
    pub busy: f64,
    /// The network has all of its faults.
    pub is_wide: bool,
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
    is_traced: bool,
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
    /// A gateway has waited long enough and answers 504, or has no patience at all and answers 502;
    /// the portal behind it works on.
    CarriedOn {
        is_patient: bool,
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
            post_cost: Duration::ZERO,
            start,
            coming: BTreeMap::new(),
            answers: HashMap::new(),
            tickets: 0,
            line: Line::new(None, 0),
            done_within: REQUEST_LIMIT,
            busy: 0.0,
            is_wide: false,
            stale: 0.0,
            stale_at: None,
            plan_outage: None,
            outage: None,
            happened: BTreeMap::new(),
            is_calm: false,
            is_traced: std::env::var_os("B24POST_TRACE").is_some(),
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
        let fates = [
            (Fate::Refused, "connection refused"),
            (Fate::RequestLost, "request lost"),
            (Fate::AnswerLost, "answer lost"),
            (Fate::Late { is_broken: false }, "carried out late"),
            (
                Fate::Late { is_broken: true },
                "broken and carried out late",
            ),
            (Fate::Expired, "expired token"),
            (Fate::CarriedOn { is_patient: true }, "carried on after 504"),
            (
                Fate::CarriedOn { is_patient: false },
                "carried on after 502",
            ),
        ];
        let known = if self.is_wide { 8 } else { 6 };
        let (fate, name) = fates[self.rng.random_range(0..known)];
        self.count(name);
        fate
    }

    /// From now on the portal has the request, or will have it, and carries it out at that moment.
    fn expect(&mut self, request: sandbox::IncomingRequest, at: Instant) -> u64 {
        self.tickets += 1;
        self.coming.insert((at, self.tickets), request);
        self.tickets
    }

    /// Carries out what is due, this request among it.
    fn execute(&mut self, ticket: u64) -> sandbox::Answer {
        self.strange_post();
        self.catch_up(Instant::now());
        self.answers.remove(&ticket).unwrap()
    }

    /// How long a request that has arrived waits before it is carried out: at most as long that it
    /// ends in time.
    fn delay(&mut self) -> Duration {
        let most = self.done_within.saturating_sub(self.portal_time());
        let delay = self.rng.random_range(0..most.as_millis());
        Duration::from_millis(u64::try_from(delay).unwrap())
    }

    /// The longest time that the portal works on a request.
    fn portal_time(&self) -> Duration {
        match self.is_wide {
            true => self.post_cost * u32::try_from(MAX_COMMANDS).unwrap(),
            false => Duration::ZERO,
        }
    }

    /// How long a request waits in line on a busy portal.
    fn queue(&mut self) -> Duration {
        let chance = self.busy;
        if self.is_calm || chance == 0.0 || !self.rng.random_bool(chance) {
            return Duration::ZERO;
        }
        self.count("begun late");
        self.delay()
    }

    /// Now, or long ago for a stale read. Two in a row never are.
    fn reads_at(&mut self, request: &sandbox::IncomingRequest, now: Instant) -> Instant {
        let head = &request.body[..request.body.len().min(4_096)];
        let body = String::from_utf8_lossy(head);
        // A copy of the posts may be old; no portal's clock is.
        let is_read = (body.contains(".list?") || body.contains("blogpost.get?"))
            && !body.contains("server.time");
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
        while let Some(entry) = self.coming.first_entry() {
            let (at, ticket) = *entry.key();
            if at > until {
                return;
            }
            let request = entry.remove();
            let reads_at = self.reads_at(&request, at);
            let answer = self.carry_out(&request, reads_at, false);
            self.answers.insert(ticket, answer);
        }
    }

    fn carry_out(
        &mut self,
        request: &sandbox::IncomingRequest,
        at: Instant,
        is_strange: bool,
    ) -> sandbox::Answer {
        let passed = i64::try_from((at - self.start).as_millis()).unwrap();
        let now = u64::try_from(BEGINNING + passed + self.skew_ms).unwrap();
        let answer = self.portal.handle(request, now);
        self.trace_answer(request, &answer, is_strange);
        for post in &answer.posts {
            self.posts.push(Post {
                id: u64::try_from(post.id).unwrap(),
                text: String::from_utf8(post.message.to_vec()).unwrap(),
                author: post.author_id,
                deal: u64::try_from(post.entity_id).ok().filter(|id| *id > 0),
                files: post.files.iter().map(|file| file.sha256).collect(),
                is_strange,
            });
        }
        for update in &answer.updated {
            self.count("text changed");
            let id = u64::try_from(update.id).unwrap();
            let changed = self.posts.iter_mut().find(|post| post.id == id);
            changed.unwrap().text = String::from_utf8(update.message.to_vec()).unwrap();
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

    /// Prints what happens, when one seed is being looked into.
    pub fn trace(&self, text: &str) {
        if self.is_traced {
            println!("{:>9.1}s {text}", self.start.elapsed().as_secs_f64());
        }
    }

    fn trace_answer(
        &self,
        request: &sandbox::IncomingRequest,
        answer: &sandbox::Answer,
        strange: bool,
    ) {
        if self.is_traced {
            let posts = answer.posts.iter().map(|post| (post.id, &post.audience));
            self.trace(&format!(
                "portal: {} answers {} {:?} {:?}, posts {:?}{}",
                request.path,
                answer.status,
                answer.fault,
                answer.post_faults,
                posts.collect::<Vec<_>>(),
                if strange { ", by somebody else" } else { "" }
            ));
        }
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

fn simple(path: String, body: Bytes) -> sandbox::IncomingRequest {
    sandbox::IncomingRequest {
        method: "POST".into(),
        path,
        content_type: Some("application/json".into()),
        body,
        ..sandbox::IncomingRequest::default()
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
    fn leave_behind(&self, request: sandbox::IncomingRequest, arrived: Instant) {
        let mut world = self.world.lock().unwrap();
        let delay = world.delay();
        world.expect(request, arrived + delay);
    }

    /// Sends the body; gives its ends if all of it has left in time.
    async fn upload(&self, request: &Request, bytes: usize) -> Result<Upload, TransportError> {
        let begun = Instant::now();
        let upload = self.world.lock().unwrap().line.carry(bytes, begun);
        if upload.written - begun > request.within.upload {
            tokio::time::sleep(request.within.upload).await;
            self.world.lock().unwrap().count("upload too slow");
            return Err(failed(Sent::Never, TransportCause::UploadStalled));
        }
        tokio::time::sleep_until(upload.written).await;
        Ok(upload)
    }

    /// Waits for the answer of a request that is carried out at its time, whatever becomes of the
    /// one who waits.
    async fn answer(
        &self,
        carried: sandbox::IncomingRequest,
        upload: Upload,
        until: Instant,
    ) -> Result<sandbox::Answer, TransportError> {
        let (ticket, begins) = {
            let mut world = self.world.lock().unwrap();
            let begins = upload.arrived + world.queue();
            (world.expect(carried, begins), begins)
        };
        tokio::time::sleep_until(begins.min(until)).await;
        if begins > until {
            return Err(failed(Sent::Maybe, TransportCause::AnswerTimeout));
        }
        let answer = self.world.lock().unwrap().execute(ticket);
        if begins + answer.cost > until {
            tokio::time::sleep_until(until).await;
            return Err(failed(Sent::Maybe, TransportCause::AnswerTimeout));
        }
        tokio::time::sleep(answer.cost).await;
        Ok(answer)
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

fn failed(sent: Sent, cause: TransportCause) -> TransportError {
    TransportError {
        sent,
        cause,
        detail: String::new(),
    }
}

/// The body as it goes over the line, its files in base64.
fn whole(parts: &[Part]) -> Bytes {
    let mut body = Vec::new();
    for part in parts {
        match part {
            Part::Bytes(bytes) => body.extend_from_slice(bytes),
            Part::File { path, .. } => {
                let content = fs::read(path).unwrap();
                body.extend_from_slice(STANDARD.encode(content).as_bytes());
            }
        }
    }
    Bytes::from(body)
}

impl Transport for SimTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (fate, there, back) = self.prepare();
        self.world.lock().unwrap().trace(&format!("way: {fate:?}"));
        tokio::time::sleep(there).await;
        if fate == Fate::Refused {
            return Err(failed(Sent::Never, TransportCause::Connect));
        }
        let body = whole(&request.body.parts);
        let upload = self.upload(&request, body.len()).await?;
        let until = upload.written + request.within.answer;
        let carried = simple(request.url.expose().path().into(), body);
        match fate {
            Fate::Late { is_broken: true } => {
                self.leave_behind(carried, upload.arrived);
                tokio::time::sleep_until(upload.arrived).await;
                return Err(failed(Sent::Maybe, TransportCause::Broken));
            }
            Fate::RequestLost | Fate::Late { .. } => {
                if fate != Fate::RequestLost {
                    self.leave_behind(carried, upload.arrived);
                }
                tokio::time::sleep_until(until).await;
                return Err(failed(Sent::Maybe, TransportCause::AnswerTimeout));
            }
            Fate::CarriedOn { is_patient } => {
                self.leave_behind(carried, upload.arrived);
                let patience = if is_patient { REQUEST_LIMIT } else { back };
                let (at, status) = (
                    upload.arrived + patience,
                    if is_patient { 504 } else { 502 },
                );
                tokio::time::sleep_until(at.min(until)).await;
                return match at > until {
                    true => Err(failed(Sent::Maybe, TransportCause::AnswerTimeout)),
                    false => Ok(page(status)),
                };
            }
            Fate::Maintenance | Fate::Expired | Fate::BadGateway { .. } => {
                tokio::time::sleep_until(upload.arrived).await;
                return Ok(match fate {
                    Fate::Maintenance => page(503),
                    Fate::Expired => expired(),
                    _ => {
                        if fate
                            == (Fate::BadGateway {
                                is_carried_out: true,
                            })
                        {
                            let mut world = self.world.lock().unwrap();
                            let ticket = world.expect(carried, Instant::now());
                            world.execute(ticket);
                        }
                        page(502)
                    }
                });
            }
            Fate::Fine | Fate::AnswerLost | Fate::Refused => {}
        }
        let answer = self.answer(carried, upload, until).await?;
        tokio::time::sleep(back).await;
        let status = answer.status;
        match answer.delivery {
            sandbox::Delivery::Whole if fate == Fate::Fine => Ok(Response {
                status,
                location: None,
                body: answer.body.into(),
            }),
            sandbox::Delivery::Cut => {
                Err(failed(Sent::Maybe, TransportCause::AnswerCut { status }))
            }
            sandbox::Delivery::Never | sandbox::Delivery::Drip => {
                tokio::time::sleep_until(until).await;
                Err(failed(Sent::Maybe, TransportCause::AnswerTimeout))
            }
            sandbox::Delivery::Whole | sandbox::Delivery::Lost => {
                Err(failed(Sent::Maybe, TransportCause::Broken))
            }
        }
    }
}
