//! Which responses may be encoded.

use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

/// Types besides `text/*`, `*+json`, `*+xml` and `*+text` that grow smaller.
const TYPES: &[&str] = &[
    "application/json",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "application/xml",
    "application/xml-dtd",
    "application/manifest+json",
    "application/wasm",
    "application/graphql",
    "application/graphql-response+json",
    "application/ndjson",
    "application/x-ndjson",
    "application/jsonl",
    "application/jsonlines",
    "application/json-seq",
    "application/toml",
    "application/yaml",
    "application/x-yaml",
    "application/sql",
    "application/rtf",
    "application/msgpack",
    "application/x-protobuf",
    "application/vnd.google.protobuf",
    "application/x-www-form-urlencoded",
    "application/vnd.ms-fontobject",
    "application/x-font-ttf",
    "application/x-font-opentype",
    "application/x-font-truetype",
    "font/ttf",
    "font/otf",
    "font/sfnt",
    "font/collection",
    "image/svg+xml",
    "image/bmp",
    "image/x-icon",
    "image/vnd.microsoft.icon",
    "model/gltf+json",
    "model/gltf-binary",
    "multipart/bag",
    "multipart/mixed",
];

/// Whether a response with this head is ever encoded, whatever its client takes.
pub(super) fn may_encode(status: StatusCode, headers: &HeaderMap) -> bool {
    let bodiless = status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    !bodiless
        && status != StatusCode::PARTIAL_CONTENT
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && !is_fixed(headers)
        && headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(shrinks)
}

/// `Cache-Control: no-transform` (RFC 9111, 5.2.2.6).
fn is_fixed(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|directive| directive.trim().eq_ignore_ascii_case("no-transform"))
}

fn shrinks(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || ["+json", "+xml", "+text", "+yaml"].iter().any(|suffix| essence.ends_with(suffix))
        || TYPES.contains(&essence.as_str())
}
