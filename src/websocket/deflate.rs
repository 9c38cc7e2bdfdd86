//! `permessage-deflate` (RFC 7692).

use super::Violation;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;

/// Every message ends with these bytes, which are left out on the wire.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// Smaller messages are sent as they are.
const WORTHWHILE: usize = 512;
/// Output grows by so much at a time.
const STEP: usize = 4096;

thread_local! {
    // No message's context outlives it, so all sockets of a thread share one.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(4), false));
    static DECOMPRESS: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// What both sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// What the other side sends begins anew with each message.
    pub fresh_inbound: bool,
}

/// What comes in, for a connection that is compressed.
pub struct Inflater {
    /// The context that goes on from message to message, where the other side insists on it.
    kept: Option<Box<Decompress>>,
}

impl Inflater {
    pub fn new(params: Params) -> Self {
        Self { kept: (!params.fresh_inbound).then(|| Box::new(Decompress::new(false))) }
    }

    /// The message that `data` stands for, of at most `most` bytes.
    pub fn inflate(&mut self, data: &[u8], most: usize) -> Result<Vec<u8>, Violation> {
        match &mut self.kept {
            Some(kept) => inflate(kept, data, most),
            None => DECOMPRESS.with_borrow_mut(|shared| {
                shared.reset(false);
                inflate(shared, data, most)
            }),
        }
    }
}

fn inflate(inflater: &mut Decompress, data: &[u8], most: usize) -> Result<Vec<u8>, Violation> {
    let mut out = Vec::with_capacity(data.len().saturating_mul(2).clamp(64, most.max(64)));
    for mut input in [data, &TAIL[..]] {
        loop {
            if out.len() > most {
                return Err(Violation::TOO_BIG);
            }
            if out.len() == out.capacity() {
                out.reserve(STEP.max(out.len() / 2));
            }
            let before = inflater.total_in();
            let status = inflater
                .decompress_vec(input, &mut out, FlushDecompress::Sync)
                .map_err(|_| Violation { code: 1007, why: "a compressed message is damaged" })?;
            let taken = (inflater.total_in() - before) as usize;
            input = &input[taken..];
            match status {
                // A message may end with a final block (7.2.3.4); the next begins anew.
                Status::StreamEnd => {
                    inflater.reset(false);
                    break;
                }
                _ if input.is_empty() && out.len() < out.capacity() => break,
                Status::BufError if taken == 0 && out.len() < out.capacity() => {
                    return Err(Violation { code: 1007, why: "a compressed message is damaged" });
                }
                _ => {}
            }
        }
    }
    if out.len() > most { Err(Violation::TOO_BIG) } else { Ok(out) }
}

/// The compressed form of `data`, if that is worth it.
pub fn deflate(data: &[u8]) -> Option<Vec<u8>> {
    if data.len() < WORTHWHILE {
        return None;
    }
    COMPRESS.with_borrow_mut(|shared| {
        shared.reset();
        let mut out = Vec::with_capacity(data.len() / 2 + 64);
        let mut input = data;
        loop {
            if out.len() >= data.len() {
                return None;
            }
            if out.capacity() - out.len() < 64 {
                out.reserve(STEP.max(out.len() / 2));
            }
            let before = shared.total_in();
            shared.compress_vec(input, &mut out, FlushCompress::Sync).ok()?;
            input = &input[(shared.total_in() - before) as usize..];
            if input.is_empty() && out.len() < out.capacity() {
                break;
            }
        }
        out.ends_with(&TAIL).then(|| {
            out.truncate(out.len() - TAIL.len());
            out
        })
    })
}

/// What of a client's offers is taken up: the parameters and the header's value.
pub fn accept(offers: &str) -> Option<(Params, &'static str)> {
    offers.split(',').find_map(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        if parts.next() != Some("permessage-deflate") {
            return None;
        }
        let mut seen = Vec::new();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
                None => (part, None),
            };
            let fits = match (name, value) {
                ("server_no_context_takeover" | "client_no_context_takeover", None) => true,
                ("client_max_window_bits", None) => true,
                ("client_max_window_bits", Some(bits)) => is_window(bits),
                // Our window is that of zlib, and no smaller.
                ("server_max_window_bits", Some(bits)) => bits == "15",
                _ => false,
            };
            if !fits || seen.contains(&name) {
                return None;
            }
            seen.push(name);
        }
        let header = match seen.contains(&"server_max_window_bits") {
            true => {
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15"
            }
            false => "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        };
        Some((Params { fresh_inbound: true }, header))
    })
}

/// What a client offers.
pub const OFFER: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// What a server's answer to [`OFFER`] comes to: none for no compression. An error if it was not offered.
pub fn agreed(answer: &str) -> Result<Option<Params>, String> {
    let refuse = || Err(format!("the server chose an extension that was not offered: `{answer}`"));
    let mut parts = answer.split(';').map(str::trim);
    match parts.next() {
        None | Some("") => return Ok(None),
        Some("permessage-deflate") if !answer.contains(',') => {}
        Some(_) => return refuse(),
    }
    let mut params = Params { fresh_inbound: false };
    for part in parts {
        match part.split_once('=').map(|(name, value)| (name.trim(), value.trim().trim_matches('"'))) {
            None if part == "server_no_context_takeover" => params.fresh_inbound = true,
            None if part == "client_no_context_takeover" => {}
            Some(("server_max_window_bits", bits)) if is_window(bits) => {}
            _ => return refuse(),
        }
    }
    Ok(Some(params))
}

fn is_window(bits: &str) -> bool {
    bits.parse::<u8>().is_ok_and(|number| (8..=15).contains(&number) && bits == number.to_string())
}
