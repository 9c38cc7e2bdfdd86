//! gzip, zlib and raw deflate, for `CompressionStream` and `DecompressionStream`; gzip and Brotli, for bodies under a
//! `Content-Encoding`.
//!
//! Output comes in pieces of at most [`PIECE_BYTES`], asked for one by one, so that a chunk which inflates to a thousand
//! times its size takes no more memory than its reader lets through.

mod brotli;

use flate2::{Compress, Compression, Decompress, DecompressError, FlushCompress, FlushDecompress};
use rquickjs::{
    Ctx, Error, Exception, JsLifetime, Object, Result, TypedArray,
    class::{Class, Trace},
};

use super::convert::bytes_of;

/// The most that one step gives.
const PIECE_BYTES: usize = 64 * 1024;

/// What one step sets aside at least; what a short piece leaves unused is given back.
const LEAST_BYTES: usize = 1024;

/// More than zlib's state takes: the allocator would end the guest where this gives an error.
const STATE_BYTES: usize = 512 * 1024;

/// More than Brotli's takes, but for the window of the rare stream that asks for the largest ones.
const BROTLI_STATE_BYTES: usize = 6 * 1024 * 1024;

/// The base-2 logarithm of the window, which is the largest there is.
const WINDOW_BITS: u8 = 15;

enum State {
    Compressing(Compress),
    Decompressing(Decompress),
    Expanding(brotli::Decoder),
    /// All of it was given out, or it failed.
    Over,
}

/// One stream being compressed or decompressed.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct Codec {
    #[qjs(skip_trace)]
    state: State,
    /// How much of the chunk at hand was taken.
    position: usize,
}

/// What one step came to.
struct Step {
    taken: usize,
    ended: bool,
}

#[rquickjs::methods(rename_all = "camelCase")]
impl Codec {
    /// `format` is one of those of the Compression standard, or `br` to decompress; the prelude has checked that.
    #[qjs(constructor)]
    fn new(ctx: Ctx<'_>, format: String, compress: bool) -> Result<Self> {
        let state_bytes = if format == "br" { BROTLI_STATE_BYTES } else { STATE_BYTES };
        if Vec::<u8>::new().try_reserve_exact(state_bytes).is_err() {
            return Err(Exception::throw_internal(&ctx, "out of memory"));
        }
        let level = Compression::default();
        let state = match (format.as_str(), compress) {
            ("br", false) => State::Expanding(brotli::Decoder::new()),
            ("gzip", true) => State::Compressing(Compress::new_gzip(level, WINDOW_BITS)),
            ("gzip", false) => State::Decompressing(Decompress::new_gzip(WINDOW_BITS)),
            (format, true) => State::Compressing(Compress::new(level, format == "deflate")),
            (format, false) => State::Decompressing(Decompress::new(format == "deflate")),
        };
        Ok(Codec { state, position: 0 })
    }

    /// The next piece of what `chunk` comes to, or undefined when it is used up. `last` says that nothing follows it.
    fn step<'js>(
        &mut self,
        ctx: Ctx<'js>,
        chunk: TypedArray<'js, u8>,
        last: bool,
    ) -> Result<Option<TypedArray<'js, u8>>> {
        let rest = bytes_of(&chunk).get(self.position..).unwrap_or(&[]);
        let mut piece = Vec::new();
        let step = self.state.run(rest, last, &mut piece).map_err(|failure| {
            if !matches!(failure, Failure::Memory) {
                self.state = State::Over;
            }
            failure.throw(&ctx)
        })?;
        self.position += step.taken;
        if step.ended {
            self.state = State::Over;
        }
        if piece.is_empty() {
            self.position = 0;
            return Ok(None);
        }
        piece.shrink_to_fit();
        TypedArray::new(ctx, piece).map(Some)
    }

    /// All that `bytes` comes to, which is all there is.
    fn all<'js>(&mut self, ctx: Ctx<'js>, bytes: TypedArray<'js, u8>) -> Result<TypedArray<'js, u8>> {
        let mut rest = bytes_of(&bytes);
        let (mut all, mut piece) = (Vec::new(), Vec::new());
        loop {
            piece.clear();
            let step = self.state.run(rest, true, &mut piece).map_err(|failure| failure.throw(&ctx))?;
            if piece.is_empty() {
                break;
            }
            if all.try_reserve(piece.len()).is_err() {
                // Freed first: the error needs memory too.
                drop(all);
                return Err(Failure::Memory.throw(&ctx));
            }
            all.extend_from_slice(&piece);
            rest = &rest[step.taken..];
            if step.ended {
                self.state = State::Over;
            }
        }
        all.shrink_to_fit();
        TypedArray::new(ctx, all)
    }
}

