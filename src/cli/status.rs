//! `b24post status`

use std::path::PathBuf;

use clap::Args;

use crate::import::Exit;
use crate::ledger::Ledger;
use crate::report::{Format, Printer, StatusReport, status_text};

use super::manifest_args::beside;

/// Show what the ledger knows of a manifest
///
/// Counts the rows by state, the failures by code, and lists rows in doubt. It sends nothing, and
/// works while an import runs.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The manifest; only its ledger is read
    manifest: PathBuf,

    /// The ledger, if it is not MANIFEST.ledger.db
    #[arg(long, value_name = "PATH")]
    ledger: Option<PathBuf>,

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
                Format::Human => printer.result(&status_text(&report)),
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
    let path = args
        .ledger
        .clone()
        .unwrap_or_else(|| beside(&args.manifest, "ledger.db"));
    let rehearsal = beside(&args.manifest, "sandbox.ledger.db");
    let status = if path.exists() {
        let ledger = Ledger::open_to_read(&path).map_err(|error| error.to_string())?;
        Some(ledger.status().map_err(|error| error.to_string())?)
    } else if args.manifest.exists() {
        None
    } else {
        let (manifest, ledger) = (args.manifest.display(), path.display());
        return Err(format!(
            "there is no manifest {manifest} and no ledger {ledger}"
        ));
    };
    let rehearsal = (status.is_none() && rehearsal.exists()).then_some(rehearsal);
    Ok(StatusReport::new(
        path.display().to_string(),
        status,
        rehearsal,
    ))
}
