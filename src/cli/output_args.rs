//! Options of every command with a result: how it is printed.

use clap::Args;

use crate::report::{Format, Printer};

use super::heading;

/// How the result is printed.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// How to print the result
    #[arg(long, value_enum, default_value_t, help_heading = heading::OUTPUT)]
    pub format: Format,

    /// Print no notes and no progress
    ///
    /// What remains is the result, errors, and what of the manifest is left out.
    #[arg(long, short, help_heading = heading::OUTPUT)]
    quiet: bool,
}

impl OutputArgs {
    /// The way out that these options ask for.
    pub fn printer(&self) -> Printer {
        Printer {
            format: self.format,
            quiet: self.quiet,
        }
    }
}
