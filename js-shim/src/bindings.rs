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

/// The exports: `wasi:http/incoming-handler`, and where it is glowplug that runs it, `glowplug:worker/events`.
struct Handler;

impl exports::wasi::http::incoming_handler::Guest for Handler {
    fn handle(request: wasi::http::types::IncomingRequest, outparam: wasi::http::types::ResponseOutparam) {
        crate::runtime::handle(request, outparam);
    }
}

#[cfg(not(feature = "portable"))]
impl exports::glowplug::worker::events::Guest for Handler {
    fn scheduled(event: exports::glowplug::worker::events::ScheduledEvent) -> Result<(), String> {
        crate::runtime::handle_event("scheduled", event.cron, event.scheduled_time as f64);
        Ok(())
    }

    fn tail(items: String) -> Result<(), String> {
        crate::runtime::handle_event("tail", items, 0.0);
        Ok(())
    }
}
