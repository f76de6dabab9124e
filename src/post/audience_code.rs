//! Bitrix24's access codes, which say who may see a post (`SPERM`).

use std::fmt;

use super::{EntityKind, parse_id, trimmed};

/// A kind of access code, with the prefix that Bitrix24 gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AudienceKind {
    /// A CRM contact.
    CrmContact,
    /// A CRM company.
    CrmCompany,
    /// A CRM deal.
    CrmDeal,
    /// A CRM lead.
    CrmLead,
    /// Workgroup.
    Workgroup,
    /// One user.
    User,
    /// Department with its subdivisions.
    Department,
    /// All authorised users; has no number.
    Everyone,
}

impl AudienceKind {
    /// All kinds.
    pub const ALL: [AudienceKind; 8] = [
        AudienceKind::CrmContact,
        AudienceKind::CrmCompany,
        AudienceKind::CrmDeal,
        AudienceKind::CrmLead,
        AudienceKind::Workgroup,
        AudienceKind::User,
        AudienceKind::Department,
        AudienceKind::Everyone,
    ];

    /// The code's prefix, which is also the key of its list in `SPERM`.
    pub const fn prefix(self) -> &'static str {
        match self {
            AudienceKind::CrmContact => "CRMCONTACT",
            AudienceKind::CrmCompany => "CRMCOMPANY",
            AudienceKind::CrmDeal => "CRMDEAL",
            AudienceKind::CrmLead => "CRMLEAD",
            AudienceKind::Workgroup => "SG",
            AudienceKind::User => "U",
            AudienceKind::Department => "DR",
            AudienceKind::Everyone => "UA",
        }
    }

    /// The kind with that `SPERM` key, exactly as Bitrix24 writes it.
    pub fn from_prefix(prefix: &str) -> Option<AudienceKind> {
        AudienceKind::ALL
            .into_iter()
            .find(|kind| kind.prefix() == prefix)
    }

    /// The kind whose prefix is all the letters that a text begins with, and what follows them.
    fn at_start_of(text: &str) -> Option<(AudienceKind, &str)> {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (prefix, rest) = text.split_at(letters);
        let kind = AudienceKind::ALL
            .into_iter()
            .find(|kind| kind.prefix().eq_ignore_ascii_case(prefix))?;
        Some((kind, rest))
    }

    /// The kind of CRM entity that such a code names.
    pub const fn entity_kind(self) -> Option<EntityKind> {
        match self {
            AudienceKind::CrmContact => Some(EntityKind::Contact),
            AudienceKind::CrmCompany => Some(EntityKind::Company),
            AudienceKind::CrmDeal => Some(EntityKind::Deal),
            AudienceKind::CrmLead => Some(EntityKind::Lead),
            _ => None,
        }
    }
}

/// One access code such as `U1`, `SG5` or `UA`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AudienceCode {
    /// Whom the number names.
    pub kind: AudienceKind,
    /// 0 for `UA`, otherwise positive.
    pub id: u64,
}

/// Why a text is no access code.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AudienceError {
    #[error("an empty code")]
    Empty,
    #[error("`{0}` is no access code")]
    Unknown(String),
    #[error("`{0}` needs a positive number after its letters")]
    Number(String),
}

impl AudienceCode {
    /// Reads one code. Letters may be lower case; they are sent in upper case.
    ///
    /// # Errors
    /// When the letters are none of Bitrix24's, or no positive number follows them.
    pub fn parse(text: &str) -> Result<AudienceCode, AudienceError> {
        let text = trimmed(text);
        AudienceCode::of(text).ok_or_else(|| match AudienceKind::at_start_of(text) {
            _ if text.is_empty() => AudienceError::Empty,
            None | Some((AudienceKind::Everyone, _)) => AudienceError::Unknown(text.to_owned()),
            Some(_) => AudienceError::Number(text.to_owned()),
        })
    }

    /// The code that a text is, if it is one and nothing else.
    pub fn of(text: &str) -> Option<AudienceCode> {
        let (kind, number) = AudienceKind::at_start_of(text)?;
        let id = match kind {
            AudienceKind::Everyone => number.is_empty().then_some(0),
            _ => parse_id(number),
        };
        id.map(|id| AudienceCode { kind, id })
    }
}

impl fmt::Display for AudienceCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind.prefix())?;
        if self.kind == AudienceKind::Everyone {
            return Ok(());
        }
        write!(out, "{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_kind_read_and_print_alike() {
        for text in [
            "CRMCONTACT3",
            "CRMCOMPANY1",
            "CRMDEAL5",
            "CRMLEAD9",
            "SG5",
            "U1",
            "DR7",
            "UA",
        ] {
            let code = AudienceCode::parse(text).unwrap();
            assert_eq!(code.to_string(), text);
            assert_eq!(AudienceCode::parse(&text.to_lowercase()), Ok(code));
        }
    }

    #[test]
    fn a_text_is_a_code_only_without_anything_around_it() {
        assert!(AudienceCode::of("u1").is_some());
        for text in ["", " U1", "U1 ", "U1,U2", "U", "UA1"] {
            assert_eq!(AudienceCode::of(text), None, "{text}");
        }
    }

    #[test]
    fn wrong_codes_say_what_is_wrong() {
        assert_eq!(AudienceCode::parse(" "), Err(AudienceError::Empty));
        for text in ["X1", "1", "UA1", "D1", "CRM3", "Ü1"] {
            assert_eq!(
                AudienceCode::parse(text),
                Err(AudienceError::Unknown(text.to_owned()))
            );
        }
        for text in [
            "U",
            "U0",
            "U-1",
            "U+1",
            "SG1x",
            "U1.5",
            "U99999999999999999999",
            "U9223372036854775808",
        ] {
            assert_eq!(
                AudienceCode::parse(text),
                Err(AudienceError::Number(text.to_owned()))
            );
        }
    }
}
