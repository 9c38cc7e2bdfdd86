//! Randomness for the primitives: a stream drawn out of a seed that the host gave, so that a recorded request replays.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha512};

/// SHA-512 in counter mode over the seed.
pub struct SeededRng {
    seed: Vec<u8>,
    counter: u64,
    block: [u8; 64],
    used: usize,
}

impl SeededRng {
    /// `seed` is as long as the prelude asked the host for: 64 bytes.
    pub fn new(seed: &[u8]) -> Self {
        SeededRng { seed: seed.to_vec(), counter: 0, block: [0; 64], used: 64 }
    }

    fn fill(&mut self, mut out: &mut [u8]) {
        while !out.is_empty() {
            if self.used == self.block.len() {
                let block = Sha512::new().chain_update(self.counter.to_be_bytes()).chain_update(&self.seed).finalize();
                self.block = block.into();
                self.counter += 1;
                self.used = 0;
            }
            let length = out.len().min(self.block.len() - self.used);
            let (now, later) = out.split_at_mut(length);
            now.copy_from_slice(&self.block[self.used..self.used + length]);
            self.used += length;
            out = later;
        }
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}
