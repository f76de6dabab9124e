//! Options of every command that reads a manifest.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::check::Rules;
use crate::import::RunError;
use crate::manifest::{InputFormat, Manifest, ReadOptions};
use crate::report::{Format, Printer};

use super::posting_args::PostingArgs;
use super::values;

/// The manifest, and how to read it.
#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// The manifest: a CSV or JSONL file, one post a row
    pub manifest: PathBuf,

    #[command(flatten)]
    pub posting: PostingArgs,

    /// Where attachment paths start [default: the manifest's folder]
    #[arg(long, value_name = "DIR")]
    attachments_root: Option<PathBuf>,

    /// The manifest's format [default: by its extension]
    #[arg(long, value_enum)]
    input_format: Option<InputFormatArg>,

    /// Longest row, in bytes; a longer one is a problem
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = values::size)]
    max_record: u64,

    /// Column or key that is taken for no field, in any letter case; may be given several times.
    /// Needed for one that is nearly a field's, such as `file`, and holds values
    #[arg(long, value_name = "NAME")]
    ignore_column: Vec<String>,

    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// Print only the result, errors, and what of the manifest is left out
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
    /// When the manifest can't be opened, or the attachments' folder is none.
    pub fn open(&self) -> Result<(Arc<Manifest>, Arc<Rules>), RunError> {
        let options = ReadOptions {
            input_format: self.input_format.map(|format| match format {
                InputFormatArg::Csv => InputFormat::Csv,
                InputFormatArg::Jsonl => InputFormat::Jsonl,
            }),
            max_record: self.max_record,
            ignored_columns: self.ignore_column.clone(),
            ..ReadOptions::default()
        };
        let manifest = Manifest::open(&self.manifest, &options)
            .map_err(|error| RunError::new("manifest", error.to_string()))?;
        let root = self
            .attachments_root
            .as_deref()
            .unwrap_or(manifest.folder());
        let rules = self
            .posting
            .rules(root)
            .map_err(|error| RunError::new("attachments_root", error.to_string()))?;
        Ok((Arc::new(manifest), Arc::new(rules)))
    }

    /// The options that tell how to read the manifest, as they could be typed again.
    pub fn typed(&self) -> Vec<OsString> {
        let mut typed = self.posting.typed();
        if let Some(root) = &self.attachments_root {
            typed.extend(["--attachments-root".into(), root.into()]);
        }
        if let Some(format) = self
            .input_format
            .and_then(|format| format.to_possible_value())
        {
            typed.extend(["--input-format".into(), format.get_name().into()]);
        }
        for name in &self.ignore_column {
            typed.extend(["--ignore-column".into(), name.into()]);
        }
        if self.max_record != ReadOptions::default().max_record {
            typed.extend(["--max-record".into(), self.max_record.to_string().into()]);
        }
        typed
    }
}
