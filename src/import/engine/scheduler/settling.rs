//! What became of a request: what is counted, learned, kept for the ledger, and what goes back to
//! wait.

use std::time::{Duration, Instant};

use crate::ledger::{BatchEnd, Settlement};
use crate::portal::Limit;

use super::state::Scheduler;
use crate::import::engine::server_time::{server_time, told};
use crate::import::engine::settle::{ANSWERED, Lesson, SettledRows};
use crate::import::notice::{LeftOut, WhyLeftOut};
use crate::import::pending_row::PendingRow;

/// A request that has come to its end.
#[derive(Clone, Copy, Debug)]
pub struct SettledRequest {
    pub batch: i64,
    pub commands: usize,
    /// Bytes of its body.
    pub bytes: u64,
    /// By when the portal is done with it in any case.
    pub over_at: Instant,
}

impl Scheduler {
    /// Takes in what became of a request: counts it, learns from it, puts back what is to be sent
    /// again. What the ledger is to be told is returned, with the rows that can't be sent.
    pub fn settled(
        &mut self,
        request: SettledRequest,
        settled: SettledRows,
        at: SettledAt<'_, impl rand::Rng>,
    ) -> (BatchEnd, Vec<LeftOut>) {
        let now = at.now;
        let commands = request.commands;
        if settled.outcome == ANSWERED {
            let worked = server_time(&settled.timing).unwrap_or_default();
            let upload = settled.waited.saturating_sub(worked);
            self.governor.carried(request.bytes, upload);
        }
        let executed = settled.executed();
        let told = told(&settled.timing, executed, settled.waited, at.unix_now);
        self.governor.landed(commands, &told, settled.waited, now);
        self.learn(&settled.lessons, commands, at);
        for settle in &settled.settlements {
            self.canaries.settled(&settle.key, &settle.settlement, now);
            match settle.settlement {
                Settlement::Posted { .. } => self.tally.posted += 1,
                Settlement::Failed { .. } => self.tally.failed += 1,
                Settlement::InDoubt { .. } => self.tally.in_doubt += 1,
                Settlement::Unsendable => self.tally.invalid += 1,
                Settlement::Pending => {}
            }
        }
        self.tally.out_of_order += settled.out_of_order;
        let left_out = settled.spoiled.into_iter();
        let left_out = left_out
            .map(|(row, message)| spoiled(&row, message))
            .collect();
        for row in settled.again {
            self.window.put_back(row);
        }
        for row in settled.doubted {
            self.hold(row, request.over_at);
        }
        for witness in &settled.witnesses {
            self.doubts.witness(*witness);
        }
        if let Some(stop) = settled.stop {
            self.stop(stop);
        }
        let end = BatchEnd {
            id: request.batch,
            outcome: settled.outcome,
            settled: settled.settlements,
            witnesses: settled.witnesses,
        };
        (end, left_out)
    }

    pub(super) fn learn(
        &mut self,
        lessons: &[Lesson],
        commands: usize,
        at: SettledAt<'_, impl rand::Rng>,
    ) {
        let SettledAt { now, unix_now, rng } = at;
        if !lessons.contains(&Lesson::Vanished) {
            self.vanished = 0;
        }
        for lesson in lessons {
            match lesson {
                Lesson::Good { took } => self.governor.good(commands, *took, now),
                Lesson::Limited(Limit::Query) => self.governor.rate_refused(now, rng),
                Lesson::Limited(Limit::Operating { reset_at }) => {
                    let wait = reset_at.map(|at| at.saturating_sub(unix_now).max(0).unsigned_abs());
                    let wait = wait.map(Duration::from_secs);
                    self.governor.posts_refused(wait, now, rng);
                }
                Lesson::Unreachable { broke_off } => {
                    if *broke_off {
                        self.governor.shrink(commands);
                    }
                    self.governor.unreachable(now, rng);
                }
                Lesson::TooLarge => self.governor.too_large(commands, now),
                Lesson::Doubt => self.governor.doubt(commands, now, rng),
                Lesson::Vanished => {
                    self.vanished += 1;
                    if self.vanished > 1 {
                        self.governor.too_large(commands, now);
                    }
                }
            }
        }
    }
}

/// The moment of a settlement, and chance for the delays that may follow.
pub struct SettledAt<'a, R> {
    pub now: Instant,
    /// Unix seconds.
    pub unix_now: i64,
    pub rng: &'a mut R,
}

/// A row whose attachment failed at its turn, as that error says it.
pub fn spoiled(row: &PendingRow, message: String) -> LeftOut {
    LeftOut {
        row: row.number(),
        line: row.at.line,
        why: WhyLeftOut::Attachment(message),
    }
}
