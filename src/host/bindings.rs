//! Host side of the interfaces in `guest-sdk/wit/world.wit` that WASI does not define.

wasmtime::component::bindgen!({
    path: "guest-sdk/wit",
    world: "glowplug:worker/host",
    imports: {
        "glowplug:worker/invocation.remaining-fuel": store,
        "glowplug:worker/websocket.accept": trappable,
        "glowplug:worker/websocket.forward": trappable,
        "glowplug:worker/websocket.connect": trappable,
        "glowplug:worker/websocket.[method]websocket.receive": trappable,
        "glowplug:worker/websocket.[method]websocket.subscribe-readable": trappable,
        "glowplug:worker/websocket.[method]websocket.send": trappable,
        "glowplug:worker/websocket.[method]websocket.subscribe-writable": trappable,
        "glowplug:worker/websocket.[method]websocket.buffered": trappable,
        "glowplug:worker/websocket.[method]websocket.close": trappable,
        "glowplug:worker/websocket.[method]websocket.extensions": trappable,
        "glowplug:worker/websocket.[method]connecting.subscribe": trappable,
        "glowplug:worker/websocket.[method]connecting.get": trappable,
    },
    require_store_data_send: true,
    with: {
        "wasi:io": wasmtime_wasi::p2::bindings::io,
        "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        "wasi:http": wasmtime_wasi_http::p2::bindings::http,
        // The types are those of `wasi:io` and `wasi:http`, which are linked elsewhere.
        "glowplug:worker/websocket.websocket": super::websocket::Socket,
        "glowplug:worker/websocket.connecting": super::websocket::Connecting,
    },
});

pub use self::glowplug::worker::{bindings, invocation, log, websocket};

/// What the host calls of a guest besides HTTP.
pub mod events {
    wasmtime::component::bindgen!({
        path: "guest-sdk/wit",
        world: "glowplug:worker/event-handler",
        exports: { default: async },
    });
}
