//! How often the user has asked the run to stop.

use tokio::sync::watch;

/// The asking side.
#[derive(Clone, Debug)]
pub struct Interrupter(std::sync::Arc<watch::Sender<u32>>);

/// The side that is asked.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<u32>);

/// A pair: each call on the first is seen by the second.
pub fn interrupt() -> (Interrupter, Interrupt) {
    let (sender, receiver) = watch::channel(0);
    (
        Interrupter(std::sync::Arc::new(sender)),
        Interrupt(receiver),
    )
}

impl Interrupter {
    /// Once: finish what is in flight, then stop. Twice: stop at once.
    pub fn interrupt(&self) {
        self.0.send_modify(|times| *times += 1);
    }
}

impl Interrupt {
    /// How often so far.
    pub fn times(&self) -> u32 {
        *self.0.borrow()
    }

    /// Returns at the next time; never when nobody can ask any more.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_time_is_seen() {
        let (interrupter, mut asked) = interrupt();
        assert_eq!(asked.times(), 0);
        interrupter.interrupt();
        asked.next().await;
        assert_eq!(asked.times(), 1);
        interrupter.interrupt();
        asked.next().await;
        assert_eq!(asked.times(), 2);
    }
}
