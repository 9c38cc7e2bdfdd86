//! The encoding of bytes in a JWK (RFC 7515 section 2), constant in time since they may be secret.

use base64ct::{Base64UrlUnpadded, Encoding};
use rquickjs::{Ctx, Function, Object, Result};

use super::{Bytes, Data};

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    let encode = |data: Data<'js>| Base64UrlUnpadded::encode_string(&data);
    // undefined when it is not valid
    let decode = |text: String| Base64UrlUnpadded::decode_vec(&text).ok().map(Bytes);
    crypto.set("base64urlEncode", Function::new(ctx.clone(), encode)?)?;
    crypto.set("base64urlDecode", Function::new(ctx.clone(), decode)?)
}
