//! `b24post guess`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::exit::Exit;
use crate::guess::{FileFacts, guess};
use crate::manifest::{Delimiter, EncodingName, InputFormat, ManifestError, ReadOptions, Sample};
use crate::report::{Format, Printer, shell_word};

use super::error::CommandError;
use super::{finish, heading, values};

/// Write a mapping file for an old system's export
///
/// Reads the header and some thousand rows of the file as the old system wrote it, guesses which column
/// holds what, and prints a mapping file with comments. What can't be known is left as a comment with
/// the choices; nothing is sent or changed. Save it, correct it, and give it to check and import:
///
///   b24post guess notes.csv > notes.toml
///   b24post check notes.csv --mapping notes.toml
///
/// Exit code 0, or 1 if the file can't be read.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct GuessArgs {
    /// The export: a CSV or JSON file
    manifest: PathBuf,

    /// The file's format [default: by its extension and how it begins]
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = values::input_format(),
        help_heading = heading::INPUT
    )]
    input_format: Option<InputFormat>,

    /// What separates the columns of a CSV file: one character, or `tab` [default: found by the
    /// file's beginning]
    #[arg(long, value_name = "CHAR", help_heading = heading::INPUT)]
    delimiter: Option<Delimiter>,

    /// The file's encoding, such as windows-1251 [default: found by its bytes]
    #[arg(long, value_name = "NAME", value_parser = EncodingName::parse, help_heading = heading::INPUT)]
    encoding: Option<EncodingName>,

    /// Print no notes
    #[arg(long, short, help_heading = heading::OUTPUT)]
    quiet: bool,
}

/// The first rows that are looked at, and as many of the others.
const ROWS: usize = 2_000;

pub fn run(args: &GuessArgs) -> Exit {
    let printer = Printer {
        format: Format::Human,
        quiet: args.quiet,
    };
    match mapping(args) {
        Ok(mapping) => {
            let written = printer.file(&mapping);
            if written.is_ok() {
                printer.note(&next(&args.manifest));
            }
            finish::printed(printer, written, Exit::Done)
        }
        Err(error) => {
            let error = CommandError::from(error);
            printer.error(&error.to_string());
            error.exit()
        }
    }
}

fn mapping(args: &GuessArgs) -> Result<String, ManifestError> {
    let options = ReadOptions {
        input_format: args.input_format,
        delimiter: args.delimiter,
        encoding: args.encoding,
        ..ReadOptions::default()
    };
    let sample = Sample::read(&args.manifest, &options, ROWS)?;
    let encoding = (!sample.encoding.is_utf8()).then(|| sample.encoding.name());
    let file_name = args.manifest.file_name().unwrap_or_default();
    let file_name = file_name.to_string_lossy();
    let facts = FileFacts {
        manifest: &shell_word(args.manifest.as_os_str()),
        mapping: &shell_word(args.manifest.with_extension("toml").as_os_str()),
        file_name: &file_name,
        encoding: encoding.as_deref(),
    };
    Ok(guess(&sample, facts).to_string())
}

/// What to do with the mapping file.
fn next(manifest: &Path) -> String {
    let mapping = manifest.with_extension("toml");
    let [manifest, mapping] = [manifest, &mapping].map(|path| shell_word(path.as_os_str()));
    format!(
        "Save it as {mapping}, read it through and correct it, then:\n\
         b24post check {manifest} --mapping {mapping}"
    )
}
