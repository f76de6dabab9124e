//! A post's attachments on the disk.
//!
//! Nothing else in `check` looks at the files that rows name; `rules` only resolves the folder in
//! which they lie, once. Files are opened to see that they can be, and not read: that is left to
//! the request that sends them.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::post::{Attachment, NameFault, PathFault, name_fault, proper_name};
use crate::targets::FileToSend;

use super::{Code, Place, Problem, Rules};

/// Finds the attachments of a row; `place` is the row's column of attachments.
///
/// # Errors
/// One problem for every file that can't be sent; after many of them the rest are not looked at.
pub fn files(
    attachments: &[Attachment<'_>],
    place: Place<'_>,
    rules: &Rules,
) -> Result<Vec<FileToSend>, Vec<Problem>> {
    let mut files = Vec::with_capacity(attachments.len());
    let mut problems = Vec::new();
    for attachment in attachments {
        match find(attachment, rules.root()) {
            Ok(file) => files.push(file),
            Err(fault) => {
                let value = match fault.code {
                    Code::AttachmentName => attachment.shown_name(),
                    _ => &attachment.path,
                };
                let FileFault { code, advice } = fault;
                problems.push(Problem::of_column(place, code, value, advice));
            }
        }
        if problems.len() == Problem::MOST {
            break;
        }
    }
    match problems.is_empty() {
        true => Ok(files),
        false => Err(problems),
    }
}

/// Why a file can't be sent.
struct FileFault {
    code: Code,
    advice: String,
}

impl FileFault {
    fn new(code: Code, advice: impl Into<String>) -> FileFault {
        FileFault {
            code,
            advice: advice.into(),
        }
    }
}

fn find(attachment: &Attachment<'_>, root: &Path) -> Result<FileToSend, FileFault> {
    let relative = attachment.relative().map_err(bad_path)?;
    if let Some(fault) = name_fault(attachment.shown_name()) {
        return Err(bad_name(fault, attachment));
    }
    let (path, metadata) = resolve(&relative, root).map_err(|error| missing(&error, root))?;
    if !path.starts_with(root) {
        return Err(outside());
    }
    // Opening a pipe would wait for its writer, so its kind is asked first.
    if !metadata.is_file() {
        let advice = "this is a folder, a pipe or a device; name a file";
        return Err(FileFault::new(Code::AttachmentNotAFile, advice));
    }
    if metadata.len() == 0 {
        let advice = "the file is empty and Bitrix24 would drop it; remove it from the row";
        return Err(FileFault::new(Code::AttachmentEmpty, advice));
    }
    File::open(&path).map_err(|error| missing(&error, root))?;
    Ok(FileToSend {
        path,
        name: attachment.shown_name().to_owned(),
        size: metadata.len(),
    })
}

/// Where a path below the root leads, and what is there. Most lead through no symlink, which costs
/// less to find out than to look at the root's own folders each time.
fn resolve(relative: &Path, root: &Path) -> io::Result<(PathBuf, Metadata)> {
    let mut path = root.to_owned();
    let mut reached = None;
    for part in relative {
        path.push(part);
        let metadata = fs::symlink_metadata(&path)?;
        if metadata.is_symlink() {
            reached = None;
            break;
        }
        reached = Some(metadata);
    }
    match reached {
        Some(metadata) => Ok((path, metadata)),
        None => {
            let path = fs::canonicalize(root.join(relative))?;
            let metadata = fs::metadata(&path)?;
            Ok((path, metadata))
        }
    }
}

fn bad_path(fault: PathFault) -> FileFault {
    match fault {
        PathFault::Empty => FileFault::new(Code::AttachmentInvalid, "the path names no file"),
        PathFault::Outside => outside(),
        PathFault::WebAddress => FileFault::new(
            Code::AttachmentWebAddress,
            "nothing is downloaded; save the file and give its path",
        ),
    }
}

fn bad_name(fault: NameFault, attachment: &Attachment<'_>) -> FileFault {
    let what = match fault {
        NameFault::Empty => "this is no name".to_owned(),
        NameFault::Refused(letter) => format!("Bitrix24's Drive takes no {letter} in a name"),
        NameFault::Hidden(letter) => {
            let code = u32::from(letter);
            format!("the name has a character that doesn't show (U+{code:04X})")
        }
        NameFault::Outer => "the name begins or ends with a blank or a dot".to_owned(),
        NameFault::TooLong => {
            "the name is longer than the 255 characters that Drive keeps".to_owned()
        }
        NameFault::Device => {
            "Windows has a device of this name and can't keep such a file".to_owned()
        }
    };
    let proper = proper_name(attachment.shown_name());
    let how = match attachment.name {
        Some(_) => format!("name it {proper}"),
        None => format!(
            "rename the file, or name what to show: {{\"path\": …, \"name\": \"{proper}\"}}"
        ),
    };
    FileFault::new(Code::AttachmentName, format!("{what}; {how}"))
}

fn outside() -> FileFault {
    FileFault::new(
        Code::AttachmentOutside,
        "the path leads out of the attachments root; move the file or give --attachments-root",
    )
}

fn missing(error: &io::Error, root: &Path) -> FileFault {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileFault::new(
            Code::AttachmentMissing,
            format!("there is no such file below {}", root.display()),
        ),
        _ => FileFault::new(
            Code::AttachmentUnreadable,
            format!("the file can't be read: {error}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Position;
    use crate::targets::CrmFeed;

    struct Disk {
        _folder: tempfile::TempDir,
        rules: Rules,
    }

    fn disk() -> Disk {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(root.join("sub/a b.txt"), "hello").unwrap();
        fs::write(root.join("empty.txt"), "").unwrap();
        fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        let rules = Rules::new(&CrmFeed, &root, None).unwrap();
        Disk {
            _folder: folder,
            rules,
        }
    }

    fn look(disk: &Disk, path: &str) -> Result<FileToSend, (Code, String)> {
        let place = Place {
            at: Position { number: 2, line: 5 },
            column: "FILES",
        };
        match files(&[Attachment::at(path)], place, &disk.rules) {
            Ok(mut files) => Ok(files.remove(0)),
            Err(problems) => {
                let [problem] = &problems[..] else {
                    panic!("{problems:?}")
                };
                assert_eq!((problem.row, problem.line), (2, 5));
                assert_eq!(problem.column.as_deref(), Some("FILES"));
                Err((problem.code, problem.value.clone()))
            }
        }
    }

    #[test]
    fn a_file_is_found_with_its_size_and_shown_name() {
        let disk = disk();
        let file = look(&disk, "sub\\a b.txt").unwrap();
        assert_eq!((file.name.as_str(), file.size), ("a b.txt", 5));
        assert_eq!(fs::read(file.path).unwrap(), b"hello");
    }

    #[test]
    fn every_way_not_to_be_a_file_has_its_code() {
        let disk = disk();
        for (path, code) in [
            ("none.txt", Code::AttachmentMissing),
            ("sub/a b.txt/x", Code::AttachmentMissing),
            ("sub", Code::AttachmentNotAFile),
            ("empty.txt", Code::AttachmentEmpty),
            ("../secret.txt", Code::AttachmentOutside),
            ("/etc/passwd", Code::AttachmentOutside),
            ("https://x.test/a.png", Code::AttachmentWebAddress),
            ("./", Code::AttachmentInvalid),
        ] {
            assert_eq!(look(&disk, path), Err((code, path.to_owned())));
        }
    }

    #[test]
    fn a_name_that_will_not_do_is_refused_with_one_that_will() {
        let disk = disk();
        let place = Place {
            at: Position { number: 1, line: 2 },
            column: "FILES",
        };
        let refused = |path: &'static str, name: Option<&'static str>| {
            let attachment = Attachment {
                name: name.map(Into::into),
                ..Attachment::at(path)
            };
            let problem = files(&[attachment], place, &disk.rules)
                .unwrap_err()
                .remove(0);
            assert_eq!(problem.code, Code::AttachmentName);
            assert!(
                !problem.advice.contains(char::is_control),
                "{}",
                problem.advice
            );
            (problem.value, problem.advice)
        };
        let (value, advice) = refused("sub/a b.txt", Some("../../x.php"));
        assert_eq!(value, "../../x.php");
        assert!(advice.ends_with("; name it x.php"), "{advice}");
        let (value, advice) = refused("sub/fdp\u{202e}.exe", None);
        assert_eq!(value, "fdp\\u{202e}.exe");
        assert!(
            advice.contains("U+202E") && advice.contains(r#""name": "fdp.exe""#),
            "{advice}"
        );
        let named = Attachment {
            name: Some("Act 12.pdf".into()),
            ..Attachment::at("sub/a b.txt")
        };
        assert_eq!(
            files(&[named], place, &disk.rules).unwrap()[0].name,
            "Act 12.pdf"
        );
    }

    #[cfg(unix)]
    #[test]
    fn symlinks_may_lead_around_but_not_out() {
        use std::os::unix::fs::symlink;
        let disk = disk();
        let root = disk.rules.root();
        symlink("sub/a b.txt", root.join("inside")).unwrap();
        symlink("../secret.txt", root.join("out")).unwrap();
        symlink("..", root.join("up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        assert_eq!(look(&disk, "inside").unwrap().name, "inside");
        assert_eq!(look(&disk, "up/root/sub/a b.txt").unwrap().size, 5);
        for (path, code) in [
            ("out", Code::AttachmentOutside),
            ("up/secret.txt", Code::AttachmentOutside),
            ("loop", Code::AttachmentUnreadable),
        ] {
            assert_eq!(look(&disk, path), Err((code, path.to_owned())));
        }
    }

    #[test]
    fn every_wrong_file_is_reported() {
        let disk = disk();
        let place = Place {
            at: Position { number: 1, line: 2 },
            column: "attachments",
        };
        let named = ["x", "sub/a b.txt", "y"].map(Attachment::at);
        assert_eq!(files(&named, place, &disk.rules).unwrap_err().len(), 2);
    }
}
