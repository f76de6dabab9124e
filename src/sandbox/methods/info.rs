//! Methods that only tell something: `profile`, `scope`, `server.time`, `method.get`
//! (bitrix24-rest.md §8).

use std::time::Duration;

use super::super::execution::Execution;
use super::super::method::Method;
use super::super::php::{Array, Php};
use super::super::time_block::date;
use super::params::list;
use super::users::OWN_NAME;

/// The webhook's user.
pub(in crate::sandbox) fn profile(work: &Execution<'_>) -> Php {
    Php::map([
        ("ID", Php::text(work.user_id().to_string())),
        ("ADMIN", Php::Bool(work.settings().administrator)),
        ("NAME", Php::text(OWN_NAME.0)),
        ("LAST_NAME", Php::text(OWN_NAME.1)),
        ("PERSONAL_GENDER", Php::text("")),
        ("PERSONAL_PHOTO", Php::text("")),
        ("TIME_ZONE", Php::text("UTC")),
        ("TIME_ZONE_OFFSET", Php::Int(0)),
    ])
}

/// What the webhook may use.
pub(in crate::sandbox) fn scope(work: &Execution<'_>) -> Php {
    list(work.settings().scopes.iter().map(Php::text))
}

/// The portal's clock, which may go wrong.
pub(in crate::sandbox) fn server_time(work: &Execution<'_>) -> Php {
    let skew = work.settings().clock_skew;
    let ahead = Duration::from_secs(skew.unsigned_abs());
    let told = match skew.is_negative() {
        true => work.now().saturating_sub(ahead),
        false => work.now().saturating_add(ahead),
    };
    Php::text(date(told))
}

/// Whether a method is registered, its name given in lower case, and in the webhook's scope. It
/// stays so when the portal has switched feed posts off, so this call cannot tell (bitrix24-rest.md
/// §1.3).
pub(in crate::sandbox) fn method_get(work: &Execution<'_>, params: &Array) -> Php {
    let name = params.named("name").and_then(Php::to_text);
    let method = name.and_then(|name| Method::find(std::str::from_utf8(&name).ok()?));
    Php::map([
        ("isExisting", Php::Bool(method.is_some())),
        (
            "isAvailable",
            Php::Bool(method.is_some_and(|method| work.settings().grants(method.scopes()))),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::settings::Settings;
    use super::super::testing::TestPortal;

    #[test]
    fn only_registered_methods_exist_and_only_those_in_scope_are_available() {
        let mut portal = TestPortal::new(Settings {
            scopes: vec!["log".into()],
            ..Settings::default()
        });
        for (name, exists, available) in [
            ("log.blogpost.add", true, true),
            ("batch", true, true),
            ("crm.livefeedmessage.add", true, false),
            ("crm.livefeedmessage.get", false, false),
            ("LOG.blogpost.add", false, false),
            ("", false, false),
        ] {
            let told = portal.result("method.get", &json!({ "name": name }));
            let expected = json!({"isExisting": exists, "isAvailable": available});
            assert_eq!(told, expected, "{name}");
        }
    }

    #[test]
    fn the_profile_tells_who_is_an_administrator() {
        let mut portal = TestPortal::new(Settings::default());
        assert_eq!(portal.result("profile", &json!({}))["ADMIN"], true);
        portal.change(|settings, _| settings.administrator = false);
        assert_eq!(portal.result("profile", &json!({}))["ADMIN"], false);
    }
}
