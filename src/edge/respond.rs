//! Outcome -> HTTP: the one place where the end of a run becomes a status, a page or a header.

use super::error_page::{Details, ErrorCode};
use crate::engine::Worker;
use crate::engine::invoke::Report;
use crate::host::{Failure, FailureKind};
use crate::limits;
use crate::meter::{Outcome, Usage};
use http::HeaderValue;
use std::time::Duration;

/// Whether an account can still grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    Final,
    SoFar,
}

/// The `Server-Timing` header: exact fuel, and where the time went. `fuel-so-far` says that work goes on.
pub fn server_timing(usage: &Usage, account: Account) -> HeaderValue {
    let name = match account {
        Account::Final => "fuel",
        Account::SoFar => "fuel-so-far",
    };
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let text = format!(
        "{name};desc=\"{}\", host-fuel;desc=\"{}\", sandbox;dur={:.3}, handler;dur={:.3}",
        usage.fuel,
        usage.charges.fuel(),
        ms(usage.sandbox),
        ms(usage.handler)
    );
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The page for a run that gave no response. `granted` is the fuel that it ran on, if a budget had less than its limit.
pub fn explain(report: &Report, worker: &Worker, granted: Option<u64>) -> (ErrorCode, Details) {
    let (code, hint) = match report.outcome {
        Outcome::ExceededCpu if let Some(granted) = granted => (
            ErrorCode::CpuLimit,
            Some(format!(
                "Its budget had {granted} fuel for it, less than its limit. `glowplug budget add` puts more into it."
            )),
        ),
        Outcome::ExceededCpu => (
            ErrorCode::CpuLimit,
            Some(format!(
                "The limit is {} fuel, about {:.0} ms of CPU. Set `limits.cpu_ms` to change it.",
                worker.limits().fuel,
                limits::cpu_ms_of_fuel(worker.limits().fuel)
            )),
        ),
        Outcome::ExceededMemory => (
            ErrorCode::MemoryLimit,
            Some(format!("The limit is {} MB. Set `limits.memory_mb` to change it.", worker.limits().memory >> 20)),
        ),
        Outcome::ExceededWallTime | Outcome::Canceled => (
            ErrorCode::WallClockLimit,
            Some(format!(
                "A response must be complete within {:?}. Set `limits.wall_ms` to change it.",
                worker.limits().wall
            )),
        ),
        Outcome::LoadShed => (ErrorCode::Overloaded, None),
        Outcome::InternalError => (ErrorCode::Internal, None),
        Outcome::Exception | Outcome::Ok | Outcome::Refused => (ErrorCode::Exception, None),
    };
    let mut details =
        Details { hint, fuel: (report.usage.fuel > 0).then_some(report.usage.fuel), ..Details::default() };
    match &report.failure {
        Some(failure) => describe_failure(&mut details, failure, worker),
        None => details.error = describe_trap(report, worker),
    }
    if let (Outcome::ExceededCpu, Some(granted)) = (report.outcome, granted) {
        details.error.push_str(&format!(", since its budget had no more than {granted} for it"));
    }
    (code, details)
}

/// What to tell the author in the log, whether or not a response was sent.
pub fn problem(report: &Report, worker: &Worker, granted: Option<u64>) -> Option<Details> {
    if matches!(report.outcome, Outcome::Ok | Outcome::Canceled) && report.failure.is_none() {
        return None;
    }
    Some(explain(report, worker, granted).1)
}

fn describe_failure(details: &mut Details, failure: &Failure, worker: &Worker) {
    let Failure { kind, name, message, stack, pending } = failure;
    details.error = match kind {
        FailureKind::Cpu => format!("stopped after {} fuel", details.fuel.unwrap_or_default()),
        _ if name.is_empty() => message.clone(),
        _ => format!("{name}: {message}"),
    };
    match worker.source_map() {
        Some(map) => {
            let frames = map.map_stack(stack);
            details.excerpt = frames.iter().find_map(|frame| map.excerpt(frame));
            details.stack = frames.iter().map(ToString::to_string).collect();
        }
        None => details.stack = stack.lines().map(|line| line.trim().to_owned()).collect(),
    }
    details.pending.clone_from(pending);
}

fn describe_trap(report: &Report, worker: &Worker) -> String {
    match (&report.trap, report.outcome) {
        (_, Outcome::ExceededWallTime) => format!("no complete response within {:?}", worker.limits().wall),
        (_, Outcome::ExceededCpu) => format!("stopped after {} fuel", report.usage.fuel),
        (_, Outcome::ExceededMemory) => format!("asked for more than {} MB", worker.limits().memory >> 20),
        (Some(trap), _) => trap.clone(),
        (None, _) => "the worker ended without a response".to_owned(),
    }
}
