//! Calls `wasi:http/handler@0.3`.

use super::Sending;
use crate::host::{Failure, HostCtx, Mark};
use std::time::{Duration, Instant};
use wasmtime::{AsContext, Result, Store};
use wasmtime_wasi_http::p3::Request;
use wasmtime_wasi_http::p3::bindings::Service;
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

/// Runs the guest's handler, and its tasks until the response is over: in 0.3 they write the body.
pub(super) async fn call(
    store: &mut Store<HostCtx>,
    service: &Service,
    request: http::Request<WasiBody>,
    sending: Sending,
    sandbox: Duration,
) -> Result<()> {
    let end = sending.end.clone();
    store
        .run_concurrent(async |accessor| {
            // What becomes of the request's body is of no interest once the guest has answered.
            let request = accessor.with(|mut store| Request::from_http(store.data_mut().http().hooks, request).0);
            match service.handle(accessor, request).await? {
                Ok(response) => accessor.with(|mut store| {
                    let response = response.into_http(&mut store, async { Ok(()) })?;
                    let left = store.as_context().get_fuel().unwrap_or(u64::MAX);
                    let progress = &mut store.data_mut().response;
                    progress.head_at = Some(Instant::now());
                    progress.body_open = true;
                    progress.status = Some(response.status());
                    sending.send(response, left, sandbox);
                    wasmtime::error::Ok(())
                })?,
                Err(code) => {
                    accessor.with(|mut store| store.data_mut().failure = Some(Failure::answered_with_error(&code)));
                    return Ok(());
                }
            }
            end.ended().await;
            accessor.with(|mut store| {
                let left = store.as_context().get_fuel().unwrap_or(u64::MAX);
                let ctx = store.data_mut();
                let host = ctx.meter().settled();
                ctx.response.complete = Some(Mark { left, host });
                ctx.response.body_open = false;
            });
            Ok(())
        })
        .await?
}
