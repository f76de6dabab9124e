//! `b24post check`

use std::io;

use clap::Args;

use crate::check::{Finding, Findings, check_manifest};
use crate::import::{Exit, RunError};
use crate::report::problems::{ProblemFormat, ProblemTable};
use crate::report::{Format, Printer, findings_text};

use super::manifest_args::ManifestArgs;

/// Check a manifest and its attachments; nothing is sent
///
/// Every problem of every row is listed with its row, line, column and what to do. Exit code 0 if
/// there is none, 3 if there are some, 1 if the manifest can't be read.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    manifest: ManifestArgs,
}

pub fn run(args: &CheckArgs) -> Exit {
    let printer = args.manifest.printer();
    if let Some(message) = args.manifest.posting.contradiction() {
        return super::usage(printer, &message);
    }
    match check(args, printer) {
        Ok(findings) => {
            let verdict = findings_text(&findings);
            match args.manifest.format {
                Format::Human => printer.result(&verdict),
                Format::Json => printer.note(&verdict),
            }
            if findings.invalid > 0 {
                Exit::Rows
            } else {
                Exit::Done
            }
        }
        Err(error) => {
            printer.error(&format!("error: {}", error.message));
            Exit::Stopped
        }
    }
}

fn check(args: &CheckArgs, printer: Printer) -> Result<Findings, RunError> {
    let (manifest, rules) = args.manifest.open()?;
    let format = match args.manifest.format {
        Format::Human => ProblemFormat::Human,
        Format::Json => ProblemFormat::Json,
    };
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let mut table = ProblemTable::new(&mut stdout, format);
    let mut written = Ok(());
    let findings = check_manifest(&manifest, &rules, |finding| match finding {
        Finding::Warning(warning) => printer.note(&format!("warning: {warning}")),
        Finding::Problem(problem) if written.is_ok() => written = table.write(&problem),
        Finding::Problem(_) => {}
    });
    // A reader that has gone away is no error.
    drop(io::Write::flush(&mut stdout));
    findings.map_err(|error| RunError::new("manifest", error.to_string()))
}
