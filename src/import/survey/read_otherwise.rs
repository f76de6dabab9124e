//! The guard against a file that would be read otherwise than before: texts and keys of posted rows
//! would come out otherwise, and the rows look new.
//!
//! A file that grows can change what is found about it. Only what is found is held against the last run
//! that posted; what the user says counts. The format is said by the file's name or by the option, so it
//! is kept but not compared.

use crate::ledger::{KeptReading, Ledger, LedgerError};
use crate::manifest::{Dialect, EncodingBasis, FoundEncoding, KnownBy, Manifest};

use crate::import::ending::Break;
use crate::import::error::{ReadOtherwise, RunError};

/// How the manifest is read, for the ledger. A rejects file may come back from a spreadsheet in any
/// form; it says nothing of the manifest that it was made of, whose reading stays the last one.
pub fn reading(ledger: &Ledger, manifest: &Manifest) -> Result<Option<KeptReading>, LedgerError> {
    if manifest.is_rejects() {
        return Ok(ledger.last_reading()?.map(|(_, reading)| reading));
    }
    Ok(Some(KeptReading {
        format: manifest.format().name().to_owned(),
        encoding: manifest.encoding().kept_name(),
        delimiter: manifest.dialect().and_then(delimiter),
    }))
}

/// Refuses to go on where the manifest would be read otherwise than in the last run that posted.
pub fn stop_if_read_otherwise(ledger: &Ledger, manifest: &Manifest) -> Result<(), Break> {
    if manifest.is_rejects() {
        return Ok(());
    }
    let Some((run, before)) = ledger.last_reading()? else {
        return Ok(());
    };
    let changed = compare(run, &before, manifest.encoding(), manifest.dialect());
    changed.map_or(Ok(()), |changed| {
        Err(RunError::ReadOtherwise(Box::new(changed)).into())
    })
}

/// What separates the columns, where there is more than one.
fn delimiter(dialect: &Dialect) -> Option<String> {
    let is_known = dialect.known_by != KnownBy::OneColumn;
    is_known.then(|| dialect.delimiter.to_string())
}

fn compare(
    run: i64,
    before: &KeptReading,
    encoding: FoundEncoding,
    dialect: Option<&Dialect>,
) -> Option<ReadOtherwise> {
    let is_said = encoding.basis == EncodingBasis::Given;
    if !is_said && !encoding.reads_like(&before.encoding) {
        return Some(ReadOtherwise {
            run,
            what: "encoding",
            before: before.encoding.clone(),
            now: encoding.name(),
        });
    }
    let found = dialect.filter(|dialect| dialect.known_by != KnownBy::Option);
    let (before, now) = (before.delimiter.clone()?, delimiter(found?)?);
    let what = "delimiter";
    let changed = ReadOtherwise {
        run,
        what,
        before,
        now,
    };
    (changed.before != changed.now).then_some(changed)
}
