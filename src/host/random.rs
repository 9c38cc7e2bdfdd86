//! `wasi:random`: wasmtime's implementation, and the charge for bytes.

use super::HostCtx;
use crate::meter::Operation;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p2::bindings::random::{insecure, random};

pub(super) fn add_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    linker.instance("wasi:random/random@0.2.12")?.func_wrap(
        "get-random-bytes",
        |mut store: StoreContextMut<'_, HostCtx>, (length,): (u64,)| {
            let ctx = charge(&mut store, length);
            Ok((random::Host::get_random_bytes(ctx.ctx().ctx.random(), length)?,))
        },
    )?;
    linker.instance("wasi:random/insecure@0.2.12")?.func_wrap(
        "get-insecure-random-bytes",
        |mut store: StoreContextMut<'_, HostCtx>, (length,): (u64,)| {
            let ctx = charge(&mut store, length);
            Ok((insecure::Host::get_insecure_random_bytes(ctx.ctx().ctx.random(), length)?,))
        },
    )
}

/// What a call would ask for beyond its limit is refused, and not charged.
fn charge<'a>(store: &'a mut StoreContextMut<'_, HostCtx>, length: u64) -> &'a mut HostCtx {
    let ctx = store.data_mut();
    ctx.subrequests.meter.charge(Operation::Random, length.min(super::MAX_RANDOM_BYTES));
    ctx
}
