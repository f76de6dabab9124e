//! A column that is nearly a field's, with values that would not be posted.

use crate::manifest::NearKey;

use super::{Code, Place, Problem};

/// The problem of a manifest in whose rows that column says something; none if it is empty. There
/// is one for the whole file, at the first such row.
pub fn column_like_field(name: &str, key: &NearKey) -> Option<Problem> {
    let (at, value) = key.first.as_ref()?;
    let place = Place {
        at: *at,
        column: name,
    };
    let advice = format!(
        "what this column holds would not be posted; if it is `{field}`, name it so, else leave it \
         out knowingly with --ignore-column",
        field = key.field.name()
    );
    Some(Problem::of_column(
        place,
        Code::ColumnLikeField,
        value,
        advice,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Position, UnknownKeys};

    #[test]
    fn it_names_the_field_and_shows_the_first_value() {
        let at = Position::of_record(7, 9);
        let mut keys = UnknownKeys::default();
        keys.see("titel", at, None);
        keys.see("file", at, Some("a.pdf".into()));
        let problems: Vec<Problem> = keys
            .near()
            .filter_map(|(name, key)| column_like_field(name, key))
            .collect();
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].row, problems[0].line), (7, 9));
        assert_eq!(problems[0].value, "a.pdf");
        assert!(problems[0].advice.contains("`attachments`"));
    }
}
