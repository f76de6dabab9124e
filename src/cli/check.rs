//! `b24post check`

use std::io;
use std::sync::Arc;

use clap::Args;

use crate::check::{Finding, Findings, check_manifest};
use crate::exit::Exit;
use crate::import::{Clock, SystemClock};
use crate::manifest::Manifest;
use crate::report::problems::{ProblemFormat, ProblemTable};
use crate::report::{
    CheckSummary, Format, Printer, ResultError, findings_text, reading_text, stdout_width,
    unless_closed,
};

use super::error::CommandError;
use super::finish;
use super::manifest_args::ManifestArgs;
use super::output_args::OutputArgs;

/// Check a manifest and its attachments; nothing is sent
///
/// Every problem of every row is listed with its row, line, column and what to do, and every column
/// that is no field. With --format json each problem is a line, and the last line a summary, also
/// of a manifest that can't be read. Exit code 0 if there is no problem, 3 if there are some, 1 if
/// the manifest can't be read.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    manifest: ManifestArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &CheckArgs) -> Exit {
    let printer = args.output.printer();
    if let Some(message) = args.manifest.posting.contradiction() {
        return finish::usage(printer, &message);
    }
    match check(args, printer) {
        Ok(checked) => {
            let exit = match checked.findings.invalid {
                0 => Exit::Done,
                _ => Exit::Rows,
            };
            finish::printed(printer, print(checked, printer), exit)
        }
        Err(error) => {
            let failure = error.failure();
            printer.error(&failure.message);
            let written = match printer.format {
                Format::Human => Ok(()),
                Format::Json => printer.json(&CheckSummary::failed(&failure)),
            };
            finish::printed(printer, written, error.exit())
        }
    }
}

/// What came of a check.
struct Checked {
    manifest: Arc<Manifest>,
    findings: Findings,
    /// Whether the problems could be written.
    listed: io::Result<()>,
}

fn print(checked: Checked, printer: Printer) -> Result<(), ResultError> {
    checked.listed?;
    let findings = &checked.findings;
    let verdict = findings_text(findings);
    match printer.format {
        Format::Human => printer.result(&verdict),
        Format::Json => {
            printer.note(&verdict);
            printer.json(&CheckSummary::new(&checked.manifest, findings))
        }
    }
}

fn check(args: &CheckArgs, printer: Printer) -> Result<Checked, CommandError> {
    let (manifest, rules) = args.manifest.open()?;
    printer.note(&reading_text(&manifest));
    let format = match args.output.format {
        Format::Human => ProblemFormat::Human {
            width: stdout_width(),
        },
        Format::Json => ProblemFormat::Json,
    };
    let mut stdout = io::BufWriter::new(anstream::stdout().lock());
    let mut table = ProblemTable::new(&mut stdout, format);
    let mut listed = Ok(());
    let now = SystemClock.wall();
    let findings = check_manifest(&manifest, &rules, now, |finding| match finding {
        Finding::Warning(warning) => printer.warning(&warning.to_string()),
        Finding::Problem(problem) if listed.is_ok() => listed = table.write(&problem),
        Finding::Problem(_) => {}
    });
    let listed = unless_closed(listed.and_then(|()| io::Write::flush(&mut stdout)));
    Ok(Checked {
        manifest,
        findings: findings?,
        listed,
    })
}
