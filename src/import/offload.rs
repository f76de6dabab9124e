//! Where blocking work is done: the ledger, the manifest, the encoding of files.

use tokio::task::JoinError;

/// On a thread of its own, or inline where one thread must do everything in a fixed order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offload {
    /// On the runtime's threads for blocking work.
    Threads,
    /// On the calling thread, before anything else goes on.
    Inline,
}

impl Offload {
    /// Does the work and returns what it returns.
    ///
    /// # Errors
    /// When the work panicked.
    pub async fn run<R: Send + 'static>(
        self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, JoinError> {
        match self {
            Offload::Threads => tokio::task::spawn_blocking(work).await,
            Offload::Inline => Ok(work()),
        }
    }
}
