//! `wasi:clocks/monotonic-clock`: wasmtime's implementation, and a note of which pollables are timers when a recording
//! is played.

use super::HostCtx;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::HostMonotonicClock;
use wasmtime_wasi::clocks::WasiClocksView;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi_io::poll::DynPollable;

pub(super) fn add_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    let mut clock = linker.instance("wasi:clocks/monotonic-clock@0.2.12")?;
    clock.func_wrap("subscribe-duration", |mut store: StoreContextMut<'_, HostCtx>, (duration,): (u64,)| {
        let due = store.data().clock.now().saturating_add(duration);
        let mut view = store.data_mut().clocks();
        let pollable = monotonic_clock::Host::subscribe_duration(&mut view, duration)?;
        Ok((noted(store.data_mut(), pollable, due),))
    })?;
    clock.func_wrap("subscribe-instant", |mut store: StoreContextMut<'_, HostCtx>, (due,): (u64,)| {
        let mut view = store.data_mut().clocks();
        let pollable = monotonic_clock::Host::subscribe_instant(&mut view, due)?;
        Ok((noted(store.data_mut(), pollable, due),))
    })
}

fn noted(ctx: &mut HostCtx, pollable: Resource<DynPollable>, due: u64) -> Resource<DynPollable> {
    if let Some(player) = ctx.subrequests.tape.player() {
        player.timer(pollable.rep(), due);
    }
    pollable
}
