//! In the place of `hot.rs` when it is to be found out which blocks requests write to and read: each block of the prelude has
//! pages of its own, so that the pages tell the blocks.

use std::arch::wasm32::memory_grow;
use std::sync::atomic::AtomicU8;

use dlmalloc::Dlmalloc;

use super::{Pages, head};

/// The operating system's page.
const PAGE: usize = 4096;
/// WebAssembly's pages by which memory grows.
const STEP: usize = 16;
/// What a block's first page begins with, before the block's number and its length with its head.
const MARK: u32 = 0x746f_6821;
/// Where the block begins in it.
const OFFSET: usize = 16;

/// A byte for each page that is read, once this engine is made to note that (`tests/it/hot_blocks/reads.rs`).
static READ: [AtomicU8; 1 << 17] = [const { AtomicU8::new(0) }; 1 << 17];

/// Where they are.
#[unsafe(no_mangle)]
pub extern "C" fn glowplug_pages_read() -> *const AtomicU8 {
    READ.as_ptr()
}

pub struct Hot {
    number: u32,
    over: bool,
    next: usize,
    end: usize,
    /// Pages that were given back; each begins with the address of the next.
    free: usize,
}

impl Hot {
    pub const fn new() -> Self {
        Self { number: 0, over: false, next: 0, end: 0, free: 0 }
    }

    pub fn place(&mut self, length: usize, _: &mut Dlmalloc<Pages>) -> Option<*mut u8> {
        if self.over {
            return None;
        }
        let page = self.pages((length + OFFSET).div_ceil(PAGE))?;
        // SAFETY: the pages are the block's own.
        unsafe {
            let words = page as *mut u32;
            *words = MARK;
            *words.add(1) = self.number;
            *words.add(2) = length as u32;
            self.number += 1;
            let block = (page + OFFSET) as *mut u8;
            *head(block) = length;
            Some(block)
        }
    }

    /// Takes a block back that [`Hot::place`] gave.
    pub fn give_back(&mut self, block: *mut u8) -> bool {
        let page = block as usize - OFFSET;
        // SAFETY: a block begins there in its own page, or the page before it is some other's.
        unsafe {
            let words = page as *mut u32;
            if !page.is_multiple_of(PAGE) || *words != MARK {
                return false;
            }
            let length = *words.add(2) as usize;
            words.cast::<u8>().write_bytes(0, length + OFFSET);
            if length + OFFSET <= PAGE {
                *words = self.free as u32;
                self.free = page;
            }
        }
        true
    }

    pub fn end(&mut self) {
        self.over = true;
    }

    fn pages(&mut self, count: usize) -> Option<usize> {
        if count == 1 && self.free != 0 {
            let page = self.free;
            // SAFETY: a page that was given back has the address of the next one.
            self.free = unsafe { *(page as *const u32) } as usize;
            return Some(page);
        }
        if self.end - self.next < count * PAGE {
            let pages = (count * PAGE).div_ceil(super::PAGE).max(STEP);
            let before = memory_grow::<0>(pages);
            if before == usize::MAX {
                return None;
            }
            (self.next, self.end) = (before * super::PAGE, (before + pages) * super::PAGE);
        }
        let page = self.next;
        self.next += count * PAGE;
        Some(page)
    }
}
