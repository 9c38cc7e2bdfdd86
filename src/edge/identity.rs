//! Who asks: believed, told to the worker, and kept from going in circles.

use super::error_page::{Details, ErrorCode};
use super::exchange::{self, Exchange};
use crate::clients::{Believed, Client, Families, Geo, Place, Proxies};
use crate::connection::Connection;
use crate::host::{CDN_ID, Caller};
use crate::recording::protocol_name;
use arc_swap::ArcSwapOption;
use http::header::HOST;
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;

const CDN_LOOP: HeaderName = HeaderName::from_static("cdn-loop");

/// What is done to find out and tell who asks.
#[derive(Default)]
pub struct Identity {
    pub proxies: Proxies,
    /// Headers that workers are told by; none leaves what a request says as it is.
    pub families: Option<Families>,
    /// Where addresses are, if databases are given.
    pub geo: ArcSwapOption<Geo>,
}

/// What is believed of a request.
pub(super) fn believe(identity: &Identity, request: &Parts) -> Option<Believed> {
    let peer = exchange::peer(request)?;
    Some(identity.proxies.believe(peer, &request.headers))
}

/// Applies what is believed to the request, and tells its worker.
pub(super) fn tell(identity: &Identity, believed: &Believed, exchange: &Exchange, request: &mut Parts) {
    if believed.trusted {
        readdress(request, believed);
    }
    let Some(families) = identity.families else { return };
    let geo = identity.geo.load();
    let country = geo.as_ref().and_then(|geo| geo.country(believed.client));
    let peer = exchange::peer(request);
    let client = Client {
        address: believed.client,
        https: believed.https.unwrap_or_else(|| connection(request).is_some_and(|connection| connection.is_secure())),
        request_id: &exchange.request_id,
        country: country.as_deref(),
        through_proxy: peer.filter(|_| believed.trusted),
    };
    client.tell(&mut request.headers, families);
}

/// The URL as the client asked for it.
fn readdress(request: &mut Parts, believed: &Believed) {
    if let Some(host) = &believed.host {
        request.headers.insert(HOST, host.clone());
    }
    if believed.host.is_none() && believed.https.is_none() {
        return;
    }
    let mut parts = request.uri.clone().into_parts();
    let named = request.headers.get(HOST).filter(|_| believed.host.is_some() || parts.authority.is_none());
    if let Some(authority) = named.and_then(|host| Authority::try_from(host.as_bytes()).ok()) {
        parts.authority = Some(authority);
    }
    match believed.https {
        Some(true) => parts.scheme = Some(Scheme::HTTPS),
        Some(false) => parts.scheme = Some(Scheme::HTTP),
        None => _ = parts.scheme.get_or_insert(Scheme::HTTP),
    }
    parts.path_and_query.get_or_insert_with(|| PathAndQuery::from_static("/"));
    // Without a host there is no such URL; the request is refused for that later.
    if let Ok(uri) = Uri::from_parts(parts) {
        request.uri = uri;
    }
}

/// What the worker may ask of its caller, and what its subrequests say of where they come from.
pub(super) fn caller(
    identity: &Identity,
    believed: Option<&Believed>,
    request: &Parts,
    most: usize,
) -> Result<Caller, Box<(ErrorCode, Details)>> {
    let loops = match request.headers.contains_key(CDN_LOOP) {
        true => Some(looped(&request.headers, most)?),
        false => None,
    };
    let geo = identity.geo.load_full();
    let connection = connection(request).filter(|connection| connection.is_secure()).cloned();
    let cf = if geo.is_some() || connection.is_some() {
        let (client, protocol) = (believed.map(|believed| believed.client), protocol_name(request.version));
        let describe: Arc<dyn Fn() -> String + Send + Sync> =
            Arc::new(move || describe(protocol, connection.as_deref(), geo.as_deref().zip(client)));
        Some(describe)
    } else {
        None
    };
    Ok(Caller { cf, loops, span: None })
}

fn connection(request: &Parts) -> Option<&Arc<Connection>> {
    request.extensions.get::<Arc<Connection>>()
}

