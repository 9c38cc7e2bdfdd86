//! What `FileReader` makes of bytes.

use encoding_rs::{Encoding, UTF_8};
use rquickjs::{Ctx, Function, Object, Result, TypedArray};

use super::convert::{Usv, bytes_of};
use super::mime::Mime;

/// "package data" as text: by the label, else the charset of the type, else UTF-8; a byte order mark outweighs them.
fn decode_file(bytes: TypedArray<'_, u8>, label: Usv, media_type: Usv) -> String {
    let named = Encoding::for_label(label.0.as_bytes());
    let typed = || Encoding::for_label(Mime::parse(&media_type.0)?.get("charset")?.as_bytes());
    named.or_else(typed).unwrap_or(UTF_8).decode(bytes_of(&bytes)).0.into_owned()
}

fn binary_string(bytes: TypedArray<'_, u8>) -> String {
    bytes_of(&bytes).iter().map(|&byte| char::from(byte)).collect()
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("decodeFile", Function::new(ctx.clone(), decode_file)?)?;
    native.set("binaryString", Function::new(ctx.clone(), binary_string)?)
}
