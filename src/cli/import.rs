//! `b24post import`: its options, and what they mean.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::import::{RowOrder, RunOptions};
use crate::ledger::{LedgerError, beside_manifest};
use crate::pacing::{BucketPlan, Slowest};
use crate::report::Commands;
use crate::targets::Target;

use super::manifest_args::ManifestArgs;
use super::output_args::OutputArgs;
use super::{heading, values};

/// Post the manifest's rows; safe to run again
///
/// Sends the rows that are due through Bitrix24's batch and records each resulting ID in the
/// ledger. The same command again sends only what is missing. Rows whose outcome is unknown are
/// held in doubt, looked for on the portal where that can be read, and never sent twice.
///
/// A row's author_id is who posts it: in the News Feed if the credentials are an administrator's,
/// in the timeline only on older portals. Newer ones post as the credentials' user; then the first
/// line of the text names the author. The CRM feed has no place for it.
///
/// The portal's webhook is taken from the environment (B24POST_WEBHOOK) or from --webhook-file; an
/// application's access from --oauth-file.
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub manifest: ManifestArgs,

    /// Post to the built-in portal instead of a real one: a rehearsal
    #[arg(
        long,
        conflicts_with_all = ["webhook_file", "oauth_file", "ca_file"],
        help_heading = heading::TARGET
    )]
    pub sandbox: bool,

    /// File whose first line is the address of an inbound webhook
    #[arg(long, value_name = "PATH", help_heading = heading::TARGET)]
    pub webhook_file: Option<PathBuf>,

    /// JSON file with an application's access
    ///
    /// It holds domain, client_id, client_secret, access_token and refresh_token, and is rewritten
    /// when the tokens are refreshed.
    #[arg(long, value_name = "PATH", help_heading = heading::TARGET)]
    pub oauth_file: Option<PathBuf>,

    /// Certificates to trust beside the system's, in PEM
    ///
    /// An authority's, or the portal's own.
    #[arg(long, value_name = "PEM", help_heading = heading::TARGET)]
    pub ca_file: Option<PathBuf>,

    /// What keeps its order
    ///
    /// The rows of each CRM record, or the whole manifest. [default: entity, or manifest where the
    /// target has no records]
    #[arg(long, value_enum, help_heading = heading::TARGET)]
    order: Option<OrderArg>,

    /// Show what would happen; nothing is sent
    ///
    /// The portal is asked. Exit code 0, or 3 with invalid rows.
    #[arg(long, help_heading = heading::SAFETY)]
    pub dry_run: bool,

    /// Don't ask before the first post
    ///
    /// Needed for more than 100 posts or 200 notifications where nobody can be asked.
    #[arg(long, short, help_heading = heading::SAFETY)]
    pub yes: bool,

    /// Send at most N rows in this run
    #[arg(long, value_name = "N", help_heading = heading::SAFETY)]
    limit: Option<u64>,

    /// Send the valid rows even if others are not
    #[arg(long, help_heading = heading::SAFETY)]
    pub skip_invalid: bool,

    /// Send rows again that the portal has refused
    #[arg(long, help_heading = heading::SAFETY)]
    retry_failed: bool,

    /// The ledger [default: MANIFEST.ledger.db, with --sandbox MANIFEST.sandbox.ledger.db]
    #[arg(long, value_name = "PATH", help_heading = heading::SAFETY)]
    ledger: Option<PathBuf>,

    /// Go on although rows look like edited ones
    ///
    /// Posted rows without external_id have vanished while new rows have come, or new rows say what
    /// vanished ones said under other IDs.
    #[arg(long, help_heading = heading::SAFETY)]
    accept_edits: bool,

    /// Bind the ledger to this portal: it was renamed
    ///
    /// Whatever it was bound to.
    #[arg(long, help_heading = heading::SAFETY)]
    rebind: bool,

    /// Post rows although another ledger of this portal has posted them
    ///
    /// No ledger is discarded.
    #[arg(long, help_heading = heading::SAFETY)]
    new_ledger: bool,

    /// Don't post the first row of each author alone and read it back before the others
    #[arg(long, help_heading = heading::SAFETY)]
    no_canary: bool,

    /// Don't ask the portal whether the CRM records of the rows exist
    #[arg(long, help_heading = heading::SAFETY)]
    no_record_check: bool,

    /// The portal's plan, which sets the request rate [default: standard, with --sandbox
    /// self-hosted]
    #[arg(long, value_enum, help_heading = heading::PORTAL_LIMITS)]
    plan: Option<PlanArg>,

    /// Requests in flight at once
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        value_parser = clap::value_parser!(u16).range(1..=64),
        help_heading = heading::PORTAL_LIMITS
    )]
    concurrency: u16,

    /// Server time that the portal grants a method in ten minutes
    ///
    /// 95 % of it are used, where the portal counts it. `none` to find out by being refused.
    #[arg(
        long,
        value_name = "DURATION|none",
        default_value = "480s",
        value_parser = values::granted,
        help_heading = heading::PORTAL_LIMITS
    )]
    operating_limit: values::Granted,

    /// Part of the portal's limits that is left for others
    ///
    /// Of the request rate and of the server time, such as 20%.
    #[arg(
        long,
        value_name = "PERCENT",
        default_value = "0%",
        value_parser = values::share,
        help_heading = heading::PORTAL_LIMITS
    )]
    reserve: f64,

    /// How long the portal lets a request run
    ///
    /// Batches are kept well below it.
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "60s",
        value_parser = values::duration,
        help_heading = heading::PORTAL_LIMITS
    )]
    request_limit: Duration,

    /// How long after that it may still carry a request out
    ///
    /// Posts are not looked for before. [default: 0s, with --plan self-hosted 5m, with --sandbox
    /// 0s]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = values::duration,
        help_heading = heading::PORTAL_LIMITS
    )]
    late_execution: Option<Duration>,

    /// Largest body of a batch request
    ///
    /// Larger posts go by a call of their own.
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "8MiB",
        value_parser = values::size,
        help_heading = heading::PORTAL_LIMITS
    )]
    pub max_batch_bytes: u64,

    /// Stop when the portal has taken no post for this long
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "60m",
        value_parser = values::period,
        help_heading = heading::PORTAL_LIMITS
    )]
    give_up_after: Duration,

    /// Where to write the rows that were invalid or failed, to be corrected and imported
    ///
    /// A manifest in the form of this one, with the columns b24post_code, b24post_reason,
    /// b24post_ledger and b24post_key. Imported, its rows go into the first ledger, and none is posted
    /// twice. Where there are none, no file is written and one that is there is removed.
    #[arg(long, value_name = "PATH", help_heading = heading::OUTPUT)]
    pub rejects: Option<PathBuf>,

    #[command(flatten)]
    pub output: OutputArgs,

    /// The ledger that a rejects file names, once the manifest is open.
    #[arg(skip)]
    pub named_ledger: OnceLock<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrderArg {
    Entity,
    Manifest,
}

