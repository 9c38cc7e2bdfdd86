//! Which of the guest's streams carry the request's body and the response's.
//!
//! ## Why
//! A stream does not know whose body it is, but bytes of the request and the response are counted apart from those of
//! subrequests. So the calls that lead from the request to its stream, and from the response to its own, are noted.

use super::HostCtx;
use crate::meter::Operation;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::types;
use wasmtime_wasi_http::p2::body::{HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::HostIncomingRequest;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

/// The handles that matter, while the guest has them.
#[derive(Debug, Default)]
pub struct Roles {
    request_body: Option<u32>,
    request_stream: Option<u32>,
    response_stream: Option<u32>,
}

impl Roles {
    /// What reading from the input stream `rep` is charged as.
    pub fn of_input(&self, rep: u32) -> Operation {
        if self.request_stream == Some(rep) { Operation::RequestBody } else { Operation::StreamRead }
    }

    /// What writing to the output stream `rep` is charged as.
    pub fn of_output(&self, rep: u32) -> Operation {
        if self.response_stream == Some(rep) { Operation::ResponseBody } else { Operation::StreamWrite }
    }

    /// The handle may be another stream's from now on.
    pub fn input_dropped(&mut self, rep: u32) {
        self.request_stream = self.request_stream.filter(|stream| *stream != rep);
    }

    /// The handle may be another stream's from now on.
    pub fn output_dropped(&mut self, rep: u32) {
        self.response_stream = self.response_stream.filter(|stream| *stream != rep);
    }
}

type BodyResult<T> = Result<Resource<T>, ()>;

pub(super) fn add_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    let mut types = linker.instance(super::response::TYPES)?;
    types.func_wrap("[method]incoming-request.consume", consume)?;
    types.func_wrap("[method]incoming-body.stream", stream)?;
    types.func_wrap("[method]outgoing-body.write", write)?;
    Ok(())
}

fn consume(
    mut store: StoreContextMut<'_, HostCtx>,
    (request,): (Resource<HostIncomingRequest>,),
) -> wasmtime::Result<(BodyResult<HostIncomingBody>,)> {
    let ctx = store.data_mut();
    let body = types::HostIncomingRequest::consume(&mut ctx.http(), request)?;
    if let Ok(body) = &body {
        ctx.roles.request_body = Some(body.rep());
    }
    Ok((body,))
}

fn stream(
    mut store: StoreContextMut<'_, HostCtx>,
    (body,): (Resource<HostIncomingBody>,),
) -> wasmtime::Result<(BodyResult<DynInputStream>,)> {
    let ctx = store.data_mut();
    let rep = body.rep();
    let stream = types::HostIncomingBody::stream(&mut ctx.http(), body)?;
    // A body gives its stream once, and there is one request: a later body with the same handle is another's.
    if ctx.roles.request_body == Some(rep)
        && let Ok(stream) = &stream
    {
        ctx.roles.request_body = None;
        ctx.roles.request_stream = Some(stream.rep());
    }
    Ok((stream,))
}

fn write(
    mut store: StoreContextMut<'_, HostCtx>,
    (body,): (Resource<HostOutgoingBody>,),
) -> wasmtime::Result<(BodyResult<DynOutputStream>,)> {
    let ctx = store.data_mut();
    let rep = body.rep();
    let stream = types::HostOutgoingBody::write(&mut ctx.http(), body)?;
    if ctx.response.is_body(rep)
        && let Ok(stream) = &stream
    {
        ctx.roles.response_stream = Some(stream.rep());
    }
    Ok((stream,))
}
