//! The threads that a bundling runs on.
//!
//! ## Why
//! rolldown spawns tasks on the tokio runtime and loops on the rayon pool that it is called from. Called from a
//! server's own, a large project would hold up requests, and source that is nested too deep would end the process,
//! since neither has the stack for it. So each bundling gets a rayon pool, one thread of which drives a runtime.

use std::future::Future;
use std::thread::available_parallelism;
use std::time::Duration;

use rayon::ThreadPoolBuilder;
use tokio::runtime;
use tokio::sync::oneshot;

/// Parsing goes one call deeper for each expression within another, and generated code nests thousands of them.
/// Only what is used of a stack takes memory.
const STACK: usize = 64 << 20;

/// Runs `job` to its end. An error says what went wrong with running it: it panicked, or took longer than `limit`.
pub(super) async fn run<T: Send + 'static>(
    job: impl Future<Output = T> + Send + 'static,
    limit: Duration,
) -> Result<T, String> {
    let count = available_parallelism().map_or(2, |cores| cores.get().min(8));
    let pool = ThreadPoolBuilder::new()
        .num_threads(count)
        .stack_size(STACK)
        .thread_name(|index| format!("bundler-{index}"))
        .build()
        .map_err(|error| format!("failed to start the bundler's threads: {error}"))?;
    let (sender, receiver) = oneshot::channel();
    pool.spawn(move || {
        let result = drive(job);
        // Nobody listens any more if the caller has given up.
        let _ = sender.send(result);
    });
    // A pool that is dropped while it works ends when the work does.
    match tokio::time::timeout(limit, receiver).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err("the bundler stopped without a result".to_owned()),
        Err(_) => Err(format!("the bundler did not finish within {} s", limit.as_secs())),
    }
}

fn drive<T: Send + 'static>(job: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("failed to start the bundler: {error}"))?;
    // As a task, so that a panic in it becomes an error.
    let result = runtime.block_on(async { tokio::spawn(job).await });
    runtime.shutdown_background();
    result.map_err(|panic| format!("the bundler failed on this project: {panic}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_error() {
        let result: Result<(), _> = run(async { panic!("oh no") }, Duration::from_secs(10)).await;
        let error = result.unwrap_err();
        assert!(error.starts_with("the bundler failed on this project: ") && error.contains("oh no"), "{error}");
    }

    #[tokio::test]
    async fn a_job_that_hangs_becomes_an_error() {
        let result = run(std::future::pending::<()>(), Duration::from_millis(20)).await;
        assert_eq!(result.unwrap_err(), "the bundler did not finish within 0 s");
    }
}