/// The store that belongs to the ledger of a rehearsal.
fn store_of(ledger: &Path) -> Option<PathBuf> {
    let manifest = ledger.to_str()?.strip_suffix(".sandbox.ledger.db")?;
    Some(PathBuf::from(format!("{manifest}.sandbox.store.db")))
}

/// The plan of a portal, which sets its request rate.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PlanArg {
    /// 2 requests a second, 50 at once
    Standard,
    /// 5 requests a second, 250 at once
    Enterprise,
    /// No limit
    SelfHosted,
}

impl PlanArg {
    /// The request rate; none where nothing limits it.
    pub fn bucket(self) -> Option<BucketPlan> {
        match self {
            PlanArg::Standard => Some(BucketPlan::STANDARD),
            PlanArg::Enterprise => Some(BucketPlan::ENTERPRISE),
            PlanArg::SelfHosted => None,
        }
    }
}

/// Commands of the first batch, before anything is known of the portal's speed. In the cloud a
/// post can take 1 to 2 s of the request's 60 (bitrix24-rest.md §4.4).
const FIRST_BATCH_CLOUD: usize = 10;

/// The same on the user's own server.
const FIRST_BATCH_SELF_HOSTED: usize = 25;

/// Nobody promises that one's own server ends a request at its limit: PHP counts processor time.
const LATE_ON_OWN_SERVER: Duration = Duration::from_secs(300);

