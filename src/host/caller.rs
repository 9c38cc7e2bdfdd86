//! What is known of where an invocation's request came from: for the worker that asks, and for those that it asks.

use crate::telemetry::Span;
use http::HeaderValue;
use std::fmt;
use std::sync::Arc;

/// Name of this server in `CDN-Loop` (RFC 8586).
pub const CDN_ID: &str = "glowplug";

/// An extension of requests; without one, what is known is the protocol alone.
#[derive(Clone, Default)]
pub struct Caller {
    /// Makes `request.cf`, a JSON object, when it is asked for.
    pub cf: Option<Arc<dyn Fn() -> String + Send + Sync>>,
    /// The `CDN-Loop` that subrequests carry: that of the request, and our name. Our name alone if there was none.
    pub loops: Option<HeaderValue>,
    /// What subrequests are part of, if they are traced.
    pub span: Option<Span>,
}

impl Caller {
    /// What a recording says of the caller.
    pub fn recorded(cf: &str) -> Self {
        let cf: Arc<str> = cf.into();
        Self { cf: Some(Arc::new(move || (*cf).to_owned())), loops: None, span: None }
    }

    /// The `CDN-Loop` of a subrequest.
    pub(super) fn loops(&self) -> HeaderValue {
        self.loops.clone().unwrap_or(HeaderValue::from_static(CDN_ID))
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("loops", &self.loops).finish_non_exhaustive()
    }
}
