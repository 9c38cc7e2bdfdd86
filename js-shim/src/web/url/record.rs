//! A URL record (URL standard section 4.1), its serialisations and what they are made of.

/// A parsed URL. The path is kept as it is written: a list of segments is `/a/b` and the empty list is empty, which
/// loses nothing, since no segment has a slash.
#[derive(Clone, Default)]
pub struct Url {
    pub scheme: String,
    pub username: String,
    pub password: String,
    /// Serialised; `None` is a null host, `Some("")` the empty one.
    pub host: Option<String>,
    pub port: Option<u16>,
    pub path: String,
    /// The path is no list of segments: `mailto:x`.
    pub opaque: bool,
    pub query: Option<String>,
    pub fragment: Option<String>,
}

/// The default port of a special scheme; `file` is special and has none.
pub fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

pub fn is_special(scheme: &str) -> bool {
    scheme == "file" || default_port(scheme).is_some()
}

/// `C:`, or `C|` where `pipe` allows it: exactly that.
pub fn is_drive_letter(text: &str, pipe: bool) -> bool {
    let [letter, mark] = text.as_bytes() else { return false };
    letter.is_ascii_alphabetic() && (*mark == b':' || pipe && *mark == b'|')
}

impl Url {
    pub fn is_special(&self) -> bool {
        is_special(&self.scheme)
    }

    pub fn has_credentials(&self) -> bool {
        !self.username.is_empty() || !self.password.is_empty()
    }

    /// "cannot have a username/password/port"
    pub fn lacks_authority(&self) -> bool {
        self.host.as_deref().is_none_or(str::is_empty) || self.scheme == "file"
    }

    pub fn set_port(&mut self, port: u16) {
        self.port = if default_port(&self.scheme) == Some(port) { None } else { Some(port) };
    }

    /// "shorten a url's path"
    pub fn shorten_path(&mut self) {
        if let Some(last) = self.path.rfind('/') {
            let drive = self.scheme == "file" && last == 0 && is_drive_letter(&self.path[1..], false);
            if !drive {
                self.path.truncate(last);
            }
        }
    }

    pub fn href(&self) -> String {
        let mut href = self.href_without_fragment();
        if let Some(fragment) = &self.fragment {
            href.push('#');
            href.push_str(fragment);
        }
        href
    }

    pub fn href_without_fragment(&self) -> String {
        let query = self.query.as_ref().map_or(0, String::len);
        let host = self.host.as_ref().map_or(0, String::len);
        let fragment = self.fragment.as_ref().map_or(0, String::len);
        let authority = self.username.len() + self.password.len() + host;
        let mut href = String::with_capacity(self.scheme.len() + authority + self.path.len() + query + fragment + 16);
        href.push_str(&self.scheme);
        href.push(':');
        if self.host.is_some() {
            href.push_str("//");
            href.push_str(&self.username);
            if !self.password.is_empty() {
                href.push(':');
                href.push_str(&self.password);
            }
            if self.has_credentials() {
                href.push('@');
            }
            self.push_host(&mut href);
        } else if !self.opaque && self.path.starts_with("//") {
            // or its first segment would be taken for a host
            href.push_str("/.");
        }
        href.push_str(&self.path);
        if let Some(query) = &self.query {
            href.push('?');
            href.push_str(query);
        }
        href
    }

    fn push_host(&self, out: &mut String) {
        out.push_str(self.host.as_deref().unwrap_or_default());
        if let Some(port) = self.port {
            out.push(':');
            out.push_str(&port.to_string());
        }
    }

    pub fn host_and_port(&self) -> String {
        let mut host = String::new();
        self.push_host(&mut host);
        host
    }

    /// The serialised origin; every opaque one is `null`.
    pub fn origin(&self) -> String {
        if self.scheme == "blob" {
            let inner = self.opaque.then(|| super::parser::parse(&self.path, None)).flatten();
            return match inner {
                Some(inner) if inner.scheme == "http" || inner.scheme == "https" => inner.origin(),
                _ => "null".to_owned(),
            };
        }
        if default_port(&self.scheme).is_none() {
            return "null".to_owned();
        }
        let mut origin = format!("{}://", self.scheme);
        self.push_host(&mut origin);
        origin
    }

    /// `?query`, or nothing when there is none or an empty one; `hash` likewise.
    pub fn search(&self) -> String {
        marked('?', self.query.as_deref())
    }

    pub fn hash(&self) -> String {
        marked('#', self.fragment.as_deref())
    }
}

fn marked(mark: char, part: Option<&str>) -> String {
    match part {
        None | Some("") => String::new(),
        Some(part) => format!("{mark}{part}"),
    }
}
