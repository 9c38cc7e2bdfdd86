//! Where sandboxes that compute for long go on.

use super::pace::{Paced, Run};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::context::TokioContext;

/// Threads apart from those that requests come in by, so that the kernel can give a request the processor while sandboxes
/// compute. They start when the first sandbox needs them.
#[derive(Default)]
pub struct LongRunning(OnceLock<Option<Runtime>>);

impl LongRunning {
    /// Goes on with `work` and leaves nothing there. It is false, and `work` stays, where that cannot be.
    ///
    /// Timers and sockets that it waits for remain those of the runtime it comes from.
    pub fn take_over(&self, work: &mut Option<Run>) -> bool {
        let (Some(runtime), Ok(home)) = (self.0.get_or_init(start), Handle::try_current()) else { return false };
        if let Some(run) = work.take() {
            runtime.spawn(TokioContext::new(Paced::in_background(run), home));
        }
        true
    }
}

impl Drop for LongRunning {
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn start() -> Option<Runtime> {
    let runtime = Builder::new_multi_thread().thread_name("long-running").build();
    runtime.inspect_err(|error| tracing::warn!(%error, "what computes for long stays on the threads of requests")).ok()
}
