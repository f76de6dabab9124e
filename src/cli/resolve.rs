//! `b24post resolve`

use clap::Args;

use crate::exit::Exit;
use crate::import::{Clock, SystemClock};
use crate::ledger::{
    Ledger, LedgerError, LedgerLock, Resolution, ResolveError, ResolveRequest, Resolved,
};
use crate::report::{Format, Printer, ResolveReport, Stopped, doubts};

use super::error::CommandError;
use super::finish::{printed, usage};
use super::ledger_args::LedgerArgs;
use super::output_args::OutputArgs;
use super::{heading, values};

/// Settle rows whose outcome is in doubt
///
/// Without --posted, --resend or --resend-all it lists the rows in doubt with what is known of
/// them. KEY is the row's key in that list, or its external_id. Nothing is sent; rows to be sent
/// again go with the next import. If one KEY doesn't fit, nothing at all is changed.
///
/// The exit code is 4 while rows stay in doubt.
#[derive(Debug, Args)]
pub struct ResolveArgs {
    #[command(flatten)]
    ledger: LedgerArgs,

    /// The row is on the portal, under this ID
    #[arg(long, value_name = "KEY=ID", value_parser = values::arrival)]
    posted: Vec<(String, u64)>,

    /// The row is not on the portal: send it with the next import; also for a row that was undone
    #[arg(long, value_name = "KEY")]
    resend: Vec<String>,

    /// Send every other row in doubt again; those that did arrive are posted twice
    #[arg(long)]
    resend_all: bool,

    /// Don't ask before --resend-all; needed where nobody can be asked
    #[arg(long, short, help_heading = heading::SAFETY)]
    yes: bool,

    #[command(flatten)]
    output: OutputArgs,
}

/// Why nothing came of it.
enum NotResolved {
    Usage(String),
    Error(CommandError),
}

impl From<LedgerError> for NotResolved {
    fn from(error: LedgerError) -> NotResolved {
        match error {
            LedgerError::Unresolvable(error @ ResolveError::Contradiction { .. }) => {
                NotResolved::Usage(error.to_string())
            }
            error => NotResolved::Error(error.into()),
        }
    }
}

impl ResolveArgs {
    /// What is said of single rows.
    fn orders(&self) -> Vec<ResolveRequest> {
        let posted = self.posted.iter().map(|(key, remote_id)| ResolveRequest {
            key: key.clone(),
            resolution: Resolution::Posted {
                remote_id: *remote_id,
            },
        });
        let resend = self.resend.iter().map(|key| ResolveRequest {
            key: key.clone(),
            resolution: Resolution::Resend,
        });
        posted.chain(resend).collect()
    }
}

pub fn run(args: &ResolveArgs) -> Exit {
    let printer = args.output.printer();
    match resolve(args, printer) {
        Ok(report) => {
            let written = match args.output.format {
                Format::Human => printer.result(&doubts::text(&report, &args.ledger.commands())),
                Format::Json => printer.json(&report),
            };
            let exit = match report.in_doubt {
                0 => Exit::Done,
                _ => Exit::Doubt,
            };
            printed(printer, written, exit)
        }
        Err(NotResolved::Usage(message)) => usage(printer, &message),
        Err(NotResolved::Error(error)) => stopped(args, printer, &error),
    }
}

fn stopped(args: &ResolveArgs, printer: Printer, error: &CommandError) -> Exit {
    let exit = error.exit();
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
    printed(printer, written, exit)
}

/// Holds the ledger's lock to the end, so that no run is under way meanwhile.
fn resolve(args: &ResolveArgs, printer: Printer) -> Result<ResolveReport, NotResolved> {
    let path = args.ledger.path()?;
    if !path.exists() {
        let message = doubts::no_ledger(&path, args.ledger.rehearsal().as_deref());
        return Err(NotResolved::Error(CommandError::NoLedger(message)));
    }
    let _lock = LedgerLock::take(&path)?;
    let mut ledger = Ledger::open(&path)?;
    ledger.recover(SystemClock.wall_ms())?;
    let resolved = settle(args, &mut ledger, printer)?;
    let portal = ledger.binding()?.portal;
    let name = path.display().to_string();
    Ok(ResolveReport::new(name, portal, resolved, ledger.doubts()?))
}

/// Does what was asked for; none when nothing was, or the user said no.
fn settle(
    args: &ResolveArgs,
    ledger: &mut Ledger,
    printer: Printer,
) -> Result<Option<Resolved>, NotResolved> {
    let orders = args.orders();
    if orders.is_empty() && !args.resend_all {
        return Ok(None);
    }
    let in_doubt = ledger.doubts()?.len() as u64;
    if args.resend_all && !args.yes && in_doubt > 0 {
        if !printer.can_ask() {
            return Err(NotResolved::Usage(doubts::nobody_to_ask(in_doubt)));
        }
        if !printer.ask(&doubts::question(in_doubt)) {
            printer.note("nothing was changed");
            return Ok(None);
        }
    }
    let resolved = ledger.resolve(&orders, args.resend_all, SystemClock.wall_ms())?;
    Ok(Some(resolved))
}
