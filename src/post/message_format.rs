//! How the texts of messages are written.

/// How the texts of messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MessageFormat {
    /// With Bitrix24's own tags, as they are sent.
    #[default]
    BbCode,
    /// As HTML.
    Html,
    /// As CommonMark.
    Markdown,
    /// Without any markup.
    Text,
}

impl MessageFormat {
    /// The names of all.
    pub const NAMES: &[&str] = &["bbcode", "html", "markdown", "text"];

    /// The format of that name.
    pub fn parse(word: &str) -> Option<MessageFormat> {
        match word {
            "bbcode" => Some(MessageFormat::BbCode),
            "html" => Some(MessageFormat::Html),
            "markdown" => Some(MessageFormat::Markdown),
            "text" => Some(MessageFormat::Text),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            MessageFormat::BbCode => "bbcode",
            MessageFormat::Html => "html",
            MessageFormat::Markdown => "markdown",
            MessageFormat::Text => "text",
        }
    }
}
