//! The command line: what can be typed, what that means, and which parts of the library it puts
//! together.

mod check;
mod connection;
mod credentials;
mod error;
mod finish;
mod guess;
mod heading;
mod import;
mod import_run;
mod ledger_args;
mod lookup;
mod manifest_args;
mod mapping_args;
mod output_args;
mod posting_args;
mod rejects_args;
mod resolve;
mod sandbox;
mod signals;
mod state;
mod status;
mod values;

use std::ffi::OsString;

use clap::{Parser, Subcommand, ValueEnum};

use crate::exit::Exit;
use crate::report::Color;

/// Put many posts into a Bitrix24 portal, and always know which ones arrived.
///
/// A manifest (CSV or JSON) holds one post a row. `import` sends the rows through Bitrix24's REST
/// `batch` and notes each resulting ID in a ledger beside the manifest, so that the same command
/// again sends only what is missing.
#[derive(Debug, Parser)]
#[command(version, after_help = SHORT_HELP, after_long_help = LONG_HELP, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Subcommands,

    /// When to use colours
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        global = true,
        help_heading = heading::OUTPUT
    )]
    color: Color,
}

const SHORT_HELP: &str = "\
Try it without a portal:
  b24post import samples/announcements.csv --sandbox

--help tells more, of credentials and exit codes too.";

const LONG_HELP: &str = "\
Try it without a portal:
  b24post import samples/announcements.csv --sandbox

Credentials: the address of an inbound webhook, in the environment as B24POST_WEBHOOK or in a file \
named with --webhook-file; or an application's tokens, in a file named with --oauth-file. They are \
secrets, never taken as an argument and never printed.

A register of your ledgers, by which rows are known again that were posted from another folder, lies \
in the platform's folder for state, or in the one that B24POST_STATE_DIR names.

Exit codes, the first that applies:
   2  bad usage
  75  another run holds the ledger
   1  stopped by an error
 130  interrupted, run the same command to go on
   4  rows in doubt
   3  rows invalid or failed
   0  every due row is posted";

#[derive(Debug, Subcommand)]
enum Subcommands {
    Guess(guess::GuessArgs),
    Check(Box<check::CheckArgs>),
    Import(Box<import::ImportArgs>),
    Lookup(Box<lookup::LookupArgs>),
    Status(status::StatusArgs),
    Resolve(resolve::ResolveArgs),
    Sandbox(Box<sandbox::SandboxArgs>),
}

/// Parses the command line and runs it.
pub fn run() -> Exit {
    // Help and usage errors are printed before there are parsed options.
    typed_color(std::env::args_os()).apply();
    let cli = Cli::parse();
    cli.color.apply();
    match cli.command {
        Subcommands::Guess(args) => guess::run(&args),
        Subcommands::Check(args) => check::run(&args),
        Subcommands::Import(args) => import_run::run(&args),
        Subcommands::Lookup(args) => lookup::run(&args),
        Subcommands::Status(args) => status::run(&args),
        Subcommands::Resolve(args) => resolve::run(&args),
        Subcommands::Sandbox(args) => sandbox::run(&args),
    }
}

/// The last `--color` among the arguments, whatever else is wrong with them.
fn typed_color(arguments: impl Iterator<Item = OsString>) -> Color {
    let mut color = Color::default();
    let mut is_value = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        let value = match text.strip_prefix("--color=") {
            Some(value) => value,
            None if is_value => &text,
            None => "",
        };
        color = Color::from_str(value, false).unwrap_or(color);
        is_value = text == "--color";
    }
    color
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_every_option_of_an_import_has_a_heading() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        let import = command.find_subcommand("import").unwrap();
        let bare: Vec<&str> = import
            .get_opts()
            .filter(|option| option.get_help_heading().is_none())
            .map(|option| option.get_id().as_str())
            .collect();
        assert_eq!(bare, Vec::<&str>::new());
    }

    #[test]
    fn colours_are_as_typed_even_if_nothing_else_can_be_parsed() {
        let of = |words: &[&str]| typed_color(words.iter().map(OsString::from));
        assert_eq!(of(&["b24post", "--wrong"]), Color::Auto);
        assert_eq!(of(&["b24post", "--color=never", "--wrong"]), Color::Never);
        assert_eq!(
            of(&["b24post", "check", "--color", "always"]),
            Color::Always
        );
        assert_eq!(of(&["b24post", "--color", "blue"]), Color::Auto);
    }
}
