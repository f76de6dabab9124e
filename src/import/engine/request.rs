//! Making a request ready: encoding its commands and reading its files.

use std::collections::VecDeque;
use std::sync::Arc;

use rand::rngs::StdRng;

use crate::batch::{Added, BatchBody, KeyMaker, Payload, Route, direct};
use crate::ledger::{Authorship, BatchStart};

use crate::import::engine::body_memory::Hold;
use crate::import::pending_row::{KeyedRow, OrderKey, PendingRow};

/// The rows of a request that is to be made ready.
#[derive(Debug)]
pub struct PlannedRequest {
    pub route: Route,
    /// Bytes that its body may have, and commands.
    pub max_bytes: u64,
    pub max_commands: usize,
    pub rows: Vec<PendingRow>,
    /// The memory for its body.
    pub hold: Hold,
}

/// A request that is ready to be claimed and sent.
#[derive(Debug)]
pub struct ReadyRequest {
    pub method: &'static str,
    pub route: Route,
    pub payload: Payload,
    pub rows: Vec<KeyedRow>,
    /// Commands that it might have held when it was made.
    pub max_commands: usize,
}

/// What came of making a request ready.
#[derive(Debug, Default)]
pub struct BuiltRequest {
    /// None when no row went in.
    pub ready: Option<ReadyRequest>,
    /// Rows that no longer fitted.
    pub left: Vec<PendingRow>,
    /// Rows whose attachments can't be read any more, each with what is wrong.
    pub spoiled: Vec<(PendingRow, String)>,
}

/// Room for keys and brackets around the commands.
const SPARE: usize = 2 * 1024;

/// Encodes rows for one request. Blocking: it reads their files.
pub fn build(taken: PlannedRequest, rng: &mut StdRng) -> BuiltRequest {
    let mut keys = KeyMaker::new(rng);
    match taken.route {
        Route::Direct => build_direct(taken, &mut keys),
        Route::Batch => build_batch(taken, &mut keys),
    }
}

fn build_direct(taken: PlannedRequest, keys: &mut KeyMaker) -> BuiltRequest {
    let mut rows = taken.rows.into_iter();
    let ready = rows.next().map(|row| ReadyRequest {
        method: row.command.method,
        route: Route::Direct,
        payload: direct(&row.command).guarded_by(taken.hold),
        rows: vec![(keys.next_key(), row)],
        max_commands: taken.max_commands,
    });
    BuiltRequest {
        ready,
        left: rows.collect(),
        ..BuiltRequest::default()
    }
}

fn build_batch(taken: PlannedRequest, keys: &mut KeyMaker) -> BuiltRequest {
    let bytes = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let mut body = BatchBody::new(
        bytes(taken.max_bytes),
        bytes(taken.hold.bytes()).saturating_add(SPARE),
    );
    let mut waiting = VecDeque::from(taken.rows);
    let mut named = Vec::with_capacity(waiting.len());
    let mut spoiled = Vec::new();
    while let Some(mut row) = waiting.pop_front() {
        let key = keys.next_key();
        match body.add(&key, &row.command) {
            Ok(Added::Yes) => named.push((key, row)),
            Ok(Added::Full) => {
                waiting.push_front(row);
                break;
            }
            Ok(Added::TooLarge) => {
                row.candidate.route = Route::Direct;
                waiting.push_front(row);
                break;
            }
            Err(error) => spoiled.push((row, error.to_string())),
        }
    }
    let ready = (!named.is_empty()).then(|| ReadyRequest {
        method: "batch",
        route: Route::Batch,
        payload: body.finish().guarded_by(taken.hold),
        rows: named,
        max_commands: taken.max_commands,
    });
    BuiltRequest {
        ready,
        left: waiting.into(),
        spoiled,
    }
}

impl ReadyRequest {
    /// The claims of its rows, under the number of the request. `portal_time` is now, by the
    /// portal's clock; Unix milliseconds.
    pub fn start(&self, id: i64, portal_time: Option<i64>, authorship: Authorship) -> BatchStart {
        let claims = self.rows.iter().map(|(_, row)| Arc::clone(&row.claim));
        BatchStart {
            id,
            method: self.method,
            portal_time,
            authorship,
            body_bytes: self.payload.len(),
            claims: claims.collect(),
        }
    }

    /// What its rows keep busy.
    pub fn entities(&self) -> Vec<OrderKey> {
        self.rows
            .iter()
            .map(|(_, row)| row.candidate.entity)
            .collect()
    }

    /// Its rows again, unsent.
    pub fn into_rows(self) -> impl Iterator<Item = PendingRow> {
        self.rows.into_iter().map(|(_, row)| row)
    }
}
