//! `b24post sandbox`

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args};

use crate::exit::Exit;
use crate::interrupt::interrupt;
use crate::report::{Format, Printer};
use crate::sandbox::{
    EntityPlan, FaultPlan, OperatingRules, PortalData, RateLimit, Server, ServerOptions, Settings,
    Store, TokenLife,
};

use super::finish;
use super::signals;
use super::values;

/// Run the built-in portal on loopback
///
/// A Bitrix24 portal in miniature, to rehearse against and to test with. The first line on stdout
/// is the address of its webhook; give that to `import` as B24POST_WEBHOOK. Ctrl-C ends it.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// SQLite file that keeps the posts [default: in memory]
    #[arg(long, value_name = "PATH")]
    store: Option<PathBuf>,

    /// Requests a second that its leaky bucket drains [default: no limit]
    #[arg(long, value_name = "Y", requires = "burst", value_parser = values::positive)]
    rate: Option<f64>,

    /// Requests that its leaky bucket holds
    #[arg(long, value_name = "X", requires = "rate", value_parser = values::positive)]
    burst: Option<f64>,

    /// Server time that a post takes
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = values::duration)]
    post_cost: Duration,

    /// Server time that each MiB of a post's text and files takes besides
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = values::duration)]
    mib_cost: Duration,

    /// Server time that all calls of one method may take within ten minutes [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = values::duration)]
    operating: Option<Duration>,

    /// Refuse a method that is over that limit for so long [default: until enough is ten minutes
    /// old]
    #[arg(long, value_name = "DURATION", requires = "operating", value_parser = values::duration)]
    operating_ban: Option<Duration>,

    /// Server time after which a request is cut: what it has posted by then stays, it gets no
    /// proper answer
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = values::duration)]
    request_limit: Duration,

    /// Requests that it works on at once; further ones wait in line [default: any number]
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,

    /// Alter texts inside batches that look like script, SQL or PHP, such as <script to <sc ript
    #[arg(long)]
    web_filter: bool,

    /// Answer as a portal that has switched off posts in the CRM feed
    #[arg(long)]
    retired_livefeed: bool,

    /// Forbid posts to everybody (UA)
    #[arg(long)]
    no_everyone: bool,

    /// Workgroup where the user may only propose: a post to it alone waits for a moderator, unseen
    #[arg(long, value_name = "N", value_delimiter = ',')]
    moderated_group: Vec<u32>,

    /// Read the News Feed as portals before August 2026 do: no filters by time, cursor or LIMIT
    #[arg(long)]
    old_feed: bool,

    /// What the webhook may use, such as crm or crm,log,user; empty for nothing
    #[arg(
        long,
        value_name = "LIST",
        default_value = "crm,log",
        value_delimiter = ','
    )]
    scope: Vec<String>,

    /// Let an application in as well, and write its OAuth file here, for `import --oauth-file`
    #[arg(long, value_name = "FILE")]
    oauth: Option<PathBuf>,

    /// How long an access token is good
    #[arg(long, value_name = "DURATION", default_value = "1h", requires = "oauth", value_parser = values::duration)]
    token_life: Duration,

    /// Calls that an access token is good for [default: any number]
    #[arg(long, value_name = "N", requires = "oauth", value_parser = clap::value_parser!(u64).range(1..))]
    token_calls: Option<u64>,

    /// The webhook's user is no administrator
    #[arg(long)]
    not_admin: bool,

    /// The webhook's user has no right to CRM at all
    #[arg(long)]
    no_crm: bool,

    /// CRM records that aren't as all others, such as
    /// deal:5=missing,lead:1-9=read-only,company:*=hidden
    #[arg(
        long,
        value_name = "SPEC",
        default_value = "",
        hide_default_value = true
    )]
    records: String,

    /// JSON file with CRM records, users, departments and workgroups, for `lookup` to find; as in
    /// samples/portal.json
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,

    /// Answer everything with a redirect (302) to this host: the portal was renamed
    #[arg(long, value_name = "HOST")]
    renamed_to: Option<String>,

    /// Seconds by which the portal's clock goes ahead, or with a minus behind
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_skew: i64,

    /// Let AUTHOR_ID say who a timeline comment is by, as portals before March 2026 do
    #[arg(
        long,
        value_name = "YES|NO",
        default_value = "no",
        action = ArgAction::Set,
        value_parser = PossibleValuesParser::new(["yes", "no"]).map(|answer| answer == "yes")
    )]
    keep_author: bool,

    /// Give comments back without the blanks at their ends
    #[arg(long)]
    trim_comments: bool,

    /// Give emoji back as tokens such as :f09f8e89:, as comments and headlines of many portals do
    #[arg(long)]
    emoji_tokens: bool,

    /// Faults, such as lost@3,limit=0.01: a kind with @ and the number of the request, or with =
    /// and a probability
    #[arg(
        long,
        value_name = "SPEC",
        default_value = "",
        hide_default_value = true
    )]
    faults: String,

    /// Seed for faults by probability
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

