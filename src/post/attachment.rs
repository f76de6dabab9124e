//! A file that goes with a post, as the manifest names it. Reading it is done elsewhere.

use std::borrow::Cow;
use std::path::PathBuf;

/// A file named by a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// The path as written, relative to the attachments root.
    pub path: Cow<'a, str>,
    /// The name that Bitrix24 is to show; without one, the path's last part.
    pub name: Option<Cow<'a, str>>,
}

/// Why a path can't name an attachment, whatever the disk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Nothing but separators.
    Empty,
    /// An absolute path, a drive letter, or `..` beyond the root.
    Outside,
    /// An address such as `https://…`.
    WebAddress,
}

impl<'a> Attachment<'a> {
    /// An attachment shown under its own file name.
    pub fn at(path: impl Into<Cow<'a, str>>) -> Self {
        Attachment {
            path: path.into(),
            name: None,
        }
    }

    /// The path below the root with `/` and `\` both separating, `.` and inner `..` resolved.
    ///
    /// # Errors
    /// When the text leads out of the root or names no file. Symlinks are the reader's concern.
    pub fn relative(&self) -> Result<PathBuf, PathFault> {
        let path: &str = self.path.as_ref();
        if is_web_address(path) {
            return Err(PathFault::WebAddress);
        }
        let has_drive = path.as_bytes().get(1) == Some(&b':')
            && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        if path.starts_with(['/', '\\']) || has_drive {
            return Err(PathFault::Outside);
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(PathFault::Outside)?;
                }
                _ => parts.push(part),
            }
        }
        if parts.is_empty() {
            return Err(PathFault::Empty);
        }
        Ok(parts.iter().collect())
    }

    /// The name to show in Bitrix24.
    pub fn shown_name(&self) -> &str {
        match &self.name {
            Some(name) => name,
            None => self
                .path
                .rsplit(['/', '\\'])
                .find(|part| !part.is_empty())
                .unwrap_or(&self.path),
        }
    }

    /// The same attachment without any borrow from the manifest.
    pub fn into_owned(self) -> Attachment<'static> {
        Attachment {
            path: Cow::Owned(self.path.into_owned()),
            name: self.name.map(|name| Cow::Owned(name.into_owned())),
        }
    }
}

fn is_web_address(path: &str) -> bool {
    path.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_separators_and_dots_resolve() {
        let path = |text: &'static str| Attachment::at(text).relative();
        assert_eq!(path("a\\b/c.txt"), Ok(PathBuf::from("a/b/c.txt")));
        assert_eq!(path("./a/../b.txt"), Ok(PathBuf::from("b.txt")));
        assert_eq!(path("a/../../b.txt"), Err(PathFault::Outside));
        assert_eq!(path("/etc/passwd"), Err(PathFault::Outside));
        assert_eq!(path("\\\\host\\share"), Err(PathFault::Outside));
        assert_eq!(path("C:\\x.txt"), Err(PathFault::Outside));
        assert_eq!(path("./"), Err(PathFault::Empty));
        assert_eq!(path("https://x.test/a.png"), Err(PathFault::WebAddress));
    }

    #[test]
    fn shown_name_is_the_last_part_unless_given() {
        assert_eq!(Attachment::at("scans\\act 1.pdf").shown_name(), "act 1.pdf");
        let named = Attachment {
            name: Some("Act.pdf".into()),
            ..Attachment::at("x/1")
        };
        assert_eq!(named.shown_name(), "Act.pdf");
    }
}
