//! The heap: one part that start-up fills and the snapshot holds, and one for what a request allocates.
//!
//! ## Why
//!
//! Each page that a request writes to is copied for it, and copied back after it. Start-up leaves gaps all over its part, and
//! an allocator that fills them writes to as many pages. So a request has a part of its own, which it fills from its first
//! page on. What start-up allocated is never freed then: others would rarely fit into it, and its neighbours' headers would
//! be written to.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

use dlmalloc::Dlmalloc;
use rquickjs::allocator::Allocator;

/// WebAssembly's page size in bytes.
const PAGE: usize = 65536;

/// Bytes that a request can allocate before its memory has to grow.
const ROOM: usize = 4 * PAGE;

/// What QuickJS wants its blocks aligned to.
const ALIGN: usize = align_of::<u64>();

#[global_allocator]
static HEAP: Heap = Heap {
    start_up: UnsafeCell::new(Dlmalloc::new_with_allocator(Pages { room: Cell::new(0) })),
    request: UnsafeCell::new(Dlmalloc::new_with_allocator(Pages { room: Cell::new(0) })),
    end_of_start_up: Cell::new(0),
};

struct Heap {
    start_up: UnsafeCell<Dlmalloc<Pages>>,
    request: UnsafeCell<Dlmalloc<Pages>>,
    /// Address that start-up's part ends at; 0 as long as it goes on.
    end_of_start_up: Cell<usize>,
}

// SAFETY: there are no threads.
unsafe impl Sync for Heap {}

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
        *HEAP.request.get() = Dlmalloc::new_with_allocator(Pages { room: Cell::new(end) });
        let layout = Layout::new::<u64>();
        HEAP.dealloc(HEAP.alloc(layout), layout);
    }
}

impl Heap {
    /// The part that is allocated from.
    fn part(&self) -> *mut Dlmalloc<Pages> {
        match self.end_of_start_up.get() {
            0 => self.start_up.get(),
            _ => self.request.get(),
        }
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
        unsafe { (*self.part()).malloc(layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the reference ends with the call.
        unsafe { (*self.part()).calloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !self.stays(block) {
            // SAFETY: the caller's; the block is of this part.
            unsafe { (*self.part()).free(block, layout.size(), layout.align()) }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !self.stays(block) {
            // SAFETY: the caller's; the block is of this part.
            return unsafe { (*self.part()).realloc(block, layout.size(), layout.align(), size) };
        }
        // SAFETY: both blocks have so many bytes, and the new one is apart.
        unsafe {
            let moved = (*self.part()).malloc(size, layout.align());
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
            }
            moved
        }
    }
}

/// The heap for QuickJS, which does not say the sizes of blocks that it gives back.
pub struct ForQuickJs;

// SAFETY: as above.
unsafe impl Allocator for ForQuickJs {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        // SAFETY: the reference ends with the call.
        unsafe { (*HEAP.part()).malloc(size, ALIGN) }
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        match count.checked_mul(size) {
            // SAFETY: the reference ends with the call.
            Some(size) => unsafe { (*HEAP.part()).calloc(size, ALIGN) },
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&mut self, block: *mut u8) {
        if !HEAP.stays(block) {
            // SAFETY: the caller's; the block is of this part.
            unsafe { (*HEAP.part()).c_free(block) }
        }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        if block.is_null() {
            return self.alloc(size);
        }
        if !HEAP.stays(block) {
            // SAFETY: the caller's; the block is of this part.
            return unsafe { (*HEAP.part()).c_realloc(block, size) };
        }
        let moved = self.alloc(size);
        if !moved.is_null() {
            // SAFETY: both blocks have so many bytes, and the new one is apart.
            unsafe { ptr::copy_nonoverlapping(block, moved, Self::usable_size(block).min(size)) };
        }
        moved
    }

    /// The allocator keeps a block's size, its own word included, right before it, with flags in the lowest bits.
    unsafe fn usable_size(block: *mut u8) -> usize {
        const FLAGS: usize = 0b111;
        // SAFETY: the block is one of this allocator's.
        let head = unsafe { *block.cast::<usize>().sub(1) };
        (head & !FLAGS) - size_of::<usize>()
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
