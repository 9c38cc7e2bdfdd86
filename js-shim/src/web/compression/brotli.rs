//! Brotli (RFC 7932), as `Content-Encoding: br` has it. It is decoded only: the tables of an encoder would be in the snapshot
//! of every worker.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{Failure, Step};

/// A stream being decompressed.
pub struct Decoder(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>);

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
