//! Calls a worker's handlers of what is no request: `glowplug:worker/events`.

use crate::engine::Worker;
use crate::host::bindings::events::exports::glowplug::worker::events::ScheduledEvent;
use crate::host::{Failure, FailureKind, HostCtx};
use crate::limits;
use std::time::Duration;
use wasmtime::{Result, Store};

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A cron trigger is due.
    Scheduled {
        /// The expression, as it is configured.
        cron: String,
        /// Milliseconds since the epoch at which it was due.
        time: u64,
    },
    /// Invocations of other workers are over.
    Tail {
        /// A JSON array of trace items.
        items: String,
    },
}

impl Event {
    /// How long its handler may take. Nobody waits for a trigger's, so it gets as much as any worker may have.
    pub(super) fn wall(&self, usual: Duration) -> Duration {
        match self {
            Self::Scheduled { .. } => Duration::from_millis(limits::WALL.maximum).max(usual),
            Self::Tail { .. } => usual,
        }
    }
}

/// Runs the guest's handler to its end.
pub(super) async fn call(store: &mut Store<HostCtx>, worker: &Worker, event: Event) -> Result<()> {
    let Some(pre) = &worker.events else {
        store.data_mut().failure = Some(failure(
            "the worker has no handlers for events: its component does not export `glowplug:worker/events`, \
             or was built with a JavaScript engine that could not yet; deploy it again"
                .to_owned(),
        ));
        return Ok(());
    };
    let guest = pre.instantiate_async(&mut *store).await?;
    let events = guest.glowplug_worker_events();
    let handled = match event {
        Event::Scheduled { cron, time } => {
            events.call_scheduled(&mut *store, &ScheduledEvent { cron, scheduled_time: time }).await?
        }
        Event::Tail { items } => events.call_tail(&mut *store, &items).await?,
    };
    if let Err(message) = handled {
        store.data_mut().failure.get_or_insert(failure(message));
    }
    Ok(())
}

fn failure(message: String) -> Failure {
    Failure { kind: FailureKind::Exception, name: "Error".into(), message, stack: String::new(), pending: Vec::new() }
}
