//! What workers are told of a client in headers.

use super::forwarded::{FORWARDED, FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;

const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");
const CF_RAY: HeaderName = HeaderName::from_static("cf-ray");
const CF_VISITOR: HeaderName = HeaderName::from_static("cf-visitor");
const CF_COUNTRY: HeaderName = HeaderName::from_static("cf-ipcountry");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const CLIENT_IP: HeaderName = HeaderName::from_static("glowplug-client-ip");
const REQUEST_ID: HeaderName = HeaderName::from_static("glowplug-request-id");
const COUNTRY: HeaderName = HeaderName::from_static("glowplug-country");

/// Names that begin so, and that a client might be believed by, are ours to set.
const OURS: [&str; 2] = ["cf-", "true-client-ip"];

/// Which names headers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Families {
    /// Those of Workers: `CF-Connecting-IP` and its like.
    pub workers: bool,
    /// Our own: `Glowplug-Client-IP` and its like.
    pub glowplug: bool,
    /// `X-Forwarded-For` and its like.
    pub forwarded: bool,
}

/// What is told of a client.
pub struct Client<'a> {
    pub address: IpAddr,
    pub https: bool,
    pub request_id: &'a str,
    /// Two letters of ISO 3166, if it is known.
    pub country: Option<&'a str>,
    /// Whether the proxy that it came through is trusted: then what that says is passed on.
    pub through_proxy: Option<IpAddr>,
}

impl Client<'_> {
    /// Replaces what a request says of where it comes from.
    pub fn tell(&self, headers: &mut HeaderMap, families: Families) {
        strip(headers, self.through_proxy.is_some());
        let Ok(address) = HeaderValue::from_str(&self.address.to_string()) else { return };
        let country = self.country.and_then(|country| HeaderValue::from_str(country).ok());
        if families.workers {
            let ray = [self.request_id.as_bytes(), b"-GLW"].concat();
            if let Ok(ray) = HeaderValue::from_bytes(&ray) {
                headers.insert(CF_RAY, ray);
            }
            let visitor = if self.https { r#"{"scheme":"https"}"# } else { r#"{"scheme":"http"}"# };
            headers.insert(CF_VISITOR, HeaderValue::from_static(visitor));
            headers.insert(CF_CONNECTING_IP, address.clone());
            if let Some(country) = &country {
                headers.insert(CF_COUNTRY, country.clone());
            }
        }
        if families.forwarded {
            headers.insert(REAL_IP, address.clone());
            headers.insert(FORWARDED_PROTO, HeaderValue::from_static(if self.https { "https" } else { "http" }));
            let chain = match self.through_proxy {
                Some(proxy) => chain(headers, self.address, proxy),
                None => Some(address.clone()),
            };
            if let Some(chain) = chain {
                headers.insert(FORWARDED_FOR, chain);
            }
        }
        if families.glowplug {
            headers.insert(CLIENT_IP, address);
            if let Ok(id) = HeaderValue::from_str(self.request_id) {
                headers.insert(REQUEST_ID, id);
            }
            if let Some(country) = country {
                headers.insert(COUNTRY, country);
            }
        }
    }
}

/// Removes what a client could pass itself off as another with.
fn strip(headers: &mut HeaderMap, from_proxy: bool) {
    let forged = |name: &HeaderName| {
        OURS.iter().any(|ours| name.as_str().starts_with(ours))
            || [REAL_IP, CLIENT_IP, REQUEST_ID, COUNTRY].contains(name)
            || (!from_proxy && [FORWARDED, FORWARDED_FOR, FORWARDED_PROTO, FORWARDED_HOST].contains(name))
    };
    let forged: Vec<_> = headers.keys().filter(|name| forged(name)).cloned().collect();
    for name in forged {
        headers.remove(name);
    }
}

/// `X-Forwarded-For` with the proxy that the request came from at its end.
fn chain(headers: &HeaderMap, client: IpAddr, proxy: IpAddr) -> Option<HeaderValue> {
    let before: Vec<_> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect();
    let before = if before.is_empty() { client.to_string() } else { before.join(", ") };
    HeaderValue::try_from(format!("{before}, {proxy}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Families = Families { workers: true, glowplug: true, forwarded: true };

    fn told(lines: &[(&str, &str)], through_proxy: Option<IpAddr>) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let address = "192.0.2.1".parse().unwrap();
        Client { address, https: true, request_id: "00ff", country: Some("NZ"), through_proxy }.tell(&mut headers, ALL);
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    const FORGED: [(&str, &str); 9] = [
        ("CF-Connecting-IP", "6.6.6.6"),
        ("CF-Worker", "evil.example"),
        ("True-Client-IP", "6.6.6.6"),
        ("X-Real-IP", "6.6.6.6"),
        ("X-Forwarded-For", "6.6.6.6"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=6.6.6.6"),
        ("Glowplug-Client-IP", "6.6.6.6"),
        ("accept", "*/*"),
    ];

    #[test]
    fn what_a_client_says_of_itself_is_replaced() {
        let expected = [
            "accept: */*",
            "cf-connecting-ip: 192.0.2.1",
            "cf-ipcountry: NZ",
            "cf-ray: 00ff-GLW",
            "cf-visitor: {\"scheme\":\"https\"}",
            "glowplug-client-ip: 192.0.2.1",
            "glowplug-country: NZ",
            "glowplug-request-id: 00ff",
            "x-forwarded-for: 192.0.2.1",
            "x-forwarded-proto: https",
            "x-real-ip: 192.0.2.1",
        ];
        assert_eq!(told(&FORGED, None), expected);
    }

    #[test]
    fn a_trusted_proxys_chain_goes_on() {
        let lines = told(&FORGED, Some("10.0.0.1".parse().unwrap()));
        assert!(lines.contains(&"x-forwarded-for: 6.6.6.6, 10.0.0.1".to_owned()), "{lines:?}");
        assert!(lines.contains(&"x-forwarded-host: evil.example".to_owned()), "{lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with("cf-worker")), "{lines:?}");
    }
}
