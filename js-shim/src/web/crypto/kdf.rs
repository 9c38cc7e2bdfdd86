//! HKDF and PBKDF2.

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

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    let hkdf = |hash: Hash, key: Class<'js, KeyHandle>, salt: Data<'js>, info: Data<'js>, length: usize| {
        Answer(key.borrow().secret().and_then(|key| hkdf(hash, key, &salt, &info, length)).map(Bytes))
    };
    let pbkdf2 = |hash: Hash, key: Class<'js, KeyHandle>, salt: Data<'js>, iterations: u32, length: usize| {
        Answer(key.borrow().secret().map(|key| Bytes(pbkdf2(hash, key, &salt, iterations, length))))
    };
    crypto.set("hkdf", Function::new(ctx.clone(), hkdf)?)?;
    crypto.set("pbkdf2", Function::new(ctx.clone(), pbkdf2)?)
}
