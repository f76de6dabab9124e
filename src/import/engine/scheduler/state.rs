//! The scheduler itself: its state, which rows make the next request, and whether the run is to
//! stop. What it decides by answers and by reads is in the files beside this one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::batch::Route;
use crate::batch::plan::{self, Limits, Plan};
use crate::pacing::{Governor, Permit};
use crate::post::RowKey;

use crate::import::ending::Break;
use crate::import::engine::body_memory::BodyBudget;
use crate::import::engine::canary::Canaries;
use crate::import::engine::feeder::Filled;
use crate::import::engine::request::{PlannedRequest, ReadyRequest};
use crate::import::engine::window::{Room, Window};
use crate::import::error::RunError;
use crate::import::notice::Notice;
use crate::import::pending_row::{OrderKey, PendingRow};
use crate::import::readback::OpenDoubts;
use crate::import::reporter::Reporter;
use crate::import::tally::Tally;

use super::lost_authors::LostAuthors;

/// The run's state between requests.
pub struct Scheduler {
    pub(super) window: Window,
    /// The memory for bodies.
    pub(super) budget: BodyBudget,
    /// By entity, how many of its rows are being made ready, sent, or held in doubt.
    pub(super) busy: HashMap<OrderKey, usize>,
    /// Rows taken for requests that have not come to their end.
    pub(super) under_way: usize,
    pub(super) governor: Governor,
    pub(super) tally: Tally,
    pub(super) stop: Option<Break>,
    /// Requests in a row that vanished.
    pub(super) vanished: u32,
    pub(super) doubts: OpenDoubts,
    pub(super) canaries: Canaries,
    pub(super) authors: LostAuthors,
}

impl Scheduler {
    pub fn new(governor: Governor, doubts: OpenDoubts, canaries: Canaries) -> Scheduler {
        Scheduler {
            window: Window::default(),
            budget: BodyBudget::default(),
            busy: HashMap::new(),
            under_way: 0,
            governor,
            tally: Tally::default(),
            stop: None,
            vanished: 0,
            doubts,
            canaries,
            authors: LostAuthors::default(),
        }
    }

    /// Whether everything waits for a canary, or for what is to be done about a lost author.
    pub(super) fn waits_for_canary(&self) -> bool {
        self.canaries.is_on() || self.authors.hold_up()
    }

    /// Whether more rows should be read.
    pub fn wants_rows(&self) -> bool {
        self.stop.is_none() && self.window.wants_rows()
    }

    /// Room for rows beside those waiting.
    pub fn room(&self) -> Room {
        self.window.room()
    }

    /// The next row of the manifest.
    pub fn add(&mut self, row: PendingRow) {
        self.window.add(row);
    }

    /// The manifest has no more due rows.
    pub fn fed(&mut self) {
        self.window.close();
    }

