//! ECDSA and ECDH over the NIST curves.

use ecdsa::hazmat::{sign_prehashed_rfc6979, verify_prehashed};
use elliptic_curve::{Generate, sec1::ToSec1Point};
use pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rquickjs::{Class, Ctx, Exception, FromJs, Function, Object, Result, Value};
use sha2::Digest;

use super::hash::{Hash, with_hash};
use super::key::{KeyHandle, Material};
use super::random::SeededRng;
use super::{Answer, Bytes, Data, Outcome};

const BAD_KEY: &str = "the key is malformed, or not one of this curve";
const NOT_ENCODED: &str = "the key cannot be encoded";

#[derive(Clone, Copy)]
enum Curve {
    P256,
    P384,
    P521,
}

impl<'js> FromJs<'js> for Curve {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        match String::from_js(ctx, value)?.as_str() {
            "P-256" => Ok(Curve::P256),
            "P-384" => Ok(Curve::P384),
            "P-521" => Ok(Curve::P521),
            other => Err(Exception::throw_type(ctx, &format!("unknown curve: {other}"))),
        }
    }
}

#[derive(Clone, Copy)]
pub enum Public {
    P256(p256::PublicKey),
    P384(p384::PublicKey),
    P521(p521::PublicKey),
}

pub enum Private {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
}

/// Makes a key of the curve: the crate of the curve is `$curve` in the expression, whose value it wraps.
macro_rules! on_curve {
    ($given:expr, $Key:ident, $curve:ident => $body:expr) => {
        match $given {
            Curve::P256 => {
                use p256 as $curve;
                $Key::P256($body)
            }
            Curve::P384 => {
                use p384 as $curve;
                $Key::P384($body)
            }
            Curve::P521 => {
                use p521 as $curve;
                $Key::P521($body)
            }
        }
    };
}

/// Runs the expression with the key of whatever curve; `$C` is the curve.
macro_rules! with_key {
    ($given:expr, $Key:ident, $key:ident, $C:ident => $body:expr) => {
        match $given {
            $Key::P256($key) => {
                type $C = p256::NistP256;
                $body
            }
            $Key::P384($key) => {
                type $C = p384::NistP384;
                $body
            }
            $Key::P521($key) => {
                type $C = p521::NistP521;
                $body
            }
        }
    };
}

impl Private {
    pub fn public(&self) -> Public {
        match self {
            Private::P256(key) => Public::P256(key.public_key()),
            Private::P384(key) => Public::P384(key.public_key()),
            Private::P521(key) => Public::P521(key.public_key()),
        }
    }
}

fn generate(curve: Curve, seed: &[u8]) -> Vec<KeyHandle> {
    let mut rng = SeededRng::new(seed);
    let private = on_curve!(curve, Private, curve => curve::SecretKey::generate_from_rng(&mut rng));
    let public = private.public();
    vec![KeyHandle::new(Material::EcPublic(public)), KeyHandle::new(Material::EcPrivate(private))]
}

/// An encoded point, compressed or not.
fn import_raw(curve: Curve, bytes: &[u8]) -> Outcome<Public> {
    Ok(on_curve!(curve, Public, curve => curve::PublicKey::from_sec1_bytes(bytes).map_err(|_| BAD_KEY)?))
}

fn import_spki(curve: Curve, bytes: &[u8]) -> Outcome<Public> {
    Ok(on_curve!(curve, Public, curve => curve::PublicKey::from_public_key_der(bytes).map_err(|_| BAD_KEY)?))
}

fn import_pkcs8(curve: Curve, bytes: &[u8]) -> Outcome<Private> {
    Ok(on_curve!(curve, Private, curve => curve::SecretKey::from_pkcs8_der(bytes).map_err(|_| BAD_KEY)?))
}

/// From the coordinates of a JWK, which have the length of the curve's field.
fn import_point(curve: Curve, x: &[u8], y: &[u8]) -> Outcome<Public> {
    let length = field_length(curve);
    if x.len() != length || y.len() != length {
        return Err("the coordinates do not have the length of the curve's field");
    }
    import_raw(curve, &[&[4], x, y].concat())
}

fn import_scalar(curve: Curve, point: Public, d: &[u8]) -> Outcome<Private> {
    if d.len() != field_length(curve) {
        return Err("the private key does not have the length of the curve's field");
    }
    let key = on_curve!(curve, Private, curve => curve::SecretKey::from_slice(d).map_err(|_| BAD_KEY)?);
    if export_raw(&key.public()) != export_raw(&point) {
        return Err("the private key does not belong to the public one");
    }
    Ok(key)
}

fn field_length(curve: Curve) -> usize {
    match curve {
        Curve::P256 => 32,
        Curve::P384 => 48,
        Curve::P521 => 66,
    }
}

fn export_raw(key: &Public) -> Vec<u8> {
    with_key!(key, Public, key, _C => key.to_sec1_point(false).as_bytes().to_vec())
}

fn export_spki(key: &Public) -> Outcome<Vec<u8>> {
    with_key!(key, Public, key, _C => {
        key.to_public_key_der().map(|document| document.into_vec()).map_err(|_| NOT_ENCODED)
    })
}

