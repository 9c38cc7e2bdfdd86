//! Workers that call workers: each call runs in a sandbox of its own and has an account of its own.

use super::record::Record;
use super::route::Target;
use super::{Site, respond};
use crate::engine::invoke::{Invocation, Report};
use crate::host::binding::{Answer, Call};
use crate::host::{Dispatch, http as host_http};
use http::Response;
use http_body_util::{BodyExt, Full};
use std::sync::{Arc, Weak};
use wasmtime_wasi_http::{Error, WasiBody};

/// Answers calls with the workers of a site.
pub struct Services(Weak<Site>);

impl Services {
    pub fn new(site: Weak<Site>) -> Self {
        Self(site)
    }
}

impl Dispatch for Services {
    fn call(&self, call: Call) -> Answer {
        let site = self.0.upgrade();
        Box::pin(async move {
            match site {
                Some(site) => answer(site, call).await,
                None => Err(failed("the server is stopping".into())),
            }
        })
    }
}

async fn answer(site: Arc<Site>, call: Call) -> Result<Response<WasiBody>, Error> {
    let Call { worker: name, request, request_id, chain } = call;
    let (mut parts, body) = request.into_parts();
    let Target { ready, route, .. } =
        site.target_named(&name, &parts.headers).await.map_err(|refused| failed(refused.why.error))?;
    let Some(ready) = ready else { return Err(failed(format!("`{name}` has no code"))) };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut record = Record::new(site.clone(), request_id.clone(), parts.method.clone(), path);
    record.answered_by(&ready, route, &parts.uri);
    if let Some(response) = super::dispatch::from_assets(&ready, &parts).await {
        record.finish_with_asset(response.status().as_u16());
        return Ok(response.map(|bytes| host_http::body(Full::new(bytes))));
    }
    let Some(worker) = ready.worker.clone() else { return Err(failed(format!("`{name}` has no code"))) };
    match site.grant(&ready, worker.limits().fuel).await {
        Ok(grant) => record.runs_on(grant),
        Err((code, why)) => {
            let error = failed(format!("the worker `{name}` was not run: {}", why.error));
            record.finish_refused(code.status().as_u16(), why);
            return Err(error);
        }
    }
    super::dispatch::say_if_bodiless(&mut parts, &body);
    let mut request = http::Request::from_parts(parts, body);
    record.trace(&mut request);
    let (tape, granted) = (record.tape(&worker, &request), record.granted(&worker));
    let invocation =
        Invocation { request, event: None, request_id, log: record.log(), seed: None, chain, fuel: granted, tape };
    let on_end = {
        let worker = worker.clone();
        move |report: &Report| record.finish(report, &worker)
    };
    let running = site.executor.invoke(worker.clone(), invocation, on_end);
    if let Some(head) = running.head.await {
        let body = |body: crate::engine::invoke::ResponseBody| {
            body.map_err(|error| Error::InternalError(Some(error.to_string()))).boxed_unsync()
        };
        return Ok(head.response.map(body));
    }
    let report = tokio::select! {
        biased;
        Ok(report) = running.report => report,
        Ok(failure) = running.failure => Report::early(failure),
        else => return Err(failed(format!("`{name}` ended without an account"))),
    };
    let (_, details) = respond::explain(&report, &worker, granted);
    Err(failed(format!("the worker `{name}` failed: {}", details.error)))
}

fn failed(why: String) -> Error {
    Error::InternalError(Some(why))
}
