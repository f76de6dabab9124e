//! How far a body has got: seen by the one who hands out its chunks and by the one who waits.
//!
//! "The last chunk never left" must stay true after it was said, or rows would be sent twice. So
//! both sides change one value under one lock: once a request is revoked, the body hands out
//! nothing more, whatever thread the connection runs on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::transport::{Sent, TransportCause, Within};

/// The shared state of one upload.
#[derive(Clone)]
pub(super) struct UploadProgress(Arc<watch::Sender<Upload>>);

#[derive(Clone, Copy)]
struct Upload {
    /// When the last chunk was taken; at first, when the request began.
    moved: Instant,
    stage: UploadStage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum UploadStage {
    Going,
    /// The last chunk has left.
    Complete,
    /// Given up before that; no chunk may leave any more.
    Revoked,
}

impl UploadProgress {
    /// An upload that begins now. Without a body there is no last chunk to wait for.
    pub(super) fn new(empty: bool) -> UploadProgress {
        let stage = if empty {
            UploadStage::Complete
        } else {
            UploadStage::Going
        };
        UploadProgress(Arc::new(watch::Sender::new(Upload {
            moved: Instant::now(),
            stage,
        })))
    }

    /// Asks to let a chunk go; `false` once the request is revoked.
    pub(super) fn advance(&self, last: bool) -> bool {
        self.0.send_if_modified(|upload| {
            let going = upload.stage == UploadStage::Going;
            if going {
                upload.moved = Instant::now();
                if last {
                    upload.stage = UploadStage::Complete;
                }
            }
            going
        })
    }

    /// Gives the request up and says for good whether its last chunk has left.
    pub(super) fn revoke(&self) -> Sent {
        let mut sent = Sent::Never;
        self.0.send_if_modified(|upload| {
            match upload.stage {
                UploadStage::Complete => sent = Sent::Maybe,
                UploadStage::Going | UploadStage::Revoked => upload.stage = UploadStage::Revoked,
            }
            false
        });
        sent
    }

    /// Waits until something has taken too long: while the body goes out, that nothing has moved
    /// for `stall`, or the whole of it (the request is then revoked); after its last chunk, the
    /// answer.
    pub(super) async fn overdue(&self, stall: Duration, within: Within) -> TransportCause {
        let upload_by = Instant::now() + within.upload;
        let mut seen = self.0.subscribe();
        loop {
            let Upload { moved, stage } = *seen.borrow_and_update();
            let until = match stage {
                UploadStage::Going => upload_by.min(moved + stall),
                UploadStage::Complete | UploadStage::Revoked => moved + within.answer,
            };
            tokio::select! {
                biased;
                _ = seen.changed() => {}
                () = tokio::time::sleep_until(until) => match stage {
                    UploadStage::Going if self.revoke() == Sent::Maybe => {}
                    UploadStage::Going => return TransportCause::UploadStalled,
                    UploadStage::Complete | UploadStage::Revoked => return TransportCause::AnswerTimeout,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, timeout};

    const STALL: Duration = Duration::from_secs(60);
    const WITHIN: Within = Within {
        upload: Duration::from_secs(6_000),
        answer: Duration::from_secs(75),
    };

    #[tokio::test(start_paused = true)]
    async fn a_stall_is_counted_from_the_last_chunk_that_left() {
        let progress = UploadProgress::new(false);
        let begun = Instant::now();
        let watcher = tokio::spawn({
            let progress = progress.clone();
            async move { progress.overdue(STALL, WITHIN).await }
        });
        advance(Duration::from_secs(50)).await;
        assert!(progress.advance(false));
        assert_eq!(watcher.await.unwrap(), TransportCause::UploadStalled);
        assert_eq!(begun.elapsed().as_secs(), 110);
        assert!(!progress.advance(true), "nothing leaves a revoked request");
        assert_eq!(progress.revoke(), Sent::Never);
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_is_waited_for_from_the_last_chunk() {
        let progress = UploadProgress::new(false);
        let begun = Instant::now();
        let short = Within {
            answer: Duration::from_secs(5),
            ..WITHIN
        };
        let watcher = tokio::spawn({
            let progress = progress.clone();
            async move { progress.overdue(STALL, short).await }
        });
        advance(Duration::from_secs(20)).await;
        assert!(progress.advance(true));
        assert_eq!(watcher.await.unwrap(), TransportCause::AnswerTimeout);
        assert_eq!(begun.elapsed().as_secs(), 25);
        assert_eq!(progress.revoke(), Sent::Maybe);
    }

    #[tokio::test(start_paused = true)]
    async fn a_moving_upload_is_never_overdue() {
        let progress = UploadProgress::new(false);
        let waiting = progress.overdue(STALL, WITHIN);
        let moving = async {
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_secs(59)).await;
                progress.advance(false);
            }
        };
        tokio::select! {
            biased;
            _ = waiting => panic!("overdue"),
            () = moving => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_moves_too_slowly_is_cut() {
        let progress = UploadProgress::new(false);
        let begun = Instant::now();
        let slow = Within {
            upload: Duration::from_secs(130),
            ..WITHIN
        };
        let moving = async {
            loop {
                tokio::time::sleep(Duration::from_secs(50)).await;
                progress.advance(false);
            }
        };
        let cause = tokio::select! {
            biased;
            cause = progress.overdue(STALL, slow) => cause,
            () = moving => unreachable!(),
        };
        assert_eq!(cause, TransportCause::UploadStalled);
        assert_eq!(begun.elapsed().as_secs(), 130);
        assert!(!progress.advance(true), "the last chunk never leaves");
        assert_eq!(progress.revoke(), Sent::Never);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_body_only_the_answer_counts() {
        let progress = UploadProgress::new(true);
        let cause = timeout(Duration::from_secs(80), progress.overdue(STALL, WITHIN)).await;
        assert_eq!(cause, Ok(TransportCause::AnswerTimeout));
        assert_eq!(progress.revoke(), Sent::Maybe);
    }
}