    /// Rows of the second pass join those waiting; of one that is no longer valid the user hears.
    pub fn take_in(&mut self, rows: Vec<Filled>, reporter: &mut dyn Reporter) {
        for row in rows {
            match row {
                Filled::Row(row) => {
                    let row = self.named(*row);
                    self.add(row);
                }
                Filled::Invalid(row) => {
                    self.tally.invalid += 1;
                    reporter.notice(&Notice::LeftOut(&row));
                }
            }
        }
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether no row is left that this run can do anything about.
    pub fn is_empty(&self) -> bool {
        self.window.is_empty() && self.doubts.is_empty() && !self.waits_for_canary()
    }

    /// Takes the rows of the next request out of the window and holds their entities, while there
    /// is room for its body.
    pub fn take_request(&mut self, now: Instant) -> Option<PlannedRequest> {
        let must_wait = self.waits_for_canary() || self.doubts.block_all();
        if self.stop.is_some() || self.budget.is_used_up() || must_wait {
            return None;
        }
        let limits = self.governor.limits(now)?;
        let Plan { route, rows } = self.plan(limits).or_else(|| self.plan_canary(limits))?;
        let size = self.body_size(route, &rows, limits);
        if route == Route::Batch && self.may_be_filled_up(rows.len(), size, limits) {
            return None;
        }
        // A full body later needs fewer requests than a small one now.
        let hold = self.budget.hold(size)?;
        let taken = self.window.take(&rows);
        if let Some(row) = taken.first().filter(|row| !self.canaries.lets_go(row)) {
            self.canaries.begin(row);
        }
        self.under_way += taken.len();
        for row in &taken {
            *self.busy.entry(row.candidate.entity).or_default() += 1;
        }
        Some(PlannedRequest {
            route,
            max_bytes: limits.bytes,
            max_commands: limits.commands,
            rows: taken,
            hold,
        })
    }

    /// Bytes that a body of these rows will hold in memory.
    pub(super) fn body_size(&self, route: Route, places: &[usize], limits: Limits) -> u64 {
        let rows = places.iter().filter_map(|place| self.window.row(*place));
        match route {
            Route::Batch => limits.bytes.min(rows.map(|row| row.candidate.size).sum()),
            Route::Direct => rows.map(|row| row.text_bytes).sum(),
        }
    }

    /// The earliest rows that are free, up to the first of an author who is not known yet.
    pub(super) fn plan(&self, limits: Limits) -> Option<Plan> {
        let rows = self.window.free_rows();
        let known = rows.take_while(|row| self.canaries.lets_go(row));
        let candidates = known.map(|row| &row.candidate);
        plan::next_request(candidates, |entity| self.is_busy(entity), limits)
    }

    /// The first free row, alone, if it is one of an author who is not known yet.
    pub(super) fn plan_canary(&self, limits: Limits) -> Option<Plan> {
        let is_free = |row: &&PendingRow| !self.is_busy(&row.candidate.entity);
        let mut rows = self.window.free_rows().enumerate();
        let (place, row) = rows.find(|(_, row)| is_free(row))?;
        if self.canaries.lets_go(row) {
            return None;
        }
        let plan = plan::next_request([&row.candidate], |_| false, limits)?;
        Some(Plan {
            rows: vec![place],
            ..plan
        })
    }

    pub(super) fn is_busy(&self, entity: &OrderKey) -> bool {
        self.busy.contains_key(entity)
    }

    /// The memory for bodies; more may be made ready when some of it is freed.
    pub fn budget(&self) -> BodyBudget {
        self.budget.clone()
    }

    /// Rows that were taken and not sent go back to their place.
    pub fn put_back(&mut self, rows: impl IntoIterator<Item = PendingRow>) {
        for row in rows {
            self.under_way = self.under_way.saturating_sub(1);
            self.release(row.candidate.entity);
            self.canaries.put_back(&row.claim.key);
            self.window.put_back(row);
        }
    }

    /// A row that was taken and turned out unsendable.
    pub fn give_up_row(&mut self, row: &PendingRow) {
        self.canaries.put_back(&row.claim.key);
        self.under_way = self.under_way.saturating_sub(1);
        self.release(row.candidate.entity);
        self.tally.invalid += 1;
    }

    pub(super) fn release(&mut self, entity: OrderKey) {
        if let Some(count) = self.busy.get_mut(&entity) {
            *count -= 1;
            if *count == 0 {
                self.busy.remove(&entity);
            }
        }
    }

    /// What may be done now, with so many requests of posts in flight; `commands` would go.
    pub fn permit(&self, now: Instant, in_flight: usize, commands: usize) -> Permit {
        match self.governor.permit(now, in_flight, commands) {
            Permit::Send if self.stop.is_some() => Permit::Busy,
            permit => permit,
        }
    }

    /// Whether a request that was made ready some time ago is still small enough.
    pub fn still_fits(&self, ready: &ReadyRequest, now: Instant) -> bool {
        self.governor.limits(now).is_some_and(|limits| {
            let small = ready.payload.len() <= limits.bytes && ready.rows.len() <= limits.commands;
            small || ready.rows.len() == 1
        })
    }

    /// Whether a request that was full when it was made ready would hold twice as much by now.
    pub fn is_outgrown(&self, ready: &ReadyRequest, now: Instant) -> bool {
        let limits = self.governor.limits(now);
        let most = limits.map_or(0, |limits| limits.commands);
        let was_full = ready.route == Route::Batch && ready.rows.len() == ready.max_commands;
        was_full && most >= 2 * ready.max_commands && !self.window.is_empty()
    }

    /// Whether requests made ready must go back to the window.
    pub fn must_not_write(&self, now: Instant) -> bool {
        self.stop.is_some() || self.governor.limits(now).is_none()
    }

    /// A request of so many posts is about to be claimed and sent.
    pub fn reserve(&mut self, commands: usize, now: Instant) {
        self.governor.sent_posts(commands, now);
    }

    /// That request leaves.
    pub fn sent(&mut self, commands: usize) {
        self.tally.requests += 1;
        self.tally.commands += commands as u64;
    }

    /// `server.time` goes out.
    pub fn asked(&mut self, now: Instant) {
        self.governor.asked(now);
        self.tally.requests += 1;
    }

    /// `server.time` came back, or not.
    pub fn ask_answered(&mut self, well: bool, now: Instant, rng: &mut impl rand::Rng) {
        self.governor.ask_answered(well, now, rng);
    }

    /// How long the line may still carry a body after its last byte was given away.
    pub fn drain(&self, bytes: u64) -> Duration {
        self.governor.drain(bytes)
    }

    /// The entities of a request that has been settled are free again.
    pub fn free(&mut self, entities: &[OrderKey]) {
        self.under_way = self.under_way.saturating_sub(entities.len());
        entities.iter().for_each(|entity| self.release(*entity));
    }

    /// How long the rest of `total` rows will take; none before anything is known.
    pub fn time_left(&self, total: u64, now: Instant) -> Option<Duration> {
        let rows = total.saturating_sub(self.tally.settled());
        self.governor.time_left(rows, now)
    }

    /// Ends the run once what is in flight has come in. The first reason counts.
    pub fn stop(&mut self, why: impl Into<Break>) {
        self.stop.get_or_insert(why.into());
    }

    /// The reason, once.
    pub fn take_stop(&mut self) -> Option<Break> {
        self.stop.take()
    }

    /// The ledger has given the ID to another row: the row stays in doubt, and the run must stop.
    pub fn id_taken(&mut self, key: RowKey, remote_id: u64) {
        self.tally.posted -= 1;
        self.tally.in_doubt += 1;
        self.stop(RunError::IdTaken { key, remote_id });
    }

    /// Whether nothing new is to be begun.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether the portal has been silent for too long, though something was to be sent or read.
    pub fn gives_up(&self, now: Instant) -> bool {
        !self.authors.is_waiting_for_word
            && self.governor.gives_up(now)
            && !(self.window.is_empty() && self.rests(now))
    }
}
