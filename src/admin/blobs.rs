//! Blobs: components, and static assets with their indexes, uploaded before a version names them. Whoever may read may
//! have them back, by digests that versions tell.

use super::App;
use super::body::{self, announced};
use super::error::{ApiError, Code};
use super::gunzip::{Gunzip, GunzipError};
use super::params::Params;
use crate::assets;
use crate::digest::Digest;
use crate::limits;
use crate::storage::{self, Storage};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::convert::Infallible;
use std::sync::Arc;

/// Digests that can be asked for at a time: as many as the assets of a version can have.
const MOST_DIGESTS: usize = 100_000;
/// Bytes of a body with that many digests.
const DIGESTS_BODY: usize = 8 << 20;
/// From this number on, all blobs are listed rather than each looked for.
const MANY: usize = 500;

/// Bytes of the largest blob.
pub(super) const LARGEST: usize = {
    let of = [limits::COMPONENT.maximum, assets::FILE.maximum, assets::INDEX.maximum];
    let mut largest = of[0];
    let mut at = 1;
    while at < of.len() {
        if of[at] > largest {
            largest = of[at];
        }
        at += 1;
    }
    largest as usize
};
/// What compression may add to what it cannot make smaller.
const OVERHEAD: usize = 1 << 20;
/// How much larger than its compressed form a blob is taken to be, before it turns out.
const USUAL_RATIO: usize = 8;
/// Bytes of a blob that are handed to the connection at a time.
const DOWNLOAD_STEP: usize = 64 << 10;

/// Blobs that a client would like to name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    digests: body::AtMost<Digest, MOST_DIGESTS>,
}

/// Those that are not stored.
#[derive(Serialize)]
struct Missing {
    missing: BTreeSet<Digest>,
}

/// `POST /v1/blobs/missing`
pub(super) async fn missing(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    body::check_json(request.headers())?;
    let wanted: Wanted = body::parse(&body::collect(request, DIGESTS_BODY).await?)?;
    let missing = missing_of(&app, wanted.digests.0.into_iter().collect()).await?;
    Ok(Json(Missing { missing }).into_response())
}

/// Those of `digests` that are not stored. The others stay stored for long enough to name them in a version.
pub(super) async fn missing_of(app: &App, digests: BTreeSet<Digest>) -> Result<BTreeSet<Digest>, storage::Error> {
    let missing = not_stored(&app.data, digests.clone()).await?;
    let found: BTreeSet<_> = digests.difference(&missing).copied().collect();
    // Only what is there is wanted: a client must not fill the memory with digests of nothing.
    app.registry.want(found.iter().copied()).await;
    // Some may have been removed since they were found.
    let mut gone = not_stored(&app.data, found).await?;
    gone.extend(missing);
    Ok(gone)
}

async fn not_stored(storage: &Storage, mut digests: BTreeSet<Digest>) -> Result<BTreeSet<Digest>, storage::Error> {
    if digests.len() >= MANY {
        let stored: HashSet<_> = storage.blobs().await?.into_iter().collect();
        digests.retain(|digest| !stored.contains(digest));
        return Ok(digests);
    }
    let mut missing = BTreeSet::new();
    for digest in digests {
        if !storage.has_blob(digest).await? {
            missing.insert(digest);
        }
    }
    Ok(missing)
}

/// A blob that is stored.
#[derive(Serialize)]
struct Stored {
    digest: Digest,
}

/// `PUT /v1/blobs/{digest}`
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    Params(digest): Params<Digest>,
    request: Request,
) -> Result<Response, ApiError> {
    let encoding = Encoding::of(request.headers())?;
    let announced = announced(request.headers());
    if announced.is_some_and(|length| length > encoding.longest() as u64) {
        return Err(too_large());
    }
    if missing_of(&app, [digest].into()).await?.is_empty() {
        return Ok((StatusCode::OK, Json(Stored { digest })).into_response());
    }
    // Held until the blob is stored.
    let length = announced.unwrap_or(LARGEST as u64) as usize;
    let (bytes, _reserved) = match encoding {
        Encoding::Identity => {
            let reserved = app.memory.reserve(length).await?;
            (collect(request, length).await?, reserved)
        }
        Encoding::Gzip => {
            let mut reserved = app.memory.reserve(length.saturating_mul(USUAL_RATIO).min(LARGEST)).await?;
            (decode(request, &app, &mut reserved).await?, reserved)
        }
    };
    app.registry.want([digest]).await;
    app.data.put_blob(digest, bytes).await?;
    Ok((StatusCode::CREATED, Json(Stored { digest })).into_response())
}

