//! Whose a post in the News Feed is, and who sees it.

use super::super::super::execution::Execution;
use super::super::super::method::Method;
use super::super::super::php::Array;
use super::super::super::post::NewPost;
use super::super::super::settings::Settings;
use super::super::audience::EVERYONE;
use super::super::params::id;

/// The method under which posts are kept.
pub(super) const ADD: Method = Method::BlogPostAdd;

/// `USER_ID`, which is passed over without a word unless the caller is an administrator.
pub(super) fn author(work: &Execution<'_>, params: &Array) -> u64 {
    id(params.named("USER_ID"))
        .filter(|_| work.settings().administrator)
        .and_then(|author| u64::try_from(author).ok())
        .unwrap_or_else(|| work.user_id())
}

/// Whether a code names a workgroup where the caller may only propose.
pub(super) fn is_moderated(settings: &Settings, code: &str) -> bool {
    let group = code.strip_prefix("SG").and_then(|id| id.parse().ok());
    group.is_some_and(|group| settings.moderated_groups.contains(&group))
}

/// Whether a post waits for a moderator, and is not in the feed yet. That lies in the workgroup's
/// rules of now, so a portal that starts without them has let it through.
pub(super) fn is_waiting(settings: &Settings, post: &NewPost) -> bool {
    matches!(&post.audience[..], [only] if is_moderated(settings, only))
}

/// Whether a user sees a post, which being an administrator does not change. Users here are
/// members of every workgroup and department.
pub(super) fn may_read(user: u64, post: &NewPost) -> bool {
    let own = format!("U{user}");
    post.author_id == user
        || post.audience.iter().any(|code| {
            code == EVERYONE || *code == own || code.starts_with("SG") || code.starts_with('D')
        })
}
