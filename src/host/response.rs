//! What the host notes while a `wasi:http` 0.2 guest makes its response.
//!
//! ## Why
//! wasmtime's implementation cannot tell a body that was finished from one whose sandbox was lost: both end the stream.
//! A client must see the difference, so `outgoing-body.finish` is noted. The fuel at the response's head is noted too,
//! since a header can state no later figure.

use super::{Failure, FailureKind, HostCtx};
use http::StatusCode;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode};
use wasmtime_wasi_http::p2::body::HostOutgoingBody;
use wasmtime_wasi_http::p2::types::{HostOutgoingResponse, HostResponseOutparam};
use wasmtime_wasi_http::{FieldMap, WasiHttpView};

/// The interface whose functions are wrapped, as wasmtime registers it.
pub(super) const TYPES: &str = "wasi:http/types@0.2.12";

/// How far the response has come.
#[derive(Debug, Default)]
pub struct ResponseProgress {
    /// Fuel left when the head was given. Shared with the callback that sends the head, which has no store to ask.
    pub fuel_left_at_head: Arc<AtomicU64>,
    /// When the head was given.
    pub head_at: Option<Instant>,
    /// The head's status.
    pub status: Option<StatusCode>,
    /// The response's body while a 0.2 guest holds it.
    body: Option<u32>,
    /// The guest has begun a body and not said that it is complete.
    pub body_open: bool,
    /// Fuel left, and fuel of host work until then, when the response was complete.
    pub complete: Option<Mark>,
}

/// How much fuel was used at some moment.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// Fuel left.
    pub left: u64,
    /// Fuel that host work had taken.
    pub host: u64,
}

impl ResponseProgress {
    /// Whether `rep` is the response's body.
    pub(super) fn is_body(&self, rep: u32) -> bool {
        self.body == Some(rep)
    }
}

type HeadResult = Result<Resource<HostOutgoingResponse>, ErrorCode>;
type BodyResult = Result<Resource<HostOutgoingBody>, ()>;
type FinishResult = Result<(), ErrorCode>;

pub(super) fn add_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap("[static]response-outparam.set", set)?;
    types.func_wrap("[method]outgoing-response.body", body)?;
    types.func_wrap("[static]outgoing-body.finish", finish)?;
    Ok(())
}

fn set(
    mut store: StoreContextMut<'_, HostCtx>,
    (outparam, head): (Resource<HostResponseOutparam>, HeadResult),
) -> wasmtime::Result<()> {
    let left = store.get_fuel().unwrap_or(u64::MAX);
    let ctx = store.data_mut();
    ctx.response.fuel_left_at_head.store(left, Ordering::Relaxed);
    ctx.response.complete = Some(Mark { left, host: ctx.meter().settled() });
    match &head {
        Ok(response) => {
            let response = ctx.table.get(response)?;
            ctx.response.status = Some(response.status);
            ctx.subrequests.tape.head(response.status.as_u16(), &response.headers);
            ctx.response.head_at = Some(Instant::now());
        }
        Err(code) => ctx.failure = Some(Failure::answered_with_error(code)),
    }
    types::HostResponseOutparam::set(&mut ctx.http(), outparam, head)
}

fn body(
    mut store: StoreContextMut<'_, HostCtx>,
    (response,): (Resource<HostOutgoingResponse>,),
) -> wasmtime::Result<(BodyResult,)> {
    let ctx = store.data_mut();
    let body = types::HostOutgoingResponse::body(&mut ctx.http(), response)?;
    if let Ok(body) = &body {
        ctx.response.body = Some(body.rep());
        ctx.response.body_open = true;
    }
    Ok((body,))
}

fn finish(
    mut store: StoreContextMut<'_, HostCtx>,
    (body, trailers): (Resource<HostOutgoingBody>, Option<Resource<FieldMap>>),
) -> wasmtime::Result<(FinishResult,)> {
    let left = store.get_fuel().unwrap_or(u64::MAX);
    let ctx = store.data_mut();
    let rep = body.rep();
    match types::HostOutgoingBody::finish(&mut ctx.http(), body, trailers) {
        Ok(()) => {
            // A rep may be used again after this, by a subrequest's body.
            if ctx.response.is_body(rep) {
                ctx.response.body = None;
                ctx.response.body_open = false;
                ctx.response.complete = Some(Mark { left, host: ctx.meter().settled() });
            }
            Ok((Ok(()),))
        }
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

impl Failure {
    /// The guest gave a `wasi:http` error code where a response was due.
    pub fn answered_with_error(code: &dyn fmt::Debug) -> Self {
        Self {
            kind: FailureKind::Exception,
            name: "Error".into(),
            message: format!("the worker answered with the wasi:http error {code:?}"),
            stack: String::new(),
            pending: Vec::new(),
        }
    }
}
