//! A portal to call in tests, and tables of what it refuses.

use serde_json::Value;

use super::super::entities::EntityPlan;
use super::super::portal::Portal;
use super::super::request::IncomingRequest;
use super::super::settings::{Settings, Webhook};

pub const NOW: u64 = 1_700_000_000_000;

/// The user of the webhook.
pub const USER: u64 = 7;

/// A portal, and what its requests have left behind.
pub struct TestPortal {
    portal: Portal,
    /// Unix time in milliseconds.
    pub now: u64,
    pub deleted: Vec<i64>,
}

/// One line of a table: a call, and the status, code and part of the text that answer it.
pub type RefusedCall = (&'static str, Value, u16, &'static str, &'static str);

impl TestPortal {
    pub fn new(settings: Settings) -> TestPortal {
        let webhook = Webhook {
            user_id: USER,
            code: "code".into(),
        };
        TestPortal {
            portal: Portal::new(settings, webhook, 100),
            now: NOW,
            deleted: Vec::new(),
        }
    }

    /// A portal whose entities are as a plan says.
    pub fn with_entities(plan: &str) -> TestPortal {
        TestPortal::new(Settings {
            entities: EntityPlan::parse(plan).unwrap(),
            ..Settings::default()
        })
    }

    /// A portal with records, users, departments and groups of its own.
    pub fn with_data(data: &Value) -> TestPortal {
        let scopes = ["crm", "log", "user", "department", "sonet_group"];
        TestPortal::new(Settings {
            data: serde_json::from_value(data.clone()).unwrap(),
            scopes: scopes.map(String::from).to_vec(),
            ..Settings::default()
        })
    }

    /// The same posts under another webhook user's eyes, or with other settings.
    pub fn change(&mut self, change: impl FnOnce(&mut Settings, &mut Webhook)) {
        change(
            &mut self.portal.state.settings,
            &mut self.portal.state.webhook,
        );
    }

    /// Status and body of a call.
    pub fn call(&mut self, method: &str, params: &Value) -> (u16, Value) {
        let Webhook { user_id, code } = self.portal.state.webhook.clone();
        let request = IncomingRequest {
            method: "POST".into(),
            path: format!("/rest/{user_id}/{code}/{method}"),
            content_type: Some("application/json".into()),
            body: params.to_string().into(),
            ..IncomingRequest::default()
        };
        let answer = self.portal.handle(&request, self.now);
        self.deleted.extend(answer.deleted);
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// The result of a call that succeeds.
    #[track_caller]
    pub fn result(&mut self, method: &str, params: &Value) -> Value {
        let (status, body) = self.call(method, params);
        assert_eq!(status, 200, "{method} {params}: {body}");
        body["result"].clone()
    }

    /// Asserts that each call is refused as its line says.
    #[track_caller]
    pub fn refuses(&mut self, table: &[RefusedCall]) {
        for (method, params, status, code, text) in table {
            let (answered, body) = self.call(method, params);
            let said = body["error_description"].as_str().unwrap_or_default();
            assert_eq!(
                (answered, body["error"].as_str()),
                (*status, Some(*code)),
                "{method} {params}: {body}"
            );
            assert!(said.contains(text), "{method} {params}: {body}");
        }
    }
}
