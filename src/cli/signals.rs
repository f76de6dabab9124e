//! Ctrl-C and SIGTERM, as a user's wish to stop.

use crate::interrupt::Interrupter;

/// Passes every SIGINT and SIGTERM on, for as long as the runtime lives.
///
/// # Errors
/// When the system refuses the handlers; an interruption then ends the process as usual.
#[cfg(unix)]
pub fn listen(interrupter: &Interrupter) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut signals = signal(kind)?;
        let interrupter = interrupter.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                interrupter.interrupt();
            }
        });
    }
    Ok(())
}

/// Passes every Ctrl-C on, for as long as the runtime lives.
///
/// # Errors
/// When the system refuses the handler; Ctrl-C then ends the process as usual.
#[cfg(windows)]
pub fn listen(interrupter: &Interrupter) -> std::io::Result<()> {
    let mut signals = tokio::signal::windows::ctrl_c()?;
    let interrupter = interrupter.clone();
    tokio::spawn(async move {
        while signals.recv().await.is_some() {
            interrupter.interrupt();
        }
    });
    Ok(())
}
