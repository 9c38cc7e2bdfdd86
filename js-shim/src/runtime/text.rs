//! JavaScript strings as UTF-8.

use rquickjs::convert::Coerced;
use rquickjs::{Ctx, FromJs, Result, String as JsString, Value};

/// Any JavaScript value as text for people to read. Lone surrogates, which UTF-8 does not have, become U+FFFD.
pub struct Text(pub String);

impl<'js> FromJs<'js> for Text {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Text> {
        let string = Coerced::<JsString<'js>>::from_js(ctx, value)?.0;
        let bytes = with_bytes(&string, <[u8]>::to_vec)?;
        // `from_utf8_lossy` looks at each byte by itself
        Ok(Text(String::from_utf8(bytes).unwrap_or_else(|error| {
            let mut bytes = error.into_bytes();
            replace_surrogates(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })))
    }
}

/// Lends the bytes of a string as QuickJS writes it: UTF-8, but for lone surrogates.
pub fn with_bytes<R>(string: &JsString<'_>, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
    let text = string.clone().to_cstring()?;
    // SAFETY: pointer and length are those of the string QuickJS made. Not `as_str`, which takes it for UTF-8.
    let bytes = unsafe { std::slice::from_raw_parts(text.as_ptr().cast::<u8>(), text.len()) };
    Ok(f(bytes))
}

/// Puts U+FFFD in the place of lone surrogates; both have three bytes.
pub fn replace_surrogates(bytes: &mut [u8]) {
    const REPLACEMENT: [u8; 3] = [0xef, 0xbf, 0xbd];
    if std::str::from_utf8(bytes).is_ok() {
        return;
    }
    for start in 0..bytes.len().saturating_sub(2) {
        if bytes[start] == 0xed && bytes[start + 1] >= 0xa0 {
            bytes[start..start + 3].copy_from_slice(&REPLACEMENT);
        }
    }
}
