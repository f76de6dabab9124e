//! What becomes of mentions in a row's texts. They notify, so none is sent by oversight.

use crate::post::{Field, Post, has_mention, translated_mentions, without_mentions};

use super::cells::Cells;
use super::{Code, Mentions, Rules};

/// Keeps, replaces or refuses the mentions of a post; true if it still has some to send.
pub(super) fn settle(cells: &mut Cells<'_, '_>, post: &mut Post<'_>, rules: &Rules) -> bool {
    let mentioning: Vec<Field> = texts(post)
        .into_iter()
        .filter(|(_, text)| text.is_some_and(has_mention))
        .map(|(field, _)| field)
        .collect();
    if mentioning.is_empty() {
        return false;
    }
    // Old by what the manifest says, dropped or not.
    let by_default = match cells.is_present(Field::CreatedAt) {
        true => Mentions::Error,
        false => Mentions::Keep,
    };
    match rules.mentions.unwrap_or(by_default) {
        Mentions::Keep => {
            translate(cells, post, rules);
            return true;
        }
        Mentions::Text => reduce(cells, post),
        Mentions::Error => mentioning
            .into_iter()
            .for_each(|field| refuse(cells, field)),
    }
    false
}

/// The texts that are shown on the portal.
fn texts<'p>(post: &'p Post<'_>) -> [(Field, Option<&'p str>); 3] {
    [
        (Field::Title, post.title.as_deref()),
        (Field::Message, Some(&post.message)),
        (Field::AuthorName, post.author_name.as_deref()),
    ]
}

/// Gives the mentioned the numbers that they have by the user map.
fn translate(cells: &mut Cells<'_, '_>, post: &mut Post<'_>, rules: &Rules) {
    let Some(users) = &rules.maps.users else {
        return;
    };
    let texts = [
        (Field::Title, post.title.as_mut()),
        (Field::Message, Some(&mut post.message)),
        (Field::AuthorName, post.author_name.as_mut()),
    ];
    for (field, text) in texts {
        let Some(text) = text.filter(|text| has_mention(text)) else {
            continue;
        };
        let (translated, unknown) = translated_mentions(text, |old| users.get(&old.to_string()));
        *text = translated.into();
        for old in unknown {
            cells.unmapped_mention(field, old);
        }
    }
}

fn reduce(cells: &mut Cells<'_, '_>, post: &mut Post<'_>) {
    for text in [&mut post.title, &mut post.author_name] {
        if let Some(mentioning) = text.as_deref().filter(|text| has_mention(text)) {
            let plain = without_mentions(mentioning).into_owned();
            *text = (!plain.trim().is_empty()).then_some(plain.into());
        }
    }
    if has_mention(&post.message) {
        let plain = without_mentions(&post.message).into_owned();
        if plain.trim().is_empty() {
            let written = cells.written(Field::Message);
            let advice = "without its mentions the message is empty; write one";
            cells.objection(Field::Message, Code::MessageMissing, &written, advice);
        }
        post.message = plain.into();
    }
}

fn refuse(cells: &mut Cells<'_, '_>, field: Field) {
    let written = cells.written(field);
    let advice = "this mention would notify whoever has the number now; send the name alone with \
                  --mentions text, or notify them with --mentions keep";
    cells.objection(field, Code::Mention, &written, advice);
}
