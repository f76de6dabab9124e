//! Values that go through the maps of old IDs: records, users and files.

use std::borrow::Cow;

use crate::manifest::mapping::{MapKind, Missing};
use crate::post::{Attachment, AudienceCode, AudienceKind, Entity, EntityKind, Field, parse_id};

use super::cells::{Cells, ReadValue, Reported};
use super::{Code, Unmapped};

impl<'a> Cells<'_, 'a> {
    /// What becomes of the value of a field that goes through a map of that kind; none if there is
    /// no such map, or the value doesn't go through it.
    fn missing(&self, field: Field, map: MapKind) -> Option<&'a Missing> {
        let maps = &self.rules().maps;
        let is_given = match map {
            MapKind::Entity => maps.entities.is_some(),
            MapKind::User => maps.users.is_some(),
            MapKind::File => maps.files.is_some(),
        };
        is_given.then(|| self.row().looks_up(field, map)).flatten()
    }

    /// Whether the record that the row names goes through a map.
    pub fn maps_entity(&self) -> bool {
        self.missing(Field::EntityId, MapKind::Entity).is_some()
    }

    /// Whether codes of the audience go through a map.
    pub fn maps_audience(&self) -> bool {
        let mut maps = [MapKind::User, MapKind::Entity].into_iter();
        maps.any(|map| self.missing(Field::Audience, map).is_some())
    }

    /// The ID of a record by its old one.
    pub fn mapped_entity_id(&mut self, kind: EntityKind) -> ReadValue<u64> {
        let Some(old) = self.word(Field::EntityId)? else {
            return Ok(None);
        };
        self.looked_up.written().entity = Some((kind, old.clone().into_owned()));
        let found = self.rules().maps.entities.as_ref();
        match found.and_then(|map| map.get(kind, &old)) {
            Some(id) => Ok(Some(id)),
            None => {
                let instead = self.unmapped(Field::EntityId, MapKind::Entity, Some(kind), &old)?;
                self.number(Field::EntityId, Code::EntityIdInvalid, instead)
            }
        }
    }

    /// The user to post as.
    pub fn author_id(&mut self) -> ReadValue<u64> {
        if self.missing(Field::AuthorId, MapKind::User).is_none() {
            return self.positive(Field::AuthorId, Code::AuthorIdInvalid);
        }
        let Some(old) = self.word(Field::AuthorId)? else {
            return Ok(None);
        };
        self.looked_up.written().author = Some(old.clone().into_owned());
        let found = self.rules().maps.users.as_ref();
        match found.and_then(|map| map.get(&old)) {
            Some(id) => Ok(Some(id)),
            None => {
                let instead = self.unmapped(Field::AuthorId, MapKind::User, None, &old)?;
                self.number(Field::AuthorId, Code::AuthorIdInvalid, instead)
            }
        }
    }

    /// A code of the audience after the maps, where it goes through one: users and records by their
    /// old numbers, users by whatever the user map knows them by as well.
    pub fn mapped_code(&mut self, text: &str) -> Option<ReadValue<AudienceCode>> {
        let users = self.missing(Field::Audience, MapKind::User).is_some();
        let entities = self.missing(Field::Audience, MapKind::Entity).is_some();
        if !users && !entities {
            return None;
        }
        let code = AudienceCode::parse(text).ok();
        let written = code.map_or_else(|| text.to_owned(), |code| code.to_string());
        let codes = &mut self.looked_up.written().audience;
        codes.get_or_insert_default().push(written);
        let maps = &self.rules().maps;
        let kind = code.map(|code| code.kind);
        let (map, old, found) = match (code, kind.and_then(AudienceKind::entity_kind)) {
            (Some(code), Some(entity)) if entities => {
                let old = code.id.to_string();
                let map = maps.entities.as_ref();
                let id = map.and_then(|map| map.get(entity, &old));
                (MapKind::Entity, Cow::Owned(old), id)
            }
            (Some(code), None) if users && code.kind == AudienceKind::User => {
                let old = code.id.to_string();
                let id = maps.users.as_ref().and_then(|map| map.get(&old));
                (MapKind::User, Cow::Owned(old), id)
            }
            (None, _) if users => {
                let id = maps.users.as_ref().and_then(|map| map.get(text));
                (MapKind::User, Cow::Borrowed(text), id)
            }
            (code, _) => return code.map(|code| Ok(Some(code))),
        };
        let kind = kind.unwrap_or(AudienceKind::User);
        Some(match found {
            Some(id) => Ok(Some(AudienceCode { kind, id })),
            None => {
                let instead = self.unmapped(Field::Audience, map, kind.entity_kind(), &old);
                instead.and_then(|instead| self.code_instead(instead))
            }
        })
    }

    fn code_instead(&mut self, instead: Option<&str>) -> ReadValue<AudienceCode> {
        let Some(text) = instead else { return Ok(None) };
        AudienceCode::parse(text).map(Some).map_err(|error| {
            let advice = format!("`missing` gives it, and {error}");
            self.problem(Field::Audience, Code::AudienceInvalid, text, advice)
        })
    }

    /// The files that the named ones stand for.
    pub fn mapped_files(
        &mut self,
        named: Vec<Attachment<'a>>,
    ) -> Result<Vec<Attachment<'a>>, Reported> {
        if self.missing(Field::Attachments, MapKind::File).is_none() {
            return Ok(named);
        }
        let mut files = Vec::new();
        let mut reported = Ok(());
        for attachment in &named {
            let maps = &self.rules().maps;
            let paths = maps.files.iter().flat_map(|map| map.get(&attachment.path));
            let before = files.len();
            files.extend(paths.map(|path| Attachment {
                path: Cow::Owned(path.to_owned()),
                name: attachment.name.clone(),
            }));
            if files.len() == before {
                let old = &attachment.path;
                match self.unmapped(Field::Attachments, MapKind::File, None, old) {
                    Ok(instead) => {
                        files.extend(instead.map(|path| Attachment::at(path.to_owned())))
                    }
                    Err(fault) => reported = Err(fault),
                }
            }
        }
        let written = named.into_iter().map(Attachment::into_owned).collect();
        self.looked_up.written().attachments = Some(written);
        reported.map(|()| files)
    }

    fn number(&mut self, field: Field, code: Code, instead: Option<&str>) -> ReadValue<u64> {
        let Some(text) = instead else { return Ok(None) };
        parse_id(text).map(Some).ok_or_else(|| {
            let advice = "`missing` gives it; give the ID that it has in Bitrix24 there";
            self.problem(field, code, text, advice)
        })
    }

    /// What stands in place of a value that the map doesn't have; none where it is left out.
    fn unmapped(
        &mut self,
        field: Field,
        map: MapKind,
        entity: Option<EntityKind>,
        old: &str,
    ) -> Result<Option<&'a str>, Reported> {
        self.looked_up.unmapped.push(Unmapped {
            map,
            entity,
            old: old.to_owned(),
        });
        match self.missing(field, map) {
            Some(Missing::Value(instead)) => return Ok(Some(instead)),
            Some(Missing::Skip) => self.looked_up.is_skipped = true,
            Some(Missing::Warn) => self.looked_up.left_out += 1,
            Some(Missing::Problem) | None => return Err(self.unmapped_problem(field, map, old)),
        }
        self.says_nothing(field);
        Ok(None)
    }

    /// A mention of a user whom the user map doesn't have.
    pub fn unmapped_mention(&mut self, field: Field, old: u64) {
        let old = old.to_string();
        self.looked_up.unmapped.push(Unmapped {
            map: MapKind::User,
            entity: None,
            old: old.clone(),
        });
        self.unmapped_problem(field, MapKind::User, &old);
    }

    /// The problem of a value that a map doesn't have. What the row says is known all the same.
    pub fn unmapped_problem(&mut self, field: Field, map: MapKind, old: &str) -> Reported {
        let (code, what) = match map {
            MapKind::Entity => (Code::EntityUnmapped, "entity"),
            MapKind::User => (Code::UserUnmapped, "user"),
            MapKind::File => (Code::FileUnmapped, "file"),
        };
        let advice = format!(
            "add it to the file of --{what}-map (--missing PATH writes all that it lacks), or say with \
             `missing` what becomes of such rows"
        );
        self.mark_unmapped(field);
        self.problem(field, code, old, advice)
    }
}

/// The record of a row by its type and old ID.
pub(super) fn mapped_entity(cells: &mut Cells<'_, '_>, kind: EntityKind) -> ReadValue<Entity> {
    let id = cells.mapped_entity_id(kind)?;
    if id.is_none() {
        cells.says_nothing(Field::EntityType);
    }
    Ok(id.map(|id| Entity { kind, id }))
}
