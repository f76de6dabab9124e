//! `b24post check`

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::check::{Finding, Findings, Rules, check_manifest, each_row};
use crate::exit::Exit;
use crate::import::{Clock, SystemClock};
use crate::ledger::beside_manifest;
use crate::manifest::Manifest;
use crate::rejects::{
    Reason, RejectedRow, Rejects, RejectsError, RejectsWritten, SourceNames, own_name,
};
use crate::report::problems::{ProblemFormat, ProblemLimit, ProblemTable};
use crate::report::{
    CheckSummary, Commands, Format, Printer, ResultError, findings_text, missing_text,
    stdout_width, unless_closed,
};

use super::error::CommandError;
use super::finish;
use super::manifest_args::ManifestArgs;
use super::output_args::OutputArgs;
use super::{heading, rejects_args};

/// Check a manifest and its attachments; nothing is sent
///
/// The first problems of each kind (--max-problems) are listed with their row, line, column and what to
/// do, and every column that is no field; then what was found about the file, and how many problems
/// of each kind there are. With --format json every problem is a line, and the last line a summary,
/// also of a manifest that can't be read. Exit code 0 if there is no problem, 3 if there are some, 1 if
/// the manifest can't be read.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    manifest: ManifestArgs,

    /// Where to write the rows that have problems, to be corrected and imported
    ///
    /// A manifest in the form of this one, with the columns b24post_code, b24post_reason,
    /// b24post_ledger and b24post_key. Where no row has a problem, no file is written and one that is
    /// there is removed.
    #[arg(long, value_name = "PATH", help_heading = heading::OUTPUT)]
    rejects: Option<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &CheckArgs) -> Exit {
    let printer = args.output.printer();
    let rejects = rejects_args::contradiction(args.rejects.as_deref(), &args.manifest.manifest);
    if let Some(message) = args.manifest.contradiction().or(rejects) {
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
    /// The files into which what the maps lack was written.
    missing: Vec<PathBuf>,
    /// Whether the problems could be written.
    listed: io::Result<()>,
}

fn print(checked: Checked, printer: Printer) -> Result<(), ResultError> {
    checked.listed?;
    let findings = &checked.findings;
    let mut verdict = vec![findings_text(&checked.manifest, findings)];
    verdict.extend(missing_text(&findings.missing, &checked.missing));
    let verdict = verdict.join("\n");
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
    let format = match args.output.format {
        Format::Human => ProblemFormat::Human {
            width: stdout_width(),
        },
        Format::Json => ProblemFormat::Json,
    };
    let mut stdout = io::BufWriter::new(anstream::stdout().lock());
    let mut table = ProblemTable::new(&mut stdout, format);
    let mut listed = Ok(());
    let mut limit = match args.output.format {
        Format::Human => args.manifest.max_problems.into(),
        Format::Json => ProblemLimit::none(),
    };
    let now = SystemClock.wall();
    let findings = check_manifest(&manifest, &rules, now, |finding| match finding {
        Finding::Warning(warning) => printer.warning(&warning.to_string()),
        Finding::Problem(problem) if listed.is_ok() && limit.lets(problem.code) => {
            listed = table.write(&problem);
        }
        Finding::Problem(_) => {}
    });
    let listed = unless_closed(listed.and_then(|()| io::Write::flush(&mut stdout)));
    let findings = findings?;
    if let Some(path) = &args.rejects {
        let written = write_rejects(&args.manifest.manifest, (&manifest, &rules), path)?;
        let written = (&written, manifest.encoding());
        rejects_args::tell(printer, &args.manifest, &commands(args), written, &[]);
    }
    Ok(Checked {
        manifest,
        missing: args.manifest.mapping.write_missing(&findings.missing)?,
        findings,
        listed,
    })
}

fn commands(args: &CheckArgs) -> Commands {
    Commands {
        manifest: args.manifest.manifest.clone(),
        reading: args.manifest.typed(),
        ledger: None,
    }
}

/// Writes the rows that have problems, for the ledger that an import of the manifest would use.
fn write_rejects(
    path: &Path,
    (manifest, rules): (&Manifest, &Rules),
    rejects: &Path,
) -> Result<RejectsWritten, CommandError> {
    let ledger = match manifest.named_ledger()? {
        Some(ledger) => ledger,
        None => beside_manifest(path, "ledger.db")?,
    };
    let mut rejects = Rejects::new(manifest, &ledger, rejects);
    let mut names = SourceNames::default();
    each_row(manifest, rules, |row| -> Result<(), RejectsError> {
        let reason = Reason::of_row(row);
        if reason.is_empty() && !rejects.wants_all() {
            return Ok(());
        }
        rejects.take(RejectedRow {
            row: row.at.row,
            part: &row.part,
            key: own_name(row).or_else(|| names.name(row)),
            reason,
        })
    })?;
    Ok(rejects.finish()?)
}
