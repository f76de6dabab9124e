//! The names of the REST methods that the sandbox knows, and what sort of method each is.

use super::methods::params::message_fields;
use super::php::{Array, Php};

/// A method by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Batch,
    BlogCommentAdd,
    BlogPostAdd,
    BlogPostDelete,
    BlogPostGet,
    DepartmentGet,
    DuplicateFind,
    /// `method.get`.
    Get,
    GroupGet,
    ItemList,
    LivefeedMessageAdd,
    Profile,
    RequisiteList,
    Scope,
    ServerTime,
    TimelineCommentAdd,
    TimelineCommentDelete,
    TimelineCommentFields,
    TimelineCommentGet,
    TimelineCommentList,
    TimelineCommentUpdate,
    UserGet,
}

/// The methods by their names.
pub(super) const NAMES: [(Method, &str); 22] = [
    (Method::Batch, "batch"),
    (Method::BlogCommentAdd, "log.blogcomment.add"),
    (Method::BlogPostAdd, "log.blogpost.add"),
    (Method::BlogPostDelete, "log.blogpost.delete"),
    (Method::BlogPostGet, "log.blogpost.get"),
    (Method::DepartmentGet, "department.get"),
    (Method::DuplicateFind, "crm.duplicate.findbycomm"),
    (Method::Get, "method.get"),
    (Method::GroupGet, "sonet_group.get"),
    (Method::ItemList, "crm.item.list"),
    (Method::LivefeedMessageAdd, "crm.livefeedmessage.add"),
    (Method::Profile, "profile"),
    (Method::RequisiteList, "crm.requisite.list"),
    (Method::Scope, "scope"),
    (Method::ServerTime, "server.time"),
    (Method::TimelineCommentAdd, "crm.timeline.comment.add"),
    (Method::TimelineCommentDelete, "crm.timeline.comment.delete"),
    (Method::TimelineCommentFields, "crm.timeline.comment.fields"),
    (Method::TimelineCommentGet, "crm.timeline.comment.get"),
    (Method::TimelineCommentList, "crm.timeline.comment.list"),
    (Method::TimelineCommentUpdate, "crm.timeline.comment.update"),
    (Method::UserGet, "user.get"),
];

impl Method {
    pub(super) fn name(self) -> &'static str {
        let known = NAMES.iter().find(|(method, _)| *method == self);
        known.map_or("", |(_, name)| name)
    }

    /// The method with a name in lower case.
    pub(super) fn find(name: &str) -> Option<Method> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(method, _)| *method)
    }

    /// The scopes of which a webhook needs any one, by what the name begins with; nothing for
    /// methods about the portal itself, which need none (bitrix24-rest.md §8).
    pub(super) fn scopes(self) -> &'static [&'static str] {
        match self.name().split_once('.') {
            Some(("crm", _)) => &["crm"],
            Some(("log", _)) => &["log"],
            Some(("department", _)) => &["department"],
            Some(("sonet_group", _)) => &["sonet", "sonet_group"],
            Some(("user", _)) => &["user", "user_basic", "user_brief"],
            _ => &[],
        }
    }

    /// Whether the method creates posts by itself.
    pub(super) fn is_add(self) -> bool {
        matches!(
            self,
            Method::BlogCommentAdd
                | Method::BlogPostAdd
                | Method::LivefeedMessageAdd
                | Method::TimelineCommentAdd
        )
    }

    /// Whether the method writes posts: creates them, or changes what they say.
    pub(super) fn is_write(self) -> bool {
        self.is_add() || self == Method::TimelineCommentUpdate
    }

    /// Whether another method reads the posts that this one creates.
    pub(super) fn can_be_read(self) -> bool {
        self.is_add() && self != Method::LivefeedMessageAdd
    }

    /// Whether a call would write, so far as one can tell beforehand. A call of the CRM feed
    /// without fields only asks whether the method is switched on (bitrix24-rest.md §1.3).
    pub(super) fn writes(self, params: &Array) -> bool {
        match self {
            Method::LivefeedMessageAdd => message_fields(params).is_some_and(Php::truthy),
            _ => self.is_write(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_methods() {
        for (method, name) in NAMES {
            assert_eq!((method.name(), Method::find(name)), (name, Some(method)));
        }
        assert_eq!(Method::find("crm.deal.add"), None);
        assert_eq!(Method::find(""), None);
    }

    #[test]
    fn scopes_go_by_the_first_part_of_the_name() {
        for (name, scopes) in [
            ("crm.timeline.comment.update", &["crm"][..]),
            ("log.blogpost.get", &["log"]),
            ("user.get", &["user", "user_basic", "user_brief"]),
            ("profile", &[]),
            ("method.get", &[]),
        ] {
            assert_eq!(Method::find(name).unwrap().scopes(), scopes, "{name}");
        }
    }
}
