//! A post's attachments on the disk.
//!
//! Of the rest of `check` only `rules` touches the disk, which resolves the folder in which the files
//! lie, and `near_file`, which lists folders where one is missing. Of a file only the beginning is
//! read, to see that it can be; the rest is left to the request that sends it.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::post::{Attachment, NameFault, PathFault, name_fault, proper_name};
use crate::targets::FileToSend;

use super::folder::files_of_folder;
use super::near_file::{NearFile, near_file};
use super::problem::shortened;
use super::{Code, Place, Problem, Rules};

/// The attachments of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundFiles {
    /// Those that can be sent, in the row's order.
    pub files: Vec<FileToSend>,
    /// Of them, those that lie under a name which differs in letter case, Unicode form or outer
    /// blanks.
    pub otherwise_named: u32,
    /// Those that are HTML pages and are not called so: perhaps the error page of a server that
    /// they were downloaded from.
    pub html_pages: u32,
    /// Folders all files of which were asked for and that have none, or are not there.
    pub empty_folders: u32,
    /// What each of the files is by its content, such as `pdf`.
    pub types: Vec<&'static str>,
}

/// Finds the attachments of a row; `place` is the row's column of attachments.
///
/// # Errors
/// One problem for every file that can't be sent; after many of them the rest are not looked at.
pub fn files(
    attachments: &[Attachment<'_>],
    place: Place<'_>,
    rules: &Rules,
) -> Result<FoundFiles, Vec<Problem>> {
    let mut found = FoundFiles::default();
    let mut problems = Vec::new();
    let listed = with_folders(attachments, rules, &mut found);
    let attachments = listed.as_deref().unwrap_or(attachments);
    for (number, attachment) in attachments.iter().enumerate() {
        match find(attachment, rules) {
            Ok(file) => found.add(file),
            Err(fault) => {
                let rest = &attachments[number..];
                let fault = fault.with_separators(rest, rules);
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
        true => Ok(found),
        false => Err(problems),
    }
}

/// The same attachments with the files of folders in place of them; none where no folder is asked for.
fn with_folders<'a>(
    attachments: &[Attachment<'a>],
    rules: &Rules,
    found: &mut FoundFiles,
) -> Option<Vec<Attachment<'a>>> {
    if !attachments.iter().any(|file| file.path.ends_with('*')) {
        return None;
    }
    let mut listed = Vec::new();
    for attachment in attachments {
        match files_of_folder(&attachment.path, rules) {
            None => listed.push(attachment.clone()),
            Some(files) => {
                found.empty_folders += u32::from(files.is_empty());
                listed.extend(files.into_iter().map(Attachment::at));
            }
        }
    }
    Some(listed)
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

    /// The same, with the separator in its advice where that seems to be the trouble.
    fn with_separators(self, attachments: &[Attachment<'_>], rules: &Rules) -> FileFault {
        let is_there = |path: &str| {
            let path = rules.without_prefix(path.trim());
            let relative = Attachment::at(path).relative();
            relative.is_ok_and(|relative| resolve(&relative, rules.root()).is_ok())
        };
        let [first, others @ ..] = attachments else {
            return self;
        };
        if self.code != Code::AttachmentMissing || first.name.is_some() {
            return self;
        }
        let path = first.path.as_ref();
        let other = [(',', "a comma"), ('|', "`|`"), ('\n', "a line end")];
        let other = other.into_iter().find(|(mark, _)| {
            let before = path.split_once(*mark).map(|(before, _)| before);
            before.is_some_and(is_there)
        });
        let joined = others.first().map(|next| format!("{path};{}", next.path));
        let advice = match (other, joined.filter(|joined| is_there(joined))) {
            (Some((_, mark)), _) => {
                format!("paths are separated by `;`, and these seem to be by {mark}")
            }
            (None, Some(joined)) => {
                let joined = shortened(&joined);
                format!("a name that holds `;` is given as JSON: [\"{joined}\"]")
            }
            (None, None) => return self,
        };
        FileFault { advice, ..self }
    }
}

impl FoundFiles {
    fn add(&mut self, found: Found) {
        self.otherwise_named += u32::from(found.otherwise_named);
        self.html_pages += u32::from(found.is_html && !found.is_called_html);
        self.types.push(found.file_type);
        self.files.push(found.file);
    }
}

/// A file, and whether it lies under another name.
struct Found {
    file: FileToSend,
    otherwise_named: bool,
    is_html: bool,
    is_called_html: bool,
    file_type: &'static str,
}

fn find(attachment: &Attachment<'_>, rules: &Rules) -> Result<Found, FileFault> {
    let root = rules.root();
    let path = rules.without_prefix(&attachment.path);
    let relative = Attachment::at(path)
        .relative()
        .map_err(|fault| bad_path(fault, path))?;
    if let Some(fault) = name_fault(attachment.shown_name()) {
        return Err(bad_name(fault, attachment));
    }
    let (path, metadata, otherwise_named) = match resolve(&relative, root) {
        Ok((path, metadata)) => (path, metadata, false),
        Err(error) => {
            let (path, metadata) = resolve_near(&error, &relative, rules)?;
            (path, metadata, true)
        }
    };
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
    let file = File::open(&path).map_err(|error| missing(&error, root))?;
    let beginning = beginning(file);
    let is_called_html = is_called_html(&path);
    Ok(Found {
        file: FileToSend {
            path,
            name: attachment.shown_name().to_owned(),
            size: metadata.len(),
        },
        otherwise_named,
        is_html: is_html(&beginning),
        is_called_html,
        file_type: file_type(&beginning),
    })
}

/// Where the only path leads that differs in letter case, Unicode form or outer blanks.
fn resolve_near(
    error: &io::Error,
    relative: &Path,
    rules: &Rules,
) -> Result<(PathBuf, Metadata), FileFault> {
    let root = rules.root();
    let mut fault = missing(error, root);
    if fault.code != Code::AttachmentMissing {
        return Err(fault);
    }
    match near_file(&rules.folders, root, relative) {
        NearFile::None => Err(fault),
        NearFile::One(path) => resolve(&path, root).map_err(|error| missing(&error, root)),
        NearFile::Several(paths) => {
            let names: Vec<String> = paths
                .iter()
                .map(|path| format!("`{}`", shortened(&path.to_string_lossy())))
                .collect();
            fault.advice = format!(
                "{}, but {}; name one of them",
                fault.advice,
                names.join(", ")
            );
            Err(fault)
        }
    }
}

fn is_called_html(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        ["html", "htm", "xhtml", "mht"].contains(&extension.to_lowercase().as_str())
    })
}

/// The first bytes of a file. One that can't be read now is told when it is sent.
fn beginning(file: File) -> Vec<u8> {
    let mut beginning = Vec::with_capacity(LOOKED_AT);
    let read = file.take(LOOKED_AT as u64).read_to_end(&mut beginning);
    match read {
        Ok(_) => beginning,
        Err(_) => Vec::new(),
    }
}

/// Bytes within which a file says what it is.
const LOOKED_AT: usize = 8 << 10;

/// Whether a file begins as a page does.
fn is_html(beginning: &[u8]) -> bool {
    let text = beginning.trim_ascii_start();
    let begins = |tag: &[u8]| {
        let start = text.get(..tag.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(tag))
    };
    begins(b"<!doctype html") || begins(b"<html")
}

/// What a file is by its first bytes.
fn file_type(beginning: &[u8]) -> &'static str {
    if is_html(beginning) {
        return "html";
    }
    match infer::get(beginning) {
        Some(found) => found.extension(),
        // A character may be cut at the end.
        None => match std::str::from_utf8(beginning) {
            Ok(_) => "text",
            Err(error) if error.error_len().is_none() => "text",
            Err(_) => "other",
        },
    }
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

fn bad_path(fault: PathFault, path: &str) -> FileFault {
    match fault {
        PathFault::Empty => FileFault::new(Code::AttachmentInvalid, "the path names no file"),
        PathFault::Outside => outside(),
        PathFault::WebAddress => {
            let host = path.split("://").nth(1).unwrap_or_default();
            let host = host.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            let from = match host {
                "" => String::new(),
                host => format!(" from {}", shortened(host)),
            };
            FileFault::new(
                Code::AttachmentWebAddress,
                format!("nothing is downloaded{from}; save the file and give its path"),
            )
        }
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
        "the path leads out of the attachments root; cut off what it begins with by \
         --attachments-prefix, move the file, or give --attachments-root",
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
            at: Position::of_record(2, 5),
            column: "FILES",
        };
        match files(&[Attachment::at(path)], place, &disk.rules) {
            Ok(mut found) => Ok(found.files.remove(0)),
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
            at: Position::of_record(1, 2),
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
            files(&[named], place, &disk.rules).unwrap().files[0].name,
            "Act 12.pdf"
        );
    }

    #[cfg(unix)]
    #[test]
    fn advice_shows_no_control_characters_and_no_name_outside_the_root() {
        use std::os::unix::fs::symlink;
        let disk = disk();
        let root = disk.rules.root();
        fs::create_dir(root.join("d\u{1b}")).unwrap();
        for name in ["d\u{1b}/a;b.txt", "d\u{1b}/A.TXT", "d\u{1b}/a.txt"] {
            fs::write(root.join(name), "x").unwrap();
        }
        symlink("..", root.join("up")).unwrap();
        let place = Place {
            at: Position::of_record(1, 2),
            column: "FILES",
        };
        let advice = |paths: &[&'static str]| {
            let named: Vec<_> = paths.iter().map(|path| Attachment::at(*path)).collect();
            files(&named, place, &disk.rules)
                .unwrap_err()
                .remove(0)
                .advice
        };
        for paths in [
            &["d\u{1b}/a", "b.txt"][..],
            &["d\u{1b}/a.Txt"],
            &["https://x\u{1b}.test/a.png"],
        ] {
            let advice = advice(paths);
            assert!(advice.contains("\\u{1b}"), "{advice}");
            assert!(!advice.contains(char::is_control), "{advice}");
        }
        let outside = advice(&["up/SECRET.txt"]);
        assert!(!outside.contains("secret"), "{outside}");
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
            at: Position::of_record(1, 2),
            column: "attachments",
        };
        let named = ["x", "sub/a b.txt", "y"].map(Attachment::at);
        assert_eq!(files(&named, place, &disk.rules).unwrap_err().len(), 2);
    }
}
