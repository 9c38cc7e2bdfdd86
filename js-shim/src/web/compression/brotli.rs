//! Brotli (RFC 7932), as `Content-Encoding: br` has it.

use brotli::enc::StandardAlloc;
use brotli::enc::encode::{BrotliEncoderOperation, BrotliEncoderParameter, BrotliEncoderStateStruct};
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};

use super::{Failure, Step};

/// What servers use for answers that are made as they are asked for.
const QUALITY: u32 = 5;

/// The base-2 logarithm of the encoder's window: a larger one takes megabytes.
const WINDOW_BITS: u32 = 18;

/// A stream being compressed.
pub struct Encoder(Box<BrotliEncoderStateStruct<StandardAlloc>>);

/// A stream being decompressed.
pub struct Decoder(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>);

impl Encoder {
    pub fn new() -> Self {
        let mut state = Box::new(BrotliEncoderStateStruct::new(StandardAlloc::default()));
        state.set_parameter(BrotliEncoderParameter::BROTLI_PARAM_QUALITY, QUALITY);
        state.set_parameter(BrotliEncoderParameter::BROTLI_PARAM_LGWIN, WINDOW_BITS);
        Encoder(state)
    }

    /// Appends to `piece`, up to its capacity.
    pub fn run(&mut self, rest: &[u8], last: bool, piece: &mut Vec<u8>) -> Result<Step, Failure> {
        let operation = match last {
            true => BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
            false => BrotliEncoderOperation::BROTLI_OPERATION_PROCESS,
        };
        let (mut taken, mut given) = (0, 0);
        piece.resize(piece.capacity(), 0);
        let (mut left, mut room) = (rest.len(), piece.len());
        let went_well = self.0.compress_stream(
            operation,
            &mut left,
            rest,
            &mut taken,
            &mut room,
            piece,
            &mut given,
            &mut None,
            &mut |_, _, _, _| (),
        );
        piece.truncate(given);
        match went_well {
            true => Ok(Step { taken, ended: self.0.is_finished() }),
            false => Err(Failure::Memory),
        }
    }
}

impl Decoder {
    pub fn new() -> Self {
        let alloc = StandardAlloc::default;
        // Windows beyond those of RFC 7932 are not for the Web.
        Decoder(Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())))
    }

    /// Appends to `piece`, up to its capacity.
    pub fn run(&mut self, rest: &[u8], last: bool, piece: &mut Vec<u8>) -> Result<Step, Failure> {
        let (mut taken, mut given, mut total) = (0, 0, 0);
        piece.resize(piece.capacity(), 0);
        let (mut left, mut room) = (rest.len(), piece.len());
        let result =
            BrotliDecompressStream(&mut left, &mut taken, rest, &mut room, &mut given, piece, &mut total, &mut self.0);
        piece.truncate(given);
        match result {
            BrotliResult::ResultFailure => Err(Failure::Corrupt),
            BrotliResult::NeedsMoreInput if last && piece.is_empty() => Err(Failure::Truncated),
            BrotliResult::ResultSuccess if piece.is_empty() && taken < rest.len() => Err(Failure::Trailing),
            result => Ok(Step { taken, ended: matches!(result, BrotliResult::ResultSuccess) }),
        }
    }
}
