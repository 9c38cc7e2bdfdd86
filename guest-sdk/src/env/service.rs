//! Requests to other workers and to the worker's assets.

use std::fmt;
use std::rc::Rc;

use http::header::{HeaderName, HeaderValue};

use crate::fetch::{FetchError, fetch};
use crate::request::IntoRequest;
use crate::{Error, Request, Response};

/// The URL that the callee is to see. The host takes it out; a callee never sees this header.
const URL: HeaderName = HeaderName::from_static("glowplug-url");

/// Another worker ([`env::service`](super::service)) or the static assets ([`env::assets`](super::assets)).
///
/// A clone reaches the same.
#[derive(Clone)]
pub struct Service {
    authority: Rc<str>,
}

impl Service {
    pub(super) fn new(authority: String) -> Self {
        Self { authority: authority.into() }
    }

    /// Send a request and wait for the response's headers. Redirects are not followed.
    ///
    /// The host of the URL is not looked up: the request goes to the bound worker, which sees the URL as it is here. The
    /// client's own request can be passed on unchanged.
    ///
    /// ```
    /// # use glowplug_sdk::{Request, Response, Result, env};
    /// # async fn example(request: Request) -> Result<Response> {
    /// let users = env::service("USERS")?;
    /// let mut user = users.fetch(Request::post_json("https://users/find", &["ada"])?).await?;
    /// # user.text().await?;
    /// # Ok(users.fetch(request).await?)
    /// # }
    /// ```
    pub async fn fetch(&self, request: impl IntoRequest) -> Result<Response, FetchError> {
        let request = request.into_request().and_then(|request| self.redirected(request));
        fetch(request.map_err(FetchError::invalid)?).await
    }

    /// The request on its way to the binding, with the URL it was meant for in a header.
    fn redirected(&self, mut request: Request) -> Result<Request, Error> {
        let url = request.url();
        let seen = HeaderValue::try_from(url.to_string())
            .map_err(|_| Error::internal("the URL of a request to a service holds characters that are not ASCII"))?;
        let query = url.query().map_or(String::new(), |query| format!("?{query}"));
        let address = format!("http://{}{}{query}", self.authority, url.path());
        request.headers_mut().insert(URL, seen);
        request.with_url(address)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The authority is a key to the binding: it does not belong in a log.
        formatter.write_str("Service")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(request: Request) -> Request {
        Service::new("a1b2.binding".to_owned()).redirected(request).expect("a valid URL")
    }

    #[test]
    fn a_request_goes_to_the_binding_and_keeps_its_url_in_a_header() {
        for (url, address) in [
            ("https://shop.example/cart?item=%20a&b", "http://a1b2.binding/cart?item=%20a&b"),
            ("http://shop.example:8080", "http://a1b2.binding/"),
            ("https://shop.example?q=1", "http://a1b2.binding/?q=1"),
        ] {
            let request = redirected(Request::post(url, "body").expect("valid"));
            assert_eq!(request.url(), address);
            let seen: http::Uri = request.header("glowplug-url").expect("set").parse().expect("a URL");
            assert_eq!(seen, url.parse::<http::Uri>().expect("a URL"));
            assert_eq!(request.method(), http::Method::POST);
        }
    }

    #[test]
    fn a_header_the_client_sent_does_not_choose_the_url() {
        let request = Request::get("https://shop.example/")
            .and_then(|request| request.with_header("glowplug-url", "https://admin.example/"))
            .expect("valid");
        let request = redirected(request);
        assert_eq!(request.header("glowplug-url"), Some("https://shop.example/"));
        assert_eq!(request.headers().get_all("glowplug-url").iter().count(), 1);
    }
}
