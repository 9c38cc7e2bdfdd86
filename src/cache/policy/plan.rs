//! What becomes of a response: whether it is kept, and by which rules.

use super::control::{Extent, ResponseControl};
use super::freshness::{self, Lifetime};
use super::storing::{self, Asked};
use crate::cache::entry::Rules;
use http::{HeaderMap, HeaderName, StatusCode};
use std::time::SystemTime;

/// What a worker asks for instead of what a response's headers say (`cf` of `fetch`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Lifetimes by status, in seconds; below none the response is not kept. The first range that fits counts.
    pub by_status: Vec<(std::ops::RangeInclusive<u16>, i64)>,
    /// Lifetime of a response that succeeds or redirects, whatever it says.
    pub ttl: Option<i64>,
    /// More names to purge it by.
    pub tags: Vec<String>,
    /// A response that says nothing of caches is kept as long as is usual for its status.
    pub unless_stated: bool,
}

impl Overrides {
    fn lifetime(&self, status: StatusCode, stated: &ResponseControl, lifetime: Lifetime) -> Option<i64> {
        let code = status.as_u16();
        let by_status = self.by_status.iter().find(|(range, _)| range.contains(&code)).map(|(_, ttl)| *ttl);
        let forced = by_status.or(self.ttl.filter(|_| (200..400).contains(&code)));
        let silent = self.unless_stated && !stated.present && !matches!(lifetime, Lifetime::Explicit(_));
        forced.or_else(|| usual_lifetime(status).filter(|_| silent).map(|seconds| seconds as i64))
    }
}

/// Seconds that Cloudflare keeps a response of this status that says nothing of it.
pub fn usual_lifetime(status: StatusCode) -> Option<u64> {
    match status.as_u16() {
        200 | 301 => Some(120 * 60),
        302 | 303 => Some(20 * 60),
        404 | 410 => Some(3 * 60),
        _ => None,
    }
}

/// What is kept of a response, and how.
pub struct Plan {
    /// Its head as it is kept.
    pub headers: HeaderMap,
    pub rules: Rules,
    pub tags: Vec<String>,
}

/// Names that a response is purged by.
const TAGS: [(HeaderName, char); 2] =
    [(HeaderName::from_static("cache-tag"), ','), (HeaderName::from_static("surrogate-key"), ' ')];

/// Decides on a response with this head, received at `received`. None if it is not kept.
pub fn plan(
    asked: &Asked<'_>,
    status: StatusCode,
    headers: &HeaderMap,
    overrides: &Overrides,
    received: SystemTime,
) -> Option<Plan> {
    let mut control = ResponseControl::of(headers);
    let lifetime = freshness::lifetime(status, headers, &control, received);
    let rules = match overrides.lifetime(status, &control, lifetime) {
        Some(ttl) => {
            // The worker has decided; what never can be kept is still not kept.
            let lifetime = u64::try_from(ttl).ok()?;
            control = ResponseControl { public: true, max_age: Some(lifetime), ..ResponseControl::default() };
            if !storing::is_storable(asked, status, headers, &control, Lifetime::Explicit(lifetime)) {
                return None;
            }
            Rules { lifetime, overridden: true, ..Rules::default() }
        }
        None => {
            if !storing::is_storable(asked, status, headers, &control, lifetime) {
                return None;
            }
            rules(&control, lifetime)
        }
    };
    let mut kept = headers.clone();
    storing::strip(&mut kept, &control);
    let mut tags = tags(headers);
    tags.extend(overrides.tags.iter().map(|tag| tag.to_ascii_lowercase()));
    Some(Plan { headers: kept, rules, tags })
}

/// The rules of a response that says this of caches.
pub fn rules(control: &ResponseControl, lifetime: Lifetime) -> Rules {
    Rules {
        lifetime: lifetime.seconds(),
        no_cache: control.no_cache == Extent::Whole,
        must_revalidate: control.must_revalidate || control.proxy_revalidate,
        shared_lifetime: control.s_maxage.is_some(),
        while_revalidate: control.stale_while_revalidate.unwrap_or(0),
        if_error: control.stale_if_error,
        overridden: false,
    }
}

