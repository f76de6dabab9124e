//! How a command ends that has printed its result, or was typed wrongly.

use crate::exit::Exit;
use crate::report::{Printer, ResultError};

/// The exit code of a command with a result: what could not be printed is an error.
pub fn printed(printer: Printer, written: Result<(), ResultError>, exit: Exit) -> Exit {
    let Err(error) = written else {
        return exit;
    };
    printer.error(&error.to_string());
    match exit {
        Exit::Usage | Exit::Locked => exit,
        _ => Exit::Stopped,
    }
}

/// Says what is wrong with the usage.
pub fn usage(printer: Printer, message: &str) -> Exit {
    printer.error(message);
    Exit::Usage
}
