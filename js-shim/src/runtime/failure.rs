//! What went wrong in a run, told to the host.

use std::cell::Cell;

use rquickjs::convert::List;
use rquickjs::{Ctx, Result, Value};

use super::text::Text;
use super::{engine, host, interrupt, response};

/// How the error begins that the start-up ban throws.
pub const DISALLOWED: &str = "Disallowed operation called within global scope";

/// The prelude's file name in stacks (`build.rs`).
const PRELUDE_NAME: &str = "(glowplug:prelude";

/// Name and message of QuickJS's error when an allocation failed.
const OUT_OF_MEMORY: (&str, &str) = ("InternalError", "out of memory");

const HANG: &str = "The worker's code had hung and would never generate a response: \
     no I/O, timer or promise job is left that could settle what it awaits.";
const HANG_STREAM: &str = "The response's body will never end: \
     no I/O, timer or promise job is left that could settle what its stream awaits.";
const HANG_WAIT_UNTIL: &str = "A promise given to ctx.waitUntil() will never settle: \
     no I/O, timer or promise job is left that could settle it.";

/// What kind of failure ended a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Exception,
    Hang,
    Cpu,
    Memory,
}

/// A failure as the host gets it.
pub struct Failure {
    pub kind: Kind,
    pub name: String,
    pub message: String,
    pub stack: String,
    pub pending: Vec<String>,
}

thread_local! {
    /// Set by the first report of a stop: what comes after it is the stop's echo.
    static STOP_REPORTED: Cell<bool> = const { Cell::new(false) };
}

/// The prelude's report: the handler threw, or a later part of the run did.
pub fn fail(name: String, message: String, stack: String) {
    host::fail(Failure::new(name, message, stack));
    response::abandon();
}

/// A value that reached Rust because nothing in JavaScript caught it.
pub fn uncaught<'js>(ctx: &Ctx<'js>, value: Value<'js>) {
    let failure = if interrupt::stopped() {
        if STOP_REPORTED.replace(true) {
            return;
        }
        Failure::cpu(&value)
    } else {
        Failure::of(ctx, &value)
    };
    host::fail(failure);
    response::abandon();
    response::done();
}

/// JavaScript was stopped: makes sure it was told, even if the error got lost on its way.
pub fn stopped(ctx: &Ctx<'_>) {
    uncaught(ctx, Value::new_undefined(ctx.clone()));
}

/// Nothing is left that could end the run.
pub fn hang(ctx: &Ctx<'_>) {
    let message = match response::stage() {
        response::Stage::Due => HANG,
        response::Stage::Streaming => HANG_STREAM,
        response::Stage::Over => HANG_WAIT_UNTIL,
    };
    let pending = pending(ctx).unwrap_or_default();
    let mut failure = Failure::error(message);
    failure.kind = Kind::Hang;
    failure.pending = pending;
    host::fail(failure);
    response::abandon();
}

fn pending(ctx: &Ctx<'_>) -> Result<Vec<String>> {
    engine::hook(ctx, |hooks| &hooks.pending)?.call(())
}

impl Failure {
    /// A plain `Error` with no stack.
    pub fn error(message: &str) -> Failure {
        Failure::new("Error".to_owned(), message.to_owned(), String::new())
    }

    fn new(mut name: String, mut message: String, stack: String) -> Failure {
        // QuickJS throws `null` when there is no memory for an error object either.
        if message == "uncaught null" && memory_is_used_up() {
            (name, message) = (OUT_OF_MEMORY.0.to_owned(), OUT_OF_MEMORY.1.to_owned());
        }
        let is_memory = (name.as_str(), message.as_str()) == OUT_OF_MEMORY;
        let kind = if is_memory { Kind::Memory } else { Kind::Exception };
        Failure { kind, name, message, stack, pending: Vec::new() }
    }

    /// The failure that an uncaught `value` is, in the prelude's words.
    pub fn of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Failure {
        let described: Result<List<(Text, Text, Text)>> =
            engine::hook(ctx, |hooks| &hooks.describe).and_then(|describe| describe.call((value.clone(),)));
        match described {
            Ok(List((name, message, stack))) => Failure::new(name.0, message.0, stack.0),
            Err(error) => {
                // The description failed as well: most likely there is no memory for it either.
                drop(engine::thrown(ctx, error));
                Failure::plain(value)
            }
        }
    }

    /// Stopped for its CPU use: the stack of QuickJS's error, read without running JavaScript.
    pub fn cpu(value: &Value<'_>) -> Failure {
        Failure {
            kind: Kind::Cpu,
            name: "Error".to_owned(),
            message: "The worker exceeded its CPU limit.".to_owned(),
            stack: without_prelude(&Failure::plain(value).stack),
            pending: Vec::new(),
        }
    }

    fn plain(value: &Value<'_>) -> Failure {
        let property = |name: &str| -> String {
            let object = value.as_object().filter(|object| object.is_error());
            object.and_then(|object| object.get::<_, Text>(name).ok()).map_or_else(String::new, |text| text.0)
        };
        Failure::new(property("name"), property("message"), property("stack"))
    }
}

/// A stack without the lines that are none of the worker's.
fn without_prelude(stack: &str) -> String {
    let lines = stack.lines().filter(|line| !line.contains(PRELUDE_NAME));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// Whether the host gives no more memory.
fn memory_is_used_up() -> bool {
    const ONE_MIB_IN_PAGES: usize = 16;
    core::arch::wasm32::memory_grow::<0>(ONE_MIB_IN_PAGES) == usize::MAX
}
