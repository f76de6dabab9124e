//! Options of every command that reads a manifest's ledger and leaves the manifest alone.

use std::path::PathBuf;

use clap::Args;

use crate::report::Commands;

use super::manifest_args::beside;

/// The manifest, and where its ledger is.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// The manifest; only its ledger is used
    pub manifest: PathBuf,

    /// The ledger, if it is not MANIFEST.ledger.db
    #[arg(long, value_name = "PATH")]
    ledger: Option<PathBuf>,
}

impl LedgerArgs {
    /// Where the ledger is.
    pub fn path(&self) -> PathBuf {
        self.ledger
            .clone()
            .unwrap_or_else(|| beside(&self.manifest, "ledger.db"))
    }

    /// The ledger of a rehearsal, where there is one.
    pub fn rehearsal(&self) -> Option<PathBuf> {
        let path = beside(&self.manifest, "sandbox.ledger.db");
        path.exists().then_some(path)
    }

    /// The commands that a report may name.
    pub fn commands(&self) -> Commands {
        Commands {
            manifest: self.manifest.clone(),
            reading: Vec::new(),
            ledger: self.ledger.clone(),
        }
    }
}
