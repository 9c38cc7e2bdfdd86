//! The heap: one part that start-up fills and the snapshot holds, and one for what a request allocates.
//!
//! ## Why
//!
//! Each page that a request writes to is copied for it, and copied back after it. Start-up leaves gaps all over its part, and
//! an allocator that fills them writes to as many pages. So a request has a part of its own, which it fills from its first
//! page on. What start-up allocated is never freed then: others would rarely fit into it, and its neighbours' headers would
//! be written to.
//!
//! QuickJS asks for many small blocks. These come one after the other from pieces of the heap, and go to lists by size when
//! they are given back ([`Small`]): that is what QuickJS's own pools do, but theirs fill a page for each size.
//!
//! Blocks of the prelude that requests write to all the same are put beside each other ([`hot`]).

#[cfg_attr(feature = "spread", path = "heap/spread.rs")]
mod hot;

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

use dlmalloc::Dlmalloc;
use rquickjs::allocator::Allocator;

use hot::Hot;

/// WebAssembly's page size in bytes.
const PAGE: usize = 65536;

/// Bytes that a request can allocate before its memory has to grow.
const ROOM: usize = 4 * PAGE;

/// What QuickJS wants its blocks aligned to.
const ALIGN: usize = align_of::<u64>();

#[global_allocator]
static HEAP: Heap = Heap {
    start_up: UnsafeCell::new(Part::new(0)),
    request: UnsafeCell::new(Part::new(0)),
    hot: UnsafeCell::new(Hot::new()),
    end_of_start_up: Cell::new(0),
};

struct Part {
    large: Dlmalloc<Pages>,
    small: Small,
}

impl Part {
    /// `room` is the address of [`ROOM`] bytes that it begins with, or 0.
    const fn new(room: usize) -> Self {
        Part { large: Dlmalloc::new_with_allocator(Pages { room: Cell::new(room) }), small: Small::new() }
    }
}

struct Heap {
    start_up: UnsafeCell<Part>,
    request: UnsafeCell<Part>,
    hot: UnsafeCell<Hot>,
    /// Address that start-up's part ends at; 0 as long as it goes on.
    end_of_start_up: Cell<usize>,
}

// SAFETY: there are no threads.
unsafe impl Sync for Heap {}

/// What is allocated from now on is a worker's own: it is on no list, and does not fill gaps between the prelude's small
/// blocks, so that what its requests write to is not spread over all of these.
pub fn prelude_is_over() {
    // SAFETY: the references end with the statements.
    unsafe {
        (*HEAP.hot.get()).end();
        (*HEAP.start_up.get()).small = Small::new();
    }
}

/// Start-up is over: what is allocated from now on is apart from what was.
pub fn seal() {
    let end = memory_size::<0>() * PAGE;
    if memory_grow::<0>(ROOM / PAGE) == usize::MAX {
        // A worker whose start-up left so little goes on where it is.
        return;
    }
    HEAP.end_of_start_up.set(end);
    // SAFETY: nothing else holds a reference into the heap's parts. The allocator sets itself up with its first block, here
    // and not in each request.
    unsafe {
        *HEAP.request.get() = Part::new(end);
        let layout = Layout::new::<u64>();
        HEAP.dealloc(HEAP.alloc(layout), layout);
    }
}

impl Heap {
    /// The part that is allocated from.
    fn part(&self) -> *mut Part {
        match self.end_of_start_up.get() {
            0 => self.start_up.get(),
            _ => self.request.get(),
        }
    }

    fn is_start_up(&self) -> bool {
        self.end_of_start_up.get() == 0
    }

    /// Whether this block stays, whatever becomes of it.
    fn stays(&self, block: *mut u8) -> bool {
        (block as usize) < self.end_of_start_up.get()
    }
}

