//! HKDF and PBKDF2; scrypt for `node:crypto`.

use hkdf::Hkdf;
use pbkdf2::pbkdf2_hmac;
use rquickjs::{Class, Ctx, Function, Object, Result};

use super::{Answer, Bytes, Data, Outcome, hash::Hash, hash::with_hash, key::KeyHandle};

fn hkdf(hash: Hash, key: &[u8], salt: &[u8], info: &[u8], length: usize) -> Outcome<Vec<u8>> {
    with_hash!(hash, D => {
        let mut out = vec![0; length];
        Hkdf::<D>::new(Some(salt), key)
            .expand(info, &mut out)
            .map_err(|_| "HKDF cannot give that many bits: at most 255 times the length of the hash")?;
        Ok(out)
    })
}

fn pbkdf2(hash: Hash, key: &[u8], salt: &[u8], iterations: u32, length: usize) -> Vec<u8> {
    with_hash!(hash, D => {
        let mut out = vec![0; length];
        pbkdf2_hmac::<D>(key, salt, iterations, &mut out);
        out
    })
}

/// `log_n` is the binary logarithm of the cost.
fn scrypt(secret: &[u8], salt: &[u8], log_n: u8, r: u32, p: u32, length: usize) -> Outcome<Vec<u8>> {
    let parameters = scrypt::Params::new(log_n, r, p).map_err(|_| "the parameters are not scrypt's")?;
    let mut out = vec![0; length];
    if length > 0 {
        scrypt::scrypt(secret, salt, &parameters, &mut out).map_err(|_| "scrypt cannot give that many bytes")?;
    }
    Ok(out)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    let hkdf = |hash: Hash, key: Class<'js, KeyHandle>, salt: Data<'js>, info: Data<'js>, length: usize| {
        Answer(key.borrow().secret().and_then(|key| hkdf(hash, key, &salt, &info, length)).map(Bytes))
    };
    let pbkdf2 = |hash: Hash, key: Class<'js, KeyHandle>, salt: Data<'js>, iterations: u32, length: usize| {
        Answer(key.borrow().secret().map(|key| Bytes(pbkdf2(hash, key, &salt, iterations, length))))
    };
    let scrypt = |secret: Data<'js>, salt: Data<'js>, log_n: u8, r: u32, p: u32, length: usize| {
        Answer(scrypt(&secret, &salt, log_n, r, p, length).map(Bytes))
    };
    crypto.set("hkdf", Function::new(ctx.clone(), hkdf)?)?;
    crypto.set("pbkdf2", Function::new(ctx.clone(), pbkdf2)?)?;
    crypto.set("scrypt", Function::new(ctx.clone(), scrypt)?)
}
