//! An embedded file as a response.

use super::File;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

/// What a page may load and do, said with each of its files.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    /// The editor adds style sheets of its own, with a nonce; previews are frames of the same host.
    Playground,
    /// Its own script, its own style, its own API.
    Dashboard,
}

/// Stands in the playground's HTML for the nonce of style sheets.
const NONCE: &str = "NONCE";

/// What was compressed, by name and length: neither changes in a released program.
static COMPRESSED: LazyLock<Mutex<HashMap<(&str, String), Bytes>>> = LazyLock::new(Mutex::default);

/// The file as a response to a request with `headers`.
pub fn respond(page: Page, file: &'static File, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let mut bytes = file.bytes();
    let mut response = Response::new(Full::default());
    let is_html = file.name.ends_with(".html");
    let nonce = nonce();
    if is_html && let Page::Playground = page {
        bytes = String::from_utf8_lossy(&bytes).replace(NONCE, &nonce).into();
    }
    let tag = format!("\"{}\"", crate::digest::Digest::of(&bytes).short());
    let accepts_gzip = accepts(headers, "gzip");
    let out = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(name, value);
        }
    };
    set(CONTENT_TYPE, file.media_type());
    set(CACHE_CONTROL, "no-cache");
    set(ETAG, &tag);
    set(VARY, "accept-encoding");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if is_html {
        set(CONTENT_SECURITY_POLICY, &policy(page, &nonce));
    }
    if headers.get(IF_NONE_MATCH).is_some_and(|held| held.as_bytes() == tag.as_bytes()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    if accepts_gzip && bytes.len() > 1024 {
        set(CONTENT_ENCODING, "gzip");
        bytes = if is_html { gzip(&bytes) } else { kept(file.name, tag, &bytes) };
    }
    *response.body_mut() = Full::new(bytes);
    response
}

fn policy(page: Page, nonce: &str) -> String {
    let base = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
                base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    match page {
        // Editing over a selection, Chromium itself writes style attributes into what is edited.
        Page::Playground => {
            format!("{base}; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; frame-src 'self'")
        }
        Page::Dashboard => format!("{base}; style-src 'self'"),
    }
}

/// Not to be guessed by what a page shows.
fn nonce() -> String {
    let mut bytes = [0; 16];
    // Without random numbers there is no style that could be let in by guessing: none is.
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => "none".to_owned(),
    }
}

fn kept(name: &'static str, tag: String, bytes: &Bytes) -> Bytes {
    let mut kept = COMPRESSED.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry((name, tag)).or_insert_with(|| gzip(bytes)).clone()
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let done = encoder.write_all(bytes).and_then(|()| encoder.finish());
    done.expect("memory can be written to").into()
}

/// Whether the client takes an encoding, as far as programs that show web pages say it.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let (name, weight) = item.split_once(';').unwrap_or((item, ""));
            name.trim().eq_ignore_ascii_case(encoding)
                && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use std::io::Read;

    fn asking(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    async fn body(response: Response<Full<Bytes>>) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn what_is_compressed_is_the_file() {
        let file = File::named("dashboard.js").unwrap();
        let plain = respond(Page::Dashboard, file, &asking("gzip;q=0, br"));
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        let packed = respond(Page::Dashboard, file, &asking("br, gzip"));
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&body(packed).await[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, body(plain).await);
    }

    #[tokio::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let file = File::named("icon.svg").unwrap();
        let first = respond(Page::Dashboard, file, &HeaderMap::new());
        let again = HeaderMap::from_iter([(IF_NONE_MATCH, first.headers()[ETAG].clone())]);
        let second = respond(Page::Dashboard, file, &again);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert!(body(second).await.is_empty());
    }

    #[tokio::test]
    async fn each_playground_page_has_a_nonce_of_its_own() {
        let file = File::named("playground.html").unwrap();
        let page = || respond(Page::Playground, file, &HeaderMap::new());
        let (one, other) = (page(), page());
        let policy = one.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert_ne!(policy, other.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap());
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(String::from_utf8_lossy(&body(one).await).contains(nonce));
    }
}
