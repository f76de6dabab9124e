//! A Bitrix24 portal in miniature, for rehearsals and tests: it answers as docs/bitrix24-rest.md
//! describes, keeps what it was sent in a store of its own, and goes wrong on demand.
//!
//! ```text
//! HTTP ──Request──▶ portal ──Answer──▶ store ──▶ HTTP
//! ```
//!
//! [`Portal`] decides and does no I/O; [`Server`] brings it requests and delivers its answers;
//! [`Store`] remembers the posts. The module decodes as PHP does, from its own reading of the
//! rules, and uses no other module of this crate but that for private files: if it shared the
//! encoder's code it would agree with the encoder's mistakes.

mod answer;
mod batch;
mod bucket;
mod connection;
mod delivery;
mod dispatch;
mod emoji;
mod entities;
mod execution;
mod fault;
mod incoming;
mod method;
mod method_result;
mod methods;
mod oauth;
mod operating;
mod owner;
pub mod php;
mod portal;
mod portal_data;
mod post;
mod read_model;
mod request;
mod rest_failure;
mod server;
mod settings;
mod state;
mod store;
mod substitution;
mod time_block;
mod web_filter;
mod workers;
mod writer;

pub use answer::{Answer, Delivery};
pub use entities::{EntityPlan, EntityPlanError};
pub use fault::{FaultError, FaultPlan};
pub use oauth::{OAuthFile, OAuthFileError, TokenLife};
pub use portal::Portal;
pub use portal_data::{PortalData, PortalDataError};
pub use post::{NewFile, NewPost, News, PostUpdate};
pub use request::IncomingRequest;
pub use server::{SandboxError, Server, ServerOptions};
pub use settings::{Accounting, Language, OperatingRules, RateLimit, Settings, Webhook};
pub use store::{LogEntry, Store, StoreError};
