//! RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP.

use pkcs8::der::Decode;
use pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use rquickjs::{Class, Ctx, Function, Object, Result};
use rsa::pkcs1::ALGORITHM_OID;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, Oaep, Pkcs1v15Sign, PrivateKey, Pss, PublicKey};
use sha2::Digest;

use super::hash::{Hash, with_hash};
use super::key::{KeyHandle, Material};
use super::prime;
use super::random::SeededRng;
use super::{Answer, Bytes, Data, Outcome};

const BAD_KEY: &str = "the key is malformed, or not an RSA key that can be used: it must have 1024 to 8192 bits";
const NOT_ENCODED: &str = "the key cannot be encoded";

/// A number with room for its bytes.
fn uint(bytes: &[u8]) -> BoxedUint {
    let bits = u32::try_from(bytes.len()).unwrap_or(u32::MAX / 8) * 8;
    BoxedUint::from_be_slice(bytes, bits).unwrap_or_else(|_| BoxedUint::zero())
}

/// Without leading zeros, as JWK and `publicExponent` have it.
fn bytes(value: &BoxedUint) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    bytes[start..].to_vec()
}

fn generate(bits: usize, exponent: &[u8], seed: &[u8]) -> Outcome<Vec<KeyHandle>> {
    let exponent = uint(exponent);
    let usable = exponent.bit(0).to_bool() && (2..=33).contains(&exponent.bit_width_vartime());
    if !usable || !(PublicKey::MIN_SIZE..=PublicKey::MAX_SIZE).contains(&bits) {
        return Err("the modulus must have 1024 to 8192 bits, and the exponent be odd, at least 3 and below 2^33");
    }
    let private = generate_private(bits, &exponent, &mut SeededRng::new(seed))?;
    let public = private.to_public_key();
    Ok(vec![KeyHandle::new(Material::RsaPublic(public)), KeyHandle::new(Material::RsaPrivate(Box::new(private)))])
}

/// Primes of which the exponent divides one less are of no use: few for 65537, a third of them for 3.
fn generate_private(bits: usize, exponent: &BoxedUint, rng: &mut SeededRng) -> Outcome<PrivateKey> {
    const TRIES: usize = 100;
    for _ in 0..TRIES {
        let primes = vec![prime::generate(rng, bits.div_ceil(2)), prime::generate(rng, bits / 2)];
        if primes[0] != primes[1]
            && let Ok(key) = PrivateKey::from_primes(primes, exponent.clone())
        {
            return Ok(key);
        }
    }
    Err("no primes were found that suit the exponent")
}

fn import_spki(der: &[u8]) -> Outcome<PublicKey> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| BAD_KEY)?;
    if info.algorithm.oid != ALGORITHM_OID {
        return Err(BAD_KEY);
    }
    PublicKey::try_from(info).map_err(|_| BAD_KEY)
}

fn import_pkcs8(der: &[u8]) -> Outcome<PrivateKey> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| BAD_KEY)?;
    if info.algorithm.oid != ALGORITHM_OID {
        return Err(BAD_KEY);
    }
    PrivateKey::try_from(info).map_err(|_| BAD_KEY)
}

fn import_public(n: &[u8], e: &[u8]) -> Outcome<PublicKey> {
    PublicKey::new(uint(n), uint(e)).map_err(|_| BAD_KEY)
}

/// Without `p` and `q` they are found out of the other numbers.
fn import_private(n: &[u8], e: &[u8], d: &[u8], p: &[u8], q: &[u8]) -> Outcome<PrivateKey> {
    let primes = if p.is_empty() { Vec::new() } else { vec![uint(p), uint(q)] };
    let n = uint(n);
    let d = BoxedUint::from_be_slice(d, n.bits_precision()).map_err(|_| BAD_KEY)?;
    PrivateKey::from_components(n, uint(e), d, primes).map_err(|_| BAD_KEY)
}

fn export_pkcs8(key: &PrivateKey) -> Outcome<Vec<u8>> {
    key.to_pkcs8_der().map(|document| document.as_bytes().to_vec()).map_err(|_| NOT_ENCODED)
}

fn export_spki(key: &PublicKey) -> Outcome<Vec<u8>> {
    key.to_public_key_der().map(|document| document.into_vec()).map_err(|_| NOT_ENCODED)
}

/// d, p, q, dp, dq and qi, as a JWK names them.
fn private_numbers(key: &PrivateKey) -> Outcome<Vec<Bytes>> {
    let (Some(dp), Some(dq), Some(qi), [p, q]) = (key.dp(), key.dq(), key.crt_coefficient(), key.primes()) else {
        return Err(NOT_ENCODED);
    };
    Ok([key.d(), p.as_ref(), q.as_ref(), dp, dq, &qi].map(|value| Bytes(bytes(value))).into())
}

fn sign_pkcs1(hash: Hash, key: &PrivateKey, data: &[u8]) -> Outcome<Vec<u8>> {
    with_hash!(hash, D => key.sign(Pkcs1v15Sign::new::<D>(), &D::digest(data)).map_err(|_| "the key is too short"))
}

fn verify_pkcs1(hash: Hash, key: &PublicKey, signature: &[u8], data: &[u8]) -> bool {
    with_hash!(hash, D => key.verify(Pkcs1v15Sign::new::<D>(), &D::digest(data), signature).is_ok())
}

