//! JavaScript strings and bytes as the web's specifications want them.

use rquickjs::{
    Atom, Ctx, Exception, FromAtom, FromJs, Result, String as JsString, TypedArray, Value, convert::Coerced,
};

/// WebIDL's `USVString`: any value turned into a string, lone surrogates replaced by U+FFFD.
pub struct Usv(pub String);

impl<'js> FromJs<'js> for Usv {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let string = Coerced::<JsString>::from_js(ctx, value)?.0;
        Ok(Usv(scalar_values(string)?))
    }
}

impl<'js> FromAtom<'js> for Usv {
    fn from_atom(atom: Atom<'js>) -> Result<Self> {
        Ok(Usv(scalar_values(atom.to_js_string()?)?))
    }
}

/// WebIDL's `ByteString`, kept as a `String` whose chars are all below U+0100.
pub struct ByteString(pub String);

impl<'js> FromJs<'js> for ByteString {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let string = Usv::from_js(ctx, value)?.0;
        if !string.is_ascii() && string.chars().any(|c| c > '\u{ff}') {
            let message = format!("cannot convert {string:?} to a ByteString: it has a character above U+00FF");
            return Err(Exception::throw_type(ctx, &message));
        }
        Ok(ByteString(string))
    }
}

impl<'js> FromAtom<'js> for ByteString {
    fn from_atom(atom: Atom<'js>) -> Result<Self> {
        let value = atom.to_value()?;
        let ctx = value.ctx().clone();
        ByteString::from_js(&ctx, value)
    }
}

/// Copies a JavaScript string out of the engine. QuickJS writes a lone surrogate as three bytes that are no UTF-8.
fn scalar_values(string: JsString<'_>) -> Result<String> {
    let text = string.to_cstring()?;
    let bytes = text.as_str().as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Ok(replace_surrogates(bytes)),
    }
}

fn replace_surrogates(bytes: &[u8]) -> String {
    let mut fixed = bytes.to_vec();
    for i in 0..fixed.len().saturating_sub(2) {
        if fixed[i] == 0xed && fixed[i + 1] >= 0xa0 {
            // U+FFFD has three bytes as well
            fixed[i..i + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    String::from_utf8_lossy(&fixed).into_owned()
}

/// The bytes of a `Uint8Array`; a detached one is empty. No JavaScript may run while they are borrowed.
pub fn bytes_of<'a>(array: &'a TypedArray<'_, u8>) -> &'a [u8] {
    // SAFETY: only JavaScript can write to, resize or detach the buffer, and the callers run none meanwhile.
    unsafe { array.as_bytes() }.unwrap_or(&[])
}
