//! The first line of a text that says when and by whom it was written in the old system, since no
//! method of Bitrix24 takes a date.

use crate::post::Post;

/// Which posts get such a line. It is no part of a row's content: changing this makes no row new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OriginLine {
    /// Date and name as the row brings them; no name where the post has its real author.
    #[default]
    Auto,
    /// Date and name as the row brings them.
    Always,
    /// Date and name are not sent.
    Never,
}

/// The text to send: the message, under a line such as `[i]12.03.2019 14:05 · Ivan Petrov[/i]`
/// where the row brings a date or a name, since no method takes a date.
pub fn text_with_origin(post: &Post<'_>, origin: OriginLine) -> String {
    match line(post, origin) {
        Some(line) => format!("[i]{line}[/i]\n{}", post.message),
        None => post.message.to_string(),
    }
}

fn line(post: &Post<'_>, origin: OriginLine) -> Option<String> {
    let has_its_author = post.author_id.is_some();
    let named = match origin {
        OriginLine::Never => return None,
        OriginLine::Auto => !has_its_author,
        OriginLine::Always => true,
    };
    let date = post
        .created_at
        .map(|moment| moment.local().strftime("%d.%m.%Y %H:%M").to_string());
    let name = post.author_name.as_deref().filter(|_| named);
    let parts: Vec<&str> = [date.as_deref(), name].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Moment;

    #[test]
    fn the_line_holds_what_the_row_brings() {
        let mut post = Post {
            message: "Called back.".into(),
            ..Post::default()
        };
        let auto = |post: &Post<'_>| text_with_origin(post, OriginLine::Auto);
        assert_eq!(auto(&post), "Called back.");
        post.author_name = Some("Ivan Petrov".into());
        assert_eq!(auto(&post), "[i]Ivan Petrov[/i]\nCalled back.");
        post.created_at = Moment::parse("2019-03-12T14:05:00+03:00").ok();
        let whole = "[i]12.03.2019 14:05 · Ivan Petrov[/i]\nCalled back.";
        assert_eq!(auto(&post), whole);
        post.author_id = Some(7);
        assert_eq!(auto(&post), "[i]12.03.2019 14:05[/i]\nCalled back.");
        assert_eq!(text_with_origin(&post, OriginLine::Always), whole);
        assert_eq!(text_with_origin(&post, OriginLine::Never), "Called back.");
        post.created_at = None;
        assert_eq!(auto(&post), "Called back.");
    }
}
