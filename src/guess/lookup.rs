//! Which system a file comes from, and what its columns hold, by their names.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::post::Field;

use super::known_columns::{BY_SYSTEM, GENERAL};
use super::meaning::Meaning;
use super::name::{family, folded, known_as};
use super::system::System;

/// What a name is worth that one system alone has.
const OWN_NAME: usize = 3;

/// Each name with its meaning and its place in its table, by which two of one meaning are ranked.
type Names = HashMap<String, (usize, Meaning)>;

static SYSTEMS: LazyLock<Vec<(System, Names)>> = LazyLock::new(|| {
    let tables = BY_SYSTEM.iter();
    tables
        .map(|(system, columns)| (*system, table(columns, 0)))
        .collect()
});

static GENERALLY: LazyLock<Names> = LazyLock::new(|| table(GENERAL, 1_000));

fn table(columns: &[(&str, Meaning)], first: usize) -> Names {
    let mut names = Names::new();
    for (place, (name, meaning)) in columns.iter().enumerate() {
        names
            .entry(folded(name))
            .or_insert((first + place, *meaning));
    }
    names
}

/// The system whose columns these are most like.
pub(super) fn system_of(names: &[&str]) -> System {
    let is_message = |name: &&str| Field::from_name(name) == Some(Field::Message);
    let fields = names.iter().filter(|name| Field::from_name(name).is_some());
    let manifest = match names.iter().any(is_message) {
        true => OWN_NAME * fields.count(),
        false => 0,
    };
    let mut best = (manifest, System::Manifest);
    for (system, _) in BY_SYSTEM {
        let score = score(*system, names);
        if score > best.0 {
            best = (score, *system);
        }
    }
    match best {
        (0, _) => System::Unknown,
        (_, system) => system,
    }
}

/// How like a system's names these are, if they are enough to know it by: two that this system alone
/// has, or one among three. Names in capitals count as such for Bitrix24.
fn score(system: System, names: &[&str]) -> usize {
    let (mut found, mut own) = (0, 0);
    for name in names {
        let known_as = known_as(name);
        let knows = |other: System| known_as.iter().any(|name| knows(other, name));
        if knows(system) {
            found += 1;
            let mut others = SYSTEMS.iter().filter(|(other, _)| *other != system);
            let is_general = known_as.iter().any(|name| is_general(name));
            let is_own = !is_general && !others.any(|(other, _)| knows(*other));
            let is_in_capitals = system == System::Bitrix24 && is_in_capitals(name);
            own += usize::from(is_own) + usize::from(is_in_capitals);
        }
    }
    match own >= 2 || own == 1 && found >= 3 {
        true => found + (OWN_NAME - 1) * own,
        false => 0,
    }
}

/// Whether any system may have a column of that name. One that speaks of deals tells something all the
/// same.
fn is_general(name: &str) -> bool {
    let known = GENERALLY.get(name);
    known.is_some_and(|(_, meaning)| !matches!(meaning, Meaning::OfRecord(..) | Meaning::Shows(_)))
}

fn is_in_capitals(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    name.len() > 2 && name.bytes().all(is_part)
}

fn knows(system: System, name: &str) -> bool {
    let mut tables = SYSTEMS.iter().filter(|(other, _)| *other == system);
    tables.any(|(_, names)| names.contains_key(name))
}

/// What a column of that name holds, as the system has it, and its rank: the lower, the likelier.
pub(super) fn meaning_of(system: System, name: &str) -> Option<(usize, Meaning)> {
    if let Some(field) = Field::from_name(name) {
        return Some((0, Meaning::Gives(field)));
    }
    let own = SYSTEMS.iter().find(|(other, _)| *other == system);
    let tables = || own.map(|(_, names)| names).into_iter().chain([&*GENERALLY]);
    let known_as = known_as(name);
    let look_up = |name: &String| tables().find_map(|names| names.get(name).copied());
    let found = known_as.iter().find_map(look_up);
    // Of fellows each is what the first one is, if that is a text.
    found.or_else(|| {
        let (base, _) = family(name);
        look_up(&base).filter(|(_, meaning)| *meaning == Meaning::Gives(Field::Message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_known_by_the_names_of_their_columns() {
        for (header, system) in [
            (
                "ID;Название сделки;Ответственный;Дата создания сделки;Примечание;Примечание 2",
                System::AmoCrm,
            ),
            (
                "id;entity_id;created_by;created_at;note_type;params.text",
                System::AmoCrm,
            ),
            (
                "Record ID;Activity type;Activity date;Activity assigned to;Body;Associated Contact IDs",
                System::HubSpot,
            ),
            (
                "id;properties.hs_note_body;properties.hs_timestamp",
                System::HubSpot,
            ),
            (
                "Id;IsDeleted;ParentId;Title;IsPrivate;Body;OwnerId;CreatedDate;CreatedById",
                System::Salesforce,
            ),
            (
                "Id;Subject;Description;ActivityDate;Status;OwnerId;WhoId;WhatId",
                System::Salesforce,
            ),
            (
                "id;content;deal_id;person_id;org_id;user_id;add_time",
                System::Pipedrive,
            ),
            (
                "ID;Content;Deal;Person;Organization;User;Add time",
                System::Pipedrive,
            ),
            (
                "Record Id;Note Owner;Note Title;Note Content;Created Time;Parent Id",
                System::Zoho,
            ),
            (
                "id;name;description;parent_type;parent_id;date_entered;created_by;deleted",
                System::SuiteCrm,
            ),
            (
                "modcommentsid;commentcontent;related_to;createdtime;smownerid",
                System::Vtiger,
            ),
            (
                "ID;ENTITY_ID;ENTITY_TYPE;CREATED;AUTHOR_ID;COMMENT;FILES",
                System::Bitrix24,
            ),
            (
                "ID;Название сделки;Стадия сделки;Комментарий;Ответственный;Тип сделки",
                System::Bitrix24,
            ),
            (
                "external_id;entity_type;entity_id;message",
                System::Manifest,
            ),
            ("text", System::Unknown),
            ("a;b;c", System::Unknown),
            ("ID;Комментарий", System::Unknown),
        ] {
            let names: Vec<&str> = header.split(';').collect();
            assert_eq!(system_of(&names), system, "{header}");
        }
    }

    #[test]
    fn what_a_name_means_depends_on_the_system() {
        let meaning = |system, name| meaning_of(system, name).map(|(_, meaning)| meaning);
        for (system, name, expected) in [
            (System::SuiteCrm, "name", Some(Meaning::Gives(Field::Title))),
            (System::Unknown, "name", None),
            (
                System::Unknown,
                "Примечание 5",
                Some(Meaning::Gives(Field::Message)),
            ),
            (
                System::Unknown,
                "Note#2",
                Some(Meaning::Gives(Field::Message)),
            ),
            (System::Unknown, "Дата 2", None),
            (
                System::Unknown,
                "ENTITYTYPEID",
                Some(Meaning::Gives(Field::EntityType)),
            ),
            (
                System::HubSpot,
                "properties.hs_timestamp",
                Some(Meaning::Gives(Field::CreatedAt)),
            ),
        ] {
            assert_eq!(meaning(system, name), expected, "{name}");
        }
    }
}
