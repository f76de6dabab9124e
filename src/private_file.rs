//! Files for their user alone: customers' words and names, and tokens, whatever the umask says.
//!
//! On Unix such a file has the mode 0600. Windows has no mode: there a file has the access rights
//! of its folder, which in a user's own folders are that user's and the administrators'.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Opens a file to read and to write, and makes it if it isn't there. What is in it stays.
///
/// # Errors
/// When the file can't be opened or made.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = for_user_alone(&mut options).open(path)?;
    tighten(path);
    Ok(file)
}

/// Makes a file that must not be there yet.
///
/// # Errors
/// When it is, or can't be made.
pub fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    for_user_alone(options.write(true).create_new(true)).open(path)
}

/// Puts a whole file in the place of another one, or of none: whoever reads it meanwhile has the one
/// or the other. A link stays one.
///
/// # Errors
/// When it can't be written or moved into place; then the old one is as it was.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut replacement = Replacement::begin(path)?;
    replacement.write_all(content)?;
    replacement.finish()
}

/// A file on its way into the place of another one, or of none. What is not finished goes away again.
#[derive(Debug)]
pub struct Replacement {
    file: BufWriter<File>,
    temporary: PathBuf,
    path: PathBuf,
}

impl Replacement {
    /// Begins an empty file. Its place may be a link, which stays one.
    ///
    /// # Errors
    /// When it can't be made beside that place.
    pub fn begin(path: &Path) -> io::Result<Replacement> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut temporary = OsString::from(path.as_os_str());
        temporary.push(format!(".{}.new", std::process::id()));
        let temporary = PathBuf::from(temporary);
        // One of an earlier process that had the same number and was killed.
        drop(std::fs::remove_file(&temporary));
        Ok(Replacement {
            file: BufWriter::new(create_new(&temporary)?),
            temporary,
            path,
        })
    }

    /// Moves the file into its place, durably.
    ///
    /// # Errors
    /// When it can't be written or moved; then the old one is as it was.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        std::fs::rename(&self.temporary, &self.path)?;
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new(".")))
    }
}

impl io::Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    /// Nothing is left under this name once the file is in its place.
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.temporary));
    }
}

/// Makes an empty file for an SQLite database if nothing is there. SQLite takes it for a new
/// database, and gives the log and the index beside it the same mode.
///
/// # Errors
/// When the file can't be made.
pub fn make_for_database(path: &Path) -> io::Result<()> {
    match create_new(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Takes the rights of everybody else from a database that has been there before, and from what
/// lies beside it. The caller knows that it is one of ours.
///
/// Where that can't be done the file is another user's, who decides who may read it.
pub fn tighten_database(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = OsString::from(path.as_os_str());
        name.push(ending);
        tighten(&PathBuf::from(name));
    }
}

/// Makes it durable that a file in this folder has a new name. Windows can't open a folder for
/// that; its file system keeps a log of names.
///
/// # Errors
/// When the folder can't be opened or the disk refuses.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(unix)]
fn for_user_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn for_user_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn tighten(path: &Path) {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    let mut permissions = metadata.permissions();
    if metadata.is_file() && permissions.mode() & 0o077 != 0 {
        permissions.set_mode(permissions.mode() & 0o700);
        let _is_another_users = fs::set_permissions(path, permissions);
    }
}

#[cfg(not(unix))]
fn tighten(_: &Path) {}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn wide(path: &Path, content: &str) {
        fs::write(path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o664)).unwrap();
    }

    #[test]
    fn what_is_opened_is_the_users_alone_and_keeps_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        wide(&old, "text");
        for path in [&new, &old] {
            open(path).unwrap();
            assert_eq!(mode(path), 0o600);
        }
        assert_eq!(fs::read_to_string(&old).unwrap(), "text");
        assert!(open(&folder.path().join("no/file")).is_err());
    }

    #[test]
    fn a_new_file_is_never_one_that_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        create_new(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        let again = create_new(&path).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_file_is_replaced_whole_behind_its_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("f"), folder.path().join("link"));
        wide(&path, "old");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(mode(&path), 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(replace(&folder.path().join("no/f"), b"").is_err());
    }

    #[test]
    fn a_database_is_made_empty_or_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.db");
        make_for_database(&path).unwrap();
        assert_eq!(
            (mode(&path), fs::metadata(&path).unwrap().len()),
            (0o600, 0)
        );
        wide(&path, "rows");
        make_for_database(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "rows");
    }

    #[test]
    fn an_old_database_is_tightened_with_what_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["d.db", "d.db-wal", "other"] {
            wide(&path(name), "");
        }
        tighten_database(&path("d.db"));
        assert_eq!(mode(&path("d.db")), 0o600);
        assert_eq!(mode(&path("d.db-wal")), 0o600);
        assert_eq!(mode(&path("other")), 0o664);
        assert!(!path("d.db-shm").exists());
    }
}
