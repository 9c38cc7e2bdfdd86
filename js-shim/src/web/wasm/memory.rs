//! `WebAssembly.Memory`, and the `ArrayBuffer` that is its memory itself.

use rquickjs::{Ctx, Exception, JsLifetime, Result, Value, class::Trace, qjs};
use wasmi::{Memory, MemoryType};

use super::state::{State, state};
use super::value::key;

/// The buffer that JavaScript has of a memory.
pub struct View<'js> {
    memory: Memory,
    buffer: Value<'js>,
    address: *mut u8,
    length: usize,
}

/// What a `WebAssembly.Memory` wraps.
#[derive(Clone, Trace, JsLifetime)]
#[rquickjs::class]
pub struct WasmMemory {
    #[qjs(skip_trace)]
    pub memory: Memory,
}

#[rquickjs::methods]
impl WasmMemory {
    #[qjs(constructor)]
    fn new(ctx: Ctx<'_>, initial: u32, maximum: Option<u32>) -> Result<Self> {
        let ty = MemoryType::new(initial, maximum);
        let made = state(&ctx)?.with_store(|store| Memory::new(store, ty));
        match made {
            Ok(memory) => Ok(WasmMemory { memory }),
            Err(_) => Err(Exception::throw_range(&ctx, "WebAssembly.Memory(): could not allocate memory")),
        }
    }

    /// Exact: neither half of the number comes near to 2²¹.
    fn key(&self) -> f64 {
        key(self.memory) as f64
    }

    /// The buffer; the same one until the memory grows.
    fn buffer<'js>(&self, ctx: Ctx<'js>) -> Result<Value<'js>> {
        let state = state(&ctx)?;
        if let Some(view) = state.views.borrow().get(&key(self.memory)) {
            return Ok(view.buffer.clone());
        }
        let (address, length) = place(&state, self.memory);
        let buffer = buffer(&ctx, address, length)?;
        let view = View { memory: self.memory, buffer: buffer.clone(), address, length };
        state.views.borrow_mut().insert(key(self.memory), view);
        Ok(buffer)
    }

    /// Pages there were before; none when it cannot grow.
    fn grow(&self, ctx: Ctx<'_>, pages: u32) -> Result<Option<u32>> {
        let state = state(&ctx)?;
        let grown = state.with_store(|store| self.memory.grow(store, pages.into()));
        let Ok(before) = grown else { return Ok(None) };
        // Even when it grew by nothing (JavaScript API, "refresh the memory buffer").
        if let Some(view) = state.views.borrow_mut().remove(&key(self.memory)) {
            detach(&ctx, &view.buffer);
        }
        Ok(u32::try_from(before).ok())
    }
}

/// Detaches the buffers of memories that have grown: to be called before JavaScript runs again.
pub fn refresh<'js>(ctx: &Ctx<'js>, state: &State<'js>) {
    state.views.borrow_mut().retain(|_, view| {
        let stays = place(state, view.memory) == (view.address, view.length);
        if !stays {
            detach(ctx, &view.buffer);
        }
        stays
    });
}

fn place(state: &State<'_>, memory: Memory) -> (*mut u8, usize) {
    state.with_store(|store| (memory.data_ptr(&*store), memory.data_size(&*store)))
}

/// An `ArrayBuffer` whose bytes are the memory's. The prelude sees to it that nobody transfers it.
fn buffer<'js>(ctx: &Ctx<'js>, address: *mut u8, length: usize) -> Result<Value<'js>> {
    // SAFETY: the bytes stay where they are until the memory grows; the buffer is detached then, before any JavaScript
    // runs, and QuickJS neither frees nor moves what came without a function for it.
    let value = unsafe {
        let raw =
            qjs::JS_NewArrayBuffer(ctx.as_raw().as_ptr(), address, length as _, 0, None, std::ptr::null_mut(), false);
        Value::from_raw(ctx.clone(), raw)
    };
    if value.is_exception() { Err(rquickjs::Error::Exception) } else { Ok(value) }
}

fn detach<'js>(ctx: &Ctx<'js>, buffer: &Value<'js>) {
    // SAFETY: an `ArrayBuffer` of this context.
    unsafe { qjs::JS_DetachArrayBuffer(ctx.as_raw().as_ptr(), buffer.as_raw()) };
}
