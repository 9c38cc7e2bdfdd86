//! `btoa`, `atob` and `data:` URLs.

use data_url::{DataUrl, forgiving_base64};
use rquickjs::{Ctx, Function, Object, Result, TypedArray, convert::List};

use super::convert::{Usv, bytes_of};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0u32, |group, (i, &byte)| group | u32::from(byte) << (16 - 8 * i));
        for i in 0..4 {
            match i <= chunk.len() {
                true => text.push(char::from(ALPHABET[(group >> (18 - 6 * i)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

fn base64_encode(bytes: TypedArray<'_, u8>) -> String {
    encode(bytes_of(&bytes))
}

/// Undefined when the text has a character above U+00FF.
fn btoa(text: Usv) -> Option<String> {
    let bytes: Vec<u8> = text.0.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?;
    Some(encode(&bytes))
}

/// Undefined when the text is no base64 (Infra standard, "forgiving-base64 decode").
fn atob(text: Usv) -> Option<String> {
    let bytes = forgiving_base64::decode_to_vec(text.0.as_bytes()).ok()?;
    Some(bytes.into_iter().map(char::from).collect())
}

/// A media type and the bytes it says something of.
type TypedBytes<'js> = List<(String, TypedArray<'js, u8>)>;

/// `[media type, bytes]` of a `data:` URL; undefined when it is malformed.
fn data_url<'js>(ctx: Ctx<'js>, url: Usv) -> Result<Option<TypedBytes<'js>>> {
    let Ok(url) = DataUrl::process(&url.0) else { return Ok(None) };
    let Ok((bytes, _fragment)) = url.decode_to_vec() else { return Ok(None) };
    Ok(Some(List((url.mime_type().to_string(), TypedArray::new(ctx, bytes)?))))
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("base64Encode", Function::new(ctx.clone(), base64_encode)?)?;
    native.set("btoa", Function::new(ctx.clone(), btoa)?)?;
    native.set("atob", Function::new(ctx.clone(), atob)?)?;
    native.set("dataUrl", Function::new(ctx.clone(), data_url)?)
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn base64_pads_to_groups_of_four() {
        assert_eq!(encode(b""), "");
        assert_eq!(encode(b"f"), "Zg==");
        assert_eq!(encode(b"fo"), "Zm8=");
        assert_eq!(encode(b"foo"), "Zm9v");
        assert_eq!(encode(&[0xff, 0xfe, 0xfd, 0x00]), "//79AA==");
    }
}
