//! The command line: what can be typed, and which parts of the library it puts together. No decision is
//! made here.

mod check;
mod credentials;
mod import;
mod import_run;
mod ledger_args;
mod manifest_args;
mod posting_args;
mod resolve;
mod sandbox;
mod signals;
mod state;
mod status;
mod values;

use clap::{Parser, Subcommand};

use crate::exit::Exit;
use crate::report::{Printer, ResultError};

/// Put many posts into a Bitrix24 portal, and always know which ones arrived.
///
/// A manifest (CSV or JSONL) holds one post a row. `import` sends the rows through Bitrix24's REST
/// `batch` and notes each resulting ID in a ledger beside the manifest, so that the same command
/// again sends only what is missing.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Try it without a portal:
  b24post import samples/announcements.csv --sandbox

Credentials: the address of an inbound webhook, in the environment as B24POST_WEBHOOK or in a file
named with --webhook-file; or an application's tokens, in a file named with --oauth-file. They are
secrets, never taken as an argument and never printed.

A register of your ledgers, by which rows are known again that were posted from another folder, lies
in the platform's folder for state, or in the one that B24POST_STATE_DIR names.

Exit codes: 0 every due row is posted; 1 stopped by an error; 2 bad usage; 3 rows invalid or failed;
4 rows in doubt; 75 another run holds the ledger; 130 interrupted, run the same command to go on.";

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::CheckArgs),
    Import(Box<import::ImportArgs>),
    Status(status::StatusArgs),
    Resolve(resolve::ResolveArgs),
    Sandbox(Box<sandbox::SandboxArgs>),
}

/// Parses the command line and runs it.
pub fn run() -> Exit {
    match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Import(args) => import_run::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Resolve(args) => resolve::run(&args),
        Command::Sandbox(args) => sandbox::run(&args),
    }
}

/// The exit code of a command with a result: what could not be printed is an error.
fn printed(printer: Printer, written: Result<(), ResultError>, exit: Exit) -> Exit {
    let Err(error) = written else {
        return exit;
    };
    printer.error(&format!("error: {error}"));
    match exit {
        Exit::Usage | Exit::Locked => exit,
        _ => Exit::Stopped,
    }
}

/// Says what is wrong with the usage.
fn usage(printer: Printer, message: &str) -> Exit {
    printer.error(&format!("error: {message}"));
    Exit::Usage
}
