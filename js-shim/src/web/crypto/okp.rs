//! Octet key pairs: Ed25519 and Ed448 signatures, X25519 and X448 key agreement (RFC 8032, 7748, 8410).

use pkcs8::der::{Decode, Encode, asn1::BitStringRef, asn1::ObjectIdentifier, asn1::OctetStringRef};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use rquickjs::{Class, Ctx, Exception, FromJs, Function, Object, Result, Value};

use super::key::{KeyHandle, Material};
use super::{Answer, Bytes, Data, Outcome};

const BAD_KEY: &str = "the key is malformed, or not one of this curve";
const BAD_LENGTH: &str = "the key does not have the curve's length";
const NOT_ENCODED: &str = "the key cannot be encoded";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Curve {
    Ed25519,
    Ed448,
    X25519,
    X448,
}

impl<'js> FromJs<'js> for Curve {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        match String::from_js(ctx, value)?.as_str() {
            "Ed25519" => Ok(Curve::Ed25519),
            "Ed448" => Ok(Curve::Ed448),
            "X25519" => Ok(Curve::X25519),
            "X448" => Ok(Curve::X448),
            other => Err(Exception::throw_type(ctx, &format!("unknown curve: {other}"))),
        }
    }
}

impl Curve {
    /// Of private and public keys alike.
    fn length(self) -> usize {
        match self {
            Curve::Ed25519 | Curve::X25519 => 32,
            Curve::X448 => 56,
            Curve::Ed448 => 57,
        }
    }

    /// RFC 8410 section 3; there are no parameters.
    fn algorithm(self) -> AlgorithmIdentifierRef<'static> {
        let oid = match self {
            Curve::X25519 => ObjectIdentifier::new_unwrap("1.3.101.110"),
            Curve::X448 => ObjectIdentifier::new_unwrap("1.3.101.111"),
            Curve::Ed25519 => ObjectIdentifier::new_unwrap("1.3.101.112"),
            Curve::Ed448 => ObjectIdentifier::new_unwrap("1.3.101.113"),
        };
        AlgorithmIdentifierRef { oid, parameters: None }
    }

    fn public(self, private: &[u8]) -> Outcome<Vec<u8>> {
        Ok(match self {
            Curve::Ed25519 => {
                ed25519_dalek::SigningKey::from_bytes(fixed(private)?).verifying_key().to_bytes().to_vec()
            }
            Curve::Ed448 => ed448(private)?.verifying_key().to_bytes().to_vec(),
            Curve::X25519 => x25519_dalek::x25519(*fixed(private)?, x25519_dalek::X25519_BASEPOINT_BYTES).to_vec(),
            Curve::X448 => x448::x448_unchecked(*fixed(private)?, x448::X448_BASEPOINT_BYTES).to_vec(),
        })
    }
}

pub struct Key {
    curve: Curve,
    public: Vec<u8>,
    private: Option<Vec<u8>>,
}

impl Key {
    fn from_public(curve: Curve, bytes: &[u8]) -> Outcome<Self> {
        if bytes.len() != curve.length() {
            return Err(BAD_LENGTH);
        }
        Ok(Key { curve, public: bytes.to_vec(), private: None })
    }

    fn from_private(curve: Curve, bytes: &[u8]) -> Outcome<Self> {
        if bytes.len() != curve.length() {
            return Err(BAD_LENGTH);
        }
        Ok(Key { curve, public: curve.public(bytes)?, private: Some(bytes.to_vec()) })
    }

