//! AES in the modes of Web Cryptography.

use aes::{Aes128, Aes192, Aes256};
use aes_kw::AesKw;
use cipher::{
    Block, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
    StreamCipher, block_padding::Pkcs7, consts::U16,
};
use ghash::{GHash, universal_hash::UniversalHash};
use rquickjs::{Class, Ctx, Function, Object, Result};

use super::{Answer, Bytes, Data, Outcome, key::KeyHandle};

pub(super) const BLOCK: usize = 16;
pub(super) const BAD_KEY: &str = "the key is not an AES key";
const BAD_IV: &str = "the initialization vector must have 16 bytes";
const FAILED: &str = "decryption failed";

/// Runs the expression with `$aes` being the block cipher for a key of that length.
macro_rules! with_aes {
    ($key:expr, $aes:ident => $body:expr) => {
        match $key.len() {
            16 => {
                let $aes = Aes128::new_from_slice($key).map_err(|_| BAD_KEY)?;
                $body
            }
            24 => {
                let $aes = Aes192::new_from_slice($key).map_err(|_| BAD_KEY)?;
                $body
            }
            32 => {
                let $aes = Aes256::new_from_slice($key).map_err(|_| BAD_KEY)?;
                $body
            }
            _ => Err(BAD_KEY),
        }
    };
}
pub(super) use with_aes;

pub(super) fn block(bytes: &[u8]) -> Outcome<[u8; BLOCK]> {
    bytes.try_into().map_err(|_| BAD_IV)
}

fn cbc_encrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Outcome<Vec<u8>> {
    let iv = block(iv)?.into();
    with_aes!(key, aes => Ok(cbc::Encryptor::inner_iv_init(aes, &iv).encrypt_padded_vec::<Pkcs7>(data)))
}

fn cbc_decrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Outcome<Vec<u8>> {
    let iv = block(iv)?.into();
    with_aes!(key, aes => {
        cbc::Decryptor::inner_iv_init(aes, &iv).decrypt_padded_vec::<Pkcs7>(data).map_err(|_| FAILED)
    })
}

/// Only the last `length` bits of the counter block count; they start again at zero while the rest stays.
fn ctr(key: &[u8], counter: &[u8], length: u32, data: &[u8]) -> Outcome<Vec<u8>> {
    let counter = u128::from_be_bytes(block(counter)?);
    let mask = if length >= 128 { u128::MAX } else { (1 << length) - 1 };
    let blocks = data.len().div_ceil(BLOCK) as u128;
    if blocks.saturating_sub(1) > mask {
        return Err("the data has more blocks than the counter has values");
    }
    // the blocks up to the last value of the counter, which may be 2^128
    let room = (mask - (counter & mask)).saturating_add(1);
    let split = if blocks > room { room as usize * BLOCK } else { data.len() };
    let mut out = data.to_vec();
    with_aes!(key, aes => {
        let (first, second) = out.split_at_mut(split);
        apply(&aes, counter, first);
        apply(&aes, counter & !mask, second);
        Ok(out)
    })
}

fn apply<A: BlockCipherEncrypt<BlockSize = U16>>(aes: &A, counter: u128, data: &mut [u8]) {
    let counter = counter.to_be_bytes().into();
    ctr::Ctr128BE::from_core(ctr::CtrCore::inner_iv_init(aes, &counter)).apply_keystream(data);
}

/// GCM (NIST SP 800-38D) with an initialization vector and a tag of any length.
struct Gcm<A> {
    aes: A,
    hash: GHash,
    /// The counter block before the first one of the data.
    start: [u8; BLOCK],
}

impl<A: BlockCipherEncrypt<BlockSize = U16>> Gcm<A> {
    fn new(aes: A, iv: &[u8]) -> Self {
        let (hash, start) = gcm_start(&aes, iv);
        Gcm { aes, hash, start }
    }

    fn apply(&self, data: &mut [u8]) {
        let mut counter = self.start;
        let next = u32::from_be_bytes([counter[12], counter[13], counter[14], counter[15]]).wrapping_add(1);
        counter[12..].copy_from_slice(&next.to_be_bytes());
        ctr::Ctr32BE::from_core(ctr::CtrCore::inner_iv_init(&self.aes, &counter.into())).apply_keystream(data);
    }

    fn tag(&self, additional: &[u8], data: &[u8]) -> [u8; BLOCK] {
        let mut tag = ghash(&self.hash, additional, data);
        let mut mask: Block<A> = self.start.into();
        self.aes.encrypt_block(&mut mask);
        tag.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        tag
    }
}

/// GHASH with its key, and the counter block before the first one of the data.
pub(super) fn gcm_start<A: BlockCipherEncrypt<BlockSize = U16>>(aes: &A, iv: &[u8]) -> (GHash, [u8; BLOCK]) {
    let mut subkey = Block::<A>::default();
    aes.encrypt_block(&mut subkey);
    let hash = GHash::new(&subkey);
    let mut start = [0; BLOCK];
    if iv.len() == 12 {
        start[..12].copy_from_slice(iv);
        start[15] = 1;
    } else {
        start = ghash(&hash, &[], iv);
    }
    (hash, start)
}

