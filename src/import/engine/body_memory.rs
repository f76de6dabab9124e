//! The memory that encoded bodies may take, all lanes together.
//!
//! A [`Hold`] travels with the bytes of a body and is dropped with the last of them. That is when
//! they have gone to the network, not when the answer comes: while a portal works on three large
//! requests, the fourth may be made ready.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Bytes of encoded bodies in memory, at most, but for a larger one that goes alone.
const MOST: u64 = 24 << 20;

/// What bodies hold at the moment.
#[derive(Clone, Debug, Default)]
pub struct BodyBudget(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    held: AtomicU64,
    freed: Notify,
}

/// Bytes that a body may take, until this is dropped.
#[derive(Debug)]
pub struct Hold {
    shared: Arc<Shared>,
    bytes: u64,
}

impl BodyBudget {
    /// Whether nothing may be made ready before a body has gone.
    pub fn is_used_up(&self) -> bool {
        self.held() >= MOST
    }

    /// Room for a body of that many bytes; one that is larger than all the room waits until it is
    /// alone. Only one thread asks.
    pub fn hold(&self, bytes: u64) -> Option<Hold> {
        let held = self.held();
        if held > 0 && held + bytes > MOST {
            return None;
        }
        self.0.held.fetch_add(bytes, Ordering::Relaxed);
        Some(Hold {
            shared: Arc::clone(&self.0),
            bytes,
        })
    }

    /// Waits until a body has gone since the last time.
    pub async fn freed(&self) {
        self.0.freed.notified().await;
    }

    fn held(&self) -> u64 {
        self.0.held.load(Ordering::Relaxed)
    }
}

impl Hold {
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.shared.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.shared.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Payload;

    #[tokio::test]
    async fn a_body_holds_its_bytes_until_the_last_of_them_has_gone() {
        let budget = BodyBudget::default();
        let hold = budget.hold(MOST - 1).unwrap();
        assert!(budget.hold(2).is_none());
        let body = Payload::from_bytes("body").guarded_by(hold);
        let copy = body.clone();
        drop(body);
        assert!(budget.hold(2).is_none());
        drop(copy);
        budget.freed().await;
        assert!(budget.hold(2).is_some());
    }

    #[test]
    fn what_is_too_large_goes_alone() {
        let budget = BodyBudget::default();
        let small = budget.hold(1).unwrap();
        assert!(budget.hold(2 * MOST).is_none());
        drop(small);
        let large = budget.hold(2 * MOST).unwrap();
        assert!(budget.is_used_up() && budget.hold(0).is_none());
        assert_eq!(large.bytes(), 2 * MOST);
    }
}