    fn private(&self) -> Outcome<&[u8]> {
        self.private.as_deref().ok_or("not a private key")
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Outcome<&[u8; N]> {
    bytes.try_into().map_err(|_| BAD_LENGTH)
}

fn ed448(seed: &[u8]) -> Outcome<ed448_goldilocks::SigningKey> {
    let seed: &[u8; 57] = fixed(seed)?;
    Ok(ed448_goldilocks::SigningKey::from(ed448_goldilocks::EdwardsScalarBytes::from(*seed)))
}

fn import_spki(curve: Curve, bytes: &[u8]) -> Outcome<Key> {
    let info = SubjectPublicKeyInfoRef::from_der(bytes).map_err(|_| BAD_KEY)?;
    if info.algorithm != curve.algorithm() {
        return Err(BAD_KEY);
    }
    Key::from_public(curve, info.subject_public_key.as_bytes().ok_or(BAD_KEY)?)
}

fn import_pkcs8(curve: Curve, bytes: &[u8]) -> Outcome<Key> {
    let info = PrivateKeyInfoRef::from_der(bytes).map_err(|_| BAD_KEY)?;
    if info.algorithm != curve.algorithm() {
        return Err(BAD_KEY);
    }
    let inner: &OctetStringRef = Decode::from_der(info.private_key.as_bytes()).map_err(|_| BAD_KEY)?;
    Key::from_private(curve, inner.as_bytes())
}

/// From the members of a JWK, where the public key is told as well.
fn import_jwk_private(curve: Curve, x: &[u8], d: &[u8]) -> Outcome<Key> {
    let key = Key::from_private(curve, d)?;
    if key.public != x {
        return Err("the private key does not belong to the public one");
    }
    Ok(key)
}

fn export_spki(key: &Key) -> Outcome<Vec<u8>> {
    let subject_public_key = BitStringRef::from_bytes(&key.public).map_err(|_| NOT_ENCODED)?;
    SubjectPublicKeyInfoRef { algorithm: key.curve.algorithm(), subject_public_key }.to_der().map_err(|_| NOT_ENCODED)
}

fn export_pkcs8(key: &Key) -> Outcome<Vec<u8>> {
    let seed = OctetStringRef::new(key.private()?).and_then(|seed| seed.to_der()).map_err(|_| NOT_ENCODED)?;
    let seed = OctetStringRef::new(&seed).map_err(|_| NOT_ENCODED)?;
    PrivateKeyInfoRef::new(key.curve.algorithm(), seed).to_der().map_err(|_| NOT_ENCODED)
}

fn sign(key: &Key, data: &[u8]) -> Outcome<Vec<u8>> {
    use ed25519_dalek::Signer;

    match key.curve {
        Curve::Ed25519 => {
            Ok(ed25519_dalek::SigningKey::from_bytes(fixed(key.private()?)?).sign(data).to_bytes().to_vec())
        }
        Curve::Ed448 => Ok(ed448(key.private()?)?.sign_raw(data).to_bytes().to_vec()),
        Curve::X25519 | Curve::X448 => Err("not a signing key"),
    }
}

fn verify(key: &Key, signature: &[u8], data: &[u8]) -> Outcome<bool> {
    match key.curve {
        Curve::Ed25519 => Ok(verify_ed25519(fixed(&key.public)?, signature, data).is_some()),
        Curve::Ed448 => Ok(verify_ed448(fixed(&key.public)?, signature, data).is_some()),
        Curve::X25519 | Curve::X448 => Err("not a signing key"),
    }
}

/// The standard forbids keys and points of small order, so it is the strict check.
fn verify_ed25519(key: &[u8; 32], signature: &[u8], data: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    key.verify_strict(data, &signature).ok()
}

fn verify_ed448(key: &[u8; 57], signature: &[u8], data: &[u8]) -> Option<()> {
    let key = ed448_goldilocks::VerifyingKey::from_bytes(key).ok()?;
    let signature = ed448_goldilocks::Signature::from_slice(signature).ok()?;
    key.verify_raw(&signature, data).ok()
}

fn derive(key: &Key, other: &Key) -> Outcome<Vec<u8>> {
    let shared = match (key.curve, other.curve) {
        (Curve::X25519, Curve::X25519) => {
            x25519_dalek::x25519(*fixed(key.private()?)?, *fixed(&other.public)?).to_vec()
        }
        (Curve::X448, Curve::X448) => x448::x448_unchecked(*fixed(key.private()?)?, *fixed(&other.public)?).to_vec(),
        _ => return Err("the keys are of different curves"),
    };
    // RFC 7748 section 6: a public key of small order; no early way out
    if shared.iter().fold(0, |all, byte| all | byte) == 0 {
        return Err("the public key is of small order");
    }
    Ok(shared)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    type Handle<'js> = Class<'js, KeyHandle>;
    let handle = |key| KeyHandle::new(Material::Okp(key));

    let import_raw = move |curve: Curve, data: Data<'js>| Answer(Key::from_public(curve, &data).map(handle));
    let import_private = move |curve: Curve, data: Data<'js>| Answer(Key::from_private(curve, &data).map(handle));
    let import_spki = move |curve: Curve, data: Data<'js>| Answer(import_spki(curve, &data).map(handle));
    let import_pkcs8 = move |curve: Curve, data: Data<'js>| Answer(import_pkcs8(curve, &data).map(handle));
    let import_jwk_private =
        move |curve: Curve, x: Data<'js>, d: Data<'js>| Answer(import_jwk_private(curve, &x, &d).map(handle));
    let export_raw = |key: Handle<'js>| Answer(key.borrow().okp().map(|key| Bytes(key.public.clone())));
    let export_private =
        |key: Handle<'js>| Answer(key.borrow().okp().and_then(Key::private).map(|bytes| Bytes(bytes.to_vec())));
    let export_spki = |key: Handle<'js>| Answer(key.borrow().okp().and_then(export_spki).map(Bytes));
    let export_pkcs8 = |key: Handle<'js>| Answer(key.borrow().okp().and_then(export_pkcs8).map(Bytes));
    let sign =
        |key: Handle<'js>, data: Data<'js>| Answer(key.borrow().okp().and_then(|key| sign(key, &data)).map(Bytes));
    let verify = |key: Handle<'js>, signature: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().okp().and_then(|key| verify(key, &signature, &data)))
    };
    let derive = |key: Handle<'js>, other: Handle<'js>| {
        let (key, other) = (key.borrow(), other.borrow());
        Answer(key.okp().and_then(|key| derive(key, other.okp()?)).map(Bytes))
    };
    crypto.set("okpLength", Function::new(ctx.clone(), Curve::length)?)?;
    crypto.set("okpImportRaw", Function::new(ctx.clone(), import_raw)?)?;
    crypto.set("okpImportPrivate", Function::new(ctx.clone(), import_private)?)?;
    crypto.set("okpImportSpki", Function::new(ctx.clone(), import_spki)?)?;
    crypto.set("okpImportPkcs8", Function::new(ctx.clone(), import_pkcs8)?)?;
    crypto.set("okpImportJwkPrivate", Function::new(ctx.clone(), import_jwk_private)?)?;
    crypto.set("okpExportRaw", Function::new(ctx.clone(), export_raw)?)?;
    crypto.set("okpExportPrivate", Function::new(ctx.clone(), export_private)?)?;
    crypto.set("okpExportSpki", Function::new(ctx.clone(), export_spki)?)?;
    crypto.set("okpExportPkcs8", Function::new(ctx.clone(), export_pkcs8)?)?;
    crypto.set("okpSign", Function::new(ctx.clone(), sign)?)?;
    crypto.set("okpVerify", Function::new(ctx.clone(), verify)?)?;
    crypto.set("okpDerive", Function::new(ctx.clone(), derive)?)
}
