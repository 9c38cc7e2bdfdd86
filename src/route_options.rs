//! What a route says besides its pattern: whether responses are cached, where the origin is, how often one may come.

use crate::rate_limit::RateLimit;
use http::Uri;
use http::uri::{Authority, Scheme};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Options of one route. The defaults are those of a pattern that stands alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouteOptions {
    /// Responses are kept by the shared cache, as their headers allow.
    #[serde(skip_serializing_if = "is_off")]
    pub cache: bool,
    /// A request whose worker fails is answered by the origin.
    #[serde(skip_serializing_if = "is_off")]
    pub fail_open: bool,
    /// The server behind the route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// How often requests with the same key may come by this route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

fn is_off(option: &bool) -> bool {
    !option
}

impl RouteOptions {
    /// What does not go together, as sentences with hints.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.fail_open && self.origin.is_none() {
            problems.push(
                "`fail_open` needs an `origin` to turn to\nhint: add `origin = \"https://HOST\"`, or remove `fail_open`"
                    .to_owned(),
            );
        }
        problems
    }
}

/// A server that requests are passed on to: scheme and authority, and a path that every request's path is put behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end; empty for none.
    base: String,
}

impl Origin {
    /// Host, and the port if it is not the scheme's own.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Where a request for `uri` goes.
    pub fn place(&self, uri: &Uri) -> Result<Uri, http::Error> {
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let builder = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        match self.base.is_empty() {
            true => builder.path_and_query(path).build(),
            false => builder.path_and_query(format!("{}{path}", self.base)).build(),
        }
    }
}

impl FromStr for Origin {
    type Err = String;

    /// The error says what is wrong, and how to write it.
    fn from_str(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(200).flat_map(char::escape_debug).collect();
        let wrong = |what: &str| {
            Err(format!("origin `{shown}` {what}\nhint: write a URL such as `https://origin.example.com`"))
        };
        let Ok(uri) = text.parse::<Uri>() else { return wrong("is not a URL") };
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return wrong("has no scheme or no host");
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return wrong("is neither `http://` nor `https://`");
        }
        if authority.as_str().contains('@') {
            return wrong("has a user's name");
        }
        let has_port = authority.host().len() < authority.as_str().len();
        if authority.host().is_empty() || (has_port && authority.port_u16().is_none_or(|port| port == 0)) {
            return wrong("has no valid host and port");
        }
        let path = parts.path_and_query;
        if text.contains('#') || path.as_ref().is_some_and(|path| path.query().is_some()) {
            return wrong("has a query or a fragment");
        }
        let base = path.as_ref().map_or("", |path| path.path()).trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority, base })
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_path() {
        for (text, normal) in [
            ("https://example.com", "https://example.com"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("https://example.com/base/", "https://example.com/base"),
            ("http://[::1]:81", "http://[::1]:81"),
        ] {
            assert_eq!(text.parse::<Origin>().map(|origin| origin.to_string()).as_deref(), Ok(normal));
        }
        for text in
            ["", "example.com", "ftp://a", "http://u@a", "http://a?x", "http://a#x", "http://a:0", "http://a:99999"]
        {
            let error = text.parse::<Origin>().unwrap_err();
            assert!(error.contains("hint: write a URL"), "{text}: {error}");
        }
    }

    #[test]
    fn paths_and_queries_are_kept() {
        let place = |origin: &str, uri: &str| {
            origin.parse::<Origin>().unwrap().place(&uri.parse().unwrap()).unwrap().to_string()
        };
        assert_eq!(place("https://o", "http://a.example/b?c=%20&&"), "https://o/b?c=%20&&");
        assert_eq!(place("http://o:8/x/", "http://a.example/?q"), "http://o:8/x/?q");
    }

    #[test]
    fn unknown_options_are_refused_and_defaults_left_out() {
        assert!(serde_json::from_str::<RouteOptions>("{\"cash\":true}").is_err());
        assert_eq!(serde_json::to_string(&RouteOptions::default()).unwrap(), "{}");
        let options: RouteOptions = serde_json::from_str("{\"fail_open\":true}").unwrap();
        assert_eq!(options.problems().len(), 1);
    }
}
