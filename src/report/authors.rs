//! What the user hears of a portal that keeps no author.

use crate::import::AuthorsLost;

/// That the portal posts as one user, whatever author a row names, and what comes of it.
pub fn authors_lost(lost: &AuthorsLost) -> String {
    let mut text = format!(
        "this portal keeps no author: row {} (line {}) was posted as ID {}, by user {} and not by \
         user {}.",
        lost.row, lost.line, lost.id, lost.user_id, lost.author_id
    );
    text.push_str(match (lost.names_authors, lost.was_named, lost.is_mended) {
        (false, ..) => {
            " So will be all posts that follow, and with --origin-line none nothing in them tells \
             who wrote them"
        }
        (true, true, _) => " Their first line names the author of all posts",
        (true, false, true) => {
            " Its first line names the author now, and so will those of all posts that follow"
        }
        (true, false, false) => {
            " The first lines of the posts that follow will name their authors; that of this post \
             could not be changed, so correct it on the portal"
        }
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_lost_authors_is_told() {
        let lost = |names_authors, was_named, is_mended| AuthorsLost {
            row: 5,
            line: 6,
            id: 77,
            author_id: 9,
            user_id: 1,
            is_first: true,
            was_named,
            is_mended,
            names_authors,
        };
        let told = authors_lost(&lost(true, false, true));
        assert_eq!(
            told,
            "this portal keeps no author: row 5 (line 6) was posted as ID 77, by user 1 and not \
             by user 9. Its first line names the author now, and so will those of all posts that \
             follow"
        );
        assert!(authors_lost(&lost(true, false, false)).contains("correct it on the portal"));
        assert!(authors_lost(&lost(false, false, false)).contains("--origin-line none"));
        assert!(authors_lost(&lost(true, true, false)).ends_with("of all posts"));
    }
}
