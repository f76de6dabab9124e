//! Options of every command that reads a manifest.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use jiff::tz::TimeZone;

use crate::check::Rules;
use crate::manifest::{Delimiter, EncodingName, InputFormat, Manifest, ReadOptions, mapped_twice};
use crate::post::{Field, TimeFormat};

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

    /// What is cut off each attachment's path first, such as C:\Export\
    #[arg(long, value_name = "TEXT", help_heading = heading::INPUT)]
    attachments_prefix: Option<String>,

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
    /// What separates the columns of a CSV file: one character, or `tab` [default: found by the
    /// file's beginning]
    #[arg(long, value_name = "CHAR", help_heading = heading::INPUT)]
    delimiter: Option<Delimiter>,

    /// Zone of times that don't say their offset, such as Europe/Moscow
    #[arg(long, value_name = "ZONE", value_parser = values::zone, help_heading = heading::INPUT)]
    timezone: Option<TimeZone>,

    /// How times are written that are neither RFC 3339 nor YYYY-MM-DD HH:MM[:SS], by the letters
    /// of strftime, such as "%d.%m.%Y %H:%M"
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = values::time_format,
        help_heading = heading::INPUT
    )]
    date_format: Option<String>,

    /// Longest row, in bytes; a longer one is a problem
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "16MiB",
        value_parser = values::size,
        help_heading = heading::INPUT
    )]
    max_record: u64,

    /// How many problems of each kind are listed; with --format json, `check` lists all
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = heading::OUTPUT)]
    pub max_problems: u64,

    /// The column or key that holds a field, such as message=Body; repeatable
    ///
    /// In any letter case. The second of two columns of one name is NAME#2.
    #[arg(
        long,
        value_name = "FIELD=COLUMN",
        value_parser = values::mapping,
        help_heading = heading::INPUT
    )]
    map: Vec<(Field, String)>,

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
    /// When the manifest can't be opened, or the attachments root is no folder.
    pub fn open(&self) -> Result<(Arc<Manifest>, Arc<Rules>), CommandError> {
        let options = ReadOptions {
            input_format: self.input_format.map(|format| match format {
                InputFormatArg::Csv => InputFormat::Csv,
                InputFormatArg::Jsonl => InputFormat::Jsonl,
            }),
            encoding: self.encoding,
            max_record: self.max_record,
            delimiter: self.delimiter,
            ignored_columns: self.ignore_column.clone(),
            mapped_columns: self.map.clone(),
            ..ReadOptions::default()
        };
        let manifest = Manifest::open(&self.manifest, &options)?;
        let root = self
            .attachments_root
            .as_deref()
            .unwrap_or(manifest.folder());
        let mut rules = self.posting.rules(root)?;
        rules
            .attachments_prefix
            .clone_from(&self.attachments_prefix);
        rules.times = TimeFormat {
            format: self.date_format.clone(),
            zone: self.timezone.clone(),
        };
        Ok((Arc::new(manifest), Arc::new(rules)))
    }

    /// What is wrong with the options as a whole.
    pub fn contradiction(&self) -> Option<String> {
        let mapped = || {
            mapped_twice(&self.map).map(|field| {
                let field = field.name();
                format!("--map names the field `{field}` or its column twice; give each its own")
            })
        };
        self.posting.contradiction().or_else(mapped)
    }

    /// The options that tell how to read the manifest, as they could be typed again.
    pub fn typed(&self) -> Vec<OsString> {
        let mut typed = self.posting.typed();
        if let Some(root) = &self.attachments_root {
            typed.extend(["--attachments-root".into(), root.into()]);
        }
        if let Some(prefix) = &self.attachments_prefix {
            typed.extend(["--attachments-prefix".into(), prefix.into()]);
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
        if let Some(delimiter) = self.delimiter {
            typed.extend(["--delimiter".into(), delimiter.to_string().into()]);
        }
        if let Some(zone) = self.timezone.as_ref().and_then(TimeZone::iana_name) {
            typed.extend(["--timezone".into(), zone.into()]);
        }
        if let Some(format) = &self.date_format {
            typed.extend(["--date-format".into(), format.into()]);
        }
        for (field, column) in &self.map {
            typed.extend(["--map".into(), format!("{}={column}", field.name()).into()]);
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
