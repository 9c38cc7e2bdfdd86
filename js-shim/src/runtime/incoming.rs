//! The request: `wasi:http/incoming-handler`, and what the prelude may ask about it.

use std::cell::RefCell;

use rquickjs::object::Accessor;
use rquickjs::{Ctx, Object, Result};

use crate::bindings::wasi::http::types::{IncomingRequest as Request, Method, ResponseOutparam, Scheme};
use crate::web::headers::HeaderList;

use super::body::{Body, BodyHandle};
use super::{binding, clock, engine, event_loop, headers, host, interrupt, random, response};

thread_local! {
    static REQUEST: RefCell<Option<Request>> = const { RefCell::new(None) };
}

/// Serves one request.
pub fn handle(request: Request, outparam: ResponseOutparam) {
    engine::begin_request();
    clock::begin();
    random::begin();
    interrupt::begin();
    REQUEST.set(Some(request));
    response::begin(outparam);
    let served = engine::with(|ctx| {
        engine::enter(&ctx, || {
            binding::give_secrets(&ctx)?;
            let incoming = engine::hook(&ctx, |hooks| &hooks.incoming)?;
            engine::hook(&ctx, |hooks| &hooks.fetch)?.call((incoming,))
        });
        event_loop::run(&ctx);
    });
    // Without an engine there is no response: the host says so when the outparam is dropped.
    drop(served);
    response::end();
}

/// Whether the request's method is HEAD, whose response has no body.
pub fn is_head() -> bool {
    with_request(|request| matches!(request.method(), Method::Head)).unwrap_or(false)
}

/// The argument of the prelude's `fetch`: every getter asks the host.
///
/// A plain object, since the class macro puts several getters out in an order that changes from build to build.
pub fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let incoming = Object::new(ctx.clone())?;
    incoming.prop("method", Accessor::from(method).enumerable())?;
    incoming.prop("url", Accessor::from(url).enumerable())?;
    incoming.prop("headers", Accessor::from(header_list).enumerable())?;
    incoming.prop("body", Accessor::from(body).enumerable())?;
    incoming.prop("cf", Accessor::from(host::cf).enumerable())?;
    Ok(incoming)
}

fn method() -> String {
    with_request(|request| method_name(request.method())).unwrap_or_default()
}

fn url() -> String {
    with_request(|request| {
        let scheme = match request.scheme() {
            Some(Scheme::Https) => "https",
            Some(Scheme::Other(scheme)) => return format!("{scheme}:"),
            Some(Scheme::Http) | None => "http",
        };
        let authority = request.authority().unwrap_or_else(|| "localhost".to_owned());
        let path = request.path_with_query().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{scheme}://{authority}{slash}{path}")
    })
    .unwrap_or_default()
}

fn header_list() -> HeaderList {
    with_request(|request| headers::incoming(&request.headers())).unwrap_or_default()
}

/// `None` for a request that cannot have a body, or has none: the host lets no body be consumed then.
fn body() -> Option<BodyHandle> {
    with_request(|request| {
        if matches!(request.method(), Method::Get | Method::Head) {
            return None;
        }
        let length = headers::content_length(&request.headers());
        let body = Body::new(request.consume().ok()?, length);
        Some(BodyHandle { body })
    })
    .flatten()
}

fn with_request<R>(f: impl FnOnce(&Request) -> R) -> Option<R> {
    REQUEST.with_borrow(|request| request.as_ref().map(f))
}

fn method_name(method: Method) -> String {
    let name = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    };
    name.to_owned()
}
