//! The account of an invocation.

use super::Ended;
use crate::engine::deadline::ResponseEnd;
use crate::host::tape::{Played, Stop, Taken};
use crate::host::{Failed, Failure, FailureKind, HostCtx};
use crate::meter::profile::Profile;
use crate::meter::{Outcome, Usage};
use std::sync::Arc;
use wasmtime::{PoolConcurrencyLimitError, Trap};

/// The account of an invocation.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub outcome: Outcome,
    pub usage: Usage,
    /// Status of the response's head, if there was one.
    pub status: Option<http::StatusCode>,
    /// What went wrong, as the guest told it.
    pub failure: Option<Failure>,
    /// What went wrong, as wasmtime told it.
    pub trap: Option<String>,
    /// The worker asked that its failures be answered by the origin.
    pub pass_through: bool,
    /// What was recorded, if it was.
    pub recorded: Option<Arc<Recorded>>,
    /// What became of the recording that was played, if one was.
    pub played: Option<Arc<Played>>,
    /// Where the fuel went, if the worker was prepared to tell.
    pub profile: Option<Profile>,
}

/// An invocation's inputs, and how it ended.
pub struct Recorded {
    pub seed: [u8; 32],
    /// Milliseconds since the epoch that its clock showed at first.
    pub clock: u64,
    /// Fuel granted.
    pub fuel: u64,
    /// It was cut off by the clock, or since the client had left.
    pub cut: bool,
    pub taken: Taken,
}

impl std::fmt::Debug for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorded").field("clock", &self.clock).field("cut", &self.cut).finish_non_exhaustive()
    }
}

impl Report {
    pub(super) fn refused(why: &str) -> Self {
        Self::without_run(Outcome::LoadShed, why.to_owned())
    }

    /// The account as far as it is known when a failure comes in place of a response.
    pub fn early(failed: Failed) -> Self {
        let Failed { failure, pass_through } = failed;
        Self { outcome: outcome_of(&failure, false), failure: Some(failure), pass_through, ..Self::default() }
    }

    pub(super) fn internal(error: &wasmtime::Error) -> Self {
        Self::without_run(Outcome::InternalError, format!("{error:#}"))
    }

    fn without_run(outcome: Outcome, why: String) -> Self {
        Self { outcome, trap: Some(why), ..Self::default() }
    }

    pub(super) fn of(ended: Ended, ctx: &mut HostCtx, usage: Usage, end: &ResponseEnd) -> Self {
        let failure = ctx.failure.take();
        let (outcome, trap) = match ended {
            Ended::OutOfTime if end.client_left() => (Outcome::Canceled, None),
            Ended::OutOfTime => (Outcome::ExceededWallTime, None),
            Ended::Handled => match &failure {
                None => (Outcome::Ok, None),
                Some(failure) => (outcome_of(failure, ctx.memory.refused()), None),
            },
            Ended::Returned => match &failure {
                None if ctx.response.status.is_none() => (Outcome::Exception, None),
                None if end.client_left() => (Outcome::Canceled, None),
                None => (Outcome::Ok, None),
                Some(failure) => (outcome_of(failure, ctx.memory.refused()), None),
            },
            Ended::Trapped(error) => {
                let outcome = match error.downcast_ref::<Trap>() {
                    Some(Trap::OutOfFuel) => Outcome::ExceededCpu,
                    _ if error.downcast_ref::<Stop>().is_some() => Outcome::Canceled,
                    _ if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() => Outcome::LoadShed,
                    _ if ctx.memory.refused() => Outcome::ExceededMemory,
                    _ => Outcome::Exception,
                };
                (outcome, Some(format!("{error:#}")))
            }
        };
        let (status, pass_through) = (ctx.response.status, ctx.pass_through);
        Self { outcome, usage, status, failure, trap, pass_through, ..Self::default() }
    }
}

fn outcome_of(failure: &Failure, memory_refused: bool) -> Outcome {
    match failure.kind {
        FailureKind::Cpu => Outcome::ExceededCpu,
        FailureKind::Memory => Outcome::ExceededMemory,
        _ if memory_refused => Outcome::ExceededMemory,
        FailureKind::Exception | FailureKind::Hang => Outcome::Exception,
    }
}
