//! A request as the web server hands it to PHP, and what PHP and Bitrix24 read out of it.

use std::borrow::Cow;

use bytes::Bytes;

use super::php::{Array, Php, json_decode, parse_multipart, parse_str};

/// The page of the OAuth server, without the slash at its end.
const TOKEN_PAGE: &str = "/oauth/token";

/// An HTTP request, whole. It cannot be printed: the path holds the webhook's secret.
#[derive(Clone, Default)]
pub struct IncomingRequest {
    /// The verb, such as `POST`.
    pub method: String,
    /// The path without the query, still percent-encoded.
    pub path: String,
    /// What followed `?`, or nothing.
    pub query: String,
    /// The `Content-Type` header, if there was one.
    pub content_type: Option<String>,
    /// The body, whole.
    pub body: Bytes,
}

/// What a path of the REST interface names (bitrix24-rest.md §8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RestPath<'a> {
    /// User and code of a webhook; a path without them carries no credentials.
    pub webhook: Option<(&'a str, &'a str)>,
    /// The method in lower case, without `.json`.
    pub method: Cow<'a, str>,
}

impl IncomingRequest {
    /// The REST call that the path names, or nothing for any other page of the portal. Slashes
    /// in a row count as one, as web servers have it: some clients put `//` before the method.
    pub(super) fn route(&self) -> Option<RestPath<'_>> {
        let path = self.path.trim_start_matches('/').strip_prefix("rest/")?;
        let segments: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        let (webhook, method) = match segments[..] {
            [] => (None, ""),
            [method] => (None, method),
            [user, code] => (Some((user, code)), ""),
            [user, code, method] => (Some((user, code)), method),
            _ => return None,
        };
        let method = method.strip_suffix(".json").unwrap_or(method);
        Some(RestPath {
            webhook,
            method: lower(method),
        })
    }

    /// Whether it is meant for the OAuth server (bitrix24-rest.md §8).
    pub(super) fn asks_for_tokens(&self) -> bool {
        self.path.strip_suffix('/').unwrap_or(&self.path) == TOKEN_PAGE
    }

    /// The parameters: those of the URL, overridden by those of a POST body of the same name.
    ///
    /// A body is JSON only if its media type is exactly `application/json`, parameters cut off;
    /// one that does not decode brings nothing. A multipart body is taken apart by PHP itself, any
    /// other body is read as a query string (bitrix24-rest.md §5).
    pub(super) fn params(&self) -> Array {
        let mut params = parse_str(&Bytes::copy_from_slice(self.query.as_bytes()));
        if self.method == "POST" {
            for (key, value) in self.body_params() {
                params.insert(key, value);
            }
        }
        params
    }

    fn body_params(&self) -> Array {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default();
        if media_type.eq_ignore_ascii_case("multipart/form-data") {
            return parse_multipart(content_type, &self.body);
        }
        if media_type != "application/json" {
            return parse_str(&self.body);
        }
        match json_decode(&self.body) {
            Some(Php::Array(params)) => params,
            _ => Array::new(),
        }
    }
}

fn lower(method: &str) -> Cow<'_, str> {
    if method.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(method.to_ascii_lowercase())
    } else {
        Cow::Borrowed(method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> IncomingRequest {
        IncomingRequest {
            method: "POST".into(),
            path: path.into(),
            ..IncomingRequest::default()
        }
    }

    #[test]
    fn paths_name_user_code_and_method() {
        for (path, webhook, method) in [
            ("/rest/1/abc/batch", Some(("1", "abc")), "batch"),
            ("/rest/1/abc/batch/", Some(("1", "abc")), "batch"),
            ("/rest/1/abc/Batch.json", Some(("1", "abc")), "batch"),
            ("/rest/1/abc/profile.json/", Some(("1", "abc")), "profile"),
            ("/rest/1/abc/", Some(("1", "abc")), ""),
            ("/rest/profile", None, "profile"),
            ("/rest//profile", None, "profile"),
            ("//rest/1//abc/profile//", Some(("1", "abc")), "profile"),
            ("/rest/", None, ""),
        ] {
            let request = at(path);
            let route = request.route().unwrap();
            assert_eq!(route.webhook, webhook, "{path}");
            assert_eq!(route.method, method, "{path}");
        }
        for path in ["/", "/rest", "/crm/", "/rest/1/abc/profile/x"] {
            assert_eq!(at(path).route(), None, "{path}");
        }
    }

    #[test]
    fn the_media_type_decides_how_a_body_is_read() {
        let mut request = at("/rest/profile");
        request.body = Bytes::from_static(br#"{"a":{"b":1}}"#);
        let json = Array::from_names([("a", Php::map([("b", Php::Int(1))]))]);
        for (content_type, expected) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("application/json;odata", true),
            ("Application/JSON", false),
            ("application/jsonp", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            request.content_type = Some(content_type.into());
            assert_eq!(request.params() == json, expected, "{content_type}");
        }
        request.content_type = None;
        assert_eq!(
            request.params(),
            Array::from_names([(r#"{"a":{"b":1}}"#, Php::text(""))])
        );
    }

    #[test]
    fn the_body_overrides_the_url() {
        let mut request = at("/rest/profile");
        request.query = "a=1&b=2".into();
        request.body = Bytes::from_static(b"b=3&c=4");
        let text = |params: &Array, name| params.named(name).and_then(Php::to_text);
        let params = request.params();
        assert_eq!(text(&params, "a").unwrap(), "1");
        assert_eq!(text(&params, "b").unwrap(), "3");
        assert_eq!(text(&params, "c").unwrap(), "4");
        request.method = "GET".into();
        assert_eq!(text(&request.params(), "b").unwrap(), "2");
        assert_eq!(text(&request.params(), "c"), None);
    }

    #[test]
    fn a_json_body_that_does_not_decode_brings_nothing() {
        let mut request = at("/rest/batch");
        request.content_type = Some("application/json".into());
        for body in [
            b"{\"cmd\":" as &[u8],
            b"\xff",
            b"\"text\"",
            b"7",
            b"",
            br#"{"a":"\ud800"}"#,
        ] {
            request.body = Bytes::copy_from_slice(body);
            assert!(request.params().is_empty(), "{body:?}");
        }
    }
}
