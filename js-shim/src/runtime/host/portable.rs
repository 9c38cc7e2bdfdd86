//! Stand-ins on plain WASI: stderr for log and failures, a plain-text 500 for a failed request.

use crate::bindings::wasi::cli::stderr::get_stderr;
use crate::bindings::wasi::http::types::{ErrorCode, Fields, OutgoingResponse, ResponseOutparam};
use crate::runtime::binding::Version;
use crate::runtime::engine::{self, Phase};
use crate::runtime::failure::Failure;
use crate::runtime::{response, sink};

/// The most that `blocking-write-and-flush` takes at once.
const STDERR_CHUNK: usize = 4096;

const NO_BINDINGS: &str = "this worker was built as a portable component, which has no bindings but its variables";

const LEVELS: [&str; 5] = ["debug", "log", "info", "warn", "error"];

/// Writes one console line; `level` counts from 0, debug, to 4, error.
pub fn log(level: i32, message: &str) {
    write(LEVELS[level.clamp(0, 4) as usize], message);
}

/// Writes the failure to stderr and, if the response is still due, answers 500.
pub fn fail(failure: Failure) {
    let mut text = format!("{}: {}", failure.name, failure.message);
    for line in failure.pending.iter().chain([&failure.stack]) {
        if !line.is_empty() {
            text.push('\n');
            text.push_str(line);
        }
    }
    write("error", &text);
    if let Some(outparam) = response::take_outparam() {
        answer_500(outparam);
    }
}

/// The edge that would act on this is glowplug's.
pub fn pass_through_on_exception() {}

/// Bindings are glowplug's.
pub fn binding_address(_name: &str) -> Result<String, String> {
    Err(NO_BINDINGS.to_owned())
}

/// There are none; a worker reads `undefined`.
pub fn secrets() -> Vec<(String, String)> {
    Vec::new()
}

/// Versions are glowplug's.
pub fn version() -> Result<Version, String> {
    Err(NO_BINDINGS.to_owned())
}

/// Nothing is known of the connection.
pub fn cf() -> Option<String> {
    None
}

/// No host to ask: never interrupt.
pub fn remaining_fuel() -> u64 {
    u64::MAX
}

fn answer_500(outparam: ResponseOutparam) {
    let text = b"the worker failed to answer; see the log of the server\n";
    let headers = [
        ("content-type".to_owned(), b"text/plain;charset=UTF-8".to_vec()),
        ("content-length".to_owned(), text.len().to_string().into_bytes()),
    ];
    let Ok(headers) = Fields::from_list(&headers) else {
        return ResponseOutparam::set(outparam, Err(ErrorCode::InternalError(None)));
    };
    let response = OutgoingResponse::new(headers);
    let body = response.body();
    if response.set_status_code(500).is_err() {
        return ResponseOutparam::set(outparam, Err(ErrorCode::InternalError(None)));
    }
    ResponseOutparam::set(outparam, Ok(response));
    if let Some(sink) = body.ok().and_then(sink::Sink::open) {
        sink.send(text.to_vec(), sink::Owner::Failure);
    }
}

/// There is no stderr at start-up: the host that takes the snapshot gives no imports.
fn write(level: &str, message: &str) {
    if engine::phase() == Phase::StartUp {
        return;
    }
    let stderr = get_stderr();
    for chunk in format!("[{level}] {message}\n").as_bytes().chunks(STDERR_CHUNK) {
        if stderr.blocking_write_and_flush(chunk).is_err() {
            return;
        }
    }
}
