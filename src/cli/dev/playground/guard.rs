//! Who may talk to the playground: its own page, and no other.
//!
//! ## Why
//! Any page that the author has open can send requests to this machine. What such a page cannot do is name this server in `Host` when it
//! was reached by another name (DNS rebinding), send a header of its own without being asked for permission first (CORS, which is
//! never given), or say that it is of this origin.

use super::PREFIX;
use super::api::State;
use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

/// Sent by the page with every call of the API.
const OWN_HEADER: &str = "x-glowplug-playground";

/// Lets requests through that may come in.
pub(super) async fn guard(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or_default();
    if !is_this_machine(host, state.port) {
        return refuse("the playground is reached by the address that `glowplug dev` printed, and by no other name");
    }
    let is_api = request.uri().path().strip_prefix(PREFIX).is_some_and(|path| path.starts_with("api/"));
    if is_api && let Err(why) = is_own_page(request.headers(), host) {
        return refuse(why);
    }
    next.run(request).await
}

fn refuse(why: &str) -> Response {
    (StatusCode::FORBIDDEN, format!("{why}\n")).into_response()
}

fn is_this_machine(host: &str, port: u16) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, given)) if given == port.to_string() => name,
        _ => return false,
    };
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

fn is_own_page(headers: &HeaderMap, host: &str) -> Result<(), &'static str> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text(OWN_HEADER).is_none() {
        return Err("the header `x-glowplug-playground` is missing: this API is for the playground's own page");
    }
    // Old browsers send neither of the next two; the header above is then what keeps others out.
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return Err("this API is for the playground's own page, and the request came from another");
    }
    if text(ORIGIN.as_str()).is_some_and(|origin| origin != format!("http://{host}")) {
        return Err("this API is for the playground's own page, and the request came from another origin");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn other_names_are_not_this_machine() {
        assert!(["127.0.0.1:80", "localhost:80", "LocalHost:80"].iter().all(|host| is_this_machine(host, 80)));
        let others = ["", "localhost", "127.0.0.1:81", "127.0.0.1.evil.example:80", "evil.example:80", "[::1]:80"];
        assert!(others.iter().all(|host| !is_this_machine(host, 80)));
    }

    #[test]
    fn other_pages_are_refused() {
        let own = |list: &[_]| is_own_page(&headers(list), "127.0.0.1:80").is_ok();
        let ours = (OWN_HEADER, "1");
        assert!(own(&[ours]));
        assert!(own(&[ours, ("origin", "http://127.0.0.1:80"), ("sec-fetch-site", "same-origin")]));
        assert!(!own(&[]));
        assert!(!own(&[("origin", "http://127.0.0.1:80"), ("sec-fetch-site", "same-origin")]));
        assert!(!own(&[ours, ("origin", "null")]));
        assert!(!own(&[ours, ("origin", "http://127.0.0.1:81")]));
        assert!(!own(&[ours, ("sec-fetch-site", "same-site")]));
        assert!(!own(&[ours, ("sec-fetch-site", "cross-site")]));
    }
}
