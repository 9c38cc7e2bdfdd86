//! What a request asks for: its URL, read as browsers read it.

use super::path;
use http::header::HOST;
use http::request::Parts;
use url::{Position, Url};

/// Stands for a host that is not known.
const NO_HOST: &str = "http://localhost/";

/// The URL of a request. Dot segments are resolved, backslashes are slashes, and it is percent-encoded.
#[derive(Debug)]
pub(super) struct Target {
    url: Url,
}

impl Target {
    /// The target of a request, unless it has no path, as `OPTIONS *`.
    pub(super) fn of(request: &Parts) -> Option<Self> {
        let path_and_query = request.uri.path_and_query()?.as_str();
        Self::at(origin(request), path_and_query)
    }

    /// The target of a path on a host that does not matter.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        Self::at(Url::parse(NO_HOST).ok()?, path)
    }

    fn at(origin: Url, path_and_query: &str) -> Option<Self> {
        if !path_and_query.starts_with('/') {
            return None;
        }
        // Put together as text: joined to a URL, `//host` would be a host.
        let url = Url::parse(&format!("{}{path_and_query}", &origin[..Position::BeforePath])).ok()?;
        Some(Self { url })
    }

    /// The path, encoded.
    pub(super) fn path(&self) -> &str {
        self.url.path()
    }

    /// The query with its question mark, or nothing.
    pub(super) fn query(&self) -> &str {
        query(&self.url)
    }

    /// `https://`, the host without its port, and the path, whatever the scheme: what rules with a host are for.
    pub(super) fn with_host(&self) -> String {
        format!("https://{}{}", self.url.host_str().unwrap_or_default(), self.path())
    }

    /// What a rule's destination means for this request.
    pub(super) fn join(&self, destination: &str) -> Option<Url> {
        if destination.starts_with("https://") {
            return Url::parse(destination).ok();
        }
        let end = destination.find(['?', '#']).unwrap_or(destination.len());
        let (path, rest) = destination.split_at(end);
        self.url.join(&format!("{}{rest}", path::single_slashes(path))).ok()
    }

    /// The value of `Location` that leads to `destination`, with the request's query if it has none of its own.
    ///
    /// It is a path when the destination is on the same host and scheme.
    pub(super) fn location(&self, destination: &Url) -> String {
        let query = match query(destination) {
            "" => self.query(),
            own => own,
        };
        let fragment = match destination.fragment() {
            Some(fragment) if !fragment.is_empty() => format!("#{fragment}"),
            _ => String::new(),
        };
        if destination.origin() == self.url.origin() {
            format!("{}{query}{fragment}", path::single_slashes(destination.path()))
        } else {
            format!("{}{query}{fragment}", &destination[..Position::AfterPath])
        }
    }
}

/// Scheme and host of a request. A `Host` that is more or less than a host counts as none.
fn origin(request: &Parts) -> Url {
    let host = match request.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers.get(HOST).and_then(|host| host.to_str().ok()),
    };
    let scheme = match request.uri.scheme_str() {
        Some("https") => "https",
        _ => "http",
    };
    let given = host.and_then(|host| Url::parse(&format!("{scheme}://{host}")).ok());
    let host_alone = given.filter(|url| {
        let no_user = url.username().is_empty() && url.password().is_none();
        no_user && &url[Position::BeforePath..] == "/"
    });
    host_alone.unwrap_or_else(|| Url::parse(NO_HOST).expect("a constant URL"))
}

fn query(url: &Url) -> &str {
    match &url[Position::AfterPath..Position::AfterQuery] {
        "?" => "",
        query => query,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn target(uri: &str, host: Option<&str>) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        Target::of(&request.body(()).expect("a request").into_parts().0).map(|target| target.url.to_string())
    }

    #[test]
    fn a_target_is_read_as_browsers_do() {
        let cases = [
            ("/a/../b/./c?x=/../y", Some("h:81"), Some("http://h:81/b/c?x=/../y")),
            ("/a/%2e%2E/b", Some("h"), Some("http://h/b")),
            ("/..\\..\\etc", Some("h"), Some("http://h/etc")),
            ("//evil.com/..", Some("h"), Some("http://h//")),
            ("//evil.com", Some("h"), Some("http://h//evil.com")),
            ("/a", Some("h/b?"), Some("http://localhost/a")),
            ("/a", Some("u@h"), Some("http://localhost/a")),
            ("/a", None, Some("http://localhost/a")),
            ("https://h2/a", Some("other"), Some("https://h2/a")),
            ("*", Some("h"), None),
        ];
        for (uri, host, expected) in cases {
            assert_eq!(target(uri, host).as_deref(), expected, "{uri} on {host:?}");
        }
    }
}
