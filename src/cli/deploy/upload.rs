//! Sending the server what it lacks.

use crate::cli::client::{Answer, Call, Client, ClientError, types};
use crate::cli::print;
use crate::digest::Digest;
use anyhow::{Context, Result};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Uploads at a time.
const PARALLEL: usize = 4;
/// Digests that the server is asked for at a time; the most it takes.
const DIGESTS: usize = 100_000;
/// Bytes below which compression is not worth the while.
const SMALL: usize = 1024;
/// How often an upload is tried that fails for reasons that may pass, and how long to wait before the next time.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(250);
/// The slowest connection that is waited for, in bytes per second.
const SLOWEST: u64 = 50_000;

/// Bytes that a version names.
#[derive(Debug, Clone)]
pub(super) enum Blob {
    Bytes(Bytes),
    File(PathBuf),
}

/// What was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Uploaded {
    /// Blobs that were sent.
    pub files: usize,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// Blobs that were there already.
    pub unchanged: usize,
}

/// Sends those of `blobs` that the server lacks.
pub(super) async fn upload(client: &Client, mut blobs: BTreeMap<Digest, Blob>) -> Result<Uploaded> {
    let all = blobs.len();
    let digests: Vec<Digest> = blobs.keys().copied().collect();
    let mut missing = Vec::new();
    for asked in digests.chunks(DIGESTS) {
        let call = Call::json(Method::POST, "/v1/blobs/missing", &json!({ "digests": asked }));
        missing.extend(client.call(call).await?.json::<types::Missing>()?.missing);
    }
    let wanted: Vec<_> = missing.into_iter().filter_map(|digest| blobs.remove_entry(&digest)).collect();
    let files = wanted.len();
    if files > 0 && !client.server().is_loopback() {
        print::note(&format!("uploading {files} of {all} files"));
    }
    let sizes: Vec<u64> = stream::iter(wanted)
        .map(|(digest, blob)| send(client, digest, blob))
        .buffer_unordered(PARALLEL)
        .try_collect()
        .await?;
    Ok(Uploaded { files, bytes: sizes.iter().sum(), unchanged: all - files })
}

/// Sends one blob, and gives its size.
async fn send(client: &Client, digest: Digest, blob: Blob) -> Result<u64> {
    let (bytes, path) = match blob {
        Blob::Bytes(bytes) => (bytes, None),
        Blob::File(path) => {
            let read = tokio::fs::read(&path).await.with_context(|| format!("failed to read `{}`", path.display()))?;
            (Bytes::from(read), Some(path))
        }
    };
    let size = bytes.len() as u64;
    let compressed = match client.server().is_loopback() || bytes.len() < SMALL {
        true => None,
        false => {
            let bytes = bytes.clone();
            tokio::task::spawn_blocking(move || compress(&bytes)).await.context("compressing ended early")?
        }
    };
    let sent = put(client, digest, compressed.is_some(), compressed.unwrap_or(bytes)).await;
    sent.with_context(|| match path {
        Some(path) => format!("failed to upload `{}`", path.display()),
        None => "failed to upload the worker".to_owned(),
    })?;
    Ok(size)
}

async fn put(client: &Client, digest: Digest, is_compressed: bool, bytes: Bytes) -> Result<Answer, ClientError> {
    let patience = Duration::from_secs(60 + bytes.len() as u64 / SLOWEST);
    let mut attempt = 1;
    loop {
        let mut call = Call::new(Method::PUT, format!("/v1/blobs/{digest}"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
            .body(bytes.clone())
            .patience(patience);
        if is_compressed {
            call = call.header(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        match client.call(call).await {
            Err(error) if error.is_passing() && attempt < ATTEMPTS => {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}

/// `bytes` by gzip, if that makes them notably smaller.
fn compress(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    // Writing to memory fails for no reason.
    let compressed = encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()?;
    (compressed.len() < bytes.len() / 10 * 9).then(|| compressed.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn what_gzip_makes_smaller_is_sent_so() {
        let text = "all work and no play ".repeat(1000);
        let compressed = compress(text.as_bytes()).unwrap();
        let mut back = String::new();
        GzDecoder::new(&compressed[..]).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
        let noise: Vec<u8> = (0..100_u8).flat_map(|n| *Digest::of(&[n]).bytes()).collect();
        assert!(compress(&noise).is_none());
    }
}
