//! What the worker answers, as far as a comparison needs it.

use super::body::header_lines;
use crate::digest::Digest;
use crate::recording::{Base64, Response};
use sha2::{Digest as _, Sha256};

/// Bytes of a body that are kept to show what differs.
const BEGINNING: usize = 256 * 1024;

/// Listens to the response.
#[derive(Default)]
pub struct Capture {
    head: Option<(u16, Vec<(String, Base64)>)>,
    hash: Sha256,
    bytes: u64,
    beginning: Vec<u8>,
}

impl Capture {
    pub fn head(&mut self, status: u16, headers: &http::HeaderMap) {
        self.head = Some((status, header_lines(headers)));
    }

    pub fn body(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        let room = BEGINNING.saturating_sub(self.beginning.len());
        self.beginning.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// The response, if there was one.
    pub fn take(&mut self) -> Option<Response> {
        let (status, headers) = self.head.take()?;
        Some(Response {
            status,
            headers,
            sha256: Digest::from(<[u8; 32]>::from(std::mem::take(&mut self.hash).finalize())),
            bytes: self.bytes,
            beginning: Base64(std::mem::take(&mut self.beginning)),
        })
    }
}
