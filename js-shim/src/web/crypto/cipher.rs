//! AES as `node:crypto` has it: fed piece by piece.

use aes::{Aes128, Aes192, Aes256};
use cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
    StreamCipher, consts::U16,
};
use ghash::{GHash, universal_hash::UniversalHash};
use rquickjs::{Ctx, Exception, JsLifetime, Object, Result, class::Class, class::Trace};

use super::aes::{BAD_KEY, BLOCK, block, gcm_start, with_aes};
use super::{Answer, Bytes, Data, Outcome};

/// What the prelude knows which error of Node.js it is.
const WRONG_LENGTH: &str = "length";
const BAD_DECRYPT: &str = "padding";
const NOT_AUTHENTIC: &str = "tag";

type Block = Array<u8, U16>;

/// A cipher that is fed piece by piece.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct Cipher {
    #[qjs(skip_trace)]
    state: State,
}

struct State {
    mode: Mode,
    encrypts: bool,
}

// SAFETY: there is nothing of JavaScript in it.
unsafe impl<'js> JsLifetime<'js> for State {
    type Changed<'to> = State;
}

enum Mode {
    /// CBC and ECB: whole blocks, the last one padded.
    Blocks {
        cipher: Box<dyn Transform>,
        pads: bool,
        pending: Vec<u8>,
    },
    /// CTR.
    Stream(Box<dyn Transform>),
    Gcm {
        cipher: Box<dyn Transform>,
        authentication: Box<Authentication>,
    },
}

/// Encrypts or decrypts in place; ciphers of blocks take whole ones.
trait Transform {
    fn apply(&mut self, data: &mut [u8]);
}

struct Keystream<S>(S);
struct Encryptor<M>(M);
struct Decryptor<M>(M);
struct EachEncrypted<A>(A);
struct EachDecrypted<A>(A);

impl<S: StreamCipher> Transform for Keystream<S> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}

impl<M: BlockModeEncrypt<BlockSize = U16>> Transform for Encryptor<M> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.encrypt_blocks(Block::slice_as_chunks_mut(data).0);
    }
}

impl<M: BlockModeDecrypt<BlockSize = U16>> Transform for Decryptor<M> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.decrypt_blocks(Block::slice_as_chunks_mut(data).0);
    }
}

impl<A: BlockCipherEncrypt<BlockSize = U16>> Transform for EachEncrypted<A> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.encrypt_blocks(Block::slice_as_chunks_mut(data).0);
    }
}

impl<A: BlockCipherDecrypt<BlockSize = U16>> Transform for EachDecrypted<A> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.decrypt_blocks(Block::slice_as_chunks_mut(data).0);
    }
}

/// What GCM's tag is made of.
struct Authentication {
    hash: GHash,
    /// The first block of the key stream, which the hash is hidden by.
    mask: [u8; BLOCK],
    additional: Vec<u8>,
    /// Bytes of the ciphertext that do not fill a block yet.
    rest: Vec<u8>,
    /// Bytes of the ciphertext.
    length: u64,
}

impl Authentication {
    fn add(&mut self, ciphertext: &[u8]) {
        if self.length == 0 {
            self.hash.update_padded(&self.additional);
        }
        self.length += ciphertext.len() as u64;
        self.rest.extend_from_slice(ciphertext);
        let whole = self.rest.len() / BLOCK * BLOCK;
        self.hash.update_padded(&self.rest[..whole]);
        self.rest.drain(..whole);
    }

    fn tag(&self) -> [u8; BLOCK] {
        let mut hash = self.hash.clone();
        if self.length == 0 {
            hash.update_padded(&self.additional);
        }
        hash.update_padded(&self.rest);
        let mut lengths = [0; BLOCK];
        lengths[..8].copy_from_slice(&(self.additional.len() as u64 * 8).to_be_bytes());
        lengths[8..].copy_from_slice(&(self.length * 8).to_be_bytes());
        hash.update(&[lengths.into()]);
        let mut tag: [u8; BLOCK] = hash.finalize().into();
        tag.iter_mut().zip(self.mask).for_each(|(byte, mask)| *byte ^= mask);
        tag
    }
}

impl State {
    /// `mode` is `cbc`, `ctr`, `ecb` or `gcm`; the module has checked the lengths of `key` and `iv`.
    fn new(mode: &str, key: &[u8], iv: &[u8], encrypts: bool) -> Outcome<State> {
        let blocks = |cipher| Mode::Blocks { cipher, pads: true, pending: Vec::new() };
        let mode = with_aes!(key, aes => Ok(match (mode, encrypts) {
            ("ecb", true) => blocks(Box::new(EachEncrypted(aes)) as Box<dyn Transform>),
            ("ecb", false) => blocks(Box::new(EachDecrypted(aes))),
            ("cbc", true) => blocks(Box::new(Encryptor(cbc::Encryptor::inner_iv_init(aes, &block(iv)?.into())))),
            ("cbc", false) => blocks(Box::new(Decryptor(cbc::Decryptor::inner_iv_init(aes, &block(iv)?.into())))),
            ("ctr", _) => {
                let stream = ctr::Ctr128BE::from_core(ctr::CtrCore::inner_iv_init(aes, &block(iv)?.into()));
                Mode::Stream(Box::new(Keystream(stream)))
            }
            ("gcm", _) => {
                let (hash, start) = gcm_start(&aes, iv);
                let mut stream = ctr::Ctr32BE::from_core(ctr::CtrCore::inner_iv_init(aes, &start.into()));
                let mut mask = [0; BLOCK];
                stream.apply_keystream(&mut mask);
                let (additional, rest) = (Vec::new(), Vec::new());
                let authentication = Box::new(Authentication { hash, mask, additional, rest, length: 0 });
                Mode::Gcm { cipher: Box::new(Keystream(stream)), authentication }
            }
            _ => return Err("there is no such mode"),
        }))?;
        Ok(State { mode, encrypts })
    }