// SAFETY: the allocator does what the trait demands; a block is only given back to the part that it is of.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the reference ends with the call.
        unsafe { (*self.part()).large.malloc(layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the reference ends with the call.
        unsafe { (*self.part()).large.calloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !self.stays(block) {
            // SAFETY: the caller's; the block is of this part.
            unsafe { (*self.part()).large.free(block, layout.size(), layout.align()) }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !self.stays(block) {
            // SAFETY: the caller's; the block is of this part.
            return unsafe { (*self.part()).large.realloc(block, layout.size(), layout.align(), size) };
        }
        // SAFETY: both blocks have so many bytes, and the new one is apart.
        unsafe {
            let moved = (*self.part()).large.malloc(size, layout.align());
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
            }
            moved
        }
    }
}

/// The heap for QuickJS, which does not say the sizes of blocks that it gives back: each has it right before itself, its
/// own word included, with flags in the lowest bits.
pub struct ForQuickJs;

/// Of the flags of a block: the allocator's are set, those of [`Small`] are not.
const IS_LARGE: usize = 0b010;
const FLAGS: usize = 0b111;
/// Bytes of the word before a block.
const HEAD: usize = size_of::<usize>();

/// The word before a block.
///
/// # Safety
///
/// `block` is one of [`ForQuickJs`].
unsafe fn head(block: *mut u8) -> *mut usize {
    // SAFETY: the word belongs to the block.
    unsafe { block.cast::<usize>().sub(1) }
}

/// Blocks of up to [`Small::LARGEST`] bytes.
struct Small {
    /// Blocks that were given back, by their length in units of [`ALIGN`]; each begins with the address of the next.
    free: [*mut u8; Small::LARGEST / ALIGN + 1],
    /// What is left of the last piece: the address of the next block's head, and where the piece ends.
    next: usize,
    end: usize,
}

impl Small {
    /// Bytes, head included.
    const LARGEST: usize = 512;
    /// Bytes of a piece, less than two pages with what the allocator adds.
    const PIECE: usize = 8176;

    const fn new() -> Self {
        Small { free: [ptr::null_mut(); Small::LARGEST / ALIGN + 1], next: 0, end: 0 }
    }

    /// A block of `length` bytes, head included, which is a multiple of [`ALIGN`] and not more than the largest.
    unsafe fn alloc(&mut self, length: usize, heap: &mut Dlmalloc<Pages>) -> *mut u8 {
        let first = self.free[length / ALIGN];
        if !first.is_null() {
            // SAFETY: a block that was given back has the address of the next one.
            self.free[length / ALIGN] = unsafe { *first.cast() };
            return first;
        }
        if self.end - self.next < length {
            // SAFETY: the piece is only used as blocks of this kind.
            let piece = unsafe { heap.malloc(Self::PIECE, ALIGN) } as usize;
            if piece == 0 {
                return ptr::null_mut();
            }
            // Blocks are aligned, so their heads are not.
            (self.next, self.end) = (piece + ALIGN - HEAD, piece + Self::PIECE);
        }
        let block = (self.next + HEAD) as *mut u8;
        self.next += length;
        // SAFETY: the block and its head are within the piece.
        unsafe { *head(block) = length };
        block
    }

    unsafe fn free(&mut self, block: *mut u8, length: usize) {
        // SAFETY: the block has room for an address, and nobody else uses it.
        unsafe { *block.cast() = self.free[length / ALIGN] };
        self.free[length / ALIGN] = block;
    }
}

impl Part {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        if size > Small::LARGEST - HEAD {
            // SAFETY: the alignment is one that the allocator has.
            return unsafe { self.large.malloc(size, ALIGN) };
        }
        let length = (size + HEAD).next_multiple_of(ALIGN);
        // SAFETY: the length is one of theirs.
        unsafe { self.small.alloc(length, &mut self.large) }
    }

    unsafe fn free(&mut self, block: *mut u8) {
        // SAFETY: the caller's; the block is of this part.
        unsafe {
            match *head(block) {
                head if head & IS_LARGE != 0 => self.large.c_free(block),
                length if length <= Small::LARGEST => self.small.free(block, length),
                // One of [`hot`], where none comes after it.
                _ => {}
            }
        }
    }
}

impl ForQuickJs {
    /// A block while start-up goes on.
    fn alloc_at_start_up(size: usize) -> *mut u8 {
        let length = (size + HEAD).next_multiple_of(ALIGN);
        // SAFETY: the references end with the call, and are to different things.
        unsafe {
            let part = &mut *HEAP.start_up.get();
            let place = (*HEAP.hot.get()).place(length, &mut part.large);
            place.unwrap_or_else(|| part.alloc(size))
        }
    }
}

// SAFETY: blocks are as long as they were asked for, and apart from each other.
unsafe impl Allocator for ForQuickJs {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        if HEAP.is_start_up() {
            return Self::alloc_at_start_up(size);
        }
        // SAFETY: the reference ends with the call.
        unsafe { (*HEAP.request.get()).alloc(size) }
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        let Some(size) = count.checked_mul(size) else { return ptr::null_mut() };
        // SAFETY: the reference ends with the call.
        unsafe {
            if size > Small::LARGEST - HEAD && !HEAP.is_start_up() {
                return (*HEAP.request.get()).large.calloc(size, ALIGN);
            }
            let block = self.alloc(size);
            if !block.is_null() {
                block.write_bytes(0, size);
            }
            block
        }
    }

    unsafe fn dealloc(&mut self, block: *mut u8) {
        #[cfg(feature = "spread")]
        // SAFETY: the reference ends with the call.
        if unsafe { HEAP.is_start_up() && (*HEAP.hot.get()).give_back(block) } {
            return;
        }
        if !HEAP.stays(block) {
            // SAFETY: the caller's; the block is of this part.
            unsafe { (*HEAP.part()).free(block) }
        }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        if block.is_null() {
            return self.alloc(size);
        }
        // SAFETY: the caller's; the block is of this part if it can be freed, and both blocks have as many bytes as are copied.
        unsafe {
            // At start-up each block that is asked for counts, wherever it lies.
            if !HEAP.is_start_up() && !HEAP.stays(block) && *head(block) & IS_LARGE != 0 {
                return (*HEAP.request.get()).large.c_realloc(block, size);
            }
            let room = Self::usable_size(block);
            if size <= room {
                return block;
            }
            let moved = self.alloc(size);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, room.min(size));
                self.dealloc(block);
            }
            moved
        }
    }

    unsafe fn usable_size(block: *mut u8) -> usize {
        // SAFETY: the block is one of this allocator's.
        (unsafe { *head(block) } & !FLAGS) - HEAD
    }
}

/// Where the allocator has its memory from.
struct Pages {
    /// Address of [`ROOM`] bytes that are there already, as long as they are not given out.
    room: Cell<usize>,
}

// SAFETY: what is given out is memory that nothing else uses.
unsafe impl dlmalloc::Allocator for Pages {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let room = self.room.get();
        if room != 0 && size <= ROOM {
            self.room.set(0);
            return (room as *mut u8, ROOM, 0);
        }
        let pages = size.div_ceil(PAGE);
        match memory_grow::<0>(pages) {
            usize::MAX => (ptr::null_mut(), 0, 0),
            // The last bytes of all addresses are no block's: its end would have none.
            before if (before + pages).wrapping_mul(PAGE) == 0 => {
                ((before * PAGE) as *mut u8, pages * PAGE - ALIGN * 2, 0)
            }
            before => ((before * PAGE) as *mut u8, pages * PAGE, 0),
        }
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}
