//! Bodies of requests: read with patience that has an end, up to a limit, and parsed strictly.

use super::App;
use super::error::{ApiError, Code};
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, SeqAccess, Visitor};
use std::error::Error as _;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, timeout};

/// Bytes of a JSON body, unless a route says otherwise.
pub(super) const JSON: usize = 1 << 20;
/// How long a body may make no progress.
const STALLED: Duration = Duration::from_secs(30);
/// How long the rest of a body that nobody wants is read, so that the client gets to see the answer.
const LINGER: Duration = Duration::from_secs(10);

/// A body that fails when it makes no progress, and whose rest is thrown away when it is dropped early.
///
/// ## Why
/// A client that is answered and closed on while it still sends loses the answer (RFC 9112, 9.6): it would see a broken
/// connection in place of "too large".
pub(super) struct Patient<B: Body<Data = Bytes> + Send + 'static> {
    body: Option<Pin<Box<B>>>,
    stalled: Pin<Box<Sleep>>,
    patience: Duration,
}

/// Why a body did not come whole.
#[derive(Debug)]
pub(super) enum Broken {
    /// It made no progress for this long.
    Stalled(Duration),
    Connection(String),
}

impl<B: Body<Data = Bytes> + Send + 'static> Patient<B> {
    pub fn new(body: B) -> Self {
        Self::with_patience(body, STALLED)
    }

    fn with_patience(body: B, patience: Duration) -> Self {
        Self { body: Some(Box::pin(body)), stalled: Box::pin(sleep(patience)), patience }
    }
}

impl<B> Body for Patient<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: fmt::Display,
{
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let frame = match body.as_mut().poll_frame(cx) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                std::task::ready!(this.stalled.as_mut().poll(cx));
                this.body = None;
                return Poll::Ready(Some(Err(Broken::Stalled(this.patience))));
            }
        };
        this.stalled.as_mut().reset(Instant::now() + this.patience);
        if !matches!(frame, Some(Ok(_))) {
            this.body = None;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(|error| Broken::Connection(error.to_string()))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), |body| body.size_hint())
    }
}

impl<B: Body<Data = Bytes> + Send + 'static> Drop for Patient<B> {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(timeout(LINGER, async move {
            while body.frame().await.is_some_and(|frame| frame.is_ok()) {
                // A client that sends faster than this reads must not keep the time from running out.
                tokio::task::yield_now().await;
            }
        }));
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stalled(patience) => write!(f, "nothing came for {} seconds", patience.as_secs_f64()),
            Self::Connection(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for Broken {}

/// What is said of a body that broke off.
pub(super) fn not_whole(cause: impl fmt::Display) -> ApiError {
    ApiError::bad_request(format!("the body did not arrive whole: {cause}"))
}

/// The length that a client announces.
pub(super) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a body of `limit` bytes at most.
pub(super) async fn collect(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::too_large(format!("the body has more than {limit} bytes"));
    let length = announced(request.headers()).unwrap_or(0);
    if length > limit as u64 {
        return Err(too_large());
    }
    let mut body = request.into_body();
    let mut bytes = BytesMut::with_capacity(length as usize);
    while let Some(frame) = body.frame().await {
        // Trailers say nothing here.
        let Ok(data) = frame.map_err(not_whole)?.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// The JSON in the body of a request.
pub(super) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, ApiError> {
        check_json(request.headers())?;
        parse(&collect(request, JSON).await?).map(Self)
    }
}

/// Refuses a body that says it is something other than JSON.
pub(super) fn check_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let text = "the body must be JSON\nhint: send `content-type: application/json`";
    Err(ApiError::new(Code::UnsupportedMediaType, text))
}

/// Parses a body; the error says where it is wrong.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    axum::Json::from_bytes(bytes).map(|axum::Json(value)| value).map_err(|rejection| {
        // The innermost causes say what and where: `version.limits: unknown field ...at line 1 column 23`.
        let cause = rejection.source().and_then(|source| source.source().or(Some(source)));
        let cause = cause.map_or_else(|| rejection.to_string(), ToString::to_string);
        let cause = cause.strip_prefix(".: ").unwrap_or(&cause);
        ApiError::bad_request(format!("the body is not what is expected: {cause}"))
    })
}

/// A list of at most `MOST` things. More are refused while they are read, before they take memory.
pub(super) struct AtMost<T, const MOST: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for AtMost<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T, const MOST: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MOST}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    if list.len() == MOST {
                        return Err(serde::de::Error::invalid_length(MOST + 1, &self));
                    }
                    list.push(item);
                }
                Ok(list)
            }
        }

        deserializer.deserialize_seq(List::<T, MOST>(PhantomData)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only parsed")]
        inner: Inner,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only parsed")]
        number: u8,
    }

    #[test]
    fn an_error_says_what_is_wrong_and_where() {
        let error = |text: &str| format!("{:?}", parse::<Outer>(text.as_bytes()).unwrap_err());
        for (text, expected) in [
            (r#"{"inner": {"number": 1, "more": 2}}"#, "inner.more: unknown field `more`, expected `number` at line 1"),
            ("{\"inner\":\n{\"number\": 256}}", "inner.number: invalid value: integer `256`, expected u8 at line 2"),
            ("{", "is not what is expected: EOF while parsing"),
            (r#"{"inner": {"number": 1}} x"#, "trailing characters at line 1 column 26"),
            ("[]", "at line 1 column"),
            ("", "EOF while parsing a value at line 1 column 0"),
            ("\u{ff}", "at line 1 column 1"),
        ] {
            assert!(error(text).contains(expected), "{text}: {}", error(text));
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_refused() {
        assert_eq!(parse::<AtMost<u8, 2>>(b"[1,2]").map(|list| list.0), Ok(vec![1, 2]));
        let error = format!("{:?}", parse::<AtMost<u8, 2>>(b"[1,2,3]").err());
        assert!(error.contains("invalid length 3, expected a list of at most 2"), "{error}");
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_given_up() {
        let body = axum::body::Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let request = Request::new(axum::body::Body::new(Patient::with_patience(body, Duration::from_millis(20))));
        let error = collect(request, 10).await.unwrap_err();
        assert!(format!("{error:?}").contains("nothing came for 0.02 seconds"), "{error:?}");
        assert_eq!(error.into_response().status(), 400);
    }

    #[tokio::test]
    async fn the_rest_of_a_body_that_is_too_large_is_thrown_away() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let chunks = futures_util::stream::iter(0..100).map(move |n| {
            if n == 99 {
                let _ = sender.take().map(|sender| sender.send(()));
            }
            Ok::<_, std::io::Error>(Bytes::from_static(b"0123456789"))
        });
        let body = Patient::new(axum::body::Body::from_stream(chunks));
        let error = collect(Request::new(axum::body::Body::new(body)), 25).await.unwrap_err();
        assert_eq!(error.code, Code::TooLarge);
        receiver.await.expect("the last chunk is taken");
    }

    use futures_util::StreamExt as _;
}
