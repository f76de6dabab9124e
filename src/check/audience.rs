//! The audience: a list of access codes, plain or under the keys of Bitrix24's `SPERM`.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::manifest::json;
use crate::post::{
    Audience, AudienceCode, AudienceError, AudienceKind, AudienceName, Field, Post, trimmed,
};

use super::cells::{Cells, ReadValue, Reported};
use super::problem::shortened;
use super::values::Many;
use super::{Code, Rules};

const EXPECTED: &str = "codes such as U1,SG5,DR7,UA,CRMDEAL3, names such as department:Sales, \
                        group:News and user:ann@example.com, or a JSON list of them";

/// Puts the codes of names in their place, once the portal has told them.
pub(super) fn resolve_names(cells: &mut Cells<'_, '_>, post: &mut Post<'_>, rules: &Rules) {
    let Some(known) = &rules.audience_names else {
        return;
    };
    if post.audience.names().is_empty() {
        return;
    }
    post.audience = post.audience.resolved(known);
    for name in post.audience.names() {
        let advice = "the portal has not been asked for this name; run the same command again";
        cells.objection(
            Field::Audience,
            Code::AudienceInvalid,
            &name.to_string(),
            advice,
        );
    }
}

/// One of those who may see a post.
enum Recipient {
    Code(AudienceCode),
    Name(AudienceName),
}

impl Recipient {
    fn kind(&self) -> AudienceKind {
        match self {
            Recipient::Code(code) => code.kind,
            Recipient::Name(name) => name.kind,
        }
    }
}

impl<'a> Cells<'_, 'a> {
    /// The audience where it is good codes between commas and nothing else, as it mostly is. A
    /// check of short rows would take a tenth longer without this.
    pub fn plain_audience(&mut self) -> Option<Audience> {
        if self.maps_audience() {
            return None;
        }
        let text = self.plain_text(Field::Audience)?;
        // To look for one comma with memchr, as `split(',')` does, doesn't pay in so few letters.
        let codes = text
            .split([','])
            .map(|part| AudienceCode::of(trimmed(part)));
        codes.collect()
    }

    /// The codes of everybody who may see the post, in the order written. Every code that is wrong
    /// makes a problem of its own.
    pub fn audience(&mut self) -> ReadValue<Audience> {
        let mut codes = Codes::default();
        match self.many(Field::Audience, ",", EXPECTED)? {
            None => return Ok(None),
            Some(Many::Parts(parts)) => parts.iter().for_each(|part| codes.take(self.code(part))),
            Some(Many::Items(items)) => {
                items
                    .into_iter()
                    .for_each(|item| codes.take(self.json_code(item)));
            }
            Some(Many::Object(object)) => self.codes_by_key(object, &mut codes),
        }
        if let Some(reported) = codes.reported {
            return Err(reported);
        }
        if codes.good.is_empty() && codes.names.is_empty() {
            self.says_nothing(Field::Audience);
            return Ok(None);
        }
        let audience: Audience = codes.good.into_iter().collect();
        Ok(Some(audience.with_names(codes.names)))
    }

    /// One code or name; a blank one is none, as it is for Bitrix24 (bitrix24-rest.md §1.4).
    fn code(&mut self, text: &str) -> ReadValue<Recipient> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(name) = AudienceName::parse(text) {
            return Ok(Some(Recipient::Name(name)));
        }
        if let Some(mapped) = self.mapped_code(text) {
            return mapped.map(|code| code.map(Recipient::Code));
        }
        let code = AudienceCode::parse(text).map(|code| Some(Recipient::Code(code)));
        code.map_err(|error| {
            let wrong = match error {
                AudienceError::Number(_) => "a positive number has to follow the letters",
                AudienceError::Empty | AudienceError::Unknown(_) => "this is no access code",
            };
            let advice = format!("{wrong}; give {EXPECTED}");
            self.problem(Field::Audience, Code::AudienceInvalid, text, advice)
        })
    }

    /// One code of a JSON list.
    fn json_code(&mut self, item: &'a str) -> ReadValue<Recipient> {
        let text = self.code_text(item)?;
        self.code(&text)
    }

    fn code_text(&mut self, item: &'a str) -> Result<Cow<'a, str>, Reported> {
        if item.starts_with('"') {
            return self.string(Field::Audience, item);
        }
        let advice = format!("a code is a string; give {EXPECTED}");
        Err(self.problem(Field::Audience, Code::AudienceInvalid, item, advice))
    }

    /// Bitrix24 looks only at the codes and never at their keys (bitrix24-rest.md §1.4), so a code
    /// under a wrong key would reach somebody whom the row may not mean.
    fn codes_by_key(&mut self, object: &'a str, codes: &mut Codes) {
        let mut lists = Vec::new();
        if json::each_pair(object, |key, list| lists.push((key, list))).is_err() {
            return codes.take(Err(self.wrong_type(Field::Audience, EXPECTED)));
        }
        let mut seen = HashSet::new();
        for (key, list) in &lists {
            let is_repeated = !seen.insert(key.as_ref());
            match json::items(list) {
                _ if is_repeated => {
                    let advice = "this key is given twice; join its lists";
                    let code = Code::FieldRepeated;
                    codes.take(Err(self.problem(Field::Audience, code, key, advice)));
                }
                Ok(items) => {
                    items
                        .into_iter()
                        .for_each(|item| codes.take(self.code_under(key, item)));
                }
                Err(_) => {
                    let advice = format!("give a list of codes under `{}`", shortened(key));
                    let code = Code::TypeWrong;
                    codes.take(Err(self.problem(Field::Audience, code, list, advice)));
                }
            }
        }
    }

    fn code_under(&mut self, key: &str, item: &'a str) -> ReadValue<Recipient> {
        let text = self.code_text(item)?;
        let Some(code) = self.code(&text)? else {
            return Ok(None);
        };
        if AudienceKind::from_prefix(key) == Some(code.kind()) {
            return Ok(Some(code));
        }
        let advice = format!(
            "`{}` stands under `{}`; put it under `{}` or correct it",
            shortened(trimmed(&text)),
            shortened(key),
            code.kind().prefix()
        );
        Err(self.problem(Field::Audience, Code::AudienceKeyWrong, &text, advice))
    }
}

