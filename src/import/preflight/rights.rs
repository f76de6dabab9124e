//! Whether the credentials may do what the rows ask for.

use crate::import::ending::Break;
use crate::import::summary::RunError;
use crate::portal::Profile;
use crate::targets::Target;

/// Refuses to post as others where the portal would ignore the wish without a word
/// (bitrix24-rest.md §2.1).
pub fn may_post_for_others(
    target: &dyn Target,
    with_author: u64,
    profile: &Profile,
) -> Result<(), Break> {
    if with_author == 0 || profile.admin || !target.author_needs_admin() {
        return Ok(());
    }
    Err(Break::Error(RunError::new(
        "not_administrator",
        format!(
            "{with_author} rows are to be posted as another user (author_id), which Bitrix24 lets \
             only an administrator do in the {}; user {} is none and would become their author. \
             Use an administrator's credentials, or post them under this user with --drop \
             author_id",
            target.name(),
            profile.id
        ),
    )))
}

/// Refuses credentials without the permission that the target needs.
pub fn may_use(target: &dyn Target, granted: &[String]) -> Result<(), Break> {
    let needed = target.scope();
    if granted.iter().any(|name| name.eq_ignore_ascii_case(needed)) {
        return Ok(());
    }
    let has = match granted {
        [] => "none at all".to_owned(),
        names => format!("only {}", names.join(", ")),
    };
    Err(Break::Error(RunError::new(
        "insufficient_scope",
        format!(
            "the credentials lack the permission `{needed}` (scope), which posts to the {} need; \
             they have {has}. In Bitrix24 open the inbound webhook under Developer resources, add \
             `{needed}` to its permissions and save it; an application needs `{needed}` among its \
             permissions, and then to be authorised again. The portal may take a while to notice. \
             Nothing was sent",
            target.name()
        ),
    )))
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
            match may_use(target, &granted) {
                Ok(()) => None,
                Err(Break::Error(error)) => Some((error.code, error.message)),
                Err(Break::Off(_)) => panic!("an error was expected"),
            }
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
