//! What the portal's methods see and change: settings, IDs, server time, and posts.

use super::operating::OperatingMeter;
use super::read_model::ReadModel;
use super::settings::{Settings, Webhook};

/// A portal without what stands in front of its methods.
#[derive(Debug)]
pub(super) struct PortalState {
    pub settings: Settings,
    pub webhook: Webhook,
    /// The ID that the next post gets.
    pub next_id: i64,
    pub operating: OperatingMeter,
    /// The posts that can be read back.
    pub kept: ReadModel,
}

impl PortalState {
    pub(super) fn new(settings: Settings, webhook: Webhook, next_id: i64) -> PortalState {
        PortalState {
            operating: OperatingMeter::new(settings.operating),
            settings,
            webhook,
            next_id,
            kept: ReadModel::default(),
        }
    }
}
