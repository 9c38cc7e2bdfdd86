//! The setters of `URL` (URL standard section 6.1): the parser with a state override. A value that does not fit is
//! ignored.

use super::encode::{FRAGMENT, USERINFO, encoded};
use super::parser::{encode_query, parse_host, path_segments, scheme, split_port, without_breaks};
use super::record::{Url, is_special};

impl Url {
    pub fn set_protocol(&mut self, value: &str) {
        let value = format!("{}:", without_breaks(value));
        let Some((scheme, _)) = scheme(&value) else { return };
        if is_special(&scheme) != self.is_special() {
            return;
        }
        if scheme == "file" && (self.has_credentials() || self.port.is_some()) {
            return;
        }
        if self.scheme == "file" && self.host.as_deref() == Some("") {
            return;
        }
        self.scheme = scheme;
        if let Some(port) = self.port {
            self.set_port(port);
        }
    }

    pub fn set_username(&mut self, value: &str) {
        if !self.lacks_authority() {
            self.username = encoded(value, USERINFO);
        }
    }

    pub fn set_password(&mut self, value: &str) {
        if !self.lacks_authority() {
            self.password = encoded(value, USERINFO);
        }
    }

    pub fn set_host(&mut self, value: &str) {
        if let Some(Some(port)) = self.change_host(value, true) {
            self.set_port_digits(port.as_str());
        }
    }

    /// `None`: it was ignored.
    pub fn set_hostname(&mut self, value: &str) -> Option<()> {
        self.change_host(value, false).map(|_| ())
    }

    /// "host state" and "file host state". `None`: nothing has changed; else what stood after the colon.
    fn change_host(&mut self, value: &str, port_allowed: bool) -> Option<Option<String>> {
        if self.opaque {
            return None;
        }
        let value = without_breaks(value);
        let special = self.is_special();
        let end = value.find(|c| matches!(c, '/' | '?' | '#') || special && c == '\\').unwrap_or(value.len());
        let value = &value[..end];
        if self.scheme == "file" {
            let host = if value.is_empty() { String::new() } else { parse_host(value, true)? };
            self.host = Some(if host == "localhost" { String::new() } else { host });
            return Some(None);
        }
        let (name, port) = split_port(value);
        if port.is_some() && (name.is_empty() || !port_allowed) {
            return None;
        }
        if name.is_empty() && (special || self.has_credentials() || self.port.is_some()) {
            return None;
        }
        self.host = Some(parse_host(name, special)?);
        Some(port.map(str::to_owned))
    }

    pub fn set_port_text(&mut self, value: &str) {
        if self.lacks_authority() {
            return;
        }
        match value.is_empty() {
            true => self.port = None,
            false => _ = self.set_port_digits(&without_breaks(value)),
        }
    }

    /// The digits `value` begins with; `None` when there are none, or too many.
    pub fn set_port_digits(&mut self, value: &str) -> Option<()> {
        let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
        self.set_port(value[..end].parse().ok()?);
        Some(())
    }

    pub fn set_pathname(&mut self, value: &str) {
        if self.opaque {
            return;
        }
        self.path.clear();
        let value = without_breaks(value);
        let special = self.is_special();
        let rest = value.strip_prefix(|c| c == '/' || special && c == '\\');
        match rest {
            Some(rest) => path_segments(self, rest),
            None if special || !value.is_empty() || self.host.is_none() => path_segments(self, &value),
            None => {}
        }
    }

    pub fn set_search(&mut self, value: &str) {
        self.query = match value.is_empty() {
            true => None,
            false => Some(encode_query(&without_breaks(value.strip_prefix('?').unwrap_or(value)), &self.scheme)),
        };
    }

    pub fn set_hash(&mut self, value: &str) {
        self.fragment = match value.is_empty() {
            true => None,
            false => Some(encoded(&without_breaks(value.strip_prefix('#').unwrap_or(value)), FRAGMENT)),
        };
    }
}
