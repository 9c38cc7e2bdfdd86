//! What a `CryptoKey` holds.

use rquickjs::{Class, Ctx, Function, JsLifetime, Object, Result, class::Trace};

use super::{Answer, Bytes, Data, Outcome, ec, okp};

pub enum Material {
    Secret(Vec<u8>),
    RsaPublic(rsa::PublicKey),
    RsaPrivate(Box<rsa::PrivateKey>),
    EcPublic(ec::Public),
    EcPrivate(ec::Private),
    Okp(okp::Key),
}

// SAFETY: there is nothing of JavaScript in it.
unsafe impl<'js> JsLifetime<'js> for Material {
    type Changed<'to> = Material;
}

/// Key material that never changes; a clone of a `CryptoKey` has the same handle.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct KeyHandle {
    #[qjs(skip_trace)]
    material: Material,
}

#[rquickjs::methods]
impl KeyHandle {}

impl KeyHandle {
    pub fn new(material: Material) -> Self {
        KeyHandle { material }
    }

    pub fn secret(&self) -> Outcome<&[u8]> {
        match &self.material {
            Material::Secret(bytes) => Ok(bytes),
            _ => Err("not a secret key"),
        }
    }

    /// The public half as well of a private key.
    pub fn rsa_public(&self) -> Outcome<&rsa::PublicKey> {
        match &self.material {
            Material::RsaPublic(key) => Ok(key),
            Material::RsaPrivate(key) => Ok(key.as_public_key()),
            _ => Err("not an RSA key"),
        }
    }

    pub fn rsa_private(&self) -> Outcome<&rsa::PrivateKey> {
        match &self.material {
            Material::RsaPrivate(key) => Ok(key),
            _ => Err("not a private RSA key"),
        }
    }

    pub fn ec_public(&self) -> Outcome<ec::Public> {
        match &self.material {
            Material::EcPublic(key) => Ok(*key),
            Material::EcPrivate(key) => Ok(key.public()),
            _ => Err("not an elliptic curve key"),
        }
    }

    pub fn ec_private(&self) -> Outcome<&ec::Private> {
        match &self.material {
            Material::EcPrivate(key) => Ok(key),
            _ => Err("not a private elliptic curve key"),
        }
    }

    pub fn okp(&self) -> Outcome<&okp::Key> {
        match &self.material {
            Material::Okp(key) => Ok(key),
            _ => Err("not an octet key pair"),
        }
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    let secret_key = |data: Data<'js>| KeyHandle::new(Material::Secret(data.to_vec()));
    let secret_bytes = |key: Class<'js, KeyHandle>| Answer(key.borrow().secret().map(|bytes| Bytes(bytes.to_vec())));
    crypto.set("secretKey", Function::new(ctx.clone(), secret_key)?)?;
    crypto.set("secretBytes", Function::new(ctx.clone(), secret_bytes)?)
}
