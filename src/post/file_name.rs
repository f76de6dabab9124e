//! What a file may be called in Bitrix24's Drive, where attachments end up.

/// Characters of a name that Drive keeps.
const LONGEST: usize = 255;

/// What no file on Drive may have in its name.
const REFUSED: [char; 9] = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];

/// Names of Windows' devices, with any extension: who downloads such a file can't keep it.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Stands for a name of which nothing is left.
const NAMELESS: &str = "file";

/// Why a name won't do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing but blanks and dots.
    Empty,
    /// A separator, or another character that Drive refuses.
    Refused(char),
    /// A control character, or one that turns the direction of what is read.
    Hidden(char),
    /// It begins or ends with a blank or a dot.
    Outer,
    /// Longer than Drive takes.
    TooLong,
    /// A device of Windows.
    Device,
}

/// What is wrong with a name, if anything is.
pub fn name_fault(name: &str) -> Option<NameFault> {
    if name.chars().all(is_outer) {
        return Some(NameFault::Empty);
    }
    for letter in name.chars() {
        if REFUSED.contains(&letter) {
            return Some(NameFault::Refused(letter));
        }
        if is_hidden(letter) {
            return Some(NameFault::Hidden(letter));
        }
    }
    if name.starts_with(is_outer) || name.ends_with(is_outer) {
        return Some(NameFault::Outer);
    }
    if name.chars().nth(LONGEST).is_some() {
        return Some(NameFault::TooLong);
    }
    is_device(name).then_some(NameFault::Device)
}

/// The name nearest to this one that will do.
pub fn proper_name(name: &str) -> String {
    let shown: String = name.chars().filter(|letter| !is_hidden(*letter)).collect();
    let mut inner: &str = &shown;
    // A path through folders says nothing of the file.
    while let Some(rest) = ["../", "..\\", "./", ".\\"]
        .iter()
        .find_map(|way| inner.strip_prefix(way))
    {
        inner = rest;
    }
    let proper: String = inner
        .trim_matches(is_outer)
        .chars()
        .map(|letter| {
            if REFUSED.contains(&letter) {
                '_'
            } else {
                letter
            }
        })
        .collect();
    match proper.as_str() {
        "" => NAMELESS.to_owned(),
        name if is_device(name) => shortened(&format!("_{name}")),
        name => shortened(name),
    }
}

/// A name cut to the longest, its extension kept.
fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= LONGEST {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.chars().count() <= 16 => {
            (stem, format!(".{extension}"))
        }
        _ => (name, String::new()),
    };
    let room = LONGEST - extension.chars().count();
    let stem: String = stem.chars().take(room).collect();
    format!("{}{extension}", stem.trim_end_matches(is_outer))
}

/// What may not stand at either end.
fn is_outer(letter: char) -> bool {
    letter == '.' || letter.is_whitespace()
}

/// What doesn't show, and may make what is around it look like something else.
fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') || is_direction_mark(letter)
}

/// Whether a character is one that turns the direction of what is printed after it.
pub fn is_direction_mark(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_lowercase();
    let port = |port: &str| stem.strip_prefix(port).is_some_and(is_port_number);
    DEVICES.contains(&stem.as_str()) || port("com") || port("lpt")
}

fn is_port_number(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_will_do_stay_as_they_are() {
        for name in [
            "a.pdf",
            "Акт №12 (подписан), v1.2.pdf",
            "a..b",
            "no extension",
            "emoji 😀.png",
            "it's 100% ~done~ #1 & [x]{y};z=@+!.txt",
            "console.txt",
            "com.txt",
            "com10",
            &"я".repeat(255),
        ] {
            assert_eq!(name_fault(name), None, "{name}");
            assert_eq!(proper_name(name), name);
        }
    }

    #[test]
    fn each_fault_has_a_name_that_would_do() {
        let long = format!("{}.pdf", "я".repeat(300));
        let cut = format!("{}.pdf", "я".repeat(251));
        for (name, fault, proper) in [
            ("../../x.php", NameFault::Refused('/'), "x.php"),
            ("..\\..\\x.php", NameFault::Refused('\\'), "x.php"),
            (
                "Act 12/2019.pdf",
                NameFault::Refused('/'),
                "Act 12_2019.pdf",
            ),
            ("/etc/passwd", NameFault::Refused('/'), "_etc_passwd"),
            ("C:\\x.txt", NameFault::Refused(':'), "C__x.txt"),
            ("what?*\"<>|.txt", NameFault::Refused('?'), "what______.txt"),
            ("a\nb\0.txt", NameFault::Hidden('\n'), "ab.txt"),
            (
                "invoice\u{202e}fdp.exe",
                NameFault::Hidden('\u{202e}'),
                "invoicefdp.exe",
            ),
            (
                "a\u{61c}\u{200f}\u{2066}b",
                NameFault::Hidden('\u{61c}'),
                "ab",
            ),
            ("a\u{2028}b", NameFault::Hidden('\u{2028}'), "ab"),
            (" a.txt", NameFault::Outer, "a.txt"),
            ("a.txt. ", NameFault::Outer, "a.txt"),
            (".htaccess", NameFault::Outer, "htaccess"),
            ("a\u{a0}", NameFault::Outer, "a"),
            ("", NameFault::Empty, "file"),
            (" .. ", NameFault::Empty, "file"),
            ("../..", NameFault::Refused('/'), "file"),
            (&long, NameFault::TooLong, &cut),
            ("con", NameFault::Device, "_con"),
            ("Aux.tar.gz", NameFault::Device, "_Aux.tar.gz"),
            ("LPT1.txt", NameFault::Device, "_LPT1.txt"),
        ] {
            assert_eq!(name_fault(name), Some(fault), "{name:?}");
            assert_eq!(proper_name(name), proper, "{name:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_proper_name_always_will_do(name in "[\\PC\u{0}-\u{20}/\\\\:.\u{202e}]{0,300}") {
            let proper = proper_name(&name);
            proptest::prop_assert_eq!(name_fault(&proper), None, "{:?}", proper);
            if name_fault(&name).is_none() {
                proptest::prop_assert_eq!(proper, name);
            }
        }
    }
}
