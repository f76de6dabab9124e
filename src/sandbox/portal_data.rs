//! What there is on the portal beside posts: CRM records with their fields, users, departments and
//! workgroups, as a JSON file tells them.
//! samples/portal.json is such a file.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::owner::type_id;

/// What there is on the portal beside posts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PortalData {
    pub(super) records: Vec<DataRecord>,
    pub(super) users: Vec<DataUser>,
    pub(super) departments: Vec<DataDepartment>,
    pub(super) groups: Vec<DataGroup>,
}

/// A CRM record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct DataRecord {
    /// Its owner type.
    #[serde(rename = "type", deserialize_with = "owner_type")]
    pub owner_type: i64,
    pub id: i64,
    #[serde(default)]
    pub phone: Vec<String>,
    #[serde(default)]
    pub email: Vec<String>,
    /// One for each set of requisites.
    #[serde(default)]
    pub inn: Vec<String>,
    /// Its other fields by their names in `crm.item.list`; those of the user's own by the names
    /// that they have on the portal.
    #[serde(flatten)]
    pub fields: BTreeMap<String, String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE", deny_unknown_fields)]
pub(super) struct DataUser {
    pub id: u64,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub last_name: String,
    #[serde(default)]
    pub second_name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default = "yes")]
    pub active: bool,
    #[serde(default)]
    pub uf_department: Vec<i64>,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE", deny_unknown_fields)]
pub(super) struct DataDepartment {
    pub id: i64,
    pub name: String,
    #[serde(default)]
    pub parent: Option<i64>,
}

/// A workgroup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE", deny_unknown_fields)]
pub(super) struct DataGroup {
    pub id: i64,
    pub name: String,
    #[serde(default)]
    pub number_of_members: u64,
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

fn owner_type<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let name = String::deserialize(deserializer)?;
    let unknown = || {
        let text = format!(
            "`{name}` is no type of CRM record; there are lead, deal, contact, company, quote, \
             order, smart_invoice and dynamic_128 and up"
        );
        serde::de::Error::custom(text)
    };
    type_id(&name).ok_or_else(unknown)
}

/// A file of data that can't be used.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum PortalDataError {
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: io::Error },
    #[error("{} is not what the portal's data look like: {reason}", path.display())]
    Invalid {
        path: PathBuf,
        reason: serde_json::Error,
    },
}

impl PortalData {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, or says something else than what there is.
    pub fn read(path: &Path) -> Result<PortalData, PortalDataError> {
        let text = std::fs::read(path).map_err(|reason| PortalDataError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        serde_json::from_slice(&text).map_err(|reason| PortalDataError::Invalid {
            path: path.to_owned(),
            reason,
        })
    }

    /// The records of a type, by ID.
    pub(super) fn records_of(&self, owner_type: i64) -> Vec<&DataRecord> {
        let of_type = |record: &&DataRecord| record.owner_type == owner_type;
        let mut records: Vec<&DataRecord> = self.records.iter().filter(of_type).collect();
        records.sort_by_key(|record| record.id);
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PortalData, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.json");
        std::fs::write(&path, text).unwrap();
        PortalData::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn records_have_the_fields_that_the_file_gives_them() {
        let data = read(
            r#"{"records": [{"type": "deal", "id": 9, "title": "T", "UF_CRM_X": "1"},
                {"type": "deal", "id": 2, "inn": ["7"]}], "users": [{"ID": 5, "NAME": "Ann"}]}"#,
        );
        let data = data.unwrap();
        let deals = data.records_of(2);
        assert_eq!((deals[0].id, deals[1].id), (2, 9));
        assert_eq!(deals[0].inn, ["7"]);
        assert_eq!(deals[1].fields["UF_CRM_X"], "1");
        assert!(data.users[0].active && data.records_of(1).is_empty());
    }

    #[test]
    fn the_sample_is_such_a_file() {
        let data = PortalData::read(Path::new("samples/portal.json")).unwrap();
        let counts = [data.records.len(), data.users.len(), data.departments.len()];
        assert_eq!((counts, data.groups.len()), ([2, 1, 1], 1));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, said) in [
            (
                "{",
                "data.json is not what the portal's data look like: EOF",
            ),
            (r#"{"companies": []}"#, "unknown field `companies`"),
            (
                r#"{"records": [{"type": "task", "id": 1}]}"#,
                "`task` is no type of CRM record",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        let error = PortalData::read(Path::new("/no/such.json")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read /no/such.json: "));
    }
}
