//! From the host's call to the response's last byte.

use std::future::Future;

use http::{Method, StatusCode};
use wasip2::http::types::{IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

use crate::body::{self, Body, Sent};
use crate::response::IntoResponse;
use crate::{Context, Error, Request, Response, executor, headers, log};

/// Serve one request: what [`export!`](crate::export) expands to.
pub fn serve<F, R>(
    request: IncomingRequest,
    out: ResponseOutparam,
    handler: impl FnOnce(Request, Context) -> F + 'static,
) where
    F: Future<Output = R> + 'static,
    R: IntoResponse,
{
    log::install_panic_hook();
    let finished = executor::run(async move {
        let parsed = Request::from_wasi(&request);
        // The parts have been taken out; the host may free the rest.
        drop(request);
        match parsed {
            Ok(request) => {
                let method = request.method().clone();
                let answer = handler(request, Context::new()).await;
                respond(answer.into_response(), &method, out).await;
            }
            Err(error) => respond(error.into_response(), &Method::GET, out).await,
        }
    });
    if let Err(stalled) = finished {
        // The outparam has been dropped with the handler if it was not used: the host answers then.
        crate::log!(
            "error: the worker hangs: {} task(s) await something that no timer, subrequest or body can \
             ever wake",
            stalled.tasks
        );
    }
}

async fn respond(response: Response, method: &Method, out: ResponseOutparam) {
    let (outgoing, body) = match to_wasi(response, method) {
        Ok(message) => message,
        Err(error) => match to_wasi(error.into_response(), method) {
            Ok(message) => message,
            // Even the error page was refused: leave the answer to the host.
            Err(_) => return,
        },
    };
    let Ok(outgoing_body) = outgoing.body() else {
        return;
    };
    ResponseOutparam::set(out, Ok(outgoing));
    deliver(body, outgoing_body).await;
}

async fn deliver(body: Body, out: OutgoingBody) {
    match body::send(body, out).await {
        // A client that left is no error of the worker's.
        Sent::Whole | Sent::Refused => {}
        Sent::Failed(reason) => crate::log!("error: the response body broke off: {reason}"),
    }
}

fn to_wasi(mut response: Response, method: &Method) -> Result<(OutgoingResponse, Body), Error> {
    let body = response.take_body();
    let status = response.status();
    if may_have_length(status, method) {
        headers::set_length(response.headers_mut(), body.known_length());
    }
    let outgoing = OutgoingResponse::new(headers::to_wasi(response.headers())?);
    outgoing
        .set_status_code(status.as_u16())
        .map_err(|()| Error::internal(format!("the host refused the status {status}")))?;
    Ok((outgoing, body))
}

/// RFC 9110 §8.6: no `content-length` with 1xx and 204. A 304 and the answer to `HEAD` give the length of
/// a body that is not sent, which only the worker knows.
fn may_have_length(status: StatusCode, method: &Method) -> bool {
    let bodiless = status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    !bodiless && method != Method::HEAD
}
