//! The manifest as a file that must stay what it was when it was opened.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use memchr::memchr;

use super::ManifestError;

/// An opened manifest and the mark by which a change is noticed.
#[derive(Debug)]
pub(super) struct InputFile {
    path: PathBuf,
    file: File,
    stamp: Stamp,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and inode, where there are such.
    identity: Option<(u64, u64)>,
}

impl InputFile {
    /// Opens a regular file.
    ///
    /// # Errors
    /// When it can't be opened or is something else, such as a pipe.
    pub fn open(path: &Path) -> Result<InputFile, ManifestError> {
        let failed = |reason| ManifestError::Open {
            path: path.to_owned(),
            reason,
        };
        // Opening a named pipe would wait for its writer, so its kind is asked first.
        refuse_other_kinds(path, &fs::metadata(path).map_err(failed)?)?;
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        refuse_other_kinds(path, &metadata)?;
        Ok(InputFile {
            path: path.to_owned(),
            file,
            stamp: Stamp::of(&metadata),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.stamp.length
    }

    /// Reads some bytes from that offset on; 0 only at the end of the file.
    ///
    /// # Errors
    /// With the path, when the file can't be read.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, ManifestError> {
        loop {
            match read_at(&self.file, offset, buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => {
                    return Err(ManifestError::Read {
                        path: self.path.clone(),
                        reason,
                    });
                }
                Ok(length) => return Ok(length),
            }
        }
    }

    /// Whether a byte stands anywhere in the file.
    ///
    /// # Errors
    /// With the path, when the file can't be read.
    pub fn holds(&self, byte: u8) -> Result<bool, ManifestError> {
        let (mut buffer, mut offset) = (vec![0; 128 << 10], 0);
        loop {
            match self.read_at(offset, &mut buffer)? {
                0 => return Ok(false),
                length if memchr(byte, &buffer[..length]).is_some() => return Ok(true),
                length => offset += length as u64,
            }
        }
    }

    /// Fails unless the path still leads to the file that was opened, unchanged.
    ///
    /// # Errors
    /// [`ManifestError::Changed`].
    pub fn verify(&self) -> Result<(), ManifestError> {
        match fs::metadata(&self.path) {
            Ok(metadata) if Stamp::of(&metadata) == self.stamp => Ok(()),
            _ => Err(ManifestError::Changed {
                path: self.path.clone(),
            }),
        }
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(metadata),
        }
    }
}

fn refuse_other_kinds(path: &Path, metadata: &Metadata) -> Result<(), ManifestError> {
    if metadata.is_file() {
        return Ok(());
    }
    Err(ManifestError::NotAFile {
        path: path.to_owned(),
        found: match metadata.is_dir() {
            true => "a folder",
            false => "a pipe or a device",
        },
    })
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let error = InputFile::open(folder.path()).unwrap_err();
        assert!(matches!(
            error,
            ManifestError::NotAFile {
                found: "a folder",
                ..
            }
        ));
        let error = InputFile::open(Path::new("/dev/null")).unwrap_err();
        assert!(error.to_string().contains("a pipe or a device"), "{error}");
        let error = InputFile::open(&folder.path().join("none.csv")).unwrap_err();
        assert!(error.to_string().contains("none.csv"), "{error}");
    }

    #[test]
    fn a_longer_a_touched_and_a_replaced_file_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posts.csv");
        fs::write(&path, "one").unwrap();
        let source = InputFile::open(&path).unwrap();
        source.verify().unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.set_modified(modified + std::time::Duration::from_secs(1))
            .unwrap();
        assert!(matches!(
            source.verify(),
            Err(ManifestError::Changed { .. })
        ));
        file.set_modified(modified).unwrap();
        source.verify().unwrap();
        file.set_len(4).unwrap();
        file.set_modified(modified).unwrap();
        assert!(matches!(
            source.verify(),
            Err(ManifestError::Changed { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn another_file_under_the_same_name_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.csv"), folder.path().join("b.csv"));
        fs::write(&path, "one").unwrap();
        let source = InputFile::open(&path).unwrap();
        fs::write(&other, "two").unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        File::options()
            .append(true)
            .open(&other)
            .unwrap()
            .set_modified(modified)
            .unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(matches!(
            source.verify(),
            Err(ManifestError::Changed { .. })
        ));
    }
}
