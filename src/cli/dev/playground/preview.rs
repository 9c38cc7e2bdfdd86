//! Pages that workers answered with, shown in a frame that has no origin.
//!
//! ## Why
//! A page written into the frame would have the playground's own rules on what it may load, and look wrong; so it is fetched, with
//! rules of its own. They sandbox it however it is opened: it is of no origin, reaches no network, and sees nothing of the page around it.

use super::api::State;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers that can be looked at: those on screen, and a few that are about to be.
const KEPT: usize = 16;

/// Scripts and styles that are in the page run; whatever would be fetched is not, but for pictures.
const POLICY: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                      img-src data: https:; media-src data: https:; font-src data: https:; frame-ancestors 'self'; \
                      base-uri 'none'; form-action 'none'";

/// The last answers that were pages.
#[derive(Default)]
pub(super) struct Previews(Mutex<VecDeque<(String, String, Bytes)>>);

impl Previews {
    /// Keeps a page under a name that cannot be guessed; none where there are no random numbers.
    pub fn keep(&self, media_type: &str, body: Bytes) -> Option<String> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).ok()?;
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((id.clone(), media_type.to_owned(), body));
        kept.truncate(KEPT);
        Some(id)
    }

    fn get(&self, id: &str) -> Option<(String, Bytes)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(kept, ..)| kept == id).map(|(_, media_type, body)| (media_type.clone(), body.clone()))
    }
}

/// `GET /__glowplug/preview/{id}`
pub(super) async fn show(Shared(state): Shared<Arc<State>>, Path(id): Path<String>) -> Response {
    let Some((media_type, body)) = state.previews.get(&id) else {
        return (StatusCode::NOT_FOUND, "this answer is not kept any more: run the worker again\n").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, media_type.as_str()),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pages_are_kept() {
        let previews = Previews::default();
        let ids: Vec<_> =
            (0..=KEPT).map(|n| previews.keep("text/html", n.to_string().into()).expect("random numbers")).collect();
        assert!(previews.get(&ids[0]).is_none());
        assert_eq!(previews.get(&ids[1]), Some(("text/html".to_owned(), Bytes::from("1"))));
        assert!(previews.get("").is_none());
    }
}
