//! The body of a request or response as the prelude hands it over.

use rquickjs::{ArrayBuffer, Class, Ctx, Exception, Result, String as JsString, TypedArray, Value};

use super::body::BodyHandle;
use super::text;

/// A body to be sent.
pub enum Payload<'js> {
    None,
    Bytes(Vec<u8>),
    /// An incoming body, passed on as it comes.
    Handle(Class<'js, BodyHandle>),
    /// The prelude will write it.
    Stream,
}

impl<'js> Payload<'js> {
    /// Takes `null`, `true` for a stream, a string, an `ArrayBuffer`, a `Uint8Array` or a `BodyHandle`.
    pub fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Payload<'js>> {
        if value.is_null() || value.is_undefined() {
            return Ok(Payload::None);
        }
        if value.as_bool() == Some(true) {
            return Ok(Payload::Stream);
        }
        if let Some(text) = value.as_string() {
            return Ok(Payload::Bytes(encode(ctx, text)?));
        }
        if let Ok(array) = TypedArray::<u8>::from_value(value.clone()) {
            return Ok(Payload::Bytes(copy(ctx, &array)?));
        }
        if let Some(buffer) = ArrayBuffer::from_value(value.clone()) {
            // SAFETY: no JavaScript runs while the bytes are borrowed.
            let bytes = unsafe { buffer.as_bytes() }.unwrap_or_default();
            return Ok(Payload::Bytes(try_copy(ctx, bytes)?));
        }
        match Class::<BodyHandle>::from_value(&value) {
            Ok(handle) => Ok(Payload::Handle(handle)),
            Err(_) => Err(Exception::throw_type(ctx, "this is no body")),
        }
    }

    /// Sets `content-length` where the length is known. A stream may have been given one by the worker.
    pub fn describe(&self, pairs: &mut Vec<(String, Vec<u8>)>) {
        let length = match self {
            Payload::None | Payload::Stream => return,
            Payload::Bytes(bytes) => {
                pairs.retain(|(name, _)| name != "content-length");
                bytes.len() as u64
            }
            Payload::Handle(handle) => {
                if pairs.iter().any(|(name, _)| name == "content-length") {
                    return;
                }
                let Some(length) = handle.borrow().body.length() else {
                    return;
                };
                length
            }
        };
        pairs.push(("content-length".to_owned(), length.to_string().into_bytes()));
    }

    /// Nobody wants this body.
    pub fn discard(self) {
        if let Payload::Handle(handle) = self {
            handle.borrow().body.cancel();
        }
    }
}

/// The bytes of a chunk, copied: the worker may go on to change it.
pub fn copy(ctx: &Ctx<'_>, array: &TypedArray<'_, u8>) -> Result<Vec<u8>> {
    // SAFETY: no JavaScript runs while the bytes are borrowed.
    let bytes = unsafe { array.as_bytes() }.unwrap_or_default();
    try_copy(ctx, bytes)
}

/// A string as UTF-8.
pub fn encode(ctx: &Ctx<'_>, string: &JsString<'_>) -> Result<Vec<u8>> {
    let mut bytes = text::with_bytes(string, |bytes| try_copy(ctx, bytes))??;
    text::replace_surrogates(&mut bytes);
    Ok(bytes)
}

/// A copy, or QuickJS's out-of-memory error: a worker that ran out of memory is told so.
fn try_copy(ctx: &Ctx<'_>, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    if copy.try_reserve_exact(bytes.len()).is_err() {
        return Err(Exception::throw_internal(ctx, "out of memory"));
    }
    copy.extend_from_slice(bytes);
    Ok(copy)
}
