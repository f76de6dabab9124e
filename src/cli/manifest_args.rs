//! Options of every command that reads a manifest.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use jiff::tz::TimeZone;

use crate::check::{Rules, Times};
use crate::manifest::mapping::{FileSettings, Mapping};
use crate::manifest::{
    Delimiter, EncodingBasis, EncodingName, FoundEncoding, InputFormat, Manifest, ReadOptions,
};
use crate::post::{MessageFormat, TimeFormat, TimeNotation};
use crate::targets::{self, Target};

use super::error::CommandError;
use super::mapping_args::MappingArgs;
use super::posting_args::PostingArgs;
use super::{heading, values};

/// The manifest, and how to read it.
#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// The manifest: a CSV or JSON file, one post a row
    pub manifest: PathBuf,

    /// Where attachment paths start [default: the manifest's folder]
    #[arg(long, value_name = "DIR", help_heading = heading::INPUT)]
    attachments_root: Option<PathBuf>,

    /// What is cut off each attachment's path first, such as C:\Export\
    #[arg(long, value_name = "TEXT", help_heading = heading::INPUT)]
    attachments_prefix: Option<String>,

    /// The manifest's format [default: by its extension and how it begins]
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = values::input_format(),
        help_heading = heading::INPUT
    )]
    input_format: Option<InputFormat>,

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
    /// of strftime, such as "%d.%m.%Y %H:%M", or `unix` or `unix-ms`
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = values::time_format,
        help_heading = heading::INPUT
    )]
    date_format: Option<TimeNotation>,

    /// How messages are written: anything but bbcode is turned into BBCode, of text its brackets alone
    /// [default: bbcode]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = heading::INPUT)]
    message_format: Option<MessageFormatArg>,

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

    #[command(flatten)]
    pub mapping: MappingArgs,

    #[command(flatten)]
    pub posting: PostingArgs,
}

/// How messages are written, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum MessageFormatArg {
    Bbcode,
    Html,
    Markdown,
    Text,
}

impl From<MessageFormatArg> for MessageFormat {
    fn from(format: MessageFormatArg) -> MessageFormat {
        match format {
            MessageFormatArg::Bbcode => MessageFormat::BbCode,
            MessageFormatArg::Html => MessageFormat::Html,
            MessageFormatArg::Markdown => MessageFormat::Markdown,
            MessageFormatArg::Text => MessageFormat::Text,
        }
    }
}

impl ManifestArgs {
    /// Opens the manifest and sets up the rules for it.
    ///
    /// # Errors
    /// When the manifest can't be opened, or the attachments root is no folder.
    pub fn open(&self) -> Result<(Arc<Manifest>, Arc<Rules>), CommandError> {
        let mapping = self.mapping.read()?;
        let none = FileSettings::default();
        let settings = mapping.as_ref().map_or(&none, |mapping| &mapping.file);
        let target = self.target(mapping.as_deref())?;
        let manifest = self.read(mapping.as_ref())?;
        let root = self
            .attachments_root
            .as_deref()
            .unwrap_or(manifest.folder());
        let mut rules = self.posting.rules(target, root)?;
        rules
            .attachments_prefix
            .clone_from(&self.attachments_prefix);
        let usual = TimeFormat {
            notation: self
                .date_format
                .clone()
                .or_else(|| settings.date_format.clone()),
            zone: self.timezone.clone().or_else(|| settings.timezone.clone()),
        };
        rules.times = Times::new(usual, manifest.mapping());
        let typed = self.message_format.map(MessageFormat::from);
        rules.message_format = typed.or(settings.message_format);
        rules.maps = self.mapping.maps(settings, &manifest)?;
        Ok((Arc::new(manifest), Arc::new(rules)))
    }

    /// Opens the manifest alone; no map is read, and none has to be there.
    ///
    /// # Errors
    /// When the manifest or the mapping file can't be read.
    pub fn open_manifest(&self) -> Result<Manifest, CommandError> {
        self.read(self.mapping.read()?.as_ref())
    }

