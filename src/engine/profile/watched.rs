//! Records invocations of components that were compiled with checks.

use super::component::{Recorder, Symbols};
use super::{HOST, Profiler, Recording};
use crate::host::{self, HostCtx};
use crate::meter::Operation;
use crate::meter::profile::{Frame, Profile};
use std::sync::Arc;
use wasmtime::{CallHook, Store};

/// Records invocations of one component.
pub struct WatchedProfiler {
    /// What its functions are called.
    pub symbols: Arc<Symbols>,
}

impl Profiler for WatchedProfiler {
    fn begin(&self, store: &mut Store<HostCtx>, granted: u64) -> wasmtime::Result<Box<dyn Recording>> {
        let charged = granted.saturating_sub(store.get_fuel()?);
        let recorder = Recorder::install(store, self.symbols.clone());
        let watching = recorder.clone();
        // The host's charges are settled on the way back, so they lie between the two looks at the fuel.
        store.call_hook(move |mut store, hook| {
            let before = matches!(hook, CallHook::CallingHost | CallHook::ReturningFromWasm);
            if before {
                watching.hook(hook, store.get_fuel()?);
            }
            host::meter::settle(&mut store, hook)?;
            if !before {
                watching.hook(hook, store.get_fuel()?);
            }
            Ok(())
        });
        Ok(Box::new(Watched { recorder, charged }))
    }
}

struct Watched {
    recorder: Recorder,
    /// What the host charged before the recorder was there.
    charged: u64,
}

impl Recording for Watched {
    fn end(self: Box<Self>, _: &mut Store<HostCtx>, left: u64) -> Profile {
        let mut profile = self.recorder.finish(left);
        profile.add(&[Frame::named(format!("{HOST} {}", Operation::Instantiate.name()))], self.charged);
        profile
    }
}
