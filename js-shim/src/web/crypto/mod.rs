//! Web Cryptography: keys, and what is done with them. The prelude (`js/crypto/`) does the algorithms' parameters,
//! usages and JWK, `node:crypto` (`node/src/internal/keys/`) those of Node.js; here are the primitives, on bytes and
//! `KeyHandle`s.
//!
//! ## Why
//!
//! The crates are RustCrypto's and dalek's, constant in time and without precomputed tables: a table in the data segment
//! would be in the snapshot of every worker. None of them may ask for randomness; what needs some is given a seed.

mod aes;
mod base64url;
mod cipher;
mod digest;
mod ec;
mod hash;
mod kdf;
mod key;
mod okp;
mod prime;
mod random;
mod rsa;

use std::ops::Deref;

use rquickjs::{ArrayBuffer, Ctx, FromJs, IntoJs, Object, Result, TypedArray, Value};

use super::convert::bytes_of;

/// What a primitive gives, or why it failed; the prelude knows which error of the standard that is.
type Outcome<T> = std::result::Result<T, &'static str>;

/// An outcome as JavaScript sees it: the value, or the reason as a string.
struct Answer<T>(Outcome<T>);

impl<'js, T: IntoJs<'js>> IntoJs<'js> for Answer<T> {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        match self.0 {
            Ok(value) => value.into_js(ctx),
            Err(reason) => reason.into_js(ctx),
        }
    }
}

/// Bytes that become an `ArrayBuffer`.
struct Bytes(Vec<u8>);

impl<'js> IntoJs<'js> for Bytes {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        ArrayBuffer::new(ctx.clone(), self.0)?.into_js(ctx)
    }
}

/// The bytes of a `Uint8Array` argument. The primitives run no JavaScript, so nothing changes them meanwhile.
struct Data<'js>(TypedArray<'js, u8>);

impl<'js> FromJs<'js> for Data<'js> {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        Ok(Data(TypedArray::from_js(ctx, value)?))
    }
}

impl Deref for Data<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        bytes_of(&self.0)
    }
}

/// Puts all primitives into `native.crypto`.
pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let crypto = Object::new(ctx.clone())?;
    aes::install(ctx, &crypto)?;
    base64url::install(ctx, &crypto)?;
    cipher::install(&crypto)?;
    digest::install(ctx, &crypto)?;
    ec::install(ctx, &crypto)?;
    hash::install(ctx, &crypto)?;
    kdf::install(ctx, &crypto)?;
    key::install(ctx, &crypto)?;
    okp::install(ctx, &crypto)?;
    rsa::install(ctx, &crypto)?;
    native.set("crypto", crypto)
}