fn export_pkcs8(key: &Private) -> Outcome<Vec<u8>> {
    with_key!(key, Private, key, _C => {
        key.to_pkcs8_der().map(|document| document.as_bytes().to_vec()).map_err(|_| NOT_ENCODED)
    })
}

fn scalar(key: &Private) -> Vec<u8> {
    with_key!(key, Private, key, _C => key.to_bytes().to_vec())
}

fn sign(hash: Hash, key: &Private, data: &[u8]) -> Vec<u8> {
    with_key!(key, Private, key, C => {
        let scalar = key.to_nonzero_scalar();
        with_hash!(hash, D => {
            let (signature, _) = sign_prehashed_rfc6979::<C, D>(&scalar, &D::digest(data), &[]);
            signature.to_bytes().to_vec()
        })
    })
}

fn verify(hash: Hash, key: &Public, signature: &[u8], data: &[u8]) -> bool {
    let digest = with_hash!(hash, D => D::digest(data).to_vec());
    with_key!(key, Public, key, C => {
        ecdsa::Signature::<C>::from_slice(signature)
            .is_ok_and(|signature| verify_prehashed(&key.to_projective(), &digest, &signature).is_ok())
    })
}

fn derive(private: &Private, public: &Public) -> Outcome<Vec<u8>> {
    match (private, public) {
        (Private::P256(private), Public::P256(public)) => {
            Ok(private.diffie_hellman(public).raw_secret_bytes().to_vec())
        }
        (Private::P384(private), Public::P384(public)) => {
            Ok(private.diffie_hellman(public).raw_secret_bytes().to_vec())
        }
        (Private::P521(private), Public::P521(public)) => {
            Ok(private.diffie_hellman(public).raw_secret_bytes().to_vec())
        }
        _ => Err("the keys are of different curves"),
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    type Key<'js> = Class<'js, KeyHandle>;
    let public = |key| KeyHandle::new(Material::EcPublic(key));
    let private = |key| KeyHandle::new(Material::EcPrivate(key));

    let import_raw = move |curve: Curve, data: Data<'js>| Answer(import_raw(curve, &data).map(public));
    let import_spki = move |curve: Curve, data: Data<'js>| Answer(import_spki(curve, &data).map(public));
    let import_pkcs8 = move |curve: Curve, data: Data<'js>| Answer(import_pkcs8(curve, &data).map(private));
    let import_jwk_public =
        move |curve: Curve, x: Data<'js>, y: Data<'js>| Answer(import_point(curve, &x, &y).map(public));
    let import_jwk_private = move |curve: Curve, x: Data<'js>, y: Data<'js>, d: Data<'js>| {
        Answer(import_point(curve, &x, &y).and_then(|point| import_scalar(curve, point, &d)).map(private))
    };
    let export_raw = |key: Key<'js>| Answer(key.borrow().ec_public().map(|key| Bytes(export_raw(&key))));
    let export_spki = |key: Key<'js>| Answer(key.borrow().ec_public().and_then(|key| export_spki(&key)).map(Bytes));
    let export_pkcs8 = |key: Key<'js>| Answer(key.borrow().ec_private().and_then(export_pkcs8).map(Bytes));
    let scalar = |key: Key<'js>| Answer(key.borrow().ec_private().map(|key| Bytes(scalar(key))));
    let sign = |hash: Hash, key: Key<'js>, data: Data<'js>| {
        Answer(key.borrow().ec_private().map(|key| Bytes(sign(hash, key, &data))))
    };
    let verify = |hash: Hash, key: Key<'js>, signature: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().ec_public().map(|key| verify(hash, &key, &signature, &data)))
    };
    let derive = |key: Key<'js>, other: Key<'js>| {
        let (key, other) = (key.borrow(), other.borrow());
        Answer(key.ec_private().and_then(|key| derive(key, &other.ec_public()?)).map(Bytes))
    };
    crypto.set("ecGenerate", Function::new(ctx.clone(), |curve: Curve, seed: Data<'js>| generate(curve, &seed))?)?;
    crypto.set("ecImportRaw", Function::new(ctx.clone(), import_raw)?)?;
    crypto.set("ecImportSpki", Function::new(ctx.clone(), import_spki)?)?;
    crypto.set("ecImportPkcs8", Function::new(ctx.clone(), import_pkcs8)?)?;
    crypto.set("ecImportJwkPublic", Function::new(ctx.clone(), import_jwk_public)?)?;
    crypto.set("ecImportJwkPrivate", Function::new(ctx.clone(), import_jwk_private)?)?;
    crypto.set("ecExportRaw", Function::new(ctx.clone(), export_raw)?)?;
    crypto.set("ecExportSpki", Function::new(ctx.clone(), export_spki)?)?;
    crypto.set("ecExportPkcs8", Function::new(ctx.clone(), export_pkcs8)?)?;
    crypto.set("ecScalar", Function::new(ctx.clone(), scalar)?)?;
    crypto.set("ecdsaSign", Function::new(ctx.clone(), sign)?)?;
    crypto.set("ecdsaVerify", Function::new(ctx.clone(), verify)?)?;
    crypto.set("ecdhDerive", Function::new(ctx.clone(), derive)?)
}
