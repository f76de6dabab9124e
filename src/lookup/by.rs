//! What records are looked for by: a field of theirs, and how the old ID stands in it.

use std::str::FromStr;

/// A field of CRM records on the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupField {
    /// The title, or of contacts the name.
    Title,
    /// The INN among the requisites.
    Inn,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The ID in the system that the record came from.
    OriginId,
    /// The external key.
    XmlId,
    /// A field of the user's own, by its name on the portal.
    Own(String),
}

/// A field, and what is asked of it for an old ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupBy {
    /// The field.
    pub field: LookupField,
    /// What stands before and behind the old ID in it.
    around: (String, String),
}

/// Stands for the old ID in a pattern.
const OLD: &str = "{}";

const EXPECTED: &str = "give title, inn, phone, email, originId, xmlId or the name of a field of your \
                        own such as UF_CRM_OLD_ID; with a pattern if need be: UF_CRM_OLD_ID=amo_{}";

impl LookupBy {
    /// What the field holds of the record with that old ID.
    pub fn asked(&self, old: &str) -> String {
        let (before, behind) = &self.around;
        format!("{before}{}{behind}", old.trim())
    }
}

impl FromStr for LookupBy {
    type Err = String;

    /// `originId`, or with a pattern `UF_CRM_OLD_ID=amo_{}`.
    fn from_str(text: &str) -> Result<LookupBy, String> {
        let (name, pattern) = text.split_once('=').unwrap_or((text, OLD));
        let field = field(name.trim()).ok_or(EXPECTED)?;
        let (before, behind) = pattern
            .split_once(OLD)
            .filter(|(_, behind)| !behind.contains(OLD))
            .ok_or("a pattern holds {} once, where the old ID stands, such as amo_{}")?;
        let around = (before.to_owned(), behind.to_owned());
        Ok(LookupBy { field, around })
    }
}

fn field(name: &str) -> Option<LookupField> {
    let own = || {
        let name = name.to_ascii_uppercase();
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_own = name
            .strip_prefix("UF_")
            .is_some_and(|rest| !rest.is_empty());
        (is_own && name.bytes().all(is_letter)).then_some(LookupField::Own(name))
    };
    match name.to_ascii_lowercase().as_str() {
        "title" => Some(LookupField::Title),
        "inn" => Some(LookupField::Inn),
        "phone" => Some(LookupField::Phone),
        "email" => Some(LookupField::Email),
        "originid" | "origin_id" => Some(LookupField::OriginId),
        "xmlid" | "xml_id" => Some(LookupField::XmlId),
        _ => own(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_with_and_without_a_pattern() {
        for (text, field, asked) in [
            ("Title", LookupField::Title, "7"),
            ("origin_id", LookupField::OriginId, "7"),
            (
                "uf_crm_old=amo_{}",
                LookupField::Own("UF_CRM_OLD".into()),
                "amo_7",
            ),
            ("originId=x={}.", LookupField::OriginId, "x=7."),
        ] {
            let by: LookupBy = text.parse().unwrap();
            assert_eq!((&by.field, by.asked(" 7 ").as_str()), (&field, asked));
        }
        for wrong in ["", "name", "UF_", "UF_CRM OLD", "inn=", "inn=x", "inn={}{}"] {
            assert!(wrong.parse::<LookupBy>().is_err(), "{wrong}");
        }
    }
}
