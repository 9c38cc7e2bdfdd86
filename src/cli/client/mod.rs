//! The client of the admin API: one keep-alive connection pool to one server, with one token.
//!
//! Errors say what failed and what to do; commands pass them on as they are.

mod error;
mod server_url;
mod token;
mod transport;
pub mod types;

pub use self::error::{ClientError, Refusal};
pub use self::server_url::ServerUrl;
pub use self::token::{Token, TokenSource};

use self::transport::Transport;
use super::print;
use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::form_urlencoded;

/// How long the server may take to begin its answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may pause within an answer.
const BODY_PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer that is read whole: the largest are bulk reads of KV.
const LONGEST_ANSWER: usize = 256 << 20;
/// What a segment of a path keeps as it is: the unreserved characters of RFC 3986. A lone `.` or `..` must not be among
/// them, since proxies take these out.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// What a server says of a change that it made, though something about it is odd.
const WARNING: &str = "x-glowplug-warning";

/// One request to the API.
#[derive(Debug)]
pub struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    patience: Duration,
}

impl Call {
    /// A request for `path`, which begins with `/` and is encoded: see [`segment`] and [`query`].
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { method, path: path.into(), headers, body, patience: PATIENCE }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// With `value` as its JSON body.
    pub fn json(method: Method, path: impl Into<String>, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("requests have text for keys and no fallible serializers");
        Self::new(method, path).header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body)
    }

    /// With raw bytes as its body.
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Waits this long for the beginning of the answer, the sending of the body included.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

/// `text` as one segment of a path.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// `path` with a query of those pairs that have a value.
pub fn query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// An answer that was read whole, its status a success.
#[derive(Debug)]
pub struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
    server: ServerUrl,
}

impl Answer {
    /// The body as JSON of a known form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body)
            .map_err(|cause| ClientError::NotUnderstood { server: self.server.clone(), what: cause.to_string() })
    }

    /// The body as JSON of any form, for printing.
    pub fn value(&self) -> Result<serde_json::Value, ClientError> {
        self.json()
    }

    /// The member `name` of a JSON object, for printing.
    pub fn member(&self, name: &str) -> Result<serde_json::Value, ClientError> {
        Ok(self.value()?[name].take())
    }
}

/// A server and a token for it.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    server: ServerUrl,
    token: Token,
    source: TokenSource,
    authorization: HeaderValue,
}

impl Client {
    /// Nothing is sent yet.
    pub fn new(server: ServerUrl, token: Token, source: TokenSource) -> Result<Self, ClientError> {
        let authorization = token.authorization().ok_or_else(|| ClientError::NotAToken { source: source.clone() })?;
        let transport = Transport::new(&server);
        Ok(Self { transport, server, token, source, authorization })
    }

    pub fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// Sends a request and reads its whole answer. An answer that is no success is an error.
    pub async fn call(&self, call: Call) -> Result<Answer, ClientError> {
        let (head, body) = self.open(call).await?.into_parts();
        let body = self.read(body).await?;
        if head.status.is_success() {
            if let Some(warning) = head.headers.get(WARNING).and_then(|warning| warning.to_str().ok()) {
                print::warning(warning);
            }
            return Ok(Answer { headers: head.headers, body, server: self.server.clone() });
        }
        Err(self.refused(head.status, &body))
    }

    /// Sends a request and gives its answer as it comes.
    pub async fn stream(&self, call: Call) -> Result<Incoming, ClientError> {
        let response = self.open(call).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response.into_body());
        }
        let body = self.read(response.into_body()).await?;
        Err(self.refused(status, &body))
    }

    async fn open(&self, call: Call) -> Result<Response<Incoming>, ClientError> {
        let Call { method, path, headers, body, patience } = call;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = self.server.at(&path).ok_or_else(|| ClientError::NotUnderstood {
            server: self.server.clone(),
            what: format!("no URL: {path}"),
        })?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        let agent = concat!("glowplug/", env!("CARGO_PKG_VERSION"));
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(agent));
        match tokio::time::timeout(patience, self.transport.send(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(cause)) => Err(ClientError::unreachable(&self.server, &cause)),
            Err(_) => Err(ClientError::TimedOut { server: self.server.clone(), after: patience }),
        }
    }

    async fn read(&self, mut body: Incoming) -> Result<Bytes, ClientError> {
        let mut bytes = BytesMut::new();
        loop {
            let frame = match tokio::time::timeout(BODY_PATIENCE, body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(cause))) => return Err(ClientError::broken(&self.server, &cause)),
                Ok(None) => return Ok(bytes.freeze()),
                Err(_) => return Err(ClientError::TimedOut { server: self.server.clone(), after: BODY_PATIENCE }),
            };
            // Trailers say nothing here.
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > LONGEST_ANSWER {
                let what = format!("it has more than {LONGEST_ANSWER} bytes");
                return Err(ClientError::NotUnderstood { server: self.server.clone(), what });
            }
            bytes.extend_from_slice(&data);
        }
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> ClientError {
        let token = self.token.id().map(str::to_owned);
        ClientError::Refused(Box::new(Refusal::new(&self.server, &self.source, token, status, body)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_are_encoded() {
        assert_eq!(segment("a/b c%é..-_~"), "a%2Fb%20c%25%C3%A9%2E%2E-_~");
        let pairs = [("a", Some("1&2".to_owned())), ("b", None), ("a", Some("ü".to_owned()))];
        assert_eq!(query("/x", pairs), "/x?a=1%262&a=%C3%BC");
        assert_eq!(query("/x", [("b", None)]), "/x");
    }
}