/// `GET /v1/blobs/{digest}`
pub(super) async fn download(
    State(app): State<Arc<App>>,
    Params(digest): Params<Digest>,
) -> Result<Response, ApiError> {
    // Its size is not known before it is read.
    let reserved = app.memory.reserve(LARGEST).await?;
    let found = app.data.get_blob(digest).await?;
    let bytes = found.ok_or_else(|| ApiError::new(Code::NotFound, format!("the blob {digest} is not stored")))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, bytes.len().into()),
    ];
    // What was set aside is given back when the last part has been asked for.
    let parts = stream::unfold((bytes, reserved), |(mut rest, reserved)| async {
        let part = rest.split_to(rest.len().min(DOWNLOAD_STEP));
        (!part.is_empty()).then_some((Ok::<_, Infallible>(part), (rest, reserved)))
    });
    Ok((headers, axum::body::Body::from_stream(parts)).into_response())
}

/// How an upload is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
        let value = values.next().map_or(Some(""), |value| value.to_str().ok());
        match (value.map(|value| value.trim().to_ascii_lowercase()).as_deref(), values.next()) {
            (Some("" | "identity"), None) => Ok(Self::Identity),
            (Some("gzip" | "x-gzip"), None) => Ok(Self::Gzip),
            _ => {
                let text = "the body's encoding is not known\nhint: send it as it is, or with `content-encoding: gzip`";
                Err(ApiError::new(Code::UnsupportedMediaType, text))
            }
        }
    }

    /// Bytes of the longest body that can be a blob.
    fn longest(self) -> usize {
        match self {
            Self::Identity => LARGEST,
            Self::Gzip => LARGEST + OVERHEAD,
        }
    }
}

fn too_large() -> ApiError {
    ApiError::too_large(format!("the blob has more than {LARGEST} bytes ({} MiB)", LARGEST >> 20))
}

async fn collect(request: Request, length: usize) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::with_capacity(if announced(request.headers()).is_some() { length } else { 0 });
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        // Trailers say nothing here.
        let Ok(data) = frame.map_err(body::not_whole)?.into_data() else { continue };
        if bytes.len() + data.len() > LARGEST {
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Compressed bytes that are decoded at a time.
const GUNZIP_STEP: usize = 512;

async fn decode(request: Request, app: &App, reserved: &mut super::memory::Reserved) -> Result<Bytes, ApiError> {
    let refused = |error| match error {
        GunzipError::TooLarge => too_large(),
        GunzipError::Damaged(why) => ApiError::bad_request(format!("the body is no gzip stream: {why}")),
    };
    let mut gunzip = Gunzip::new(LARGEST);
    let mut compressed = 0;
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(body::not_whole)?.into_data() else { continue };
        compressed += data.len();
        if compressed > Encoding::Gzip.longest() {
            return Err(too_large());
        }
        // Each step decodes to half a megabyte at most, which is what may be there before it is set aside.
        for step in data.chunks(GUNZIP_STEP) {
            gunzip.feed(step).await.map_err(refused)?;
            app.memory.grow(reserved, gunzip.len()).await?;
        }
    }
    Ok(gunzip.finish().map_err(refused)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_encodings_are_known() {
        let of = |values: &[&'static str]| {
            let headers = values.iter().map(|value| (header::CONTENT_ENCODING, value.parse().unwrap()));
            Encoding::of(&headers.collect()).map_err(|error| error.code)
        };
        assert_eq!(of(&[]), Ok(Encoding::Identity));
        assert_eq!(of(&["identity"]), Ok(Encoding::Identity));
        assert_eq!(of(&["GZIP"]), Ok(Encoding::Gzip));
        for wrong in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"], &["deflate"]] {
            assert_eq!(of(wrong), Err(Code::UnsupportedMediaType), "{wrong:?}");
        }
    }
}
