//! Blocks of the prelude that requests write to and read, beside each other.
//!
//! QuickJS counts the references to a block in the block itself, so a request writes to blocks that are spread over all that
//! the prelude left, and each page of them is copied for it and back. What it reads is spread as far, and the kernel
//! maps 16 pages for each that is read, which all are looked at after each request. The prelude asks for the same blocks in the same order
//! in every worker. `data/hot-blocks.bin` says which of them requests were seen to use (`cargo xtask hot-blocks` makes
//! it): these are put into areas of their own. A list that is out of date costs pages, and nothing else.

use dlmalloc::Dlmalloc;

use super::{ALIGN, HEAD, Pages, head};

/// Bytes of each area, as 32-bit numbers in little-endian order; then for each block in LEB128 how many blocks come between
/// the last one and it, times the number of areas, plus the number of its own.
#[cfg(not(feature = "portable"))]
static LIST: &[u8] = include_bytes!("../../data/hot-blocks.bin");
/// Its prelude is another one.
#[cfg(feature = "portable")]
static LIST: &[u8] = &[];

/// What all requests write to, and what all read; the same of most, and of some.
const AREAS: usize = 6;

/// The operating system's page.
const PAGE: usize = 4096;

pub struct Hot {
    /// How many blocks come before the next one on the list; none is on it any more if this is the largest number.
    before: u32,
    area: usize,
    /// What follows it on the list.
    rest: &'static [u8],
    /// Addresses of the next block's head, and of the area's end.
    areas: [(usize, usize); AREAS],
    begun: bool,
}

impl Hot {
    pub const fn new() -> Self {
        Self { before: u32::MAX, area: 0, rest: &[], areas: [(0, 0); AREAS], begun: false }
    }

    /// The place of the block that is asked for, of `length` bytes with its head, if it is one that requests write to.
    pub fn place(&mut self, length: usize, heap: &mut Dlmalloc<Pages>) -> Option<*mut u8> {
        if !self.begun {
            self.begin(heap);
        }
        if self.before != 0 {
            self.before = self.before.saturating_sub(u32::from(self.before != u32::MAX));
            return None;
        }
        let (next, end) = &mut self.areas[self.area];
        let has_room = *end - *next >= length;
        let block = (*next + HEAD) as *mut u8;
        if has_room {
            *next += length;
        }
        self.advance();
        // SAFETY: the block and its head are within the area, which nothing else uses.
        has_room.then(|| unsafe {
            *head(block) = length;
            block
        })
    }

    /// What is allocated from now on is a worker's own.
    pub fn end(&mut self) {
        self.before = u32::MAX;
        self.rest = &[];
    }

    fn begin(&mut self, heap: &mut Dlmalloc<Pages>) {
        self.begun = true;
        self.rest = LIST;
        let mut lengths = [0; AREAS];
        for length in &mut lengths {
            let Some((bytes, rest)) = self.rest.split_first_chunk() else { return };
            *length = u32::from_le_bytes(*bytes) as usize;
            self.rest = rest;
        }
        // SAFETY: the alignment is one that the allocator has.
        let start = unsafe { heap.malloc(lengths.iter().sum::<usize>() + AREAS * ALIGN, PAGE) } as usize;
        if start == 0 {
            return;
        }
        let mut start = start;
        for (area, length) in self.areas.iter_mut().zip(lengths) {
            // Blocks are aligned, so their heads are not.
            *area = (start + ALIGN - HEAD, start + ALIGN - HEAD + length);
            start += length + ALIGN;
        }
        self.advance();
    }

    /// Reads the next one's entry.
    fn advance(&mut self) {
        let (mut value, mut shift) = (0u32, 0);
        self.before = u32::MAX;
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte < 0x80 {
                self.before = value / AREAS as u32;
                self.area = value as usize % AREAS;
                return;
            }
        }
    }
}