enum Failure {
    Corrupt,
    Truncated,
    Trailing,
    Memory,
}

impl Failure {
    fn throw(&self, ctx: &Ctx<'_>) -> Error {
        match self {
            Failure::Memory => Exception::throw_internal(ctx, self.message()),
            _ => Exception::throw_type(ctx, self.message()),
        }
    }

    fn message(&self) -> &'static str {
        match self {
            Failure::Corrupt => "Decompression failed: the compressed data is corrupt.",
            Failure::Truncated => "Decompression failed: the compressed data is cut off.",
            Failure::Trailing => "Decompression failed: there is more data after the end of the compressed data.",
            Failure::Memory => "out of memory",
        }
    }
}

impl State {
    /// Appends to `piece`; leaves it empty when `rest` is used up.
    fn run(&mut self, rest: &[u8], last: bool, piece: &mut Vec<u8>) -> std::result::Result<Step, Failure> {
        let room = match self {
            State::Compressing(_) => rest.len(),
            State::Decompressing(_) | State::Expanding(_) => rest.len().saturating_mul(4),
            State::Over => 0,
        };
        if piece.try_reserve_exact(room.clamp(LEAST_BYTES, PIECE_BYTES)).is_err() {
            return Err(Failure::Memory);
        }
        match self {
            State::Compressing(compress) => Ok(deflate(compress, rest, last, piece)),
            State::Decompressing(decompress) => inflate(decompress, rest, last, piece),
            State::Expanding(decoder) => decoder.run(rest, last, piece),
            State::Over if rest.is_empty() => Ok(Step { taken: 0, ended: true }),
            State::Over => Err(Failure::Trailing),
        }
    }
}

fn deflate(compress: &mut Compress, rest: &[u8], last: bool, piece: &mut Vec<u8>) -> Step {
    let before = compress.total_in();
    let flush = if last { FlushCompress::Finish } else { FlushCompress::None };
    // the one error is a state that the constructor does not make
    let status = compress.compress_vec(rest, piece, flush);
    let taken = (compress.total_in() - before) as usize;
    Step { taken, ended: matches!(status, Ok(flate2::Status::StreamEnd) | Err(_)) }
}

fn inflate(
    decompress: &mut Decompress,
    rest: &[u8],
    last: bool,
    piece: &mut Vec<u8>,
) -> std::result::Result<Step, Failure> {
    let before = decompress.total_in();
    let status = decompress.decompress_vec(rest, piece, FlushDecompress::None).map_err(Failure::from)?;
    let taken = (decompress.total_in() - before) as usize;
    let ended = status == flate2::Status::StreamEnd;
    if piece.is_empty() && ended && taken < rest.len() {
        return Err(Failure::Trailing);
    }
    if piece.is_empty() && !ended && last {
        return Err(Failure::Truncated);
    }
    Ok(Step { taken, ended })
}

impl From<DecompressError> for Failure {
    fn from(_: DecompressError) -> Failure {
        Failure::Corrupt
    }
}

pub(super) fn install<'js>(_ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    Class::<Codec>::define(native)
}
