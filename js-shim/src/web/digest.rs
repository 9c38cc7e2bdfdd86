//! `crypto.subtle.digest`.

use md5::Md5;
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, Object, Result, TypedArray};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::convert::bytes_of;

/// `algorithm` is the canonical name; the prelude has checked that it is one of these.
fn digest<'js>(ctx: Ctx<'js>, algorithm: String, data: TypedArray<'js, u8>) -> Result<ArrayBuffer<'js>> {
    let data = bytes_of(&data);
    let hash = match algorithm.as_str() {
        "MD5" => Md5::digest(data).to_vec(),
        "SHA-1" => Sha1::digest(data).to_vec(),
        "SHA-256" => Sha256::digest(data).to_vec(),
        "SHA-384" => Sha384::digest(data).to_vec(),
        "SHA-512" => Sha512::digest(data).to_vec(),
        other => return Err(Exception::throw_type(&ctx, &format!("unknown digest: {other}"))),
    };
    ArrayBuffer::new(ctx, hash)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("digest", Function::new(ctx.clone(), digest)?)
}
