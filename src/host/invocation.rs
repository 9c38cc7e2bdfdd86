//! `glowplug:worker/log` and `glowplug:worker/invocation`.

use super::bindings::{invocation, log};
use super::{Failed, FailureKind, HostCtx};
use crate::meter::Operation;
use crate::recording;
use wasmtime::AsContext;
use wasmtime::component::{Access, HasData};

/// Names the request's state to the linker.
pub struct HasRun;

impl HasData for HasRun {
    type Data<'a> = &'a mut HostCtx;
}

impl log::Host for HostCtx {
    fn write(&mut self, level: log::Level, message: String) {
        self.charge(Operation::Log, message.len() as u64);
        self.log.write(level, message);
    }
}

impl invocation::Host for HostCtx {
    fn fail(&mut self, mut failure: invocation::Failure) {
        if self.memory.refused() && failure.kind != FailureKind::Cpu {
            follow_from_memory(&mut failure);
        }
        if self.response.status.is_none()
            && let Some(failed) = self.failed.take()
        {
            // Nobody listens when the client has left.
            let _ = failed.send(Failed { failure: failure.clone(), pass_through: self.pass_through });
        }
        // The first failure decides; later ones follow from it.
        self.failure.get_or_insert(failure);
    }

    fn pass_through_on_exception(&mut self) {
        self.pass_through = true;
    }

    fn cf(&mut self) -> String {
        if let Some(cf) = &self.subrequests.reach.caller().cf {
            return cf();
        }
        let protocol = recording::protocol_name(self.subrequests.reach.protocol());
        format!(r#"{{"httpProtocol":"{protocol}"}}"#)
    }
}

impl invocation::HostWithStore<HostCtx> for HasRun {
    fn remaining_fuel(host: Access<'_, HostCtx, Self>) -> u64 {
        // Without metering there is no figure to read.
        let left = host.as_context().get_fuel().unwrap_or(u64::MAX);
        left.saturating_add(host.as_context().data().withheld)
    }
}

/// What goes wrong after memory was refused follows from that. QuickJS says so where it can; it throws `null` where there
/// is no memory for an error, and drops promise jobs, whose promises then never settle.
fn follow_from_memory(failure: &mut invocation::Failure) {
    let told = failure.kind != FailureKind::Hang && !matches!(failure.message.as_str(), "" | "uncaught null");
    if !told {
        (failure.name, failure.message) = ("InternalError".to_owned(), "out of memory".to_owned());
        failure.pending.clear();
    }
    failure.kind = FailureKind::Memory;
}