impl ImportArgs {
    /// Where the ledger is.
    ///
    /// # Errors
    /// When the manifest is a link with a ledger at either end.
    pub fn ledger_path(&self) -> Result<PathBuf, LedgerError> {
        let ending = if self.sandbox {
            "sandbox.ledger.db"
        } else {
            "ledger.db"
        };
        match &self.ledger {
            Some(ledger) => Ok(ledger.clone()),
            None if self.named_ledger.get().is_some() => {
                Ok(self.named_ledger.get().cloned().unwrap_or_default())
            }
            None => beside_manifest(&self.manifest.manifest, ending),
        }
    }

    /// Whether the ledger is typed.
    pub fn has_ledger(&self) -> bool {
        self.ledger.is_some()
    }

    /// Takes over the ledger that a rejects file names. A rehearsal takes only one of a rehearsal.
    pub fn take_named_ledger(&self, named: Option<PathBuf>) {
        let is_fit = |path: &PathBuf| !self.sandbox || store_of(path).is_some();
        if let Some(path) = named.filter(is_fit) {
            self.named_ledger.get_or_init(|| path);
        }
    }

    /// Where the built-in portal keeps its posts: beside the ledger that a rejects file names, else
    /// beside the manifest.
    ///
    /// # Errors
    /// When the manifest is a link with a store at either end.
    pub fn store_path(&self) -> Result<PathBuf, LedgerError> {
        match self.named_ledger.get().and_then(|path| store_of(path)) {
            Some(store) => Ok(store),
            None => beside_manifest(&self.manifest.manifest, "sandbox.store.db"),
        }
    }

    /// The commands that a report may name.
    pub fn commands(&self) -> Commands {
        let is_default =
            self.ledger.is_none() && self.named_ledger.get().is_none() && !self.sandbox;
        Commands {
            manifest: self.manifest.manifest.clone(),
            reading: self.manifest.typed(),
            ledger: self.ledger_path().ok().filter(|_| !is_default),
        }
    }

    /// What the options mean for the run.
    pub fn options(&self, target: &dyn Target) -> RunOptions {
        let plan = self.plan.unwrap_or(if self.sandbox {
            PlanArg::SelfHosted
        } else {
            PlanArg::Standard
        });
        let bucket = plan.bucket();
        RunOptions {
            order: match self.order {
                Some(OrderArg::Entity) => RowOrder::Entity,
                Some(OrderArg::Manifest) => RowOrder::Manifest,
                None if target.keeps_manifest_order() => RowOrder::Manifest,
                None => RowOrder::Entity,
            },
            bucket,
            operating_limit: self.operating_limit.0,
            reserve: self.reserve,
            lanes: usize::from(self.concurrency),
            first_batch: match bucket {
                Some(_) => FIRST_BATCH_CLOUD,
                None if self.sandbox => crate::batch::MAX_COMMANDS,
                None => FIRST_BATCH_SELF_HOSTED,
            },
            request_limit: self.request_limit,
            late_execution: self.late_execution.unwrap_or(match plan {
                PlanArg::SelfHosted if !self.sandbox => LATE_ON_OWN_SERVER,
                _ => Duration::ZERO,
            }),
            max_batch_bytes: self.max_batch_bytes,
            give_up_after: self.give_up_after,
            limit: self.limit,
            slowest: if self.sandbox {
                Slowest::SANDBOX
            } else {
                Slowest::DOCUMENTED
            },
            skip_invalid: self.skip_invalid,
            retry_failed: self.retry_failed,
            accept_edits: self.accept_edits,
            rebind: self.rebind,
            new_ledger: self.new_ledger,
            canary: !self.no_canary,
            check_entities: !self.no_record_check,
            dry_run: self.dry_run,
        }
    }
}
