//! The systems from which files come, and what they call the kinds of records.

use std::fmt;

use crate::post::EntityKind;

use super::name::folded;

/// Where a file comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum System {
    AmoCrm,
    HubSpot,
    Salesforce,
    Pipedrive,
    Zoho,
    SuiteCrm,
    Vtiger,
    Bitrix24,
    /// Its columns are named as the fields of a manifest are.
    Manifest,
    #[default]
    Unknown,
}

impl System {
    /// Whether its records and users have the IDs that they have in Bitrix24.
    pub(super) fn has_our_ids(self) -> bool {
        matches!(self, System::Bitrix24 | System::Manifest)
    }

    /// The kind of record that a word of the system names.
    pub(super) fn kind_of(self, word: &str) -> Option<EntityKind> {
        let word = folded(word);
        if self == System::AmoCrm {
            match word.as_str() {
                "lead" | "leads" | "2" => return Some(EntityKind::Deal),
                "1" => return Some(EntityKind::Contact),
                "3" => return Some(EntityKind::Company),
                _ => {}
            }
        }
        let known = KINDS
            .iter()
            .find(|(_, words)| words.contains(&word.as_str()));
        match known {
            Some((kind, _)) => Some(*kind),
            None if self.has_our_ids() => EntityKind::parse(&word),
            None => None,
        }
    }
}

/// What systems call the kinds of records, as it is compared.
const KINDS: &[(EntityKind, &[&str])] = &[
    (
        EntityKind::Deal,
        &[
            "deal",
            "deals",
            "opportunity",
            "opportunities",
            "potential",
            "potentials",
            "crmdeal",
            "сделка",
            "сделки",
        ],
    ),
    (
        EntityKind::Lead,
        &["lead", "leads", "crmlead", "лид", "лиды"],
    ),
    (
        EntityKind::Contact,
        &[
            "contact",
            "contacts",
            "person",
            "persons",
            "crmcontact",
            "контакт",
            "контакты",
        ],
    ),
    (
        EntityKind::Company,
        &[
            "company",
            "companies",
            "account",
            "accounts",
            "organization",
            "organizations",
            "компания",
            "компании",
            "контрагент",
        ],
    ),
    (EntityKind::Quote, &["quote", "quotes"]),
];

impl fmt::Display for System {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            System::AmoCrm => "amoCRM (Kommo)",
            System::HubSpot => "HubSpot",
            System::Salesforce => "Salesforce",
            System::Pipedrive => "Pipedrive",
            System::Zoho => "Zoho CRM",
            System::SuiteCrm => "SuiteCRM",
            System::Vtiger => "vTiger",
            System::Bitrix24 => "Bitrix24",
            System::Manifest => "b24post",
            System::Unknown => "a system that is not known",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_of_amo_crm_is_a_deal() {
        assert_eq!(System::AmoCrm.kind_of("leads"), Some(EntityKind::Deal));
        assert_eq!(System::Zoho.kind_of("Leads"), Some(EntityKind::Lead));
        assert_eq!(
            System::SuiteCrm.kind_of("Opportunities"),
            Some(EntityKind::Deal)
        );
        assert_eq!(System::Bitrix24.kind_of("3"), Some(EntityKind::Contact));
        assert_eq!(System::Unknown.kind_of("3"), None);
        assert_eq!(System::Unknown.kind_of("Сделка"), Some(EntityKind::Deal));
    }
}
