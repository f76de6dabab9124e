//! Methods that only tell something: `profile`, `scope`, `server.time`, `method.get` (WIRE §8).

use super::super::php::{Array, Php};
use super::super::timing::date;
use super::super::work::Work;
use super::Method;

/// The webhook's user, who is an administrator.
pub(super) fn profile(work: &Work<'_>) -> Php {
    Php::map([
        ("ID", Php::text(work.author_id().to_string())),
        ("ADMIN", Php::Bool(true)),
        ("NAME", Php::text("Sandbox")),
        ("LAST_NAME", Php::text("Administrator")),
        ("PERSONAL_GENDER", Php::text("")),
        ("PERSONAL_PHOTO", Php::text("")),
        ("TIME_ZONE", Php::text("UTC")),
        ("TIME_ZONE_OFFSET", Php::Int(0)),
    ])
}

/// What the webhook may use.
pub(super) fn scope() -> Php {
    let mut scopes = Array::new();
    scopes.push(Php::text("crm"));
    Php::Array(scopes)
}

/// The portal's clock.
pub(super) fn server_time(work: &Work<'_>) -> Php {
    Php::text(date(work.now()))
}

/// Whether a method is registered, its name given in lower case. It stays so when the portal has
/// switched feed posts off, so this call cannot tell (WIRE §1.3).
pub(super) fn method_get(params: &Array) -> Php {
    let name = params.named("name").and_then(Php::to_text);
    let known = name
        .and_then(|name| Method::find(std::str::from_utf8(&name).ok()?))
        .is_some();
    Php::map([
        ("isExisting", Php::Bool(known)),
        ("isAvailable", Php::Bool(known)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registered_methods_exist() {
        for (name, exists) in [
            ("crm.livefeedmessage.add", true),
            ("batch", true),
            ("crm.livefeedmessage.get", false),
            ("CRM.livefeedmessage.add", false),
            ("", false),
        ] {
            let answer = method_get(&Array::from_names([("name", Php::text(name))]));
            let answer = answer.as_array().unwrap();
            assert_eq!(
                answer.named("isExisting"),
                Some(&Php::Bool(exists)),
                "{name}"
            );
            assert_eq!(
                answer.named("isAvailable"),
                Some(&Php::Bool(exists)),
                "{name}"
            );
        }
    }
}
