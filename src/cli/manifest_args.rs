//! Options of every command that reads a manifest.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::check::Rules;
use crate::manifest::{EncodingName, InputFormat, Manifest, ReadOptions};

use super::error::CommandError;
use super::posting_args::PostingArgs;
use super::{heading, values};

/// The manifest, and how to read it.
#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// The manifest: a CSV or JSONL file, one post a row
    pub manifest: PathBuf,

    /// Where attachment paths start [default: the manifest's folder]
    #[arg(long, value_name = "DIR", help_heading = heading::INPUT)]
    attachments_root: Option<PathBuf>,

    /// The manifest's format [default: by its extension]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = heading::INPUT)]
    input_format: Option<InputFormatArg>,

    /// The manifest's encoding, such as windows-1251 [default: as the file shows]
    ///
    /// Any name that web browsers know. By default it is told by the file's byte order mark, its bytes
    /// and its letters; where these leave a choice, nothing is read until the encoding is named.
    #[arg(
        long,
        value_name = "NAME",
        value_parser = EncodingName::parse,
        help_heading = heading::INPUT
    )]
    encoding: Option<EncodingName>,

    /// Longest row, in bytes; a longer one is a problem
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "16MiB",
        value_parser = values::size,
        help_heading = heading::INPUT
    )]
    max_record: u64,

    /// Column or key that is taken for no field; repeatable
    ///
    /// In any letter case. Needed for one that is nearly a field's, such as `file`, and holds
    /// values.
    #[arg(long, value_name = "NAME", help_heading = heading::INPUT)]
    ignore_column: Vec<String>,

    #[command(flatten)]
    pub posting: PostingArgs,
}

/// The formats as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum InputFormatArg {
    Csv,
    Jsonl,
}

impl ManifestArgs {
    /// Opens the manifest and sets up the rules for it.
    ///
    /// # Errors
    /// When the manifest can't be opened, or the attachments' folder is none.
    pub fn open(&self) -> Result<(Arc<Manifest>, Arc<Rules>), CommandError> {
        let options = ReadOptions {
            input_format: self.input_format.map(|format| match format {
                InputFormatArg::Csv => InputFormat::Csv,
                InputFormatArg::Jsonl => InputFormat::Jsonl,
            }),
            encoding: self.encoding,
            max_record: self.max_record,
            ignored_columns: self.ignore_column.clone(),
            ..ReadOptions::default()
        };
        let manifest = Manifest::open(&self.manifest, &options)?;
        let root = self
            .attachments_root
            .as_deref()
            .unwrap_or(manifest.folder());
        let rules = self.posting.rules(root)?;
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
        if let Some(encoding) = self.encoding {
            typed.extend(["--encoding".into(), encoding.name().into()]);
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