    fn read(&self, mapping: Option<&Arc<Mapping>>) -> Result<Manifest, CommandError> {
        let none = FileSettings::default();
        let settings = mapping.map_or(&none, |mapping| &mapping.file);
        let options = ReadOptions {
            input_format: self.input_format,
            encoding: self.encoding(mapping.map(Arc::as_ref))?,
            max_record: self.max_record,
            delimiter: self.delimiter.or(settings.delimiter),
            ignored_columns: self.mapping.ignored(settings),
            mapped_columns: self.mapping.mapped(),
            mapping: mapping.cloned(),
            ..ReadOptions::default()
        };
        Ok(Manifest::open(&self.manifest, &options)?)
    }

    /// The encoding: as the option says, else the mapping file.
    fn encoding(&self, mapping: Option<&Mapping>) -> Result<Option<EncodingName>, CommandError> {
        let named = mapping.and_then(|mapping| Some((mapping, mapping.file.encoding.as_ref()?)));
        match (self.encoding, named) {
            (None, Some((mapping, name))) => {
                EncodingName::parse(&name.value)
                    .map(Some)
                    .map_err(|reason| {
                        mapping
                            .setting_error("`encoding`", name.place, reason)
                            .into()
                    })
            }
            (encoding, _) => Ok(encoding),
        }
    }

    /// Where the rows go: as the option says, else the mapping file.
    fn target(&self, mapping: Option<&Mapping>) -> Result<&'static dyn Target, CommandError> {
        let named = mapping.and_then(|mapping| Some((mapping, mapping.file.target.as_ref()?)));
        let target = match (self.posting.target, named) {
            (Some(target), _) => target,
            (None, None) => targets::DEFAULT,
            (None, Some((mapping, name))) => targets::named(&name.value).ok_or_else(|| {
                let names = targets::ALL.map(Target::name).join(", ");
                let reason = format!("there is no target `{}`; there are {names}", name.value);
                mapping.setting_error("`target`", name.place, reason)
            })?,
        };
        match self.posting.contradiction(target) {
            Some(message) => Err(CommandError::Usage(message)),
            None => Ok(target),
        }
    }

    /// What is wrong with the options as a whole.
    pub fn contradiction(&self) -> Option<String> {
        let typed = self.posting.target.unwrap_or(targets::DEFAULT);
        let of_target = || match self.mapping.is_file_given() {
            true => None,
            false => self.posting.contradiction(typed),
        };
        self.mapping.contradiction().or_else(of_target)
    }

    /// The option that says the encoding of a few rows of the manifest, where it is known by the letters
    /// of all of them.
    pub fn encoding_for(&self, found: FoundEncoding) -> Vec<OsString> {
        let by_letters = matches!(
            found.basis,
            EncodingBasis::Letters | EncodingBasis::MostlyUtf8
        );
        match by_letters {
            true => vec!["--encoding".into(), found.name().into()],
            false => Vec::new(),
        }
    }

    /// The option that lets a manifest in that place have the same attachments as this one.
    pub fn root_for(&self, manifest: &Path) -> Vec<OsString> {
        let folder = |path: &Path| path.parent().map(Path::to_owned).unwrap_or_default();
        let own = folder(&self.manifest);
        if self.attachments_root.is_some() || folder(manifest) == own {
            return Vec::new();
        }
        let own = if own.as_os_str().is_empty() {
            ".".into()
        } else {
            own.into()
        };
        vec!["--attachments-root".into(), own]
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
        if let Some(format) = self.input_format {
            typed.extend(["--input-format".into(), format.name().into()]);
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
            typed.extend(["--date-format".into(), format.to_string().into()]);
        }
        if let Some(format) = self.message_format {
            let format = MessageFormat::from(format).name();
            typed.extend(["--message-format".into(), format.into()]);
        }
        typed.extend(self.mapping.typed());
        if self.max_record != ReadOptions::default().max_record {
            typed.extend(["--max-record".into(), self.max_record.to_string().into()]);
        }
        typed
    }
}
