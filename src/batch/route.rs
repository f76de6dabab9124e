//! Whether a command may share a batch or goes by a call of its own.

use super::{Command, MAX_LEAVES, substitution};

/// How a command travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Among others in a `batch`.
    Batch,
    /// Alone: a batch would alter it, cut it, or can't hold it.
    Direct,
}

/// The bytes around the first command of a body.
const ENVELOPE: u64 = 64;

/// Decides by the command's texts, its leaf values and its [`encoded_size`](super::encoded_size)
/// against `max_batch_bytes`.
pub fn route(command: &Command, encoded_size: u64, max_batch_bytes: u64) -> Route {
    let fits = encoded_size + ENVELOPE <= max_batch_bytes;
    if fits && command.leaves() < MAX_LEAVES && !substitution::is_at_risk(command) {
        Route::Batch
    } else {
        Route::Direct
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Value, encoded_size};

    fn command(values: Vec<Value>) -> Command {
        Command {
            method: "m",
            params: vec![("DEST", Value::List(values))],
        }
    }

    fn route(command: &Command, max_batch_bytes: u64) -> Route {
        super::route(command, encoded_size(command), max_batch_bytes)
    }

    #[test]
    fn each_hazard_leaves_the_batch() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(route(&command(vec![text("plain")]), 1_000), Route::Batch);
        assert_eq!(
            route(&command(vec![text("$result[a]")]), 1_000),
            Route::Direct
        );
        assert_eq!(
            route(&command(vec![text(&"x".repeat(1_000))]), 1_000),
            Route::Direct
        );
        let many = |count| command((0..count).map(|_| text("U1")).collect());
        assert_eq!(route(&many(999), u64::MAX), Route::Batch);
        assert_eq!(route(&many(1_000), u64::MAX), Route::Direct);
        let file = Value::File {
            path: "f".into(),
            size: 800,
        };
        assert_eq!(route(&command(vec![file]), 1_000), Route::Direct);
    }
}