/// GHASH over two padded strings and their lengths.
fn ghash(hash: &GHash, first: &[u8], second: &[u8]) -> [u8; BLOCK] {
    let mut hash = hash.clone();
    hash.update_padded(first);
    hash.update_padded(second);
    let mut lengths = [0; BLOCK];
    lengths[..8].copy_from_slice(&(first.len() as u64 * 8).to_be_bytes());
    lengths[8..].copy_from_slice(&(second.len() as u64 * 8).to_be_bytes());
    hash.update(&[lengths.into()]);
    hash.finalize().into()
}

/// `tag` is its length in bytes, which the prelude has checked.
fn gcm_encrypt(key: &[u8], iv: &[u8], additional: &[u8], tag: usize, data: &[u8]) -> Outcome<Vec<u8>> {
    with_aes!(key, aes => {
        let gcm = Gcm::new(aes, iv);
        let mut out = Vec::with_capacity(data.len() + BLOCK);
        out.extend_from_slice(data);
        gcm.apply(&mut out);
        let full = gcm.tag(additional, &out);
        out.extend_from_slice(&full[..tag.min(BLOCK)]);
        Ok(out)
    })
}

fn gcm_decrypt(key: &[u8], iv: &[u8], additional: &[u8], tag: usize, data: &[u8]) -> Outcome<Vec<u8>> {
    let length = data.len().checked_sub(tag).ok_or("the data is shorter than its tag")?;
    let (data, given) = data.split_at(length);
    with_aes!(key, aes => {
        let gcm = Gcm::new(aes, iv);
        let full = gcm.tag(additional, data);
        // no early way out, so that the time tells nothing of the tag
        let different = full.iter().zip(given).fold(0, |different, (a, b)| different | (a ^ b));
        if different != 0 {
            return Err("the authentication tag does not match");
        }
        let mut out = data.to_vec();
        gcm.apply(&mut out);
        Ok(out)
    })
}

fn wrap(key: &[u8], data: &[u8]) -> Outcome<Vec<u8>> {
    if data.len() % 8 != 0 || data.len() < BLOCK {
        return Err("AES-KW wraps what has a multiple of 8 bytes, at least 16");
    }
    let mut out = vec![0; data.len() + 8];
    with_aes!(key, aes => kw(aes).wrap_key(data, &mut out).map(drop).map_err(|_| "wrapping failed"))?;
    Ok(out)
}

fn unwrap(key: &[u8], data: &[u8]) -> Outcome<Vec<u8>> {
    if data.len() % 8 != 0 || data.len() < BLOCK + 8 {
        return Err("a key wrapped by AES-KW has a multiple of 8 bytes, at least 24");
    }
    let mut out = vec![0; data.len() - 8];
    with_aes!(key, aes => kw(aes).unwrap_key(data, &mut out).map(drop).map_err(|_| "the integrity check failed"))?;
    Ok(out)
}

fn kw<A>(aes: A) -> AesKw<A>
where
    A: BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt<BlockSize = U16>,
{
    aes_kw::InnerInit::inner_init(aes)
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    type Key<'js> = Class<'js, KeyHandle>;
    let cbc_encrypt = |key: Key<'js>, iv: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().secret().and_then(|key| cbc_encrypt(key, &iv, &data)).map(Bytes))
    };
    let cbc_decrypt = |key: Key<'js>, iv: Data<'js>, data: Data<'js>| {
        Answer(key.borrow().secret().and_then(|key| cbc_decrypt(key, &iv, &data)).map(Bytes))
    };
    let ctr = |key: Key<'js>, counter: Data<'js>, length: u32, data: Data<'js>| {
        Answer(key.borrow().secret().and_then(|key| ctr(key, &counter, length, &data)).map(Bytes))
    };
    let gcm_encrypt = |key: Key<'js>, iv: Data<'js>, additional: Data<'js>, tag: usize, data: Data<'js>| {
        Answer(key.borrow().secret().and_then(|key| gcm_encrypt(key, &iv, &additional, tag, &data)).map(Bytes))
    };
    let gcm_decrypt = |key: Key<'js>, iv: Data<'js>, additional: Data<'js>, tag: usize, data: Data<'js>| {
        Answer(key.borrow().secret().and_then(|key| gcm_decrypt(key, &iv, &additional, tag, &data)).map(Bytes))
    };
    let wrap =
        |key: Key<'js>, data: Data<'js>| Answer(key.borrow().secret().and_then(|key| wrap(key, &data)).map(Bytes));
    let unwrap =
        |key: Key<'js>, data: Data<'js>| Answer(key.borrow().secret().and_then(|key| unwrap(key, &data)).map(Bytes));
    crypto.set("aesCbcEncrypt", Function::new(ctx.clone(), cbc_encrypt)?)?;
    crypto.set("aesCbcDecrypt", Function::new(ctx.clone(), cbc_decrypt)?)?;
    crypto.set("aesCtr", Function::new(ctx.clone(), ctr)?)?;
    crypto.set("aesGcmEncrypt", Function::new(ctx.clone(), gcm_encrypt)?)?;
    crypto.set("aesGcmDecrypt", Function::new(ctx.clone(), gcm_decrypt)?)?;
    crypto.set("aesKwWrap", Function::new(ctx.clone(), wrap)?)?;
    crypto.set("aesKwUnwrap", Function::new(ctx.clone(), unwrap)?)
}
