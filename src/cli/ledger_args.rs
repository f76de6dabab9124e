//! Options of every command that reads a manifest's ledger and leaves the manifest alone.

use std::path::PathBuf;

use clap::Args;

use crate::ledger::{LedgerError, beside_manifest};
use crate::manifest::{Manifest, ReadOptions};
use crate::report::Commands;

use super::heading;

/// The manifest, and where its ledger is.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// The manifest; only its ledger is used, or the one that a rejects file names
    pub manifest: PathBuf,

    /// The ledger, if it is not MANIFEST.ledger.db
    #[arg(long, value_name = "PATH", help_heading = heading::INPUT)]
    ledger: Option<PathBuf>,
}

impl LedgerArgs {
    /// Where the ledger is.
    ///
    /// # Errors
    /// When the manifest is a link with a ledger at either end.
    pub fn path(&self) -> Result<PathBuf, LedgerError> {
        match &self.ledger {
            Some(ledger) => Ok(ledger.clone()),
            None => match self.named() {
                Some(ledger) => Ok(ledger),
                None => beside_manifest(&self.manifest, "ledger.db"),
            },
        }
    }

    /// The ledger that the manifest names, if it can be read and is a rejects file.
    fn named(&self) -> Option<PathBuf> {
        let options = ReadOptions::default();
        let manifest = Manifest::open(&self.manifest, &options).ok()?;
        manifest.named_ledger().ok().flatten()
    }

    /// The ledger's path for a report; empty where there is more than one.
    pub fn shown(&self) -> String {
        let path = self.path();
        path.map_or_else(|_| String::new(), |path| path.display().to_string())
    }

    /// The ledger of a rehearsal, where there is one.
    pub fn rehearsal(&self) -> Option<PathBuf> {
        let path = beside_manifest(&self.manifest, "sandbox.ledger.db").ok()?;
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
