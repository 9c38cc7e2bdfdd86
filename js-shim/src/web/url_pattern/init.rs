//! `URLPatternInit`, and how a base URL fills it (URL Pattern standard section 3.1).

use super::Fault;
use super::canonicalize::{Canonicalize, port, url_pathname};
use super::component::escape_pattern;
use crate::web::url::{Url, is_special, parser};

#[derive(Clone, Copy)]
pub enum Name {
    Protocol,
    Username,
    Password,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
}

pub const COMPONENTS: usize = 8;

/// What of a pattern or a URL is given; in the order of `Name`.
#[derive(Clone, Default)]
pub struct Init {
    pub components: [Option<String>; COMPONENTS],
    pub base: Option<String>,
}

impl Init {
    pub fn get(&self, name: Name) -> Option<&str> {
        self.components[name as usize].as_deref()
    }

    pub fn has(&self, name: Name) -> bool {
        self.get(name).is_some()
    }

    pub fn set(&mut self, name: Name, value: String) {
        self.components[name as usize] = Some(value);
    }

    pub fn set_if_absent(&mut self, name: Name, value: &str) {
        self.components[name as usize].get_or_insert_with(|| value.to_owned());
    }

    fn has_any(&self, names: &[Name]) -> bool {
        names.iter().any(|&name| self.has(name))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pattern,
    Url,
}

/// "process a URLPatternInit". For a URL, what is not given is empty.
pub fn process(init: &Init, kind: Kind) -> Result<Init, Fault> {
    let mut result = Init::default();
    if kind == Kind::Url {
        result.components = [const { Some(String::new()) }; COMPONENTS];
    }
    let base = match &init.base {
        None => None,
        Some(text) => {
            let Some(base) = parser::parse(text, None) else {
                return Err(Fault::Pattern(format!("Invalid base URL: {text}")));
            };
            inherit(&mut result, init, &base, kind);
            Some(base)
        }
    };
    let encode = |canonicalize: Canonicalize, value: &str| match kind {
        Kind::Pattern => Ok(value.to_owned()),
        Kind::Url => canonicalize.apply(value),
    };
    if let Some(protocol) = init.get(Name::Protocol) {
        let protocol = protocol.strip_suffix(':').unwrap_or(protocol);
        result.set(Name::Protocol, encode(Canonicalize::Protocol, protocol)?);
    }
    let protocol = result.get(Name::Protocol).unwrap_or_default().to_owned();
    for name in [Name::Username, Name::Password] {
        if let Some(value) = init.get(name) {
            result.set(name, encode(Canonicalize::Userinfo, value)?);
        }
    }
    if let Some(hostname) = init.get(Name::Hostname) {
        let domain = protocol.is_empty() || is_special(&protocol);
        let canonicalize = if domain { Canonicalize::Domain } else { Canonicalize::OpaqueHost };
        result.set(Name::Hostname, encode(canonicalize, hostname)?);
    }
    if let Some(value) = init.get(Name::Port) {
        result.set(Name::Port, process_port(value, &protocol, kind)?);
    }
    if let Some(pathname) = init.get(Name::Pathname) {
        result.set(Name::Pathname, process_pathname(pathname, base.as_ref(), &protocol, kind)?);
    }
    if let Some(search) = init.get(Name::Search) {
        result.set(Name::Search, encode(Canonicalize::Search, search.strip_prefix('?').unwrap_or(search))?);
    }
    if let Some(hash) = init.get(Name::Hash) {
        result.set(Name::Hash, encode(Canonicalize::Hash, hash.strip_prefix('#').unwrap_or(hash))?);
    }
    Ok(result)
}

fn process_port(value: &str, protocol: &str, kind: Kind) -> Result<String, Fault> {
    if kind == Kind::Pattern || value.is_empty() {
        return Ok(value.to_owned());
    }
    port(value, protocol).ok_or_else(|| Fault::Pattern(format!("Invalid port: {value}")))
}

fn process_pathname(value: &str, base: Option<&Url>, protocol: &str, kind: Kind) -> Result<String, Fault> {
    let mut pathname = value.to_owned();
    if let Some(base) = base.filter(|base| !base.opaque && !is_absolute(value, kind)) {
        let base_path = base_text(&base.path, kind);
        if let Some(slash) = base_path.rfind('/') {
            pathname.insert_str(0, &base_path[..=slash]);
        }
    }
    match kind {
        Kind::Pattern => Ok(pathname),
        Kind::Url => url_pathname(&pathname, protocol),
    }
}

fn is_absolute(pathname: &str, kind: Kind) -> bool {
    pathname.starts_with('/') || kind == Kind::Pattern && (pathname.starts_with("\\/") || pathname.starts_with("{/"))
}

/// "process a base URL string"
fn base_text(text: &str, kind: Kind) -> String {
    match kind {
        Kind::Pattern => escape_pattern(text),
        Kind::Url => text.to_owned(),
    }
}

/// Takes from the base what stands before the first component that is given.
fn inherit(result: &mut Init, init: &Init, base: &Url, kind: Kind) {
    use Name::{Hash, Hostname, Password, Pathname, Port, Protocol, Search, Username};
    let inherited = |names: &[Name]| !init.has_any(names);
    if inherited(&[Protocol]) {
        result.set(Protocol, base_text(&base.scheme, kind));
    }
    if kind == Kind::Url && inherited(&[Protocol, Hostname, Port, Username]) {
        result.set(Username, base.username.clone());
    }
    if kind == Kind::Url && inherited(&[Protocol, Hostname, Port, Username, Password]) {
        result.set(Password, base.password.clone());
    }
    if inherited(&[Protocol, Hostname]) {
        result.set(Hostname, base_text(base.host.as_deref().unwrap_or_default(), kind));
    }
    if inherited(&[Protocol, Hostname, Port]) {
        result.set(Port, base.port.map_or(String::new(), |port| port.to_string()));
    }
    if inherited(&[Protocol, Hostname, Port, Pathname]) {
        result.set(Pathname, base_text(&base.path, kind));
    }
    if inherited(&[Protocol, Hostname, Port, Pathname, Search]) {
        result.set(Search, base_text(base.query.as_deref().unwrap_or_default(), kind));
    }
    if inherited(&[Protocol, Hostname, Port, Pathname, Search, Hash]) {
        result.set(Hash, base_text(base.fragment.as_deref().unwrap_or_default(), kind));
    }
}
