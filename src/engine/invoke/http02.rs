//! Calls `wasi:http/incoming-handler@0.2`.

use super::Sending;
use crate::host::HostCtx;
use crate::host::http::Bodiless;
use std::sync::atomic::Ordering;
use std::time::Duration;
use wasmtime::component::Resource;
use wasmtime::{Result, Store};
use wasmtime_wasi_http::p2::bindings::Proxy;
use wasmtime_wasi_http::p2::bindings::http::types::{HostIncomingBody, HostIncomingRequest as _, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

/// Runs the guest's handler to its end; the head goes out when the guest sets it. With `body_is_null` the guest cannot
/// consume the body of a request that has none.
pub(super) async fn call(
    store: &mut Store<HostCtx>,
    proxy: &Proxy,
    request: http::Request<WasiBody>,
    sending: Sending,
    sandbox: Duration,
    body_is_null: bool,
) -> Result<()> {
    let scheme = match request.uri().scheme_str() {
        Some("https") => Scheme::Https,
        _ => Scheme::Http,
    };
    let ctx = store.data_mut();
    let fuel_left = ctx.response.fuel_left_at_head.clone();
    ctx.subrequests.shows_upgrade = ctx.websocket.is_some();
    let bodiless = body_is_null && request.extensions().get::<Bodiless>().is_some();
    let request = ctx.http().new_incoming_request(scheme, request)?;
    if bodiless && let Ok(body) = ctx.http().consume(Resource::new_borrow(request.rep()))? {
        HostIncomingBody::drop(&mut ctx.http(), body)?;
    }
    ctx.subrequests.shows_upgrade = false;
    let outparam = ctx.http().new_response_outparam_from_callback(move |result| {
        // An error instead of a response was noted by `host::response`; the report tells it.
        if let Ok(response) = result {
            sending.send(response, fuel_left.load(Ordering::Relaxed), sandbox);
        }
    })?;
    proxy.wasi_http_incoming_handler().call_handle(store, request, outparam).await
}
