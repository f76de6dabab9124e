//! `b24post lookup`

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::batch::MAX_COMMANDS;
use crate::exit::Exit;
use crate::import::{RequestEnd, SystemClock};
use crate::interrupt::interrupt;
use crate::lookup::{LookupBy, LookupJob, LookupOutcome, LookupSummary, Subject, look_up};
use crate::pacing::PacingSettings;
use crate::report::{Failure, Format, LookupResult, lookup_text};

use super::connection::connect;
use super::credentials::Credentials;
use super::error::CommandError;
use super::import::PlanArg;
use super::manifest_args::ManifestArgs;
use super::output_args::OutputArgs;
use super::{finish, heading, signals, values};

/// Ask the portal for records and users, and write the maps
///
/// The portal is asked once for each distinct value of the manifest: with --by for the CRM records
/// that entity_id and entity_type name, with --users for the users that author_id names, by their
/// e-mail address or their first and last name. Nothing is changed on the portal.
///
/// The result is a CSV file that `import` takes as --entity-map or --user-map. Only a single exact
/// hit is filled in as `id`, and `matched` shows it. Where there is none or several, up to five
/// candidates stand beside the old ID, each with ID, title and link: write the right ID into the column
/// `id`. Run the command again whenever you like, also with another --by for what is left: an `id` that
/// is there is kept and not asked for again.
///
/// Titles are compared without letter case, ё/е, quotes, blanks and legal form (ООО, LLC, GmbH …);
/// the title of a contact is its first and last name. IDs have to be the same to the letter.
///
/// Exit code 0, also where not all was found.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("subject").required(true).args(["by", "users"]))]
pub struct LookupArgs {
    #[command(flatten)]
    manifest: ManifestArgs,

    /// What records are known by on the portal
    ///
    /// title, inn (of the requisites), phone, email, originId, xmlId, or a field of your own by its
    /// name on the portal, such as UF_CRM_OLD_ID. A pattern says how the old ID stands in it:
    /// UF_CRM_OLD_ID=amo_{}.
    #[arg(
        long,
        value_name = "FIELD[=PATTERN]",
        value_parser = values::lookup_by,
        help_heading = heading::TARGET
    )]
    by: Option<LookupBy>,

    /// Look for users, by e-mail address or name
    #[arg(long, help_heading = heading::TARGET)]
    users: bool,

    /// The map [default: MANIFEST.entities.csv, with --users MANIFEST.users.csv]
    #[arg(long, value_name = "PATH", help_heading = heading::OUTPUT)]
    output: Option<PathBuf>,

    /// File whose first line is the address of an inbound webhook
    #[arg(long, value_name = "PATH", help_heading = heading::TARGET)]
    webhook_file: Option<PathBuf>,

    /// JSON file with an application's access
    #[arg(long, value_name = "PATH", help_heading = heading::TARGET)]
    oauth_file: Option<PathBuf>,

    /// Certificates to trust beside the system's, in PEM
    #[arg(long, value_name = "PEM", help_heading = heading::TARGET)]
    ca_file: Option<PathBuf>,

    /// The portal's plan, which sets the request rate
    #[arg(
        long,
        value_enum,
        default_value = "standard",
        help_heading = heading::PORTAL_LIMITS
    )]
    plan: PlanArg,

    /// Part of the portal's limits that is left for others
    #[arg(
        long,
        value_name = "PERCENT",
        default_value = "0%",
        value_parser = values::share,
        help_heading = heading::PORTAL_LIMITS
    )]
    reserve: f64,

    /// How long the portal lets a request run
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "60s",
        value_parser = values::duration,
        help_heading = heading::PORTAL_LIMITS
    )]
    request_limit: Duration,

    #[command(flatten)]
    output_args: OutputArgs,
}

/// Commands of the first batch, before anything is known of the portal's speed.
const FIRST_BATCH: usize = 10;

impl LookupArgs {
    fn subject(&self) -> Subject {
        match &self.by {
            Some(by) => Subject::Entities(by.clone()),
            None => Subject::Users,
        }
    }

    fn output(&self) -> PathBuf {
        let beside = || {
            let mut path = OsString::from(&self.manifest.manifest);
            path.push(if self.users {
                ".users.csv"
            } else {
                ".entities.csv"
            });
            PathBuf::from(path)
        };
        self.output.clone().unwrap_or_else(beside)
    }

    fn pacing(&self) -> PacingSettings {
        PacingSettings {
            bucket: self.plan.bucket(),
            operating_limit: None,
            reserve: self.reserve,
            recent: Vec::new(),
            lanes: 1,
            first_batch: FIRST_BATCH,
            max_batch: MAX_COMMANDS,
            max_bytes: u64::MAX,
            request_limit: self.request_limit,
            give_up_after: Duration::MAX,
        }
    }
}

pub fn run(args: &LookupArgs) -> Exit {
    let printer = args.output_args.printer();
    if let Some(message) = args.manifest.contradiction() {
        return finish::usage(printer, &message);
    }
    let credentials = Credentials::find(args.webhook_file.as_deref(), args.oauth_file.as_deref());
    match credentials {
        Ok(credentials) => report(args, look(args, credentials)),
        Err(message) => finish::usage(printer, &message),
    }
}

fn look(args: &LookupArgs, credentials: Credentials) -> Result<LookupOutcome, CommandError> {
    let manifest = args.manifest.open_manifest()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let printer = args.output_args.printer();
    runtime.block_on(async {
        let (interrupter, interrupt) = interrupt();
        signals::listen(&interrupter)?;
        let end = RequestEnd {
            request_limit: args.request_limit,
            late_execution: Duration::ZERO,
        };
        let portal_address = credentials.address();
        let within = end.within_for_questions();
        let portal = connect(credentials, args.ca_file.as_deref(), within)?;
        let mut progress = |settled: u64, total: u64| {
            printer.note(&format!("{settled} of {total} looked up"));
        };
        let outcome = look_up(LookupJob {
            manifest: &manifest,
            subject: args.subject(),
            output: args.output(),
            portal: &portal,
            portal_address,
            clock: &SystemClock,
            rng: StdRng::from_rng(&mut rand::rng()),
            pacing: args.pacing(),
            request_limit: args.request_limit,
            interrupt,
            progress: &mut progress,
        })
        .await;
        portal.finish().await;
        Ok(outcome)
    })
}

fn report(args: &LookupArgs, outcome: Result<LookupOutcome, CommandError>) -> Exit {
    let printer = args.output_args.printer();
    let (summary, end, failure, exit) = match &outcome {
        Ok(outcome) => {
            let failure = outcome.end.as_ref().err();
            let failure = failure.map(|error| Failure::new(error.code(), error));
            let end = outcome.end.as_ref().ok().copied();
            (outcome.summary.clone(), end, failure, outcome.exit())
        }
        Err(error) => {
            let failure = Some(error.failure());
            (LookupSummary::default(), None, failure, error.exit())
        }
    };
    let written = match args.output_args.format {
        Format::Json => printer.json(&LookupResult {
            summary: &summary,
            error: failure,
        }),
        Format::Human => {
            if let Some(failure) = &failure {
                printer.error(&failure.message);
            }
            let text = lookup_text(&summary, end, args.users);
            text.map_or(Ok(()), |text| printer.result(&text))
        }
    };
    finish::printed(printer, written, exit)
}