fn sign_pss(hash: Hash, key: &PrivateKey, salt: usize, data: &[u8], seed: &[u8]) -> Outcome<Vec<u8>> {
    let mut rng = SeededRng::new(seed);
    with_hash!(hash, D => {
        let scheme = Pss { blinded: false, digest: D::new(), salt_len: Some(salt) };
        key.sign_with_rng(&mut rng, scheme, &D::digest(data)).map_err(|_| "the salt is too long for the key")
    })
}

fn verify_pss(hash: Hash, key: &PublicKey, salt: usize, signature: &[u8], data: &[u8]) -> bool {
    with_hash!(hash, D => key.verify(Pss::<D>::new_with_salt(salt), &D::digest(data), signature).is_ok())
}

fn encrypt(hash: Hash, key: &PublicKey, label: &[u8], data: &[u8], seed: &[u8]) -> Outcome<Vec<u8>> {
    let mut rng = SeededRng::new(seed);
    with_hash!(hash, D => {
        key.encrypt(&mut rng, Oaep::<D>::new_with_label(label), data).map_err(|_| "the data is too long for the key")
    })
}

fn decrypt(hash: Hash, key: &PrivateKey, label: &[u8], data: &[u8]) -> Outcome<Vec<u8>> {
    with_hash!(hash, D => key.decrypt(Oaep::<D>::new_with_label(label), data).map_err(|_| "decryption failed"))
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    type Key<'js> = Class<'js, KeyHandle>;
    let public = |key| KeyHandle::new(Material::RsaPublic(key));
    let private = |key| KeyHandle::new(Material::RsaPrivate(Box::new(key)));

    let generate = |bits: usize, exponent: Data<'js>, seed: Data<'js>| Answer(generate(bits, &exponent, &seed));
    let import_spki = move |data: Data<'js>| Answer(import_spki(&data).map(public));
    let import_pkcs8 = move |data: Data<'js>| Answer(import_pkcs8(&data).map(private));
    let import_public = move |n: Data<'js>, e: Data<'js>| Answer(import_public(&n, &e).map(public));
    let import_private = move |n: Data<'js>, e: Data<'js>, d: Data<'js>, p: Data<'js>, q: Data<'js>| {
        Answer(import_private(&n, &e, &d, &p, &q).map(private))
    };
    let export_spki = |key: Key<'js>| Answer(key.borrow().rsa_public().and_then(export_spki).map(Bytes));
    let export_pkcs8 = |key: Key<'js>| Answer(key.borrow().rsa_private().and_then(export_pkcs8).map(Bytes));
    let public_numbers = |key: Key<'js>| {
        Answer(key.borrow().rsa_public().map(|key| vec![Bytes(bytes(key.n().as_ref())), Bytes(bytes(key.e()))]))
    };
    let private_numbers = |key: Key<'js>| Answer(key.borrow().rsa_private().and_then(private_numbers));
    let sign_pkcs1 = |hash: Hash, key: Key<'js>, data: Data<'js>| {
        Answer(key.borrow().rsa_private().and_then(|key| sign_pkcs1(hash, key, &data)).map(Bytes))
    };
    let verify_pkcs1 = |hash: Hash, key: Key<'js>, signature: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().rsa_public().map(|key| verify_pkcs1(hash, key, &signature, &data)))
    };
    let sign_pss = |hash: Hash, key: Key<'js>, salt: usize, data: Data<'js>, seed: Data<'js>| {
        Answer(key.borrow().rsa_private().and_then(|key| sign_pss(hash, key, salt, &data, &seed)).map(Bytes))
    };
    let verify_pss = |hash: Hash, key: Key<'js>, salt: usize, signature: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().rsa_public().map(|key| verify_pss(hash, key, salt, &signature, &data)))
    };
    let encrypt = |hash: Hash, key: Key<'js>, label: Data<'js>, data: Data<'js>, seed: Data<'js>| {
        Answer(key.borrow().rsa_public().and_then(|key| encrypt(hash, key, &label, &data, &seed)).map(Bytes))
    };
    let decrypt = |hash: Hash, key: Key<'js>, label: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().rsa_private().and_then(|key| decrypt(hash, key, &label, &data)).map(Bytes))
    };
    crypto.set("rsaGenerate", Function::new(ctx.clone(), generate)?)?;
    crypto.set("rsaImportSpki", Function::new(ctx.clone(), import_spki)?)?;
    crypto.set("rsaImportPkcs8", Function::new(ctx.clone(), import_pkcs8)?)?;
    crypto.set("rsaImportPublic", Function::new(ctx.clone(), import_public)?)?;
    crypto.set("rsaImportPrivate", Function::new(ctx.clone(), import_private)?)?;
    crypto.set("rsaExportSpki", Function::new(ctx.clone(), export_spki)?)?;
    crypto.set("rsaExportPkcs8", Function::new(ctx.clone(), export_pkcs8)?)?;
    crypto.set("rsaPublicNumbers", Function::new(ctx.clone(), public_numbers)?)?;
    crypto.set("rsaPrivateNumbers", Function::new(ctx.clone(), private_numbers)?)?;
    crypto.set("rsaPkcs1Sign", Function::new(ctx.clone(), sign_pkcs1)?)?;
    crypto.set("rsaPkcs1Verify", Function::new(ctx.clone(), verify_pkcs1)?)?;
    crypto.set("rsaPssSign", Function::new(ctx.clone(), sign_pss)?)?;
    crypto.set("rsaPssVerify", Function::new(ctx.clone(), verify_pss)?)?;
    crypto.set("rsaOaepEncrypt", Function::new(ctx.clone(), encrypt)?)?;
    crypto.set("rsaOaepDecrypt", Function::new(ctx.clone(), decrypt)?)
}
