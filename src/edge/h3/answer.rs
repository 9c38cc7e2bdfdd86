//! One request: h3's streams on one side, a request and a response as everybody has them on the other.

use super::body::Http3Body;
use crate::connection::Connection;
use crate::edge::listener::{RequestBody, is_sound, refusal};
use anyhow::{Result, anyhow};
use bytes::Bytes;
use h3::error::Code;
use h3::server::RequestStream;
use h3_quinn::{BidiStream, SendStream};
use http::header::{self, CONTENT_LENGTH, DATE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Fields that are only for connections of HTTP/1.1 (RFC 9114, 4.2).
const CONNECTION_FIELDS: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Answers a request by `handler`.
pub async fn answer<H, F, B>(
    handler: &H,
    request: Request<()>,
    stream: RequestStream<BidiStream<Bytes>, Bytes>,
    connection: Arc<Connection>,
    patience: Duration,
) -> Result<()>
where
    H: Fn(Request<RequestBody>) -> F,
    F: Future<Output = Response<B>>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut send, receive) = stream.split();
    let Some(length) = length(request.headers()).filter(|_| is_sound(&request)) else {
        let refused = refusal().map(|_| ());
        send.send_response(refused).await?;
        return Ok(send.finish().await?);
    };
    let bodiless = request.method() == Method::HEAD;
    let body = Http3Body::new(receive, length).await;
    let mut request = request.map(|()| RequestBody::http3(body, patience));
    request.extensions_mut().insert(connection);
    let (mut head, body) = handler(request).await.into_parts();
    fit(&mut head.headers, &body);
    let bodiless = bodiless || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    send.send_response(Response::from_parts(head, ())).await?;
    if !bodiless && let Err(error) = copy(body, &mut send).await {
        // Half an answer must not look like a whole one.
        send.stop_stream(Code::H3_INTERNAL_ERROR);
        return Err(error);
    }
    Ok(send.finish().await?)
}

/// What `Content-Length` says, if it is there. None if it is none, or there are several.
fn length(headers: &HeaderMap) -> Option<Option<u64>> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    match (lengths.next(), lengths.next()) {
        (None, _) => Some(None),
        (Some(length), None) if length.as_bytes().iter().all(u8::is_ascii_digit) => {
            Some(Some(length.to_str().ok()?.parse().ok()?))
        }
        _ => None,
    }
}

/// Does for a response's head what hyper does in other versions.
fn fit(headers: &mut HeaderMap, body: &impl Body) {
    for field in CONNECTION_FIELDS {
        headers.remove(field);
    }
    if let Some(length) = body.size_hint().exact()
        && !headers.contains_key(CONTENT_LENGTH)
    {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if !headers.contains_key(DATE)
        && let Ok(now) = HeaderValue::try_from(httpdate::fmt_http_date(SystemTime::now()))
    {
        headers.insert(DATE, now);
    }
}

async fn copy<B>(body: B, send: &mut RequestStream<SendStream<Bytes>, Bytes>) -> Result<()>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = std::pin::pin!(body.map_err(Into::<Box<dyn std::error::Error + Send + Sync>>::into));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| anyhow!(error))?;
        match frame.into_data() {
            Ok(data) => send.send_data(data).await?,
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    send.send_trailers(trailers).await?;
                }
            }
        }
    }
    Ok(())
}
