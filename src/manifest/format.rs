//! The forms that a manifest can have.

use std::path::Path;

/// How the manifest's records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// A header row, then one record a row; commas, double quotes.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// JSON of any other shape, such as a list of objects.
    Json,
}

impl InputFormat {
    /// All there are.
    pub const ALL: [InputFormat; 3] = [InputFormat::Csv, InputFormat::Jsonl, InputFormat::Json];

    /// The format that a file's extension stands for, in any letter case.
    pub fn of_path(path: &Path) -> Option<InputFormat> {
        let extension = path.extension()?.to_str()?;
        InputFormat::parse(extension).or_else(|| {
            extension
                .eq_ignore_ascii_case("ndjson")
                .then_some(InputFormat::Jsonl)
        })
    }

    /// The format's name, as the option takes it.
    pub fn name(self) -> &'static str {
        match self {
            InputFormat::Csv => "csv",
            InputFormat::Jsonl => "jsonl",
            InputFormat::Json => "json",
        }
    }

    /// The format of that name, in any letter case.
    pub fn parse(name: &str) -> Option<InputFormat> {
        let mut all = InputFormat::ALL.into_iter();
        all.find(|format| name.eq_ignore_ascii_case(format.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_format() {
        let of = |path: &str| InputFormat::of_path(Path::new(path));
        assert_eq!(of("a/posts.CSV"), Some(InputFormat::Csv));
        assert_eq!(of("posts.jsonl"), Some(InputFormat::Jsonl));
        assert_eq!(of("posts.ndjson"), Some(InputFormat::Jsonl));
        assert_eq!(of("posts.json"), Some(InputFormat::Json));
        for unclear in ["posts", "posts.txt", "csv"] {
            assert_eq!(of(unclear), None, "{unclear}");
        }
    }
}
