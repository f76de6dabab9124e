//! The names of the manifest's fields: one list, used for headers, problems and target rules.

/// A field of the manifest. The order is that of the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    ExternalId,
    Title,
    Message,
    EntityType,
    EntityId,
    Audience,
    Attachments,
    PublishAt,
    CreatedAt,
    AuthorName,
    AuthorId,
    Important,
    ImportantUntil,
    Tags,
}

impl Field {
    /// Every field, in documentation order; `field as usize` is its place here.
    pub const ALL: [Field; 14] = [
        Field::ExternalId,
        Field::Title,
        Field::Message,
        Field::EntityType,
        Field::EntityId,
        Field::Audience,
        Field::Attachments,
        Field::PublishAt,
        Field::CreatedAt,
        Field::AuthorName,
        Field::AuthorId,
        Field::Important,
        Field::ImportantUntil,
        Field::Tags,
    ];

    /// The field's own name, as in a manifest's header.
    pub const fn name(self) -> &'static str {
        match self {
            Field::ExternalId => "external_id",
            Field::Title => "title",
            Field::Message => "message",
            Field::EntityType => "entity_type",
            Field::EntityId => "entity_id",
            Field::Audience => "audience",
            Field::Attachments => "attachments",
            Field::PublishAt => "publish_at",
            Field::CreatedAt => "created_at",
            Field::AuthorName => "author_name",
            Field::AuthorId => "author_id",
            Field::Important => "important",
            Field::ImportantUntil => "important_until",
            Field::Tags => "tags",
        }
    }

    /// Bitrix24's own names for the field, accepted in place of ours.
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Field::Title => &["POST_TITLE"],
            Field::Message => &["MESSAGE"],
            Field::EntityType => &["ENTITYTYPEID"],
            Field::EntityId => &["ENTITYID"],
            Field::Audience => &["SPERM"],
            Field::Attachments => &["FILES"],
            Field::AuthorId => &["AUTHOR_ID", "USER_ID"],
            Field::Important => &["IMPORTANT"],
            Field::ImportantUntil => &["IMPORTANT_DATE_END"],
            Field::Tags => &["TAGS"],
            Field::ExternalId | Field::PublishAt | Field::CreatedAt | Field::AuthorName => &[],
        }
    }

    /// The field of that name or alias, in any letter case, outer blanks ignored.
    pub fn from_name(name: &str) -> Option<Field> {
        let name = name.trim();
        Field::ALL.into_iter().find(|field| {
            field.name().eq_ignore_ascii_case(name)
                || field
                    .aliases()
                    .iter()
                    .any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }
}

/// Some of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldSet(u16);

impl FieldSet {
    /// Every field.
    pub const ALL: FieldSet = FieldSet((1 << Field::ALL.len()) - 1);

    /// These fields.
    pub const fn of(fields: &[Field]) -> FieldSet {
        let (mut set, mut place) = (0, 0);
        while place < fields.len() {
            set |= 1 << fields[place] as u16;
            place += 1;
        }
        FieldSet(set)
    }

    pub fn insert(&mut self, field: Field) {
        self.0 |= 1 << field as u16;
    }

    pub fn remove(&mut self, field: Field) {
        self.0 &= !(1 << field as u16);
    }

    pub fn contains(self, field: Field) -> bool {
        self.0 & (1 << field as u16) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What both sets hold.
    #[must_use]
    pub fn within(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & other.0)
    }

    /// What the other set doesn't hold.
    #[must_use]
    pub const fn without(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & !other.0)
    }

    /// Its fields, in documentation order.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        let here = move |field: &Field| self.contains(*field);
        Field::ALL.into_iter().filter(here)
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        let mut set = FieldSet::default();
        fields.into_iter().for_each(|field| set.insert(field));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_cut_and_joined() {
        let set = |fields: &[Field]| fields.iter().copied().collect::<FieldSet>();
        let both = set(&[Field::Title, Field::Tags]);
        let title = set(&[Field::Title]);
        assert_eq!(both.within(title), title);
        assert_eq!(both.without(title), set(&[Field::Tags]));
        assert!(title.without(both).is_empty() && !title.is_empty());
        assert!(both.iter().eq([Field::Title, Field::Tags]));
        assert_eq!(FieldSet::of(&[Field::Title, Field::Tags]), both);
        assert!(FieldSet::ALL.iter().eq(Field::ALL));
    }

    #[test]
    fn every_field_is_found_under_each_of_its_names() {
        for (place, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(place, field as usize);
            for name in std::iter::once(&field.name()).chain(field.aliases()) {
                assert_eq!(Field::from_name(&name.to_uppercase()), Some(field));
                assert_eq!(Field::from_name(&format!(" {name} ")), Some(field));
            }
        }
        assert_eq!(Field::from_name("mesage"), None);
    }
}
