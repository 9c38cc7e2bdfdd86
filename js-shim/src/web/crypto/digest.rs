//! `crypto.subtle.digest` and `crypto.DigestStream`.

use md5::Md5;
use rquickjs::{Ctx, Exception, Function, JsLifetime, Object, Result, class::Class, class::Trace};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Bytes, Data};

/// A digest that is fed piece by piece.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct Digester {
    #[qjs(skip_trace)]
    state: State,
}

#[derive(Clone)]
enum State {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

// SAFETY: there is nothing of JavaScript in it.
unsafe impl<'js> JsLifetime<'js> for State {
    type Changed<'to> = State;
}

impl State {
    /// `algorithm` is the canonical name; the prelude has checked that it is one of these.
    fn of(ctx: &Ctx<'_>, algorithm: &str) -> Result<State> {
        Ok(match algorithm {
            "MD5" => State::Md5(Md5::new()),
            "SHA-1" => State::Sha1(Sha1::new()),
            "SHA-256" => State::Sha256(Sha256::new()),
            "SHA-384" => State::Sha384(Sha384::new()),
            "SHA-512" => State::Sha512(Sha512::new()),
            other => return Err(Exception::throw_type(ctx, &format!("unknown digest: {other}"))),
        })
    }

    fn update(&mut self, data: &[u8]) {
        match self {
            State::Md5(state) => state.update(data),
            State::Sha1(state) => state.update(data),
            State::Sha256(state) => state.update(data),
            State::Sha384(state) => state.update(data),
            State::Sha512(state) => state.update(data),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            State::Md5(state) => state.finalize().to_vec(),
            State::Sha1(state) => state.finalize().to_vec(),
            State::Sha256(state) => state.finalize().to_vec(),
            State::Sha384(state) => state.finalize().to_vec(),
            State::Sha512(state) => state.finalize().to_vec(),
        }
    }
}

#[rquickjs::methods]
impl Digester {
    #[qjs(constructor)]
    fn new(ctx: Ctx<'_>, algorithm: String) -> Result<Self> {
        Ok(Digester { state: State::of(&ctx, &algorithm)? })
    }

    fn update(&mut self, data: Data<'_>) {
        self.state.update(&data);
    }

    /// Another in the same state.
    fn copy(&self) -> Self {
        Digester { state: self.state.clone() }
    }

    /// What has been fed so far, digested.
    fn digest(&self) -> Bytes {
        Bytes(self.state.clone().finish())
    }
}

fn digest(ctx: Ctx<'_>, algorithm: String, data: Data<'_>) -> Result<Bytes> {
    let mut state = State::of(&ctx, &algorithm)?;
    state.update(&data);
    Ok(Bytes(state.finish()))
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    Class::<Digester>::define(crypto)?;
    crypto.set("digest", Function::new(ctx.clone(), digest)?)
}
