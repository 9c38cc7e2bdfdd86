//! Paths and URLs in the rules of `_headers` and `_redirects`.

use url::Url;

/// Which parts of a URL a rule keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// What requests are compared with.
    Path,
    /// Query and fragment too: what a client is sent to.
    All,
}

/// A path or URL of a rule, spelled as the URLs of requests are: encoded, without dot segments. Placeholders stay.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RuleUrl {
    /// It begins with a slash.
    Path(String),
    /// It begins with `https://`.
    Url {
        /// All of it.
        url: String,
        /// Whether the host has a port.
        port: bool,
    },
    /// It is neither of these.
    Neither,
}

impl RuleUrl {
    /// Reads and normalises `text`.
    pub(super) fn parse(text: &str, keep: Keep) -> Self {
        if let Some((host, path)) = split_https(text) {
            return match normalise(&format!("/{path}"), keep) {
                Some(path) => Self::Url { url: format!("https://{host}{path}"), port: has_port(host) },
                None => Self::Neither,
            };
        }
        if !text.starts_with('/') {
            return Self::Neither;
        }
        normalise(text, keep).map_or(Self::Neither, Self::Path)
    }
}

/// Host and path of a URL with `https://`.
fn split_https(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("https://")?.trim_start_matches('/');
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    (!host.is_empty()).then_some((host, path))
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn normalise(path: &str, keep: Keep) -> Option<String> {
    // A scheme that URLs know nothing of; what a host may be does not matter then.
    let url = Url::parse(&format!("relative://{path}")).ok()?;
    let mut normalised = url.path().to_owned();
    if keep == Keep::All {
        if let Some(query) = url.query() {
            normalised.push('?');
            normalised.push_str(query);
        }
        if let Some(fragment) = url.fragment() {
            normalised.push('#');
            normalised.push_str(fragment);
        }
    }
    Some(normalised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_spelled_as_requests_are() {
        let cases = [
            ("/a/../b", "/b", "/b"),
            ("/a b/:name/*?q=1#x", "/a%20b/:name/*", "/a%20b/:name/*?q=1#x"),
            ("/bòop", "/b%C3%B2op", "/b%C3%B2op"),
            ("//a/b", "//a/b", "//a/b"),
        ];
        for (text, path, all) in cases {
            assert_eq!(RuleUrl::parse(text, Keep::Path), RuleUrl::Path(path.to_owned()), "{text}");
            assert_eq!(RuleUrl::parse(text, Keep::All), RuleUrl::Path(all.to_owned()), "{text}");
        }
        let url = |url: &str, port| RuleUrl::Url { url: url.to_owned(), port };
        assert_eq!(RuleUrl::parse("https://:p.a.com", Keep::Path), url("https://:p.a.com/", false));
        assert_eq!(RuleUrl::parse("https://a.com:8443/x y", Keep::Path), url("https://a.com:8443/x%20y", true));
        for neither in ["", "a", "http://a.com/", "https://"] {
            assert_eq!(RuleUrl::parse(neither, Keep::All), RuleUrl::Neither, "{neither}");
        }
    }
}
