//! One pattern: reading it, its normal form and its parts.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use url::Host;

/// What a URL's path has percent-encoded; other patterns could never match one.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'^').add(b'{').add(b'}');

/// A checked pattern in its one normal form, such as `*.example.com/api/*`: host in lower case and ASCII, path
/// percent-encoded and never absent. The rules are in the docs of [`super`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoutePattern(Arc<str>);

/// How a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    Http,
    Https,
}

/// What a pattern is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// None is any.
    pub scheme: Option<Scheme>,
    pub host: HostPattern<'a>,
    /// None is any.
    pub port: Option<u16>,
    pub path: PathPattern<'a>,
}

/// The host of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostPattern<'a> {
    Exact(&'a str),
    /// What comes after the `*`.
    EndsWith(&'a str),
}

/// The path of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathPattern<'a> {
    Exact(&'a str),
    /// What comes before the `*`.
    StartsWith(&'a str),
}

impl Scheme {
    /// The port of a URL that names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl RoutePattern {
    /// Bytes of a pattern in its normal form.
    pub const LONGEST: usize = 1024;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text, to be kept elsewhere without a copy.
    pub fn shared(&self) -> Arc<str> {
        self.0.clone()
    }

    /// Takes the normal form apart.
    pub fn parts(&self) -> Parts<'_> {
        let (scheme, rest) = match self.0.strip_prefix("https://") {
            Some(rest) => (Some(Scheme::Https), rest),
            None => match self.0.strip_prefix("http://") {
                Some(rest) => (Some(Scheme::Http), rest),
                None => (None, &*self.0),
            },
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = split_port(authority);
        Parts {
            scheme,
            host: host.strip_prefix('*').map_or(HostPattern::Exact(host), HostPattern::EndsWith),
            port: port.and_then(|port| port.parse().ok()),
            path: path.strip_suffix('*').map_or(PathPattern::Exact(path), PathPattern::StartsWith),
        }
    }
}

impl FromStr for RoutePattern {
    type Err = String;

    /// The error says what is wrong, and how to write it.
    fn from_str(text: &str) -> Result<Self, String> {
        normal_form(text).map(|normal| Self(normal.into())).map_err(|Wrong { what, hint }| {
            let shown: String = text.chars().take(200).flat_map(char::escape_debug).collect();
            format!("route `{shown}` {what}\nhint: {hint}")
        })
    }
}

struct Wrong {
    what: String,
    hint: String,
}

fn wrong<T>(what: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { what: what.into(), hint: hint.into() })
}

fn normal_form(text: &str) -> Result<String, Wrong> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return wrong("has a space or a control character", "in a path, a space is written `%20`");
    }
    let (scheme, rest) = split_scheme(text)?;
    if let Some(at) = rest.find(['?', '#']) {
        let hint = format!("leave it off; `{}*` matches with every query", &rest[..at]);
        return wrong("has a query or a fragment", hint);
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = split_port(authority);
    let host = normal_host(host, path)?;
    let port = port.map(normal_port).transpose()?;
    let path = normal_path(authority, path)?;

    let mut normal = scheme.to_owned();
    normal.push_str(&host);
    if let Some(port) = port {
        normal.push_str(&format!(":{port}"));
    }
    normal.push_str(&path);
    match normal.len() > RoutePattern::LONGEST {
        true => wrong(format!("is longer than {} bytes", RoutePattern::LONGEST), "end it earlier, with `*`"),
        false => Ok(normal),
    }
}

fn split_scheme(text: &str) -> Result<(&'static str, &str), Wrong> {
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Ok(("http://", rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Ok(("https://", rest)),
        Some((scheme, rest)) if !scheme.contains('/') => {
            let hint = format!("begin it with `http://` or `https://`, or write `{rest}` for both");
            wrong(format!("has the scheme `{scheme}`"), hint)
        }
        _ => Ok(("", text)),
    }
}

/// Host and port of `HOST[:PORT]`, neither checked.
pub(super) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn normal_host(host: &str, path: &str) -> Result<String, Wrong> {
    if host.is_empty() {
        return wrong("has no host", format!("begin it with one, such as `example.com{path}`, or with `*` for all"));
    }
    if host.contains('@') {
        return wrong("has a user's name", "leave off what comes before and with the `@`");
    }
    let (star, rest) = match host.strip_prefix('*') {
        Some(rest) => ("*", rest),
        None => ("", host),
    };
    if rest.contains('*') {
        let hint = match rest.strip_suffix('*') {
            Some(bare) if !bare.contains('*') => format!("for all paths write `{star}{bare}/*`"),
            _ => "write `*.example.com/...`, or one route for each host".to_owned(),
        };
        return wrong("has a `*` in its host elsewhere than at the start", hint);
    }
    let (dot, name) = match rest.strip_prefix('.') {
        Some(name) if !star.is_empty() => (".", name),
        _ => ("", rest),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() {
        return match (star, rest) {
            ("*", "") => Ok(star.to_owned()),
            ("*", _) => wrong("has no host after its `*.`", "write `*.example.com/...`, or `*/...` for every host"),
            _ => wrong("has nothing but dots for a host", "begin it with a host, such as `example.com`"),
        };
    }
    if name.starts_with('.') || name.contains("..") {
        return wrong("has an empty label in its host", "write each part of the name between single dots");
    }
    match Host::parse(name) {
        Ok(Host::Domain(name)) => Ok(format!("{star}{dot}{name}")),
        Ok(_) if !star.is_empty() => {
            wrong("has a `*` before an IP address", "leave off the `*`, or write `*/...` for every host")
        }
        Ok(address) => Ok(address.to_string()),
        Err(cause) => wrong(format!("has the host `{name}`: {cause}"), "write a host such as `www.example.com`"),
    }
}

fn normal_port(port: &str) -> Result<u16, Wrong> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => wrong(format!("has the port `{port}`"), "a port is a number from 1 to 65535; without one, all match"),
    }
}

fn normal_path(authority: &str, path: &str) -> Result<String, Wrong> {
    if path.is_empty() {
        return Ok("/".to_owned());
    }
    let (literal, star) = match path.strip_suffix('*') {
        Some(literal) => (literal, "*"),
        None => (path, ""),
    };
    if let Some(at) = literal.find('*') {
        let hint = format!("end it at the first one: `{authority}{}*`", &literal[..at]);
        return wrong("has a `*` inside its path", hint);
    }
    let segments = literal.split('/').filter(|segment| matches!(*segment, "." | ".."));
    // The last one may go on where the `*` is.
    if segments.count() > usize::from(!star.is_empty() && (literal.ends_with("/.") || literal.ends_with("/.."))) {
        return wrong(
            "has a `.` or `..` segment in its path",
            "write the path that is meant; URLs have no such segments",
        );
    }
    Ok(format!("{}{star}", utf8_percent_encode(literal, PATH)))
}

impl TryFrom<String> for RoutePattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<RoutePattern> for String {
    fn from(pattern: RoutePattern) -> Self {
        pattern.0.as_ref().to_owned()
    }
}

impl fmt::Display for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
