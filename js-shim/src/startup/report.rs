//! The result of start-up, as JSON.

use rquickjs::{Ctx, Error, Result};

use crate::runtime::failure::{DISALLOWED, Failure, Kind};
use crate::runtime::{engine, interrupt};

const HANG: &str = "The worker's top-level code awaits something that never settles: \
     no I/O and no timers are there during start-up.";

/// How start-up went.
pub enum Report {
    Handlers(Vec<String>),
    Failed { kind: &'static str, failure: Failure },
}

impl Report {
    /// The names of the handlers, or what went wrong.
    pub fn of(ctx: &Ctx<'_>, outcome: Result<Vec<String>>) -> Report {
        let error = match outcome {
            Ok(handlers) => return Report::Handlers(handlers),
            Err(error) => error,
        };
        let value = engine::thrown(ctx, error);
        let failure = if interrupt::stopped() { Failure::cpu(&value) } else { Failure::of(ctx, &value) };
        Report::Failed { kind: kind(&failure), failure }
    }

    /// Top-level code that never ends.
    pub fn hang() -> Report {
        Report::Failed { kind: "hang", failure: Failure::error(HANG) }
    }

    /// The engine itself could not be made.
    pub fn internal(error: &Error) -> Report {
        let kind = match error {
            Error::Allocation => "memory",
            _ => "exception",
        };
        Report::Failed { kind, failure: Failure::error(&error.to_string()) }
    }

    /// Whether the worker is ready to serve.
    pub fn is_ok(&self) -> bool {
        matches!(self, Report::Handlers(_))
    }

    /// The text the host parses.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        match self {
            Report::Handlers(handlers) => {
                json.push_str(r#"{"ok":true,"handlers":["#);
                for (index, handler) in handlers.iter().enumerate() {
                    json.push_str(if index == 0 { "" } else { "," });
                    quote(&mut json, handler);
                }
                json.push_str("]}");
            }
            Report::Failed { kind, failure } => {
                json.push_str(r#"{"ok":false"#);
                for (key, value) in
                    [("kind", *kind), ("name", &failure.name), ("message", &failure.message), ("stack", &failure.stack)]
                {
                    json.push_str(&format!(r#","{key}":"#));
                    quote(&mut json, value);
                }
                json.push('}');
            }
        }
        json
    }
}

fn kind(failure: &Failure) -> &'static str {
    match failure.kind {
        Kind::Cpu => "cpu",
        Kind::Memory => "memory",
        Kind::Hang => "hang",
        Kind::Exception if failure.name == "NoHandlerError" => "no-handler",
        Kind::Exception if failure.message.starts_with(DISALLOWED) => "disallowed",
        Kind::Exception => "exception",
    }
}

fn quote(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c < ' ' => json.push_str(&format!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
}
