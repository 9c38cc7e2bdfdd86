//! `Forwarded` (RFC 7239) and `X-Forwarded-*`, from proxies that are trusted.

use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(super) const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
pub(super) const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Proxies in front of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// Where they are.
    pub trusted: Vec<IpNet>,
    /// A header that holds the client's address alone, if the proxies send one: `CF-Connecting-IP`, `True-Client-IP`.
    pub client_header: Option<HeaderName>,
    /// Whether the host that they say was asked for is the one that routes are looked up by.
    pub host: bool,
}

/// What is believed of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    pub client: IpAddr,
    /// Whether it came from a proxy that is trusted.
    pub trusted: bool,
    /// The scheme that the client used, if the proxy says.
    pub https: Option<bool>,
    /// The host that the client asked for, if the proxy says and is believed in that.
    pub host: Option<HeaderValue>,
}

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&address))
    }

    /// What is known of a request that came from `peer`.
    pub fn believe(&self, peer: IpAddr, headers: &HeaderMap) -> Believed {
        let peer = peer.to_canonical();
        if self.trusted.is_empty() || !self.trusts(peer) {
            return Believed { client: peer, trusted: false, https: None, host: None };
        }
        let hops = hops(headers);
        let client = self.client_header.as_ref().and_then(|name| node(headers.get(name)?.to_str().ok()?.trim()));
        Believed {
            client: client.or_else(|| self.nearest_stranger(&hops)).unwrap_or(peer),
            trusted: true,
            https: proto(headers, &hops),
            host: if self.host { host(headers, &hops) } else { None },
        }
    }

    /// The last address in the chain that no trusted proxy has: what is before it may be made up. None if the chain is
    /// broken there.
    fn nearest_stranger(&self, hops: &[Hop]) -> Option<IpAddr> {
        let mut nearest = None;
        for hop in hops.iter().rev() {
            nearest = Some(hop.client?);
            if !self.trusts(hop.client?) {
                break;
            }
        }
        nearest
    }
}

/// What one proxy noted of the request as it got it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hop {
    client: Option<IpAddr>,
    proto: Option<String>,
    host: Option<String>,
}

/// The client's side first. The standard's header is believed before the older ones.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    if headers.contains_key(FORWARDED) {
        return texts(headers, &FORWARDED).flat_map(|text| elements(text, ',')).map(|element| hop(&element)).collect();
    }
    texts(headers, &FORWARDED_FOR)
        .flat_map(|text| text.split(','))
        .map(|element| Hop { client: node(element.trim()), ..Hop::default() })
        .collect()
}

fn texts<'a>(headers: &'a HeaderMap, name: &'a HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
}

/// The last one says what the proxy next to us saw.
fn last(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = texts(headers, name).last()?;
    Some(text.rsplit(',').next()?.trim().to_owned()).filter(|text| !text.is_empty())
}

fn proto(headers: &HeaderMap, hops: &[Hop]) -> Option<bool> {
    let proto = hops.first().and_then(|hop| hop.proto.clone()).or_else(|| last(headers, &FORWARDED_PROTO))?;
    match proto.to_ascii_lowercase().as_str() {
        "https" => Some(true),
        "http" => Some(false),
        _ => None,
    }
}

fn host(headers: &HeaderMap, hops: &[Hop]) -> Option<HeaderValue> {
    let host = hops.first().and_then(|hop| hop.host.clone()).or_else(|| last(headers, &FORWARDED_HOST))?;
    host.parse::<http::uri::Authority>().ok().filter(|authority| !authority.as_str().contains('@'))?;
    HeaderValue::from_str(&host).ok()
}

/// One element of `Forwarded`: `for=192.0.2.60;proto=http;host="example.com"`.
fn hop(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in elements(element, ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = unquoted(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.client = node(&value),
            "proto" => hop.proto = Some(value),
            "host" => hop.host = Some(value),
            _ => {}
        }
    }
    hop
}

/// Splits at `separator`, but not within quotes.
fn elements(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut part, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for character in text.chars() {
        if character == separator && !quoted {
            parts.push(std::mem::take(&mut part).trim().to_owned());
            continue;
        }
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        part.push(character);
    }
    parts.push(part.trim().to_owned());
    parts.retain(|part| !part.is_empty());
    parts
}

