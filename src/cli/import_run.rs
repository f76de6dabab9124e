//! `b24post import`: puts the parts of a run together and reports what came of it.

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::check::Rules;
use crate::exit::Exit;
use crate::import::{
    self, Clock, Ending, Job, NotingReporter, Offload, RejectJob, RunError, RunOutcome, Summary,
    SystemClock,
};
use crate::interrupt::interrupt;
use crate::ledger::{Ledger, LedgerLock};
use crate::manifest::{FoundEncoding, Manifest};
use crate::portal::Webhook;
use crate::rejects::RejectsWritten;
use crate::report::{
    Asking, Failure, Format, ImportResult, Terminal, missing_text, summary_text, unrecorded_text,
};
use crate::sandbox::{Server, ServerOptions, Settings, Store};

use super::connection::connect;
use super::credentials::Credentials;
use super::error::CommandError;
use super::finish;
use super::finish::usage;
use super::import::ImportArgs;
use super::{rejects_args, signals, state};

/// What must be there before anything runs.
struct Opened {
    manifest: Arc<Manifest>,
    rules: Arc<Rules>,
    ledger: Ledger,
    _lock: LedgerLock,
}

/// A portal to post to.
struct Destination {
    credentials: Credentials,
    /// What the ledger is bound to.
    identity: String,
    /// What the user calls it.
    name: String,
    /// The built-in portal, while it runs.
    server: Option<Server>,
}

pub fn run(args: &ImportArgs) -> Exit {
    let rejects = rejects_args::contradiction(args.rejects.as_deref(), &args.manifest.manifest);
    if let Some(message) = args.manifest.contradiction().or(rejects) {
        return usage(args.output.printer(), &message);
    }
    let credentials = if args.sandbox {
        Ok(None)
    } else {
        Credentials::find(args.webhook_file.as_deref(), args.oauth_file.as_deref()).map(Some)
    };
    let outcome = match credentials {
        Ok(credentials) => {
            prepare(args).and_then(|prepared| run_prepared(args, prepared, credentials))
        }
        Err(message) => return usage(args.output.printer(), &message),
    };
    report(args, outcome)
}

fn prepare(args: &ImportArgs) -> Result<Opened, CommandError> {
    let (manifest, mut rules) = args.manifest.open()?;
    Arc::make_mut(&mut rules).max_batch_bytes = args.max_batch_bytes;
    if !args.has_ledger() {
        args.take_named_ledger(manifest.named_ledger()?);
    }
    let path = args.ledger_path()?;
    let lock = LedgerLock::take(&path)?;
    let ledger = Ledger::open(&path)?;
    Ok(Opened {
        manifest,
        rules,
        ledger,
        _lock: lock,
    })
}

fn run_prepared(
    args: &ImportArgs,
    prepared: Opened,
    credentials: Option<Credentials>,
) -> Result<RunOutcome, CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(async {
        let place = match credentials {
            Some(credentials) => Destination {
                identity: credentials.identity(),
                name: credentials.host().to_owned(),
                credentials,
                server: None,
            },
            None => start_sandbox(args).await?,
        };
        job(args, prepared, place).await
    });
    // After a second Ctrl-C a worker may still be busy; it is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn start_sandbox(args: &ImportArgs) -> Result<Destination, CommandError> {
    let store = args.store_path().map_err(CommandError::sandbox)?;
    let options = ServerOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        settings: Settings::default(),
        store: Store::open(&store).map_err(CommandError::sandbox)?,
    };
    let started = Server::start(options).await;
    let server = started.map_err(CommandError::sandbox)?;
    let webhook = Webhook::parse(&server.webhook_url()).map_err(CommandError::sandbox)?;
    Ok(Destination {
        credentials: Credentials::Webhook(webhook),
        identity: format!("sandbox:{}", server.identity()),
        name: "the built-in portal".to_owned(),
        server: Some(server),
    })
}

