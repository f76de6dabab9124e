//! The `b24post` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    b24post::cli::run().into()
}
