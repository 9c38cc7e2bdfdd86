//! What the page is told of a run.

use super::preview::Previews;
use super::problem::Problem;
use super::programs::Program;
use crate::cli::compare::prices::{self, Price};
use crate::cli::trial::Exchange;
use crate::host::LogLine;
use crate::host::bindings::log::Level;
use crate::limits::cpu_ms_of_fuel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use std::time::Duration;

/// Bytes of an answer's body that the page is given.
const MOST_BODY: usize = 2 << 20;

/// A program's answer to a request.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    program: About,
    response: Response,
    usage: Used,
    outcome: &'static str,
    problem: Option<Problem>,
    console: Vec<Line>,
    prices: Vec<Price>,
}

#[derive(Debug, Serialize)]
struct About {
    kind: String,
    version: String,
    artefact_bytes: u64,
    start_up_fuel: Option<u64>,
    building_ms: f64,
    /// It had been built before.
    reused: bool,
    warnings: Vec<String>,
    fuel_limit: u64,
    memory_limit: u64,
}

#[derive(Debug, Serialize)]
struct Response {
    status: u16,
    reason: &'static str,
    headers: Vec<(String, String)>,
    /// In base64; the first part, if it is long.
    body: String,
    body_bytes: usize,
    truncated: bool,
    /// Where the page can be looked at, if it is one.
    preview: Option<String>,
}

#[derive(Debug, Serialize)]
struct Used {
    fuel: u64,
    cpu_ms: f64,
    peak_memory: u64,
    subrequests: u32,
    sandbox_ms: f64,
    handler_ms: f64,
    wall_ms: f64,
    /// Instructions to the response's end, and after it.
    handler_fuel: u64,
    wait_until_fuel: u64,
    /// The host's work.
    charges: Vec<Charge>,
}

#[derive(Debug, Serialize)]
struct Charge {
    operation: &'static str,
    times: u64,
    bytes: u64,
    fuel: u64,
}

#[derive(Debug, Serialize)]
struct Line {
    level: &'static str,
    text: String,
    /// It was written by the top-level code, once.
    start_up: bool,
}

impl Answer {
    pub fn new(program: &Program, reused: bool, exchange: Exchange, previews: &Previews) -> Self {
        let facts = program.trial.facts();
        let usage = &exchange.usage;
        let cpu_ms = cpu_ms_of_fuel(usage.fuel);
        let prices = prices::of_request(ms(usage.wall), cpu_ms, usage.peak_memory, facts.limits.memory);
        let start_up = program.console.iter().map(|(level, text)| Line {
            level: level_name(*level),
            text: text.clone(),
            start_up: true,
        });
        let said = exchange.console.iter().map(|line| Line {
            level: line.level_name(),
            text: line.text.clone(),
            start_up: false,
        });
        Self {
            program: About {
                kind: facts.kind.clone(),
                version: facts.version.clone(),
                artefact_bytes: facts.artefact_bytes,
                start_up_fuel: facts.start_up_fuel,
                building_ms: ms(program.building),
                reused,
                warnings: program.warnings.clone(),
                fuel_limit: facts.limits.fuel,
                memory_limit: facts.limits.memory,
            },
            usage: Used {
                fuel: usage.fuel,
                cpu_ms,
                peak_memory: usage.peak_memory,
                subrequests: usage.subrequests,
                sandbox_ms: ms(usage.sandbox),
                handler_ms: ms(usage.handler),
                wall_ms: ms(usage.wall),
                handler_fuel: usage.phases.handler,
                wait_until_fuel: usage.phases.wait_until,
                charges: usage
                    .charges
                    .iter()
                    .map(|(operation, charge)| Charge {
                        operation: operation.name(),
                        times: charge.times,
                        bytes: charge.bytes,
                        fuel: operation.cost(charge.times, charge.bytes),
                    })
                    .collect(),
            },
            outcome: exchange.outcome.as_str(),
            problem: exchange.problem.as_deref().map(Problem::of_text),
            console: start_up.chain(said).collect(),
            prices,
            response: response(exchange, previews),
        }
    }
}

fn response(exchange: Exchange, previews: &Previews) -> Response {
    let Exchange { status, headers, body, .. } = exchange;
    let shown = body.slice(..body.len().min(MOST_BODY));
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let preview = media_type
        .filter(|media_type| media_type.trim_start().to_ascii_lowercase().starts_with("text/html"))
        .and_then(|media_type| previews.keep(media_type, shown.clone()));
    Response {
        status,
        reason: http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or(""),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: BASE64.encode(&shown),
        body_bytes: body.len(),
        truncated: shown.len() < body.len(),
        preview,
    }
}

fn level_name(level: Level) -> &'static str {
    LogLine { request_id: "".into(), level, text: String::new() }.level_name()
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
