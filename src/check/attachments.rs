//! The attachments as a row names them: paths, or paths with the name to show.

use std::borrow::Cow;

use crate::manifest::json;
use crate::post::{Attachment, Field};

use super::Code;
use super::cells::{Cells, ReadValue, Reported};
use super::values::Many;

const EXPECTED: &str = r#"a list of paths, or of {"path": …, "name": …}"#;

impl<'a> Cells<'_, 'a> {
    /// The files that the row names, in order. Whether they are there is not asked.
    pub fn attachments(&mut self) -> ReadValue<Vec<Attachment<'a>>> {
        let attachments: Vec<_> = match self.many(Field::Attachments, ";", EXPECTED)? {
            None => return Ok(None),
            Some(Many::Parts(parts)) => {
                let paths = parts.into_list().into_iter();
                paths.map(|path| Ok(Attachment::at(path))).collect()
            }
            Some(Many::Items(items)) => items.into_iter().map(|i| self.attachment(i)).collect(),
            Some(Many::Object(object)) => vec![self.attachment(object)],
        };
        let named = attachments.into_iter().collect::<Result<_, _>>()?;
        self.mapped_files(named).map(Some)
    }

    fn attachment(&mut self, item: &'a str) -> Result<Attachment<'a>, Reported> {
        match item.as_bytes().first() {
            Some(b'"') => self.string(Field::Attachments, item).map(Attachment::at),
            Some(b'{') => self.named_attachment(item),
            Some(b'[') => {
                let advice = "a file's content can't stand in the manifest; \
                              save it as a file and give its path";
                Err(self.problem(Field::Attachments, Code::AttachmentInline, item, advice))
            }
            _ => Err(self.invalid(item)),
        }
    }

    fn named_attachment(&mut self, object: &'a str) -> Result<Attachment<'a>, Reported> {
        let (mut path, mut name, mut other) = (None, None, false);
        let read = json::each_pair(object, |key, value| {
            let place = match key.as_ref() {
                "path" => &mut path,
                "name" => &mut name,
                _ => {
                    other = true;
                    return;
                }
            };
            other |= place.replace(value).is_some();
        });
        let texts = match (read, path, other) {
            (Ok(()), Some(path), false) => (path, name.filter(|name| *name != "null")),
            _ => return Err(self.invalid(object)),
        };
        let is_text = |value: &str| value.starts_with('"');
        if !is_text(texts.0) || !texts.1.is_none_or(is_text) {
            return Err(self.invalid(object));
        }
        let path = self.string(Field::Attachments, texts.0)?;
        let name = texts.1.map(|name| self.string(Field::Attachments, name));
        let has_text = |name: &Cow<'a, str>| !name.trim().is_empty();
        let name = name.transpose()?.filter(has_text);
        Ok(Attachment { path, name })
    }

    fn invalid(&mut self, value: &str) -> Reported {
        let advice = format!("give {EXPECTED}");
        self.problem(Field::Attachments, Code::AttachmentInvalid, value, advice)
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::{codes, posts};
    use crate::post::Attachment;

    fn attachments(csv: &str, json: &str) -> Vec<Attachment<'static>> {
        let mut posts = posts("attachments", csv, json);
        assert_eq!(posts[0].attachments, posts[1].attachments);
        posts.remove(0).attachments
    }

    fn named(path: &'static str, name: &'static str) -> Attachment<'static> {
        Attachment {
            name: Some(name.into()),
            ..Attachment::at(path)
        }
    }

    #[test]
    fn paths_read_in_every_form() {
        let plain = [Attachment::at("a 1.txt"), Attachment::at("b\\c.pdf")];
        let list = r#"["a 1.txt", "b\\c.pdf"]"#;
        assert_eq!(attachments("a 1.txt; ;b\\c.pdf;", list), plain);
        assert_eq!(attachments(list, list), plain);
        let objects = r#"["a;b", {"path":"x/1","name":"Act.pdf"}, {"path":"y","name":" "}]"#;
        let expected = [
            Attachment::at("a;b"),
            named("x/1", "Act.pdf"),
            Attachment::at("y"),
        ];
        assert_eq!(attachments(objects, objects), expected);
        let one = r#"{"name":"Act.pdf","path":"x/1"}"#;
        assert_eq!(attachments(one, one), [named("x/1", "Act.pdf")]);
    }

    #[test]
    fn a_name_that_looks_like_json_is_a_path_unless_it_is_json() {
        assert_eq!(attachments("[1] act.pdf", r#"["[1] act.pdf"]"#).len(), 1);
    }

    #[test]
    fn content_in_place_of_a_path_is_refused_file_by_file() {
        let files = r#"[["a.txt","aGk="],["b.txt","aGk="]]"#;
        let expected = [
            ("attachment_inline", r#"["a.txt","aGk="]"#),
            ("attachment_inline", r#"["b.txt","aGk="]"#),
        ];
        assert_eq!(codes("attachments", files, files), expected);
    }

    #[test]
    fn what_names_no_file_is_refused() {
        for item in [
            "7",
            r#"{"name":"a"}"#,
            r#"{"path":"a","size":1}"#,
            r#"{"path":"a","path":"b"}"#,
            r#"{"path":1}"#,
        ] {
            let list = format!("[{item}]");
            let expected = [("attachment_invalid", item)];
            assert_eq!(codes("attachments", &list, &list), expected, "{item}");
        }
    }
}
