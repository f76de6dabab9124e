//! `b24post import`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::check::Rules;
use crate::import::{
    self, Exit, Job, Offload, Options, Order, Outcome, RunError, Summary, SystemClock, interrupt,
};
use crate::ledger::{Ledger, LedgerLock};
use crate::manifest::Manifest;
use crate::pacing::BucketPlan;
use crate::portal::{HttpTransport, Portal, Webhook};
use crate::report::{Asking, Commands, Format, Printer, Terminal, summary_text, unrecorded_text};
use crate::sandbox::{Server, ServerOptions, Settings, Store};

use super::credentials;
use super::manifest_args::{ManifestArgs, ledger_path};
use super::{signals, values};

/// Post the manifest's rows; safe to run again
///
/// Sends the rows that are due through Bitrix24's batch and records each resulting ID in the
/// ledger. The same command again sends only what is missing. Rows whose outcome is unknown are
/// held in doubt and never sent twice.
///
/// The portal's webhook is taken from the environment (B24POST_WEBHOOK) or from --webhook-file.
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    manifest: ManifestArgs,

    /// The ledger [default: MANIFEST.ledger.db, with --sandbox MANIFEST.sandbox.ledger.db]
    #[arg(long, value_name = "PATH")]
    ledger: Option<PathBuf>,

    /// Post to the built-in portal instead of a real one: a rehearsal
    #[arg(long, conflicts_with_all = ["webhook_file", "ca_file"])]
    sandbox: bool,

    /// File whose first line is the address of an inbound webhook
    #[arg(long, value_name = "PATH")]
    webhook_file: Option<PathBuf>,

    /// Ask nothing
    #[arg(long, short)]
    yes: bool,

    /// Send the valid rows even if others are not
    #[arg(long)]
    skip_invalid: bool,

    /// Send at most N rows in this run
    #[arg(long, value_name = "N")]
    limit: Option<u64>,

    /// Send rows again that the portal has refused
    #[arg(long)]
    retry_failed: bool,

    /// Go on although posted rows without external_id have vanished while new ones have come
    #[arg(long)]
    accept_edits: bool,

    /// Bind the ledger to this portal, whatever it was bound to: the portal was renamed
    #[arg(long)]
    rebind: bool,

    /// Requests in flight at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrency: u16,

    /// What keeps its order: the rows of each CRM record, or the whole manifest
    #[arg(long, value_enum, default_value_t = OrderArg::Entity)]
    order: OrderArg,

    /// The portal's plan, which sets the request rate [default: standard, with --sandbox self-hosted]
    #[arg(long, value_enum)]
    plan: Option<PlanArg>,

    /// After which the portal cuts a request
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = values::duration)]
    request_limit: Duration,

    /// Largest body of a batch request
    #[arg(long, value_name = "SIZE", default_value = "8MiB", value_parser = values::size)]
    max_batch_bytes: u64,

    /// Stop after this long without one good answer
    #[arg(long, value_name = "DURATION", default_value = "60m", value_parser = values::duration)]
    give_up_after: Duration,

    /// Certificates to trust beside the system's, in PEM
    #[arg(long, value_name = "PEM")]
    ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrderArg {
    Entity,
    Manifest,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PlanArg {
    /// 2 requests a second, 50 at once
    Standard,
    /// 5 requests a second, 250 at once
    Enterprise,
    /// No limit
    SelfHosted,
}

/// Commands of the first batch where nobody knows how long a post takes the portal.
const FIRST_BATCH: usize = 10;

/// The portal's time-out, and this much for the way, before an answer counts as lost.
const ANSWER_GRACE: Duration = Duration::from_secs(15);

pub fn run(args: &ImportArgs) -> Exit {
    let printer = args.manifest.printer();
    let webhook = match args.webhook() {
        Ok(webhook) => webhook,
        Err(message) => return super::usage(printer, &message),
    };
    match prepare(args) {
        Ok(prepared) => args.run_prepared(prepared, webhook),
        Err(error) => args.stopped(error),
    }
}

/// What must be there before anything runs.
struct Prepared {
    manifest: Arc<Manifest>,
    rules: Arc<Rules>,
    ledger: Ledger,
    _lock: LedgerLock,
}

fn prepare(args: &ImportArgs) -> Result<Prepared, RunError> {
    let (manifest, rules) = args
        .manifest
        .open()
        .map_err(|message| RunError::new("manifest", message))?;
    let path = args.ledger_path();
    let failed = |error: crate::ledger::LedgerError| RunError::new(error.code(), error.to_string());
    let lock = LedgerLock::take(&path).map_err(failed)?;
    let ledger = Ledger::open(&path).map_err(failed)?;
    Ok(Prepared {
        manifest,
        rules,
        ledger,
        _lock: lock,
    })
}

impl ImportArgs {
    fn webhook(&self) -> Result<Option<Webhook>, String> {
        if self.sandbox {
            return Ok(None);
        }
        credentials::webhook(self.webhook_file.as_deref()).map(Some)
    }

    fn ledger_path(&self) -> PathBuf {
        let ending = if self.sandbox {
            "sandbox.ledger.db"
        } else {
            "ledger.db"
        };
        self.ledger
            .clone()
            .unwrap_or_else(|| ledger_path(&self.manifest.manifest, ending))
    }

    fn commands(&self) -> Commands {
        let is_default = self.ledger.is_none() && !self.sandbox;
        Commands {
            manifest: self.manifest.manifest.clone(),
            ledger: (!is_default).then(|| self.ledger_path()),
        }
    }

    fn options(&self) -> Options {
        let plan = self.plan.unwrap_or(if self.sandbox {
            PlanArg::SelfHosted
        } else {
            PlanArg::Standard
        });
        let bucket = match plan {
            PlanArg::Standard => Some(BucketPlan::STANDARD),
            PlanArg::Enterprise => Some(BucketPlan::ENTERPRISE),
            PlanArg::SelfHosted => None,
        };
        Options {
            order: match self.order {
                OrderArg::Entity => Order::Entity,
                OrderArg::Manifest => Order::Manifest,
            },
            bucket,
            lanes: usize::from(self.concurrency),
            first_batch: match bucket {
                Some(_) => FIRST_BATCH,
                None => crate::batch::MAX_COMMANDS,
            },
            request_limit: self.request_limit,
            max_batch_bytes: self.max_batch_bytes,
            give_up_after: self.give_up_after,
            limit: self.limit,
            skip_invalid: self.skip_invalid,
            retry_failed: self.retry_failed,
            accept_edits: self.accept_edits,
            rebind: self.rebind,
        }
    }

    /// Runs the job on a runtime of its own and reports.
    fn run_prepared(&self, prepared: Prepared, webhook: Option<Webhook>) -> Exit {
        let runtime = match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime,
            Err(error) => return self.stopped(RunError::new("system", error.to_string())),
        };
        let outcome = runtime.block_on(self.job(prepared, webhook));
        // After a second Ctrl-C a worker may still be busy; it is not waited for.
        runtime.shutdown_background();
        match outcome {
            Ok(outcome) => self.report(&outcome),
            Err(error) => self.stopped(error),
        }
    }

    async fn job(&self, prepared: Prepared, webhook: Option<Webhook>) -> Result<Outcome, RunError> {
        let (interrupter, interrupt) = interrupt();
        signals::listen(interrupter);
        let (server, webhook, identity) = match webhook {
            Some(webhook) => {
                let host = webhook.host().to_owned();
                (None, webhook, host)
            }
            None => {
                let server = self.start_sandbox().await?;
                let webhook = Webhook::parse(&server.webhook_url())
                    .map_err(|error| RunError::new("sandbox", error.to_string()))?;
                let identity = format!("sandbox:{}", server.identity());
                (Some(server), webhook, identity)
            }
        };
        let transport = HttpTransport::new(webhook.is_loopback(), self.ca_file.as_deref())
            .map_err(|error| RunError::new("tls", error.to_string()))?;
        let portal = Portal::new(transport, webhook, self.request_limit + ANSWER_GRACE);
        let asking = if self.yes || self.sandbox {
            Asking::Never
        } else {
            Asking::WhereMany
        };
        let mut terminal = Terminal::new(self.manifest.printer(), asking, self.commands());
        let job = Job {
            manifest: prepared.manifest,
            rules: prepared.rules,
            ledger: prepared.ledger,
            portal: &portal,
            identity,
            clock: &SystemClock,
            offload: Offload::Threads,
            rng: StdRng::from_rng(&mut rand::rng()),
            interrupt,
            options: self.options(),
            front: &mut terminal,
        };
        let outcome = import::import(job).await;
        terminal.finish();
        if let Some(server) = server {
            server.shutdown().await;
        }
        Ok(outcome)
    }

    async fn start_sandbox(&self) -> Result<Server, RunError> {
        let path = ledger_path(&self.manifest.manifest, "sandbox.store.db");
        let failed = |message: String| RunError::new("sandbox", message);
        let options = ServerOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            settings: Settings::default(),
            store: Store::open(&path).map_err(|error| failed(error.to_string()))?,
        };
        Server::start(options)
            .await
            .map_err(|error| failed(error.to_string()))
    }

    fn report(&self, outcome: &Outcome) -> Exit {
        let printer = self.manifest.printer();
        if !outcome.unrecorded.is_empty() {
            printer.error(&unrecorded_text(&outcome.unrecorded));
        }
        if outcome.exit != Exit::Usage {
            self.print_summary(printer, &outcome.summary, outcome.exit == Exit::Interrupted);
        }
        outcome.exit
    }

    fn stopped(&self, error: RunError) -> Exit {
        let summary = Summary {
            ledger: self.ledger_path().display().to_string(),
            error: Some(error),
            ..Summary::default()
        };
        self.print_summary(self.manifest.printer(), &summary, false);
        Exit::of_run(&summary, false)
    }

    fn print_summary(&self, printer: Printer, summary: &Summary, interrupted: bool) {
        match self.manifest.format {
            Format::Human => {
                printer.result(&summary_text(summary, interrupted, &self.commands()));
            }
            Format::Json => printer.json(summary),
        }
    }
}