async fn job(
    args: &ImportArgs,
    prepared: Opened,
    place: Destination,
) -> Result<RunOutcome, CommandError> {
    let (interrupter, interrupt) = interrupt();
    signals::listen(&interrupter)?;
    let printer = args.output.printer();
    let register = if args.sandbox {
        None
    } else {
        state::register(&place.credentials, printer)
    };
    let options = args.options(prepared.rules.target);
    let within = options.request_end().within_for_questions();
    let portal = connect(place.credentials, args.ca_file.as_deref(), within)?;
    let asking = if args.yes || args.sandbox {
        Asking::Never
    } else {
        Asking::WhereMany
    };
    let limit = args.manifest.max_problems.into();
    let mut terminal = Terminal::new(printer, asking, args.commands(), limit);
    let ledger = prepared.ledger.path().to_owned();
    let (manifest, rules) = (Arc::clone(&prepared.manifest), Arc::clone(&prepared.rules));
    let mut noting = NotingReporter::new(&mut terminal);
    let outcome = import::import(Job {
        manifest: prepared.manifest,
        rules: prepared.rules,
        ledger: prepared.ledger,
        register,
        portal: &portal,
        identity: place.identity,
        portal_name: place.name,
        clock: &SystemClock,
        offload: Offload::Threads,
        rng: StdRng::from_rng(&mut rand::rng()),
        interrupt,
        options,
        reporter: &mut noting,
    });
    let mut outcome = outcome.await;
    let noted = noting.into_noted();
    terminal.finish();
    portal.finish().await;
    if let Some(server) = place.server {
        server.shutdown().await;
    }
    if let Some(path) = &args.rejects {
        let job = RejectJob {
            manifest: &manifest,
            rules: &rules,
            ledger: &ledger,
            noted: &noted,
            now: SystemClock.wall(),
        };
        let written = import::write_rejects(job, path);
        let written = written.map(|written| (written, manifest.encoding()));
        outcome = rejected(args, written, outcome);
    }
    Ok(outcome)
}

/// Tells of the rejects file. One that can't be written is the run's error, unless it has one.
fn rejected(
    args: &ImportArgs,
    written: Result<(RejectsWritten, FoundEncoding), RunError>,
    outcome: RunOutcome,
) -> RunOutcome {
    let printer = args.output.printer();
    match written {
        Ok((written, encoding)) => {
            let more: &[&str] = if args.sandbox { &["--sandbox"] } else { &[] };
            rejects_args::tell(
                printer,
                &args.manifest,
                &args.commands(),
                (&written, encoding),
                more,
            );
            outcome
        }
        Err(error) => match outcome.end {
            Ok(_) => RunOutcome {
                end: Err(error),
                ..outcome
            },
            Err(_) => {
                printer.error(&error.to_string());
                outcome
            }
        },
    }
}

/// The ledger's path; empty where there is more than one.
fn shown(args: &ImportArgs) -> String {
    let path = args.ledger_path();
    path.map_or_else(|_| String::new(), |path| path.display().to_string())
}

fn report(args: &ImportArgs, outcome: Result<RunOutcome, CommandError>) -> Exit {
    match outcome {
        Ok(outcome) => {
            let (summary, exit) = (&outcome.summary, outcome.exit());
            if let Some(text) = unrecorded_text(&outcome.unrecorded) {
                args.output.printer().verbatim(&text);
            }
            let printer = args.output.printer();
            let written = args.manifest.mapping.write_missing(&outcome.missing);
            let (written, failed) = match written {
                Ok(written) => (written, None),
                Err(error) => (Vec::new(), Some(error.failure())),
            };
            for line in missing_text(&outcome.missing, &written) {
                printer.warning(&line);
            }
            let end = outcome.end.as_ref().copied();
            let end = end.map_err(|error| Failure::new(error.code(), error));
            match failed {
                Some(failed) => print(args, summary, end.and(Err(failed)), Exit::Stopped),
                None => print(args, summary, end, exit),
            }
        }
        Err(error) => {
            let summary = Summary {
                ledger: shown(args),
                ..Summary::default()
            };
            print(args, &summary, Err(error.failure()), error.exit())
        }
    }
}

fn print(args: &ImportArgs, summary: &Summary, end: Result<Ending, Failure>, exit: Exit) -> Exit {
    let printer = args.output.printer();
    let written = match args.output.format {
        Format::Json => printer.json(&ImportResult {
            summary,
            error: end.err(),
        }),
        Format::Human => {
            let ending = end.map_err(|error| printer.error(&error.message)).ok();
            let text = summary_text(summary, ending, args.skip_invalid, &args.commands());
            text.map_or(Ok(()), |text| printer.result(&text))
        }
    };
    finish::printed(printer, written, exit)
}
