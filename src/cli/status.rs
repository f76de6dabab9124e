//! `b24post status`

use clap::Args;

use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::report::{Format, StatusReport, Stopped, status_text};

use super::error::CommandError;
use super::finish;
use super::ledger_args::LedgerArgs;
use super::output_args::OutputArgs;

/// Show what the ledger knows of a manifest
///
/// Counts the rows by state, the failures by code, and lists rows in doubt. It sends nothing, and
/// works while an import runs.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    ledger: LedgerArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &StatusArgs) -> Exit {
    let printer = args.output.printer();
    match report(args) {
        Ok(report) => {
            let written = match args.output.format {
                Format::Human => printer.result(&status_text(&report, &args.ledger.commands())),
                Format::Json => printer.json(&report),
            };
            finish::printed(printer, written, Exit::Done)
        }
        Err(error) => {
            let written = match args.output.format {
                Format::Human => {
                    printer.error(&error.to_string());
                    Ok(())
                }
                Format::Json => printer.json(&Stopped {
                    ledger: args.ledger.shown(),
                    error: error.failure(),
                }),
            };
            finish::printed(printer, written, error.exit())
        }
    }
}

fn report(args: &StatusArgs) -> Result<StatusReport, CommandError> {
    let path = args.ledger.path()?;
    let status = if path.exists() {
        let ledger = Ledger::open_to_read(&path)?;
        Some(ledger.status()?)
    } else if args.ledger.manifest.exists() {
        None
    } else {
        let (manifest, ledger) = (args.ledger.manifest.display(), path.display());
        let message = format!("there is no manifest {manifest} and no ledger {ledger}");
        return Err(CommandError::NoLedger(message));
    };
    let rehearsal = args.ledger.rehearsal().filter(|_| status.is_none());
    Ok(StatusReport::new(
        path.display().to_string(),
        status,
        rehearsal,
    ))
}
