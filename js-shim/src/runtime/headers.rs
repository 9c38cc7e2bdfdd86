//! Header lists on their way from and to the host.

use crate::bindings::wasi::http::types::{Fields, HeaderError};
use crate::web::headers::HeaderList;

/// Headers that belong to one connection: the host sets them, and refuses them from a guest.
const OF_THE_CONNECTION: [&str; 9] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The most that a message's headers may hold, with [`ENTRY_BYTES`] each: hosts end a guest that sends more.
const MAX_BYTES: usize = 128 * 1024;

/// What a header counts besides its text.
const ENTRY_BYTES: usize = 32;

/// The headers of a request or response that came in.
pub fn incoming(fields: &Fields) -> HeaderList {
    HeaderList::from_bytes_pairs(fields.entries())
}

/// The value of `content-length`, if there is a valid one.
pub fn content_length(fields: &Fields) -> Option<u64> {
    let values = fields.get("content-length");
    let text = std::str::from_utf8(values.first()?).ok()?;
    text.trim().parse().ok()
}

/// Headers of a request or response to be sent; an error says which of them the host does not take.
pub fn outgoing(pairs: Vec<(String, Vec<u8>)>) -> Result<Fields, String> {
    if pairs.is_empty() {
        return Ok(Fields::new());
    }
    let size = |(name, value): &(String, Vec<u8>)| name.len() + value.len() + ENTRY_BYTES;
    if pairs.iter().map(size).sum::<usize>() > MAX_BYTES {
        return Err(format!("the headers are larger than {} KiB", MAX_BYTES / 1024));
    }
    match Fields::from_list(&pairs) {
        Ok(fields) => Ok(fields),
        Err(HeaderError::Forbidden) => without_forbidden(pairs),
        Err(error) => Err(refusal(&pairs, error)),
    }
}

/// As other runtimes do, headers a guest may not set are left out without a word.
fn without_forbidden(mut pairs: Vec<(String, Vec<u8>)>) -> Result<Fields, String> {
    pairs.retain(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()));
    let fields = Fields::new();
    for (name, value) in &pairs {
        match fields.append(name, value) {
            Ok(()) | Err(HeaderError::Forbidden) => {}
            Err(error) => return Err(refusal(&pairs, error)),
        }
    }
    Ok(fields)
}

fn refusal(pairs: &[(String, Vec<u8>)], error: HeaderError) -> String {
    let probe = Fields::new();
    for (name, value) in pairs {
        if probe.append(name, value).is_err() {
            return format!("the header `{name}` was refused: {error}");
        }
    }
    format!("the headers were refused: {error}")
}