/// The names in a response's `Cache-Tag` and `Surrogate-Key`, in lower case.
pub fn tags(headers: &HeaderMap) -> Vec<String> {
    let mut tags = Vec::new();
    for (name, separator) in &TAGS {
        let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let names = lines.flat_map(|line| line.split(*separator)).map(str::trim).filter(|tag| !tag.is_empty());
        tags.extend(names.map(str::to_ascii_lowercase));
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::policy::control::RequestControl;
    use http::{HeaderValue, Method};

    fn planned(
        request: &[(&'static str, &'static str)],
        status: u16,
        response: &[(&'static str, &'static str)],
    ) -> Option<Plan> {
        planned_with(request, status, response, &Overrides::default())
    }

    fn planned_with(
        request: &[(&'static str, &'static str)],
        status: u16,
        response: &[(&'static str, &'static str)],
        overrides: &Overrides,
    ) -> Option<Plan> {
        let map = |lines: &[(&'static str, &'static str)]| -> HeaderMap {
            let line = |&(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            lines.iter().map(line).collect()
        };
        let (request, response) = (map(request), map(response));
        let control = RequestControl::of(&request);
        let asked = Asked { method: &Method::GET, headers: &request, control: &control };
        plan(&asked, StatusCode::from_u16(status).unwrap(), &response, overrides, SystemTime::now())
    }

    #[test]
    fn only_what_may_be_shared_and_is_of_use_is_kept() {
        let cc = |value: &'static str| [("cache-control", value)];
        assert!(planned(&[], 200, &cc("max-age=5")).is_some());
        assert!(planned(&[], 599, &cc("max-age=5")).is_some());
        for never in ["max-age=5, no-store", "max-age=5, private", "max-age=5, private, s-maxage=5"] {
            assert!(planned(&[], 200, &cc(never)).is_none(), "{never}");
        }
        assert!(planned(&[], 200, &[]).is_none());
        assert!(planned(&[], 200, &[("etag", "\"a\"")]).is_some(), "it can be validated");
        assert!(planned(&[], 201, &[("etag", "\"a\"")]).is_none());
        assert!(planned(&[], 206, &cc("max-age=5")).is_none());
        assert!(planned(&[], 304, &cc("max-age=5")).is_none());
        assert!(planned(&cc("no-store"), 200, &cc("max-age=5")).is_none());
        assert!(planned(&[], 200, &[("cache-control", "max-age=5"), ("vary", "a, *")]).is_none());
        assert!(planned(&[], 200, &cc("max-age=5, no-store, must-understand")).is_some());
        assert!(planned(&[], 299, &cc("max-age=5, no-store, must-understand")).is_none());
        assert!(planned(&[], 299, &cc("max-age=5, must-understand")).is_none());
    }

    #[test]
    fn responses_to_who_is_authorised_are_kept_only_if_that_is_said() {
        let authorised = [("authorization", "x")];
        for (cache_control, kept) in [
            ("max-age=5", false),
            ("max-age=5, public", true),
            ("max-age=5, must-revalidate", true),
            ("s-maxage=5", true),
            ("max-age=5, proxy-revalidate", false),
        ] {
            assert_eq!(
                planned(&authorised, 200, &[("cache-control", cache_control)]).is_some(),
                kept,
                "{cache_control}"
            );
        }
    }

    #[test]
    fn a_worker_may_set_lifetimes() {
        let overrides = Overrides {
            by_status: vec![(404..=404, 1), (500..=599, -1)],
            ttl: Some(60),
            tags: vec!["Mine".into()],
            unless_stated: false,
        };
        let ttl = |status| {
            planned_with(&[], status, &[("cache-control", "no-store")], &overrides).map(|plan| plan.rules.lifetime)
        };
        assert_eq!([ttl(200), ttl(404), ttl(500), ttl(410)], [Some(60), Some(1), None, None]);
        let plan = planned_with(&[], 200, &[("cache-tag", "a, B"), ("surrogate-key", "c d")], &overrides).unwrap();
        assert_eq!(plan.tags, ["a", "b", "c", "d", "mine"]);
    }

    #[test]
    fn fields_that_are_for_one_client_or_connection_are_not_kept() {
        let plan = planned(
            &[],
            200,
            &[
                ("cache-control", "max-age=5, no-cache=\"a\", private=\"set-cookie\""),
                ("connection", "b"),
                ("a", "1"),
                ("b", "2"),
                ("c", "3"),
                ("set-cookie", "x=y"),
            ],
        );
        let headers = plan.unwrap().headers;
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort();
        assert_eq!(names, ["c", "cache-control"]);
    }
}
