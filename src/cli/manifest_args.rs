//! Options of every command that reads a manifest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::check::{DefaultAudience, Rules};
use crate::manifest::{InputFormat, Manifest, Options};
use crate::report::{Format, Printer};
use crate::target;

use super::values;

/// The manifest, and how to read it.
#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// The manifest: a CSV or JSONL file, one post a row
    pub manifest: PathBuf,

    /// Where attachment paths start [default: the manifest's folder]
    #[arg(long, value_name = "DIR")]
    attachments_root: Option<PathBuf>,

    /// The manifest's format [default: by its extension]
    #[arg(long, value_enum)]
    input_format: Option<InputFormatArg>,

    /// Who sees posts of rows without an audience: codes such as U1,SG5, or `author` for nobody else
    #[arg(long, value_name = "CODES|author")]
    default_audience: Option<DefaultAudience>,

    /// Longest record of the manifest
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = values::size)]
    max_record: u64,

    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// Print only the result and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// The formats as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum InputFormatArg {
    Csv,
    Jsonl,
}

impl ManifestArgs {
    /// The way out that these options ask for.
    pub fn printer(&self) -> Printer {
        Printer {
            format: self.format,
            quiet: self.quiet,
        }
    }

    /// Opens the manifest and sets up the rules for it.
    ///
    /// # Errors
    /// A message for the user.
    pub fn open(&self) -> Result<(Arc<Manifest>, Arc<Rules>), String> {
        let options = Options {
            input_format: self.input_format.map(|format| match format {
                InputFormatArg::Csv => InputFormat::Csv,
                InputFormatArg::Jsonl => InputFormat::Jsonl,
            }),
            max_record: self.max_record,
            ..Options::default()
        };
        let manifest =
            Manifest::open(&self.manifest, &options).map_err(|error| error.to_string())?;
        let rules = Rules::new(target::DEFAULT, &self.root(), self.default_audience.clone())
            .map_err(|error| error.to_string())?;
        Ok((Arc::new(manifest), Arc::new(rules)))
    }

    fn root(&self) -> PathBuf {
        let folder = match self.manifest.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        self.attachments_root
            .clone()
            .unwrap_or_else(|| folder.to_owned())
    }
}

/// A file beside the manifest: its name with an ending after it.
pub fn ledger_path(manifest: &Path, ending: &str) -> PathBuf {
    let mut name = manifest.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