pub fn run(args: &SandboxArgs) -> Exit {
    let printer = Printer {
        format: Format::Human,
        quiet: false,
    };
    let settings = match settings(args) {
        Ok(settings) => settings,
        Err(error) => return finish::usage(printer, &error.to_string()),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&format!("can't start: {error}"));
            return Exit::Stopped;
        }
    };
    match runtime.block_on(serve(args, settings, printer)) {
        Ok(()) => Exit::Done,
        Err(error) => {
            printer.error(&error.to_string());
            Exit::Stopped
        }
    }
}

/// The portal that the options describe.
fn settings(args: &SandboxArgs) -> Result<Settings, Box<dyn std::error::Error>> {
    let granted = args.scope.iter().filter(|scope| !scope.is_empty());
    Ok(Settings {
        rate_limit: args
            .rate
            .zip(args.burst)
            .map(|(rate, burst)| RateLimit { rate, burst }),
        post_cost: args.post_cost,
        mib_cost: args.mib_cost,
        operating: OperatingRules {
            limit: args.operating,
            ban: args.operating_ban,
            ..OperatingRules::default()
        },
        request_limit: args.request_limit,
        workers: args.workers,
        web_filter: args.web_filter,
        retired_livefeed: args.retired_livefeed,
        everyone_allowed: !args.no_everyone,
        moderated_groups: args.moderated_group.clone(),
        feed_filters: !args.old_feed,
        crm_access: !args.no_crm,
        entities: EntityPlan::parse(&args.records)?,
        data: match &args.data {
            Some(path) => PortalData::read(path)?,
            None => PortalData::default(),
        },
        scopes: granted.cloned().collect(),
        oauth: args.oauth.as_ref().map(|_| TokenLife {
            time: args.token_life,
            calls: args.token_calls,
        }),
        administrator: !args.not_admin,
        renamed_to: args.renamed_to.clone(),
        clock_skew: args.clock_skew,
        keep_author: args.keep_author,
        trim_comments: args.trim_comments,
        emoji_tokens: args.emoji_tokens,
        faults: FaultPlan::parse(&args.faults, args.seed)?,
        ..Settings::default()
    })
}

async fn serve(
    args: &SandboxArgs,
    settings: Settings,
    printer: Printer,
) -> Result<(), Box<dyn std::error::Error>> {
    let store = match &args.store {
        Some(path) => Store::open(path)?,
        None => Store::in_memory()?,
    };
    let (interrupter, mut asked) = interrupt();
    signals::listen(&interrupter)?;
    let server = Server::start(ServerOptions {
        listen: args.listen,
        settings,
        store,
    })
    .await?;
    if let (Some(path), Some(file)) = (&args.oauth, server.oauth_file()) {
        file.write(path)?;
    }
    printer.result(&server.webhook_url())?;
    asked.next().await;
    server.shutdown().await;
    Ok(())
}
