//! Rate limits, as a request meets them.

use super::Site;
use super::error_page::{Details, ErrorCode};
use super::exchange::Exchange;
use crate::metrics::Rejection;
use crate::rate_limit::{self, RateLimit, Verdict};
use http::HeaderMap;
use http::request::Parts;

/// What a request's rate limit came to, to be told to its client.
pub(super) struct Rated {
    limit: RateLimit,
    verdict: Verdict,
}

impl Rated {
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        self.limit.tell(&self.verdict, headers);
    }

    /// Whether a response tells of a limit already.
    pub(super) fn is_told(headers: &HeaderMap) -> bool {
        headers.contains_key(rate_limit::POLICY)
    }

    /// Why the request is refused, if it is.
    pub(super) fn refusal(&self) -> Option<(ErrorCode, Details)> {
        (!self.verdict.allowed).then(|| {
            let RateLimit { requests, window_seconds, key, .. } = &self.limit;
            let error = format!("more than {requests} requests came in {window_seconds} s with the same key (`{key}`)");
            (ErrorCode::RateLimited, Details { error, ..Details::default() })
        })
    }
}

impl Site {
    /// Counts a request against `limit`. `scope` is what the limit is of: two of them do not share buckets.
    pub(super) fn rate(&self, limit: &RateLimit, scope: &str, exchange: &Exchange, parts: &Parts) -> Rated {
        let key = limit.key(exchange.client, parts);
        let verdict = self.front.buckets.take(&limit.rate(), (scope, key));
        if !verdict.allowed {
            self.metrics.reject(Rejection::RateLimit);
        }
        Rated { limit: limit.clone(), verdict }
    }
}
