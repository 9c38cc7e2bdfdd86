//! How the fixed text of each component is brought into the form URLs have it in (URL Pattern standard section 3.2).

use super::Fault;
use crate::web::url::{Url, encode, is_special, parser};

#[derive(Clone, Copy)]
pub enum Canonicalize {
    Protocol,
    Userinfo,
    /// Of a special scheme, or of any.
    Domain,
    OpaqueHost,
    Ipv6,
    Port,
    Pathname,
    OpaquePathname,
    Search,
    Hash,
}

impl Canonicalize {
    pub fn apply(self, value: &str) -> Result<String, Fault> {
        if value.is_empty() {
            return Ok(String::new());
        }
        let result = match self {
            Canonicalize::Protocol => protocol(value),
            Canonicalize::Userinfo => Some(encode::encoded(value, encode::USERINFO)),
            Canonicalize::Domain => host(value, "https"),
            Canonicalize::OpaqueHost => host(value, "dummy"),
            Canonicalize::Ipv6 => ipv6(value),
            Canonicalize::Port => port(value, ""),
            Canonicalize::Pathname => Some(pathname(value)),
            Canonicalize::OpaquePathname => Some(opaque_pathname(value)),
            Canonicalize::Search => Some(parser::encode_query(&parser::without_breaks(value), "https")),
            Canonicalize::Hash => Some(encode::encoded(&parser::without_breaks(value), encode::FRAGMENT)),
        };
        result.ok_or_else(|| Fault::Pattern(format!("Invalid pattern: \"{value}\" cannot stand in this component.")))
    }
}

fn protocol(value: &str) -> Option<String> {
    Some(parser::parse(&format!("{value}://dummy.invalid/"), None)?.scheme)
}

fn host(value: &str, scheme: &str) -> Option<String> {
    let mut url = Url { scheme: scheme.to_owned(), ..Url::default() };
    url.set_hostname(value)?;
    url.host
}

fn ipv6(value: &str) -> Option<String> {
    let valid = value.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'[' | b']' | b':'));
    valid.then(|| value.to_ascii_lowercase())
}

/// Empty for the default port of `scheme`.
pub fn port(value: &str, scheme: &str) -> Option<String> {
    let mut url = Url { scheme: scheme.to_owned(), ..Url::default() };
    url.set_port_digits(&parser::without_breaks(value))?;
    Some(url.port.map_or(String::new(), |port| port.to_string()))
}

fn pathname(value: &str) -> String {
    let mut url = Url { scheme: "https".to_owned(), host: Some(String::new()), ..Url::default() };
    if value.starts_with('/') {
        url.set_pathname(value);
        return url.path;
    }
    // so that neither a slash is added nor a leading dot taken away
    url.set_pathname(&format!("/-{value}"));
    url.path.split_off(2)
}

fn opaque_pathname(value: &str) -> String {
    let value = parser::without_breaks(value);
    let end = value.find(['?', '#']).unwrap_or(value.len());
    parser::opaque_text(&value[..end], end < value.len())
}

/// The pathname of a URL, not of a pattern.
pub fn url_pathname(value: &str, protocol: &str) -> Result<String, Fault> {
    match protocol.is_empty() || is_special(protocol) {
        true => Canonicalize::Pathname.apply(value),
        false => Canonicalize::OpaquePathname.apply(value),
    }
}
