//! Who may see a post: `SPERM` flattened to right codes (bitrix24-rest.md §1.4).

use std::collections::BTreeSet;

use super::super::php::Php;

/// The prefixes of codes that name a CRM entity, with the owner type each stands for.
const CRM_PREFIXES: [(&str, i64); 4] = [
    ("CRMLEAD", 1),
    ("CRMDEAL", 2),
    ("CRMCONTACT", 3),
    ("CRMCOMPANY", 4),
];

/// The code of everybody.
pub(super) const EVERYONE: &str = "UA";

/// Every non-empty text in any list of the map, whatever its key, each once and in order. What is
/// no list of the map is passed over. `UA` is dropped when the portal forbids it; where it is
/// allowed the portal turns it into a group of its own, and here it keeps its name.
pub(super) fn right_codes(sperm: Option<&Php>, everyone_allowed: bool) -> Vec<String> {
    let mut seen = BTreeSet::new();
    sperm
        .and_then(Php::as_array)
        .into_iter()
        .flat_map(|map| map.values())
        .filter_map(Php::as_array)
        .flat_map(|list| list.values())
        .filter_map(Php::to_text)
        .map(|code| String::from_utf8_lossy(&code).into_owned())
        .filter(|code| !code.is_empty() && (everyone_allowed || code != EVERYONE))
        .filter(|code| seen.insert(code.clone()))
        .collect()
}

/// The CRM entity (owner type, ID) that a code names, if it names one.
pub(super) fn crm_entity(code: &str) -> Option<(i64, i64)> {
    let (digits, owner_type) = CRM_PREFIXES
        .iter()
        .find_map(|(prefix, owner_type)| Some((code.strip_prefix(prefix)?, *owner_type)))?;
    let id = digits.parse::<u32>().ok().filter(|id| *id > 0)?;
    Some((owner_type, i64::from(id)))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::super::php::json_decode;
    use super::*;

    fn codes(json: &'static str, everyone_allowed: bool) -> Vec<String> {
        let sperm = json_decode(&Bytes::from_static(json.as_bytes())).unwrap();
        right_codes(Some(&sperm), everyone_allowed)
    }

    #[test]
    fn lists_are_flattened_whatever_their_keys() {
        assert_eq!(
            codes(
                r#"{"U":["U1","U2"],"odd":["SG5"],"7":{"x":"DR7"},"CRMLEAD":["CRMLEAD9"]}"#,
                true
            ),
            ["U1", "U2", "SG5", "DR7", "CRMLEAD9"]
        );
        assert_eq!(codes(r#"{"U":["U1","","U1",5,null]}"#, true), ["U1", "5"]);
        assert_eq!(codes(r#"{"U":"U1"}"#, true), [""; 0]);
        assert_eq!(codes(r#"["U1"]"#, true), [""; 0]);
        assert_eq!(codes(r#"{"U":[["U1"]]}"#, true), [""; 0]);
        assert_eq!(codes(r#""U1""#, true), [""; 0]);
        assert_eq!(right_codes(None, true), [""; 0]);
    }

    #[test]
    fn everybody_may_be_forbidden() {
        assert_eq!(codes(r#"{"UA":["UA"],"U":["U1"]}"#, true), ["UA", "U1"]);
        assert_eq!(codes(r#"{"UA":["UA"],"U":["U1"]}"#, false), ["U1"]);
    }

    #[test]
    fn crm_codes_name_a_record() {
        assert_eq!(crm_entity("CRMLEAD9"), Some((1, 9)));
        assert_eq!(crm_entity("CRMDEAL10"), Some((2, 10)));
        assert_eq!(crm_entity("CRMCONTACT1"), Some((3, 1)));
        assert_eq!(crm_entity("CRMCOMPANY4"), Some((4, 4)));
        for code in [
            "U1",
            "CRMLEAD",
            "CRMLEAD0",
            "CRMLEADx",
            "crmlead1",
            "CRMQUOTE1",
        ] {
            assert_eq!(crm_entity(code), None, "{code}");
        }
    }
}