    fn update(&mut self, data: &[u8]) -> Vec<u8> {
        match &mut self.mode {
            Mode::Blocks { cipher, pads, pending } => {
                pending.extend_from_slice(data);
                // The last block may be padding, which is seen when no other follows.
                let kept = usize::from(*pads && !self.encrypts);
                let whole = pending.len().saturating_sub(kept) / BLOCK * BLOCK;
                let mut out: Vec<u8> = pending.drain(..whole).collect();
                cipher.apply(&mut out);
                out
            }
            Mode::Stream(cipher) => {
                let mut out = data.to_vec();
                cipher.apply(&mut out);
                out
            }
            Mode::Gcm { cipher, authentication } => {
                let mut out = data.to_vec();
                cipher.apply(&mut out);
                if !data.is_empty() {
                    authentication.add(if self.encrypts { &out } else { data });
                }
                out
            }
        }
    }

    /// The last bytes; of GCM that decrypts, whether `tag` is the data's.
    fn finish(&mut self, tag: &[u8]) -> Outcome<Vec<u8>> {
        match &mut self.mode {
            Mode::Blocks { pads: false, pending, .. } if pending.is_empty() => Ok(Vec::new()),
            Mode::Blocks { pads: false, .. } => Err(WRONG_LENGTH),
            Mode::Blocks { cipher, pending, .. } if self.encrypts => {
                let padding = BLOCK - pending.len();
                pending.resize(BLOCK, padding as u8);
                cipher.apply(pending);
                Ok(std::mem::take(pending))
            }
            Mode::Blocks { cipher, pending, .. } => {
                if pending.len() != BLOCK {
                    return Err(WRONG_LENGTH);
                }
                cipher.apply(pending);
                let padding = usize::from(pending[BLOCK - 1]);
                let length = BLOCK.checked_sub(padding).filter(|length| *length < BLOCK).ok_or(BAD_DECRYPT)?;
                if pending[length..].iter().any(|byte| usize::from(*byte) != padding) {
                    return Err(BAD_DECRYPT);
                }
                pending.truncate(length);
                Ok(std::mem::take(pending))
            }
            Mode::Stream(_) => Ok(Vec::new()),
            Mode::Gcm { authentication, .. } => {
                // no early way out, so that the time tells nothing of the tag
                let full = authentication.tag();
                let different = full.iter().zip(tag).fold(0, |different, (a, b)| different | (a ^ b));
                if !self.encrypts && (different != 0 || tag.is_empty()) {
                    return Err(NOT_AUTHENTIC);
                }
                Ok(Vec::new())
            }
        }
    }
}

#[rquickjs::methods]
impl Cipher {
    #[qjs(constructor)]
    fn new(ctx: Ctx<'_>, mode: String, key: Data<'_>, iv: Data<'_>, encrypts: bool) -> Result<Self> {
        match State::new(&mode, &key, &iv, encrypts) {
            Ok(state) => Ok(Cipher { state }),
            Err(reason) => Err(Exception::throw_type(&ctx, reason)),
        }
    }

    /// Whether the last block is padded.
    fn pad(&mut self, padding: bool) {
        if let Mode::Blocks { pads, .. } = &mut self.state.mode {
            *pads = padding;
        }
    }

    /// Data that GCM authenticates and does not encrypt; before all other data.
    fn authenticate(&mut self, data: Data<'_>) {
        if let Mode::Gcm { authentication, .. } = &mut self.state.mode {
            authentication.additional.extend_from_slice(&data);
        }
    }

    fn update(&mut self, data: Data<'_>) -> Bytes {
        Bytes(self.state.update(&data))
    }

    fn finish(&mut self, tag: Data<'_>) -> Answer<Bytes> {
        Answer(self.state.finish(&tag).map(Bytes))
    }

    /// GCM's whole tag; empty for other modes.
    fn tag(&self) -> Bytes {
        match &self.state.mode {
            Mode::Gcm { authentication, .. } => Bytes(authentication.tag().to_vec()),
            _ => Bytes(Vec::new()),
        }
    }
}

pub(super) fn install(crypto: &Object<'_>) -> Result<()> {
    Class::<Cipher>::define(crypto)
}
