//! Bindings of the world in `guest-sdk/wit`.

#[cfg(not(feature = "portable"))]
wit_bindgen::generate!({
    path: "../guest-sdk/wit",
    world: "js-worker",
    generate_all,
});

#[cfg(feature = "portable")]
wit_bindgen::generate!({
    path: "../guest-sdk/wit",
    world: "js-worker-portable",
    generate_all,
});

export!(Handler);

/// The `wasi:http/incoming-handler` export.
struct Handler;

impl exports::wasi::http::incoming_handler::Guest for Handler {
    fn handle(request: wasi::http::types::IncomingRequest, outparam: wasi::http::types::ResponseOutparam) {
        crate::runtime::handle(request, outparam);
    }
}
