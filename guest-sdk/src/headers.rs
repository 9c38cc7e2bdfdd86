//! Header maps in and out of `wasi:http`.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use wasip2::http::types::Fields;

use crate::Error;

/// Headers that describe one connection, and `host`, which follows the URL: `wasi:http` refuses them.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::HOST,
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Read a host's headers. The host has checked them; one that the `http` crate refuses is left out.
pub(crate) fn from_wasi(fields: &Fields) -> HeaderMap {
    let entries = fields.entries();
    let mut headers = HeaderMap::with_capacity(entries.len());
    for (name, value) in entries {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// Hand headers to the host. Those of a message that is passed on may hold hop-by-hop headers, which
/// do not apply to the next hop and are left out.
pub(crate) fn to_wasi(headers: &HeaderMap) -> Result<Fields, Error> {
    let entries: Vec<(String, Vec<u8>)> = headers
        .iter()
        .filter(|(name, _)| !HOP_BY_HOP.contains(name))
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_owned()))
        .collect();
    Fields::from_list(&entries).map_err(|error| Error::internal(format!("the host refused the headers: {error}")))
}

/// A header's first value, if it is text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Announce the body's length where it is known and the worker has not set it.
pub(crate) fn set_length(headers: &mut HeaderMap, length: Option<u64>) {
    if let Some(length) = length
        && !headers.contains_key(header::CONTENT_LENGTH)
    {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
}

/// Set a header to what the caller gave, checked.
pub(crate) fn set<N, V>(headers: &mut HeaderMap, name: N, value: V) -> Result<(), Error>
where
    N: TryInto<HeaderName>,
    V: TryInto<HeaderValue>,
{
    let name = name.try_into().map_err(|_| Error::internal("a header name may hold letters, digits and `-` only"))?;
    let value = value
        .try_into()
        .map_err(|_| Error::internal(format!("the value of header `{name}` holds a control character")))?;
    headers.try_insert(name, value)?;
    Ok(())
}
