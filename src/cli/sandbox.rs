//! `b24post sandbox`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::import::{Exit, interrupt};
use crate::report::{Format, Printer};
use crate::sandbox::{FaultPlan, RateLimit, Server, ServerOptions, Settings, Store};

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

    /// Answer as a portal that has switched off posts in the CRM feed
    #[arg(long)]
    retired_livefeed: bool,

    /// Faults, such as lost@3,limit=0.01: a kind with @ and the number of the request, or with = and a probability
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
    let faults = match FaultPlan::parse(&args.faults, args.seed) {
        Ok(faults) => faults,
        Err(error) => return super::usage(printer, &error.to_string()),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&format!("error: can't start: {error}"));
            return Exit::Stopped;
        }
    };
    match runtime.block_on(serve(args, faults, printer)) {
        Ok(()) => Exit::Done,
        Err(error) => {
            printer.error(&format!("error: {error}"));
            Exit::Stopped
        }
    }
}

async fn serve(
    args: &SandboxArgs,
    faults: FaultPlan,
    printer: Printer,
) -> Result<(), Box<dyn std::error::Error>> {
    let store = match &args.store {
        Some(path) => Store::open(path)?,
        None => Store::in_memory()?,
    };
    let settings = Settings {
        rate_limit: args
            .rate
            .zip(args.burst)
            .map(|(rate, burst)| RateLimit { rate, burst }),
        post_cost: args.post_cost,
        retired_livefeed: args.retired_livefeed,
        faults,
        ..Settings::default()
    };
    let (interrupter, mut asked) = interrupt();
    signals::listen(&interrupter)?;
    let server = Server::start(ServerOptions {
        listen: args.listen,
        settings,
        store,
    })
    .await?;
    printer.result(&server.webhook_url());
    asked.next().await;
    server.shutdown().await;
    Ok(())
}
