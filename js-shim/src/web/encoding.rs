//! Text to bytes and back: `TextEncoder`, `TextDecoder`, bodies as text.

use encoding_rs::{CoderResult, Decoder as StreamDecoder, DecoderResult, Encoding, UTF_8};
use rquickjs::{
    Ctx, Exception, Function, JsLifetime, Object, Result, TypedArray,
    class::{Class, Trace},
    convert::List,
};

use super::convert::{Usv, bytes_of};

/// A decoder that keeps its state between chunks.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct Decoder {
    #[qjs(skip_trace)]
    inner: StreamDecoder,
    fatal: bool,
}

#[rquickjs::methods(rename_all = "camelCase")]
impl Decoder {
    #[qjs(constructor)]
    fn new(ctx: Ctx<'_>, label: String, fatal: bool, ignore_bom: bool) -> Result<Self> {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            return Err(Exception::throw_range(&ctx, &format!("unknown encoding: {label}")));
        };
        let inner = match ignore_bom {
            true => encoding.new_decoder_without_bom_handling(),
            false => encoding.new_decoder_with_bom_removal(),
        };
        Ok(Decoder { inner, fatal })
    }

    /// Decodes a chunk; `last` flushes what is incomplete.
    fn decode(&mut self, ctx: Ctx<'_>, bytes: TypedArray<'_, u8>, last: bool) -> Result<String> {
        let bytes = bytes_of(&bytes);
        let capacity = match self.fatal {
            true => self.inner.max_utf8_buffer_length_without_replacement(bytes.len()),
            false => self.inner.max_utf8_buffer_length(bytes.len()),
        };
        let Some(capacity) = capacity else {
            return Err(Exception::throw_range(&ctx, "the decoded text would be too long"));
        };
        let mut text = String::with_capacity(capacity);
        if self.fatal {
            let (result, _) = self.inner.decode_to_string_without_replacement(bytes, &mut text, last);
            return match result {
                DecoderResult::InputEmpty => Ok(text),
                _ => Err(malformed(&ctx, self.inner.encoding())),
            };
        }
        let (result, _, _) = self.inner.decode_to_string(bytes, &mut text, last);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        Ok(text)
    }
}

fn malformed(ctx: &Ctx<'_>, encoding: &'static Encoding) -> rquickjs::Error {
    let name = encoding.name().to_ascii_lowercase();
    Exception::throw_type(ctx, &format!("Failed to decode input: the encoded data was not valid {name}."))
}

/// The name of the encoding a label stands for, in lower case; undefined for none.
fn encoding_for_label(label: Usv) -> Option<String> {
    let encoding = Encoding::for_label_no_replacement(label.0.as_bytes())?;
    Some(encoding.name().to_ascii_lowercase())
}

fn utf8_encode<'js>(ctx: Ctx<'js>, text: Usv) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, text.0.into_bytes())
}

/// As much of `text` as fits into `room` bytes, in whole characters: `[UTF-16 units read, bytes]`.
fn utf8_encode_prefix<'js>(ctx: Ctx<'js>, text: Usv, room: usize) -> Result<List<(usize, TypedArray<'js, u8>)>> {
    let mut bytes = text.0;
    let mut end = room.min(bytes.len());
    while !bytes.is_char_boundary(end) {
        end -= 1;
    }
    bytes.truncate(end);
    let read = bytes.encode_utf16().count();
    Ok(List((read, TypedArray::new(ctx, bytes.into_bytes())?)))
}

fn utf8_decode(ctx: Ctx<'_>, bytes: TypedArray<'_, u8>, fatal: bool, ignore_bom: bool) -> Result<String> {
    let mut bytes = bytes_of(&bytes);
    if !ignore_bom {
        bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) if fatal => Err(malformed(&ctx, UTF_8)),
        Err(_) => Ok(UTF_8.decode_without_bom_handling(bytes).0.into_owned()),
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    Class::<Decoder>::define(native)?;
    native.set("encodingForLabel", Function::new(ctx.clone(), encoding_for_label)?)?;
    native.set("utf8Encode", Function::new(ctx.clone(), utf8_encode)?)?;
    native.set("utf8EncodePrefix", Function::new(ctx.clone(), utf8_encode_prefix)?)?;
    native.set("utf8Decode", Function::new(ctx.clone(), utf8_decode)?)
}
