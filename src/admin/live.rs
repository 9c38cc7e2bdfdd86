//! Waiting until a change is live.

use super::App;
use crate::storage::Revision;
use axum::response::AppendHeaders;
use http::{HeaderName, HeaderValue};
use std::time::Duration;

/// How long an answer waits for the data plane. A change that takes longer is committed all the same.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Says that a change is made, but not live yet.
pub(super) const NOT_YET: &str = "the change is stored and will become live, but was not in time";

/// The header with [`NOT_YET`].
pub(super) const WARNING: HeaderName = HeaderName::from_static("x-glowplug-warning");

/// Whether requests see a change that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Live {
    Yes,
    NotYet,
}

impl Live {
    /// The warning for the client; none if all is well.
    pub fn warning(self) -> Option<&'static str> {
        (self == Self::NotYet).then_some(NOT_YET)
    }

    /// The same as headers of an answer.
    pub fn headers(self) -> AppendHeaders<Option<(HeaderName, HeaderValue)>> {
        AppendHeaders(self.warning().map(|warning| (WARNING, HeaderValue::from_static(warning))))
    }
}

impl App {
    /// Waits until the data plane has applied the commit `revision`.
    pub async fn live(&self, revision: Revision) -> Live {
        let mut applied = self.applied.clone();
        let waiting = applied.wait_for(|applied| *applied >= revision);
        match tokio::time::timeout(self.live_within, waiting).await {
            Ok(Ok(_)) => Live::Yes,
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(revision, "a change was not live in time");
                Live::NotYet
            }
        }
    }
}
