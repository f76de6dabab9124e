//! The sizes of a manifest's files, all rows together.

use crate::manifest::{Manifest, ManifestError};
use crate::post::FileSizes;

use super::{Rules, check_in_order};

/// The sizes of all files of rows without a problem, as the disk has them now.
///
/// # Errors
/// When the manifest can't be read to its end; or whatever `go_on`, asked now and then, says.
pub fn file_sizes<E: From<ManifestError>>(
    manifest: &Manifest,
    rules: &Rules,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<FileSizes, E> {
    let mut all = FileSizes::default();
    check_in_order(manifest, rules, |checked| {
        for row in checked.rows.iter().filter(|row| !row.is_invalid()) {
            if let Some(content) = row.content.filter(|_| row.attachments > 0) {
                all.add(content, row.attachment_bytes);
            }
        }
        go_on()
    })?;
    Ok(all)
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
        let sizes = || file_sizes(&manifest, &rules, || Ok::<_, ManifestError>(())).unwrap();

        let mut expected = FileSizes::default();
        for row in checked("a.csv", csv, &rules).rows {
            expected.add(row.content.unwrap(), row.attachment_bytes);
        }
        assert_eq!(sizes(), expected);
        let stop = || {
            let path = manifest.path().to_owned();
            Err(ManifestError::Changed { path })
        };
        assert!(file_sizes(&manifest, &rules, stop).is_err());
        write("b.txt", "123456");
        assert_ne!(sizes(), expected);
        write("b.txt", "1234567");
        assert_eq!(sizes(), expected);
        std::fs::remove_file(folder.path().join("b.txt")).unwrap();
        assert_ne!(sizes(), expected);
    }
}
