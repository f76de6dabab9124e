//! Ctrl-C and SIGTERM, as a user's wish to stop.

use crate::import::Interrupter;

/// Passes every SIGINT and SIGTERM on, for as long as the runtime lives.
pub fn listen(interrupter: Interrupter) {
    let on_interrupt = interrupter.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            on_interrupt.interrupt();
        }
    });
    #[cfg(unix)]
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminations) = signal(SignalKind::terminate()) {
            while terminations.recv().await.is_some() {
                interrupter.interrupt();
            }
        }
    });
}
