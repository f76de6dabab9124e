//! Whether the credentials may do what the rows ask for.

use crate::import::error::RunError;
use crate::portal::Profile;
use crate::targets::Target;

/// Refuses to post as others where the portal would ignore the wish without a word
/// (bitrix24-rest.md §2.1).
pub fn may_post_for_others(
    target: &dyn Target,
    with_author: u64,
    profile: &Profile,
) -> Result<(), RunError> {
    if with_author == 0 || profile.admin || !target.author_needs_admin() {
        return Ok(());
    }
    Err(RunError::NotAdministrator {
        rows: with_author,
        target: target.name(),
        user: profile.id,
    })
}

/// Refuses credentials without the permission that the target needs.
pub fn may_use(target: &dyn Target, granted: &[String]) -> Result<(), RunError> {
    let needed = target.scope();
    if granted.iter().any(|name| name.eq_ignore_ascii_case(needed)) {
        return Ok(());
    }
    Err(RunError::InsufficientScope {
        needed,
        target: target.name(),
        granted: granted.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::{ALL, CrmFeed, NewsFeed, Timeline};

    #[test]
    fn only_an_administrator_posts_as_others_where_the_target_asks_for_one() {
        let clerk = Profile {
            id: 7,
            admin: false,
            name: String::new(),
        };
        let chief = Profile {
            admin: true,
            ..clerk.clone()
        };
        let may = |target: &dyn Target, with_author, profile| {
            may_post_for_others(target, with_author, profile).is_ok()
        };
        assert!(!may(&NewsFeed, 1, &clerk));
        assert!(may(&NewsFeed, 0, &clerk) && may(&NewsFeed, 1, &chief));
        assert!(may(&Timeline, 1, &clerk));
    }

    #[test]
    fn the_missing_permission_is_named() {
        let granted = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let message = |target: &dyn Target, names: &[&str]| {
            let granted: Vec<String> = granted(names);
            let refused = may_use(target, &granted).err()?;
            Some((refused.code().to_owned(), refused.to_string()))
        };
        let (code, text) = message(&CrmFeed, &["log", "user"]).unwrap();
        assert_eq!(code, "insufficient_scope");
        assert!(
            text.contains("`crm`") && text.contains("only log, user."),
            "{text}"
        );
        let (_, text) = message(&NewsFeed, &[]).unwrap();
        assert!(
            text.contains("`log`") && text.contains("none at all"),
            "{text}"
        );
        for target in ALL {
            assert_eq!(message(target, &["CRM", "log"]), None);
        }
    }
}
