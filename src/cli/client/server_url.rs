//! Where an admin API is.

use http::Uri;
use std::fmt;
use std::str::FromStr;
use url::{Host, Url};

/// The URL of an admin API, in one normal form without a `/` at its end: `https://deploy.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    text: String,
    secure: bool,
    loopback: bool,
}

impl ServerUrl {
    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether it is reached by TLS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URI of `path`, which begins with `/`.
    pub(super) fn at(&self, path: &str) -> Option<Uri> {
        format!("{}{path}", self.text).parse().ok()
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ServerUrl {
    type Err = String;

    /// The error says what is wrong, and has a hint.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = |why: &str| {
            // What is before an `@` may be a password, and is not repeated.
            if text.contains('@') {
                return format!(
                    "the server's URL {why}\n\
                     hint: write it as in `http://127.0.0.1:8788`; there is no user name or password in it"
                );
            }
            let is_host = !text.is_empty() && !text.contains("://");
            let example = if is_host { format!("http://{text}") } else { "http://127.0.0.1:8788".to_owned() };
            format!("the server `{text}` {why}\nhint: write it as in `{example}`")
        };
        if !text.contains("://") {
            return Err(wrong("is no URL"));
        }
        let url = Url::parse(text).map_err(|cause| wrong(&format!("is no URL: {cause}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("has a user name or a password in it"));
        }
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(wrong("is neither `http` nor `https`")),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or a fragment"));
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(wrong("has no host")),
        };
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { text, secure, loopback })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_have_one_form() {
        let server = |text: &str| text.parse::<ServerUrl>().unwrap();
        assert_eq!(server(" HTTP://LocalHost:8788/ ").as_str(), "http://localhost:8788");
        assert_eq!(server("https://a.example.com:443/glowplug//").as_str(), "https://a.example.com/glowplug");
        assert_eq!(server("http://[::1]:1").at("/v1/server").unwrap(), "http://[::1]:1/v1/server");
        let loopback = ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "http://a.localhost"];
        assert!(loopback.iter().all(|text| server(text).is_loopback()));
        assert!(!server("http://10.0.0.1").is_loopback() && !server("https://localhost.example").is_loopback());
        assert!(server("https://x.example").is_secure());
    }

    #[test]
    fn what_is_no_server_is_told_with_a_hint() {
        let error = |text: &str| text.parse::<ServerUrl>().unwrap_err();
        assert!(error("localhost:8788").ends_with("hint: write it as in `http://localhost:8788`"));
        assert!(error("ftp://x").contains("neither `http` nor `https`"));
        assert!(error("").contains("http://127.0.0.1:8788"));
        assert!(error("http://x/?a").contains("a query"));
        for secret in ["http://user:pass@x", "ftp://user:pass@x", "http://user:pass@", "user:pass@x"] {
            let error = error(secret);
            assert!(!error.contains("pass@") && error.contains("\nhint: "), "{error}");
        }
    }
}
