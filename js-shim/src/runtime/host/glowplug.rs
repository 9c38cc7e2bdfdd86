//! The `glowplug:worker` interfaces.

use crate::bindings::glowplug::worker::{bindings, invocation, log};
use crate::runtime::binding::Version;
use crate::runtime::failure::{Failure, Kind};
use crate::runtime::response;

/// Writes one console line; `level` counts from 0, debug, to 4, error.
pub fn log(level: i32, message: &str) {
    let level = match level {
        ..=0 => log::Level::Debug,
        1 => log::Level::Log,
        2 => log::Level::Info,
        3 => log::Level::Warn,
        4.. => log::Level::Error,
    };
    log::write(level, message);
}

/// Reports a failure. If the response is still due, giving the outparam up tells the host to answer now.
pub fn fail(failure: Failure) {
    invocation::fail(&invocation::Failure {
        kind: match failure.kind {
            Kind::Exception => invocation::FailureKind::Exception,
            Kind::Hang => invocation::FailureKind::Hang,
            Kind::Cpu => invocation::FailureKind::Cpu,
            Kind::Memory => invocation::FailureKind::Memory,
        },
        name: failure.name,
        message: failure.message,
        stack: failure.stack,
        pending: failure.pending,
    });
    drop(response::take_outparam());
}

/// `ctx.passThroughOnException()` was called.
pub fn pass_through_on_exception() {
    invocation::pass_through_on_exception();
}

/// Authority of the URLs that reach the binding `name`; the error is for the worker's author.
pub fn binding_address(name: &str) -> Result<String, String> {
    bindings::address(name).ok_or_else(|| "this version of the worker has no such binding".to_owned())
}

/// Names and values of the worker's secrets.
pub fn secrets() -> Vec<(String, String)> {
    bindings::secrets()
}

/// The version that runs.
pub fn version() -> Result<Version, String> {
    let bindings::VersionMetadata { id, tag, timestamp } = bindings::version();
    Ok(Version { id, tag, timestamp })
}

/// The members of `request.cf`, as JSON.
pub fn cf() -> Option<String> {
    Some(invocation::cf())
}

/// Fuel this invocation may still use.
pub fn remaining_fuel() -> u64 {
    invocation::remaining_fuel()
}
