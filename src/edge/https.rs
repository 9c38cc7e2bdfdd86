//! What a listener answers itself, and what it adds to answers: the way from HTTP to HTTPS.

use super::Site;
use super::front::{Outgoing, serve};
use super::tls::acme::Challenges;
use crate::connection::Connection;
use bytes::Bytes;
use http::header::{HOST, LOCATION, STRICT_TRANSPORT_SECURITY};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::{Either, Full};
use std::sync::Arc;

const ALT_SVC: HeaderName = HeaderName::from_static("alt-svc");

/// What a listener does about HTTPS.
#[derive(Debug, Clone, Default)]
pub struct Https {
    /// Requests that came unencrypted are sent to this port.
    pub redirect_to: Option<u16>,
    /// What an authority is shown, if one is asked for certificates.
    pub challenges: Option<Arc<Challenges>>,
    /// `Strict-Transport-Security`, for answers that are encrypted.
    pub strict_transport: Option<HeaderValue>,
    /// `Alt-Svc`: where HTTP/3 is spoken.
    pub alternative: Option<HeaderValue>,
}

impl Https {
    /// Answers a request: itself, or by the site.
    pub async fn answer<B>(
        self: Arc<Self>,
        site: Arc<Site>,
        request: Request<B>,
    ) -> Response<Either<Outgoing, Full<Bytes>>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let secure = request.extensions().get::<Arc<Connection>>().is_some_and(|connection| connection.is_secure());
        if let Some(answer) = self.challenges.as_ref().and_then(|challenges| challenges.answer(request.uri().path())) {
            return Response::new(Either::Right(Full::from(answer)));
        }
        if !secure && let Some(port) = self.redirect_to {
            return redirect(&request, port);
        }
        let mut response = serve(site, request).await.map(Either::Left);
        if secure && let Some(value) = &self.strict_transport {
            response.headers_mut().entry(STRICT_TRANSPORT_SECURITY).or_insert_with(|| value.clone());
        }
        if secure && let Some(value) = &self.alternative {
            response.headers_mut().entry(ALT_SVC).or_insert_with(|| value.clone());
        }
        response
    }
}

/// Sends the client to the same place by HTTPS; with the same method and body.
fn redirect<B>(request: &Request<B>, port: u16) -> Response<Either<Outgoing, Full<Bytes>>> {
    let host = request.uri().host().or_else(|| {
        let host = request.headers().get(HOST)?.to_str().ok()?;
        Some(host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(host, _)| host))
    });
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let location = host.and_then(|host| {
        let port = if port == 443 { String::new() } else { format!(":{port}") };
        format!("https://{host}{port}{path}").parse::<Uri>().ok()
    });
    let location = location.and_then(|location| HeaderValue::try_from(location.to_string()).ok());
    let mut response = Response::new(Either::Right(Full::default()));
    match location {
        Some(location) => {
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(LOCATION, location);
        }
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_keeps_host_and_path_and_changes_the_port() {
        let location = |host: &str, uri: &str, port| {
            let request = Request::get(uri).header(HOST, host).body(()).unwrap();
            let response = redirect(&request, port);
            response.headers().get(LOCATION).map(|location| location.to_str().unwrap().to_owned())
        };
        assert_eq!(location("a.test:8080", "/b?c=d", 443).unwrap(), "https://a.test/b?c=d");
        assert_eq!(location("a.test", "/", 8443).unwrap(), "https://a.test:8443/");
        assert_eq!(location("[::1]:80", "/", 443).unwrap(), "https://[::1]/");
        assert_eq!(location("a test", "/", 443), None);
    }
}
