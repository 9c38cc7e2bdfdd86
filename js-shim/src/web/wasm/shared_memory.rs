//! `WebAssembly.Memory` with `shared: true`.
//!
//! ## Why
//!
//! There is no thread to share it with and the interpreter takes no module that imports one, so it is JavaScript's alone: a
//! `SharedArrayBuffer` that grows by pages. Its bytes never move, since a buffer of before it grew stays what it was.

use std::cell::Cell;
use std::ptr::NonNull;

use rquickjs::{Ctx, Exception, JsLifetime, Result, Value, class::Trace, qjs};

const PAGE_BYTES: usize = 1 << 16;

/// What a shared `WebAssembly.Memory` wraps.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct WasmSharedMemory {
    /// Of the maximum's length; never freed, as the buffers live on.
    #[qjs(skip_trace)]
    bytes: NonNull<u8>,
    #[qjs(skip_trace)]
    pages: Cell<u32>,
    maximum: u32,
}

#[rquickjs::methods]
impl WasmSharedMemory {
    #[qjs(constructor)]
    fn new(ctx: Ctx<'_>, initial: u32, maximum: u32) -> Result<Self> {
        let Some(bytes) = allocate(maximum) else {
            return Err(Exception::throw_range(&ctx, "WebAssembly.Memory(): could not allocate memory"));
        };
        Ok(Self { bytes, pages: Cell::new(initial), maximum })
    }

    /// A new buffer of the length that the memory has now.
    fn buffer<'js>(&self, ctx: Ctx<'js>) -> Result<Value<'js>> {
        let length = self.pages.get() as usize * PAGE_BYTES;
        // SAFETY: the bytes are never freed or moved, and QuickJS does neither with what came without a function for it.
        let value = unsafe {
            let context = ctx.as_raw().as_ptr();
            let raw =
                qjs::JS_NewArrayBuffer(context, self.bytes.as_ptr(), length as _, 0, None, std::ptr::null_mut(), true);
            Value::from_raw(ctx.clone(), raw)
        };
        if value.is_exception() { Err(rquickjs::Error::Exception) } else { Ok(value) }
    }

    /// Pages there were before; none when it cannot grow so far.
    fn grow(&self, delta: u32) -> Option<u32> {
        let before = self.pages.get();
        let pages = before.checked_add(delta).filter(|pages| *pages <= self.maximum)?;
        self.pages.set(pages);
        Some(before)
    }
}

/// Zeroes for so many pages, for as long as the worker runs.
fn allocate(pages: u32) -> Option<NonNull<u8>> {
    let length = usize::try_from(pages).ok()?.checked_mul(PAGE_BYTES)?;
    if length == 0 {
        return Some(NonNull::dangling());
    }
    let layout = std::alloc::Layout::from_size_align(length, 8).ok()?;
    // SAFETY: the layout's size is not zero.
    NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) })
}
