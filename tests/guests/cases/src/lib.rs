//! One worker with all behaviours that tests of the host need; the path picks one.
//!
//! | path | behaviour |
//! |---|---|
//! | `/hello` | `hello`, nothing else: the least a request costs |
//! | `/request` | JSON of the method, path, query and headers as the worker sees them |
//! | `/echo` | the request's body, moved by the host |
//! | `/echo-chunks` | the request's body, chunk by chunk through the worker |
//! | `/upper` | the request's body as text, in capitals |
//! | `/json` | `{"numbers": [..]}` in, `{"count", "sum"}` out; 400 on anything else |
//! | `/status?code=` | an empty response of that status |
//! | `/headers?count=` | a response with that many headers |
//! | `/stream?bytes=&chunk=` | so many bytes, written while they are sent |
//! | `/stream-error` | a body that breaks off after its first chunk |
//! | `/fetch?url=` | status and body of one subrequest |
//! | `/parallel?url=&url=..` | statuses of subrequests that run at the same time |
//! | `/upload?url=&bytes=` | a subrequest whose body is written while it is sent; its response as it is |
//! | `/forward?url=` | the request as it is, sent to another origin; its response as it is |
//! | `/timeout?url=&ms=` | a subrequest given up after a while |
//! | `/sleep?ms=` | answers after a while |
//! | `/wait-until?ms=&url=` | answers, and sends a subrequest a while later |
//! | `/log?lines=` | writes lines to the log |
//! | `/clock` | JSON of the wall clock, before and after a busy loop |
//! | `/random` | 16 random bytes in hexadecimal |
//! | `/env` | JSON of the environment |
//! | `/counter` | how often this instance has been asked: 1 in a fresh sandbox |
//! | `/error`, `/error-400` | errors as the SDK answers them |
//! | `/spin`, `/spin-after-response` | never stops computing |
//! | `/allocate` | allocates until it cannot |
//! | `/recurse` | calls itself without end |
//! | `/panic`, `/panic-after-response` | panics |
//! | `/hang` | awaits what can never happen |
//! | `/endless` | a body without an end |

mod bodies;
mod hostile;
mod state;
mod subrequests;

use glowplug_sdk::http::StatusCode;
use glowplug_sdk::{Context, Error, OrError, Request, Response, Result};

async fn handle(request: Request, ctx: Context) -> Result<Response> {
    match request.path() {
        "/hello" => Ok(Response::from_text("hello")),
        "/request" => bodies::request(&request),
        "/echo" => Ok(bodies::echo(request)),
        "/echo-chunks" => Ok(bodies::echo_chunks(request, &ctx)),
        "/upper" => bodies::upper(request).await,
        "/json" => bodies::json(request).await,
        "/status" => bodies::status(&request),
        "/headers" => bodies::headers(&request),
        "/stream" => bodies::stream(&request, &ctx),
        "/stream-error" => Ok(bodies::stream_error(&ctx)),
        "/fetch" => subrequests::one(&request).await,
        "/parallel" => subrequests::parallel(&request).await,
        "/upload" => subrequests::upload(&request, &ctx).await,
        "/forward" => subrequests::forward(request).await,
        "/timeout" => subrequests::given_up(&request).await,
        "/sleep" => state::sleep(&request).await,
        "/wait-until" => state::wait_until(&request, &ctx),
        "/log" => state::log(&request),
        "/clock" => state::clock(),
        "/random" => Ok(state::random()),
        "/env" => state::env(),
        "/counter" => Ok(state::counter()),
        "/error" => Err(std::io::Error::other("the cause, for the log only").into()),
        "/error-400" => Err(Error::new(StatusCode::BAD_REQUEST, "the client's mistake")),
        "/spin" => hostile::spin(),
        "/spin-after-response" => Ok(hostile::spin_after_response(&ctx)),
        "/allocate" => hostile::allocate(),
        "/recurse" => Ok(hostile::recurse()),
        "/panic" => panic!("asked to panic"),
        "/panic-after-response" => Ok(hostile::panic_after_response(&ctx)),
        "/hang" => std::future::pending().await,
        "/endless" => Ok(hostile::endless()),
        _ => Err(Error::new(StatusCode::NOT_FOUND, "no such case")),
    }
}

glowplug_sdk::export!(handle);

/// A numeric query parameter, or 400.
fn number(request: &Request, name: &str) -> Result<u64> {
    let value = request.query(name).or_error(StatusCode::BAD_REQUEST, format!("give `{name}`"))?;
    value.parse::<u64>().or_error(StatusCode::BAD_REQUEST, format!("`{name}` must be a number"))
}

/// A query parameter, or 400.
fn text(request: &Request, name: &str) -> Result<String> {
    let value = request.query(name).or_error(StatusCode::BAD_REQUEST, format!("give `{name}`"))?;
    Ok(value.into_owned())
}
