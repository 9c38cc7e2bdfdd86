//! The hash functions other algorithms are parametrised with, and HMAC.

use hmac::{Hmac, KeyInit, Mac};
use rquickjs::{Class, Ctx, Exception, FromJs, Function, Object, Result, Value};

use super::{Answer, Bytes, Data, Outcome, key::KeyHandle};

#[derive(Clone, Copy)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl<'js> FromJs<'js> for Hash {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        match String::from_js(ctx, value)?.as_str() {
            "SHA-1" => Ok(Hash::Sha1),
            "SHA-256" => Ok(Hash::Sha256),
            "SHA-384" => Ok(Hash::Sha384),
            "SHA-512" => Ok(Hash::Sha512),
            other => Err(Exception::throw_type(ctx, &format!("unknown hash: {other}"))),
        }
    }
}

/// Runs the expression with `$D` standing for the hash's type.
macro_rules! with_hash {
    ($hash:expr, $D:ident => $body:expr) => {
        match $hash {
            $crate::web::crypto::hash::Hash::Sha1 => {
                type $D = sha1::Sha1;
                $body
            }
            $crate::web::crypto::hash::Hash::Sha256 => {
                type $D = sha2::Sha256;
                $body
            }
            $crate::web::crypto::hash::Hash::Sha384 => {
                type $D = sha2::Sha384;
                $body
            }
            $crate::web::crypto::hash::Hash::Sha512 => {
                type $D = sha2::Sha512;
                $body
            }
        }
    };
}
pub(super) use with_hash;

fn sign(hash: Hash, key: &[u8], data: &[u8]) -> Outcome<Vec<u8>> {
    with_hash!(hash, D => {
        let mac = Hmac::<D>::new_from_slice(key).map_err(|_| "the key cannot be used")?;
        Ok(mac.chain_update(data).finalize().into_bytes().to_vec())
    })
}

fn verify(hash: Hash, key: &[u8], signature: &[u8], data: &[u8]) -> Outcome<bool> {
    with_hash!(hash, D => {
        let mac = Hmac::<D>::new_from_slice(key).map_err(|_| "the key cannot be used")?;
        Ok(mac.chain_update(data).verify_slice(signature).is_ok())
    })
}

/// No early way out, so that the time tells nothing but the lengths.
fn timing_safe_equal(a: Data<'_>, b: Data<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b.iter()).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    let hmac_sign = |hash: Hash, key: Class<'js, KeyHandle>, data: Data<'js>| {
        Answer(key.borrow().secret().and_then(|key| sign(hash, key, &data)).map(Bytes))
    };
    let hmac_verify = |hash: Hash, key: Class<'js, KeyHandle>, signature: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().secret().and_then(|key| verify(hash, key, &signature, &data)))
    };
    crypto.set("timingSafeEqual", Function::new(ctx.clone(), timing_safe_equal)?)?;
    crypto.set("hmacSign", Function::new(ctx.clone(), hmac_sign)?)?;
    crypto.set("hmacVerify", Function::new(ctx.clone(), hmac_verify)?)
}
