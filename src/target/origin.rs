//! The line that keeps what Bitrix24 won't: when and by whom a text was first written.

use crate::post::Post;

/// The text to send: the message, under a line such as `[i]12.03.2019 14:05 · Ivan Petrov[/i]`
/// where the row brings a date or a name, since no method takes a date.
pub fn text_with_origin(post: &Post<'_>) -> String {
    let date = post
        .created_at
        .map(|moment| moment.local().strftime("%d.%m.%Y %H:%M").to_string());
    let parts: Vec<&str> = [date.as_deref(), post.author_name.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() {
        return post.message.to_string();
    }
    format!("[i]{}[/i]\n{}", parts.join(" · "), post.message)
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
        assert_eq!(text_with_origin(&post), "Called back.");
        post.author_name = Some("Ivan Petrov".into());
        assert_eq!(text_with_origin(&post), "[i]Ivan Petrov[/i]\nCalled back.");
        post.created_at = Moment::parse("2019-03-12T14:05:00+03:00").ok();
        assert_eq!(
            text_with_origin(&post),
            "[i]12.03.2019 14:05 · Ivan Petrov[/i]\nCalled back."
        );
    }
}
