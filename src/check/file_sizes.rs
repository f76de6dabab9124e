//! The sizes of a manifest's files, all rows together.

use crate::manifest::{Manifest, ManifestError};
use crate::post::FileSizes;

use super::chunk::{Gather, Look};
use super::in_order::gather_in_order;
use super::post::Contents;
use super::{CheckedChunk, Rules};

/// The sizes of all files of rows without a problem, as the disk has them now. None once `goes_on`,
/// asked now and then, says no.
///
/// # Errors
/// When the manifest can't be read to its end.
pub fn file_sizes(
    manifest: &Manifest,
    rules: &Rules,
    goes_on: impl Fn() -> bool,
) -> Result<Option<FileSizes>, ManifestError> {
    let mut all = FileSizes::default();
    let taken = gather_in_order(manifest, rules, |checked: CheckedChunk<FileSizes>| {
        all.merge(checked.rows);
        match goes_on() {
            true => Ok(()),
            false => Err(Stop::Asked),
        }
    });
    match taken {
        Ok(()) => Ok(Some(all)),
        Err(Stop::Asked) => Ok(None),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Why the rest of the manifest is not looked at.
enum Stop {
    Asked,
    Failed(ManifestError),
}

impl From<ManifestError> for Stop {
    fn from(error: ManifestError) -> Stop {
        Stop::Failed(error)
    }
}

impl Gather for FileSizes {
    const CONTENTS: Contents = Contents::WithFiles;
    const ROW_BYTES: usize = 0;

    fn expecting(_: usize) -> FileSizes {
        FileSizes::default()
    }

    fn add(&mut self, look: Look<'_, '_>) {
        if let Some(content) = look.reading.content()
            && !look.is_faulty()
        {
            FileSizes::add(self, content, look.files.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{CarriesAll, checked, open};

    #[test]
    fn the_files_of_all_rows_count_as_they_are_now() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.txt", "12345");
        write("b.txt", "1234567");
        let rules = Rules::new(&CarriesAll, folder.path(), None).unwrap();
        let csv = b"message,attachments\nOne,a.txt\nTwo,\nThree,a.txt;b.txt\n";
        let (_folder, manifest) = open("a.csv", csv);
        let sizes = || file_sizes(&manifest, &rules, || true).unwrap();

        let mut expected = FileSizes::default();
        for row in checked("a.csv", csv, &rules).rows {
            expected.add(row.content.unwrap(), row.attachment_bytes);
        }
        assert_eq!(sizes(), Some(expected));
        assert_eq!(file_sizes(&manifest, &rules, || false).unwrap(), None);
        write("b.txt", "123456");
        assert_ne!(sizes(), Some(expected));
        write("b.txt", "1234567");
        assert_eq!(sizes(), Some(expected));
        std::fs::remove_file(folder.path().join("b.txt")).unwrap();
        assert_ne!(sizes(), Some(expected));
    }
}
