//! `b24post status`

use clap::Args;

use crate::import::Exit;
use crate::ledger::Ledger;
use crate::report::{Format, Printer, StatusReport, status_text};

use super::ledger_args::LedgerArgs;

/// Show what the ledger knows of a manifest
///
/// Counts the rows by state, the failures by code, and lists rows in doubt. It sends nothing, and
/// works while an import runs.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    ledger: LedgerArgs,

    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &StatusArgs) -> Exit {
    let printer = Printer {
        format: args.format,
        quiet: false,
    };
    match report(args) {
        Ok(report) => {
            match args.format {
                Format::Human => printer.result(&status_text(&report, &args.ledger.commands())),
                Format::Json => printer.json(&report),
            }
            Exit::Done
        }
        Err(message) => {
            printer.error(&format!("error: {message}"));
            Exit::Stopped
        }
    }
}

fn report(args: &StatusArgs) -> Result<StatusReport, String> {
    let path = args.ledger.path().map_err(|error| error.to_string())?;
    let status = if path.exists() {
        let ledger = Ledger::open_to_read(&path).map_err(|error| error.to_string())?;
        Some(ledger.status().map_err(|error| error.to_string())?)
    } else if args.ledger.manifest.exists() {
        None
    } else {
        let (manifest, ledger) = (args.ledger.manifest.display(), path.display());
        return Err(format!(
            "there is no manifest {manifest} and no ledger {ledger}"
        ));
    };
    let rehearsal = args.ledger.rehearsal().filter(|_| status.is_none());
    Ok(StatusReport::new(
        path.display().to_string(),
        status,
        rehearsal,
    ))
}
