//! A portal in a folder of its own, and a client of it.

use std::borrow::Borrow;
use std::sync::Arc;

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::common::{Sandbox, Workspace};

pub struct Portal {
    pub workspace: Workspace,
    pub sandbox: Sandbox,
    pub client: Client,
}

impl Portal {
    pub fn start(options: &[&str]) -> Portal {
        let workspace = Workspace::new();
        Portal {
            sandbox: Sandbox::start(&workspace, options),
            workspace,
            client: client(),
        }
    }

    /// The same store under a new process.
    pub fn restart(self, options: &[&str]) -> Portal {
        let Portal {
            workspace,
            sandbox,
            client,
        } = self;
        drop(sandbox);
        Portal {
            sandbox: Sandbox::start(&workspace, options),
            workspace,
            client,
        }
    }

    /// Where the owner of the webhook calls a method.
    pub fn address(&self, method: &str) -> String {
        format!("{}{method}", self.sandbox.webhook)
    }

    /// A call to that address, to be sent.
    pub fn post(&self, address: &str, params: &Value) -> RequestBuilder {
        let request = self.client.post(address).body(params.to_string());
        request.header("Content-Type", "application/json")
    }

    /// Status and body of a call.
    pub async fn call(&self, method: &str, params: impl Borrow<Value>) -> (u16, Value) {
        answer(self.post(&self.address(method), params.borrow())).await
    }

    /// The result of a call that succeeds.
    pub async fn result(&self, method: &str, params: impl Borrow<Value>) -> Value {
        let (status, body) = self.call(method, params).await;
        assert_eq!(status, 200, "{method}: {body}");
        body["result"].clone()
    }
}

/// Status and body of an answer.
pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

/// A client that follows no redirect. The portal never speaks TLS, but a client can't be made
/// without something that could.
fn client() -> Client {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls)
        .build()
        .unwrap()
}
