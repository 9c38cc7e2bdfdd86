//! `wasi:clocks/monotonic-clock@0.3`: waits that move the frozen clock, as `io` does for 0.2.

use super::HostCtx;
use std::time::Duration;
use wasmtime::component::{Accessor, Linker};
use wasmtime_wasi::HostMonotonicClock;

const INTERFACE: &str = "wasi:clocks/monotonic-clock@0.3.0";

pub(super) fn add_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    let mut clock = linker.instance(INTERFACE)?;
    clock.func_wrap_concurrent("wait-for", |accessor: &Accessor<HostCtx>, (nanoseconds,): (u64,)| {
        Box::pin(wait(accessor, nanoseconds))
    })?;
    clock.func_wrap_concurrent("wait-until", |accessor: &Accessor<HostCtx>, (until,): (u64,)| {
        Box::pin(async move {
            let now = accessor.with(|mut store| store.data_mut().clock.now());
            wait(accessor, until.saturating_sub(now)).await
        })
    })
}

async fn wait(accessor: &Accessor<HostCtx>, nanoseconds: u64) -> wasmtime::Result<()> {
    tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
    accessor.with(|mut store| store.data_mut().clock.advance());
    Ok(())
}
