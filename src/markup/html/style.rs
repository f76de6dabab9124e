//! What of an element's style matters in a text.

use crate::markup::writer::Mark;

/// What a style says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub is_hidden: bool,
    /// A mark that is set, or taken back.
    pub bold: Option<bool>,
    pub italic: Option<bool>,
    pub underline: bool,
    pub strike: bool,
    /// A paragraph without a distance to the next one, as mail programs write lines.
    pub is_tight: bool,
    /// A line above, by which mail programs part a reply from what it replies to.
    pub has_line_above: bool,
    pub is_preformatted: bool,
    /// One pixel wide or high, or less.
    pub is_pixel: bool,
}

impl Style {
    /// The style of a `style` attribute.
    pub fn parse(text: &str) -> Style {
        let mut style = Style::default();
        let mut has_other_border = false;
        let (mut has_no_height, mut has_no_overflow) = (false, false);
        for declaration in text.split(';') {
            let Some((name, value)) = declaration.split_once(':') else {
                continue;
            };
            let (name, value) = (
                name.trim().to_ascii_lowercase(),
                value.trim().to_ascii_lowercase(),
            );
            match (name.as_str(), value.as_str()) {
                ("border", value) if !is_none(value) => has_other_border = true,
                ("border-left" | "border-right" | "border-bottom", value) if !is_none(value) => {
                    has_other_border = true;
                }
                ("max-height", value) => has_no_height |= is_zero(value),
                ("overflow", value) => has_no_overflow |= value.starts_with("hidden"),
                (name, value) => style.take(name, value),
            }
        }
        style.has_line_above &= !has_other_border;
        // Not a size of 0 alone: mails set that around texts with a size of their own.
        style.is_hidden |= has_no_height && has_no_overflow;
        style
    }

    fn take(&mut self, name: &str, value: &str) {
        match name {
            "display" => self.is_hidden |= value.starts_with("none"),
            "visibility" => self.is_hidden |= value.starts_with("hidden"),
            "mso-hide" => self.is_hidden |= value.starts_with("all"),
            "width" | "height" => self.is_pixel |= is_at_most_one(value),
            "font-weight" => {
                let weight = value.parse::<u32>();
                self.bold =
                    Some(value.starts_with("bold") || weight.is_ok_and(|weight| weight >= 600));
            }
            "font-style" => {
                self.italic = Some(value.starts_with("italic") || value.starts_with("oblique"));
            }
            "text-decoration" | "text-decoration-line" => {
                self.underline |= value.contains("underline");
                self.strike |= value.contains("line-through");
            }
            "margin" | "margin-bottom" => {
                self.is_tight |= is_zero(value) || value.starts_with(".0001")
            }
            "border-top" => self.has_line_above |= value.contains("solid"),
            "white-space" => self.is_preformatted |= value.starts_with("pre"),
            _ => {}
        }
    }

    /// The marks that the style sets.
    pub fn marks(self) -> impl Iterator<Item = Mark> {
        [
            (self.bold == Some(true), Mark::Bold),
            (self.italic == Some(true), Mark::Italic),
            (self.underline, Mark::Underline),
            (self.strike, Mark::Strike),
        ]
        .into_iter()
        .filter_map(|(is_set, mark)| is_set.then_some(mark))
    }

    /// Whether the style takes back what the element stands for.
    pub fn takes_back(self, mark: Mark) -> bool {
        match mark {
            Mark::Bold => self.bold == Some(false),
            Mark::Italic => self.italic == Some(false),
            _ => false,
        }
    }
}

fn is_none(value: &str) -> bool {
    value.starts_with("none") || value.starts_with('0')
}

/// The number that a length begins with.
fn number(value: &str) -> Option<f64> {
    let end = value.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    value[..end.unwrap_or(value.len())].parse().ok()
}

fn is_zero(value: &str) -> bool {
    number(value) == Some(0.0)
}

/// Whether a length in pixels is at most one.
pub fn is_at_most_one(value: &str) -> bool {
    let value = value.trim();
    let unit = value.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let is_pixels = unit.is_empty() || unit.trim_start().starts_with("px");
    is_pixels && number(value).is_some_and(|number| number <= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_read() {
        let bold = Style::parse("FONT-WEIGHT: 700; color:#1F497D;font-style:italic");
        assert_eq!(bold.marks().collect::<Vec<_>>(), [Mark::Bold, Mark::Italic]);
        assert!(Style::parse("font-weight:normal").takes_back(Mark::Bold));
        for hidden in [
            "display:none",
            "display: none !important",
            "mso-hide:all",
            "max-height:0px;overflow:hidden",
        ] {
            assert!(Style::parse(hidden).is_hidden, "{hidden}");
        }
        for shown in [
            "display:block",
            "font-size:0",
            "max-height:0",
            "max-height:10px",
            "",
            ";:",
            "margin",
        ] {
            assert!(!Style::parse(shown).is_hidden, "{shown}");
        }
        let reply = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm";
        assert!(Style::parse(reply).has_line_above);
        assert!(!Style::parse("border:solid 1px;border-top:solid 1px").has_line_above);
        assert!(Style::parse("margin:0cm;margin-bottom:.0001pt").is_tight);
        assert!(
            Style::parse("width:1px;height:1px").is_pixel && !Style::parse("width:1.5em").is_pixel
        );
        assert!(
            is_at_most_one("1")
                && is_at_most_one("0px")
                && !is_at_most_one("1em")
                && !is_at_most_one("12")
        );
    }
}
