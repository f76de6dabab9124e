//! A row for tests of the parts that decide.

use std::sync::Arc;

use crate::batch::plan::Candidate;
use crate::batch::{Command, Route, Value};
use crate::import::pending_row::{OrderKey, PendingRow};
use crate::ledger::Claim;
use crate::manifest::Position;
use crate::post::{ContentHash, Entity, EntityKind, RowKey};

/// A small row with an ID of its own, in the feed of that deal.
pub fn row(number: u64, deal: u64) -> PendingRow {
    let entity = Entity {
        kind: EntityKind::Deal,
        id: deal,
    };
    let id = number.to_string();
    PendingRow {
        at: Position::of_record(number, number + 1),
        place: number,
        date: None,
        text_bytes: 1,
        claim: Arc::new(Claim {
            key: RowKey::external(&id),
            row_number: number,
            external_id: Some(id),
            content: ContentHash([0; 16]),
            source: None,
            keeps_source: false,
            attachment_bytes: 0,
            entity: Some(entity),
            author_id: 1,
            publish_at: None,
            message_hash: ContentHash([0; 16]),
            text_hash: ContentHash([0; 16]),
            reach: Some(1),
            files: 0,
            excerpt: String::new(),
        }),
        command: Command {
            method: "m",
            params: vec![("T", Value::Text("t".into()))],
        },
        candidate: Candidate {
            entity: OrderKey::Entity(entity),
            route: Route::Batch,
            size: 10,
        },
        is_in_sight: true,
        source: None,
        left_out: 0,
        overtakes: false,
        expired: 0,
        vanished: 0,
    }
}
