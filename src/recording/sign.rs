//! Signed receipts: JWS in its compact form (RFC 7515) with Ed25519 (RFC 8037), so that any JOSE library can check one.

use super::{Receipt, write_private};
use anyhow::{Context, Result, bail};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::Path;

/// A server's key for receipts.
pub struct ReceiptKey(Ed25519KeyPair);

/// Its public half, as a JSON Web Key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    kty: String,
    crv: String,
    /// 32 bytes in base64url.
    x: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    /// The signer's public key.
    jwk: PublicKey,
}

const ALGORITHM: &str = "EdDSA";
const TYPE: &str = "glowplug-receipt+jws";

impl ReceiptKey {
    /// The key in the file `path`, which is made with a new one if it is not there.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        let read = || -> Result<Self> {
            match std::fs::read(path) {
                Ok(bytes) => {
                    Ok(Self(Ed25519KeyPair::from_pkcs8(&bytes).map_err(|_| anyhow::anyhow!("it is no Ed25519 key"))?))
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let pair = Ed25519KeyPair::generate().context("no key could be made")?;
                    write_private(path, pair.to_pkcs8v1().context("the key cannot be written")?.as_ref())?;
                    Ok(Self(pair))
                }
                Err(error) => Err(error.into()),
            }
        };
        read().with_context(|| format!("failed to load the key for receipts `{}`", path.display()))
    }

    /// What signatures are checked with.
    pub fn public(&self) -> PublicKey {
        let x = BASE64URL.encode(self.0.public_key().as_ref());
        PublicKey { kty: "OKP".to_owned(), crv: "Ed25519".to_owned(), x }
    }

    /// The receipt with a signature.
    pub fn sign(&self, receipt: &Receipt) -> Result<String> {
        let header = Header { alg: ALGORITHM.to_owned(), typ: TYPE.to_owned(), jwk: self.public() };
        let part = |bytes: Vec<u8>| BASE64URL.encode(bytes);
        let signed = format!("{}.{}", part(serde_json::to_vec(&header)?), part(serde_json::to_vec(receipt)?));
        let signature = self.0.sign(signed.as_bytes());
        Ok(format!("{signed}.{}", BASE64URL.encode(signature.as_ref())))
    }
}

/// The receipt in `jws`, and the key that signed it. Whether that is the server's key is for the caller to know.
pub fn check(jws: &str) -> Result<(Receipt, PublicKey)> {
    let parts: Vec<&str> = jws.trim().split('.').collect();
    let [header, payload, signature] = parts[..] else {
        bail!("it is no signed receipt: it has {} parts instead of 3", parts.len());
    };
    let decode = |part: &str| BASE64URL.decode(part).context("a part of the signed receipt is not base64url");
    let read: Header = serde_json::from_slice(&decode(header)?).context("the receipt's header cannot be read")?;
    if read.alg != ALGORITHM || read.typ != TYPE || read.jwk.crv != "Ed25519" {
        bail!("the receipt is signed with `{}`; glowplug signs with `{ALGORITHM}`", read.alg);
    }
    let signed = &jws.trim()[..header.len() + 1 + payload.len()];
    UnparsedPublicKey::new(&ED25519, decode(&read.jwk.x)?)
        .verify(signed.as_bytes(), &decode(signature)?)
        .map_err(|_| anyhow::anyhow!("the receipt was changed after it was signed"))?;
    Ok((serde_json::from_slice(&decode(payload)?).context("the receipt cannot be read")?, read.jwk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::{Outcome, Usage};
    use crate::recording::Subject;

    #[test]
    fn a_signed_receipt_is_refused_once_a_byte_of_it_is_another() {
        let dir = tempfile::tempdir().unwrap();
        let key = ReceiptKey::load_or_create(&dir.path().join("key")).unwrap();
        let again = ReceiptKey::load_or_create(&dir.path().join("key")).unwrap();
        let receipt = Receipt::new("1", Subject::default(), Outcome::Ok, &Usage { fuel: 12, ..Usage::default() });
        let signed = key.sign(&receipt).unwrap();
        let (read, signer) = check(&format!("{signed}\n")).unwrap();
        assert_eq!((read, signer), (receipt, again.public()));
        let position = signed.find('.').unwrap() + 5;
        let other = if signed.as_bytes()[position] == b'A' { "B" } else { "A" };
        let mut forged = signed.clone();
        forged.replace_range(position..=position, other);
        assert!(check(&forged).is_err());
        for odd in ["", "a.b", "a.b.c", "..", "e30.e30.e30"] {
            assert!(check(odd).is_err(), "{odd}");
        }
        std::fs::write(dir.path().join("key"), "no key").unwrap();
        assert!(ReceiptKey::load_or_create(&dir.path().join("key")).is_err());
    }
}
