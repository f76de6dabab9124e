//! The names of the manifest's fields: one list, used for headers, problems and target rules.

/// A field of the manifest. The order is that of the documentation.
#[allow(
    missing_docs,
    reason = "the README describes each field under its name"
)]
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

    /// The field of that name or alias, in any letter case, outer blanks ignored. Between its words
    /// may be blanks, `-` or `_`.
    pub fn from_name(name: &str) -> Option<Field> {
        let name = name.trim();
        Field::spelt(name).or_else(|| Field::spelt(&with_underscores(name)?))
    }

    fn spelt(name: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| {
            field.name().eq_ignore_ascii_case(name)
                || field
                    .aliases()
                    .iter()
                    .any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }
}

/// Bytes of a name beyond which it is no field's, however it is written.
const LONGEST_NAME: usize = 60;

/// The name with one `_` between its words; none if there is no blank and no `-` or if it is long.
fn with_underscores(name: &str) -> Option<String> {
    let is_gap = |letter: char| letter.is_whitespace() || matches!(letter, '-' | '_');
    let differs = |letter: char| is_gap(letter) && letter != '_';
    (name.len() <= LONGEST_NAME && name.contains(differs)).then(|| {
        let words: Vec<&str> = name.split(is_gap).filter(|word| !word.is_empty()).collect();
        words.join("_")
    })
}

/// Some of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldSet(u16);

impl FieldSet {
    /// Puts a field in.
    pub fn insert(&mut self, field: Field) {
        self.0 |= 1 << field as u16;
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: Field) {
        self.0 &= !(1 << field as u16);
    }

    /// Whether the field is in the set.
    pub fn contains(self, field: Field) -> bool {
        self.0 & (1 << field as u16) != 0
    }

    /// Whether there are none.
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
    pub fn without(self, other: FieldSet) -> FieldSet {
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
        for (name, field) in [
            ("Entity Type", Some(Field::EntityType)),
            ("Entity-ID", Some(Field::EntityId)),
            ("created\u{a0} - At", Some(Field::CreatedAt)),
            ("POST TITLE", Some(Field::Title)),
            ("mess-age", None),
            ("entitytype", None),
            ("mesage", None),
        ] {
            assert_eq!(Field::from_name(name), field, "{name}");
        }
    }
}