/// The codes of a row, and whether some of them are wrong.
#[derive(Default)]
struct Codes {
    good: Vec<AudienceCode>,
    names: Vec<AudienceName>,
    reported: Option<Reported>,
}

impl Codes {
    fn take(&mut self, code: ReadValue<Recipient>) {
        match code {
            Ok(Some(Recipient::Code(code))) => self.good.push(code),
            Ok(Some(Recipient::Name(name))) => self.names.push(name),
            Ok(None) => {}
            Err(reported) => self.reported = Some(reported),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::{codes, posts};

    fn audience(csv: &str, json: &str) -> Vec<String> {
        let posts = posts("audience", csv, json);
        let show = |post: &crate::post::Post<'_>| {
            let codes = post.audience.codes().iter();
            codes.map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(show(&posts[0]), show(&posts[1]));
        show(&posts[0])
    }

    #[test]
    fn codes_of_every_kind_read_in_every_form() {
        let all = [
            "U1",
            "SG5",
            "DR7",
            "UA",
            "CRMLEAD9",
            "CRMDEAL3",
            "CRMCONTACT2",
            "CRMCOMPANY4",
        ];
        let list = format!("{all:?}");
        assert_eq!(audience(&all.join(" , "), &list), all);
        assert_eq!(audience(&list, &list), all);
        let object = r#"{"U":["U1","u2"],"SG":[],"UA":["UA"],"CRMDEAL":["CRMDEAL3",""]}"#;
        assert_eq!(audience(object, object), ["U1", "U2", "UA", "CRMDEAL3"]);
        assert_eq!(audience("U1,,U1,", r#""U1,,U1,""#), ["U1"]);
    }

    #[test]
    fn every_wrong_code_is_a_problem_of_its_own() {
        let expected = [("audience_invalid", "X1"), ("audience_invalid", "U0")];
        assert_eq!(
            codes("audience", "X1,U2,U0", r#"["X1","U2","U0"]"#),
            expected
        );
        assert_eq!(codes("audience", "[1]", "[1]"), [("audience_invalid", "1")]);
        assert_eq!(
            codes("audience", "[1", r#""[1""#),
            [("audience_invalid", "[1")]
        );
    }

    #[test]
    fn codes_and_keys_have_to_agree() {
        for (object, value) in [
            (r#"{"U":["SG5"]}"#, "SG5"),
            (r#"{"u":["U1"]}"#, "U1"),
            (r#"{"U":["UA"]}"#, "UA"),
            (r#"{"users":["U1"]}"#, "U1"),
        ] {
            let expected = [("audience_key_wrong", value)];
            assert_eq!(codes("audience", object, object), expected, "{object}");
        }
        let text = r#"{"U":"U1"}"#;
        assert_eq!(codes("audience", text, text), [("type_wrong", "\"U1\"")]);
        let long = format!(r#"{{"{}\n":["U1"]}}"#, "k".repeat(1000));
        let found = codes("audience", &long, &long);
        assert_eq!(found, [("audience_key_wrong", "U1")]);
        let twice = r#"{"U":["U1"],"U":["U2"]}"#;
        assert_eq!(codes("audience", twice, twice), [("field_repeated", "U")]);
    }
}