fn unquoted(value: &str) -> String {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

/// An address with or without a port; IPv6 may be in brackets. None for `unknown` and names that hide.
fn node(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (address, _) = rest.split_once(']')?;
        return address.parse::<std::net::Ipv6Addr>().ok().map(|address| IpAddr::V6(address).to_canonical());
    }
    let (address, _) = text.rsplit_once(':')?;
    address.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> Proxies {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"].map(|net| net.parse().unwrap()).to_vec();
        Proxies { trusted, client_header: None, host: true }
    }

    fn believed(proxies: &Proxies, peer: &str, lines: &[(&str, &str)]) -> (String, bool, Option<bool>, Option<String>) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let Believed { client, trusted, https, host } = proxies.believe(peer.parse().unwrap(), &headers);
        (client.to_string(), trusted, https, host.map(|host| host.to_str().unwrap().to_owned()))
    }

    #[test]
    fn the_nearest_address_that_is_no_trusted_proxy_is_the_client() {
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let cases: &[Case<'_>] = &[
            // nobody speaks for a client that comes itself
            ("192.0.2.1", &[("x-forwarded-for", "1.1.1.1")], "192.0.2.1"),
            ("::ffff:192.0.2.1", &[("forwarded", "for=1.1.1.1")], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[("x-forwarded-for", "192.0.2.9")], "192.0.2.9"),
            ("::ffff:10.0.0.1", &[("x-forwarded-for", "192.0.2.9")], "192.0.2.9"),
            // what is left of the first stranger may be made up
            ("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 192.0.2.9, 10.1.1.1")], "192.0.2.9"),
            ("10.0.0.1", &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.9")], "192.0.2.9"),
            ("10.0.0.1", &[("x-forwarded-for", "10.2.2.2, 10.1.1.1")], "10.2.2.2"),
            ("10.0.0.1", &[("x-forwarded-for", "192.0.2.9:4711")], "192.0.2.9"),
            ("10.0.0.1", &[("x-forwarded-for", "[2001:db9::1]:4711")], "2001:db9::1"),
            ("2001:db8::5", &[("x-forwarded-for", "2001:db9::1")], "2001:db9::1"),
            // a broken chain ends where it breaks
            ("10.0.0.1", &[("x-forwarded-for", "192.0.2.9, nonsense")], "10.0.0.1"),
            ("10.0.0.1", &[("x-forwarded-for", "192.0.2.9, unknown, 10.1.1.1")], "10.0.0.1"),
            ("10.0.0.1", &[("x-forwarded-for", "")], "10.0.0.1"),
            ("10.0.0.1", &[("forwarded", "for=192.0.2.9;proto=https")], "192.0.2.9"),
            ("10.0.0.1", &[("forwarded", "for=\"[2001:db9::7]:80\", for=10.9.9.9")], "2001:db9::7"),
            ("10.0.0.1", &[("forwarded", "For=6.6.6.6, FOR = \"192.0.2.9:1\";by=\"a,b;c\"")], "192.0.2.9"),
            ("10.0.0.1", &[("forwarded", "for=_hidden")], "10.0.0.1"),
            // the standard's header comes first
            ("10.0.0.1", &[("forwarded", "for=192.0.2.9"), ("x-forwarded-for", "192.0.2.8")], "192.0.2.9"),
        ];
        for (peer, lines, client) in cases {
            assert_eq!(believed(&proxies(), peer, lines).0, *client, "{peer} {lines:?}");
        }
    }

    #[test]
    fn scheme_and_host_are_believed_of_trusted_proxies_alone() {
        let lines = [("x-forwarded-proto", "https"), ("x-forwarded-host", "a.example:8443")];
        let stranger = believed(&proxies(), "192.0.2.1", &lines);
        assert_eq!(stranger, ("192.0.2.1".into(), false, None, None));
        let proxy = believed(&proxies(), "10.0.0.1", &lines);
        assert_eq!(proxy, ("10.0.0.1".into(), true, Some(true), Some("a.example:8443".into())));
        let modest = Proxies { host: false, ..proxies() };
        assert_eq!(believed(&modest, "10.0.0.1", &lines).3, None);
        for wrong in ["a b", "user@host", ""] {
            assert_eq!(believed(&proxies(), "10.0.0.1", &[("x-forwarded-host", wrong)]).3, None, "{wrong}");
        }
        let standard = believed(&proxies(), "10.0.0.1", &[("forwarded", "for=1.2.3.4;proto=http;host=\"b.example\"")]);
        assert_eq!(standard, ("1.2.3.4".into(), true, Some(false), Some("b.example".into())));
    }

    #[test]
    fn a_header_of_the_proxies_own_names_the_client() {
        let proxies = Proxies { client_header: Some(HeaderName::from_static("cf-connecting-ip")), ..proxies() };
        let lines = [("cf-connecting-ip", "192.0.2.7"), ("x-forwarded-for", "6.6.6.6")];
        assert_eq!(believed(&proxies, "10.0.0.1", &lines).0, "192.0.2.7");
        assert_eq!(believed(&proxies, "192.0.2.1", &lines).0, "192.0.2.1");
    }
}