/// `request.cf` of a request, as far as its connection and its client's address tell.
fn describe(protocol: &'static str, connection: Option<&Connection>, client: Option<(&Geo, IpAddr)>) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Cf<'a> {
        http_protocol: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        tls_version: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tls_cipher: Option<&'a str>,
        #[serde(flatten)]
        place: Place,
    }
    let tls = connection.and_then(|connection| connection.tls.as_ref());
    let cf = Cf {
        http_protocol: protocol,
        tls_version: tls.map(|tls| tls.version.to_string()),
        tls_cipher: tls.map(|tls| tls.cipher),
        place: client.map(|(geo, client)| geo.place(client)).unwrap_or_default(),
    };
    // Strings and a number alone: it does not fail.
    serde_json::to_string(&cf).unwrap_or_default()
}

/// The `CDN-Loop` that subrequests are to carry, unless the request has come by here more than `most` times.
fn looped(headers: &HeaderMap, most: usize) -> Result<HeaderValue, Box<(ErrorCode, Details)>> {
    let values: Vec<_> = headers.get_all(CDN_LOOP).iter().filter_map(|value| value.to_str().ok()).collect();
    let joined = values.join(", ");
    let times = joined.split(',').filter(|hop| is_ours(hop)).count();
    if times > most {
        let error = format!("the request has come by here {times} times; {most} are allowed");
        let hint = Some("a worker requests a URL that leads to itself, through `fetch` and back".to_owned());
        return Err(Box::new((ErrorCode::Loop, Details { error, hint, ..Details::default() })));
    }
    HeaderValue::try_from(format!("{joined}, {CDN_ID}")).map_err(|_| {
        let error = "the header `CDN-Loop` is not text".to_owned();
        Box::new((ErrorCode::BadRequest, Details { error, ..Details::default() }))
    })
}

fn is_ours(hop: &str) -> bool {
    hop.split(';').next().is_some_and(|id| id.trim().eq_ignore_ascii_case(CDN_ID))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn times(lines: &[&str]) -> Result<String, u16> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CDN_LOOP, HeaderValue::from_str(line).unwrap());
        }
        looped(&headers, 2).map(|value| value.to_str().unwrap().to_owned()).map_err(|why| why.0.status().as_u16())
    }

    #[test]
    fn appearances_are_counted_by_name_and_others_are_kept() {
        let more = |before: &str| Ok(format!("{before}, glowplug"));
        assert_eq!(times(&["cloudflare"]), more("cloudflare"));
        assert_eq!(times(&["glowplug, other; v=1"]), more("glowplug, other; v=1"));
        assert_eq!(times(&["glowplug;id=\"x\"", "GLOWPLUG"]), more("glowplug;id=\"x\", GLOWPLUG"));
        assert!(times(&["glowplugs, myglowplug, x;glowplug, glowplug, glowplug"]).is_ok());
        assert_eq!(times(&["glowplug, glowplug ;a, glowplug"]), Err(508));
        assert_eq!(times(&["glowplug", "glowplug", "x, glowplug"]), Err(508));
    }

    fn readdressed(uri: &str, host: &str, https: Option<bool>, said: Option<&str>) -> (String, String) {
        let mut request = Request::get(uri).header(HOST, host).body(()).unwrap().into_parts().0;
        let host = said.map(|said| HeaderValue::from_str(said).unwrap());
        readdress(&mut request, &Believed { client: [127, 0, 0, 1].into(), trusted: true, https, host });
        (request.uri.to_string(), request.headers[HOST].to_str().unwrap().to_owned())
    }

    #[test]
    fn the_url_becomes_the_one_that_the_client_asked_for() {
        let to = |uri: &str, host: &str| (uri.to_owned(), host.to_owned());
        assert_eq!(readdressed("/a?b", "in", None, None), to("/a?b", "in"));
        assert_eq!(readdressed("/a?b", "in:80", Some(true), None), to("https://in:80/a?b", "in:80"));
        assert_eq!(readdressed("/a", "in", None, Some("out")), to("http://out/a", "out"));
        assert_eq!(readdressed("http://in/a", "in", Some(true), Some("out:1")), to("https://out:1/a", "out:1"));
        assert_eq!(readdressed("https://in/a", "in", Some(false), None), to("http://in/a", "in"));
    }
}
