//! Host side of the interfaces in `guest-sdk/wit/world.wit` that WASI does not define.

wasmtime::component::bindgen!({
    path: "guest-sdk/wit",
    world: "glowplug:worker/host",
    imports: { "glowplug:worker/invocation.remaining-fuel": store },
});

pub use self::glowplug::worker::{bindings, invocation, log};
