//! Texts made of the columns of a row.

use std::fmt;

use super::Place;

/// How a template names the exploded column.
pub(super) const EXPLODE: &str = "explode";

/// A text with columns in it: `{Тема}: {Текст}`. A brace itself is written twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// What it is made of, in order.
    pub pieces: Vec<TemplatePiece>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePiece {
    /// Text, as it is.
    Text(String),
    /// What a column holds.
    Column(TemplateColumn),
}

/// A column that a template names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateColumn {
    /// Its name, without outer blanks.
    pub name: String,
    /// The byte of the template at which its brace stands.
    pub byte: usize,
    /// Where that is in the mapping file.
    pub place: Place,
}

/// What is wrong with a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// No closing brace follows.
    #[error(
        "the brace is never closed; end the column's name with `}}`, or write `{{{{` for a brace"
    )]
    Unclosed,
    /// Another brace is opened within a name.
    #[error(
        "a brace is opened within a column's name; close the first one, or write `{{{{` for a brace"
    )]
    Nested,
    /// A closing brace that none opens.
    #[error("no brace is open here; write `}}}}` for a brace")]
    Unopened,
    /// Braces with nothing between them.
    #[error("there is no column's name between the braces; write `{{{{}}}}` for braces")]
    NoName,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with its braces, with the byte of the one concerned.
    pub fn parse(text: &str) -> Result<Template, (usize, TemplateFault)> {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(found) = rest.find(['{', '}']) {
            let byte = text.len() - rest.len() + found;
            plain.push_str(&rest[..found]);
            let brace = &rest[found..];
            if brace.starts_with("{{") || brace.starts_with("}}") {
                plain.push_str(&brace[..1]);
                rest = &brace[2..];
                continue;
            }
            if brace.starts_with('}') {
                return Err((byte, TemplateFault::Unopened));
            }
            let (name, behind) = braced(brace).map_err(|fault| (byte, fault))?;
            if !plain.is_empty() {
                pieces.push(TemplatePiece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(TemplatePiece::Column(TemplateColumn {
                name,
                byte,
                place: Place::default(),
            }));
            rest = behind;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(TemplatePiece::Text(plain));
        }
        Ok(Template { pieces })
    }

    /// Says where in the mapping file each of its bytes stands.
    pub(super) fn set_places(&mut self, place_of: impl Fn(usize) -> Place) {
        for piece in &mut self.pieces {
            if let TemplatePiece::Column(column) = piece {
                column.place = place_of(column.byte);
            }
        }
    }

    /// The columns that it names, in order.
    pub fn columns(&self) -> impl Iterator<Item = &TemplateColumn> {
        self.pieces.iter().filter_map(|piece| match piece {
            TemplatePiece::Column(column) => Some(column),
            TemplatePiece::Text(_) => None,
        })
    }
}

/// The name behind an opening brace, and what follows its closing one.
fn braced(text: &str) -> Result<(String, &str), TemplateFault> {
    let inner = &text[1..];
    let end = inner.find(['{', '}']).ok_or(TemplateFault::Unclosed)?;
    if inner[end..].starts_with('{') {
        return Err(TemplateFault::Nested);
    }
    match inner[..end].trim() {
        "" => Err(TemplateFault::NoName),
        name => Ok((name.to_owned(), &inner[end + 1..])),
    }
}

/// As it is written.
impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                TemplatePiece::Text(text) => {
                    out.write_str(&text.replace('{', "{{").replace('}', "}}"))?;
                }
                TemplatePiece::Column(column) => write!(out, "{{{}}}", column.name)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_braces_and_braces_are_written_twice() {
        let template = Template::parse("{ Тема }: {{x}} {Текст}").unwrap();
        let names: Vec<_> = template.columns().map(|column| &column.name).collect();
        assert_eq!(names, ["Тема", "Текст"]);
        assert_eq!(template.pieces[1], TemplatePiece::Text(": {x} ".to_owned()));
        assert_eq!(template.to_string(), "{Тема}: {{x}} {Текст}");
        assert_eq!(Template::parse("").unwrap().pieces, []);
    }

    #[test]
    fn a_brace_without_its_other_is_named_by_its_byte() {
        for (text, byte, fault) in [
            ("Т{a", 2, TemplateFault::Unclosed),
            ("{a{b}", 0, TemplateFault::Nested),
            ("{a}}", 3, TemplateFault::Unopened),
            ("x{ }", 1, TemplateFault::NoName),
            ("{{{", 2, TemplateFault::Unclosed),
        ] {
            assert_eq!(Template::parse(text), Err((byte, fault)), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_the_same(text in "[{}a ]{0,12}") {
            if let Ok(template) = Template::parse(&text) {
                let again = Template::parse(&template.to_string()).unwrap();
                let plain = |template: &Template| {
                    let pieces = template.pieces.iter().map(|piece| match piece {
                        TemplatePiece::Text(text) => (false, text.clone()),
                        TemplatePiece::Column(column) => (true, column.name.clone()),
                    });
                    pieces.collect::<Vec<_>>()
                };
                proptest::prop_assert_eq!(plain(&template), plain(&again));
            }
        }

        #[test]
        fn any_text_can_be_written_in_a_template(text in "\\PC*") {
            let escaped = text.replace('{', "{{").replace('}', "}}");
            let template = Template::parse(&escaped).unwrap();
            let expected: Vec<_> = match text.as_str() {
                "" => vec![],
                text => vec![TemplatePiece::Text(text.to_owned())],
            };
            proptest::prop_assert_eq!(template.pieces, expected);
        }
    }
}
