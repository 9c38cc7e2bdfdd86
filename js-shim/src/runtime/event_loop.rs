//! The event loop of one request.

use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Exception, Promise, Result, Value};

use super::{clock, engine, failure, interrupt, response, tasks, timers};

/// Runs promise jobs, I/O and timers until the run is over.
pub fn run(ctx: &Ctx<'_>) {
    loop {
        engine::drain(ctx);
        if interrupt::stopped() {
            return failure::stopped(ctx);
        }
        if response::run_is_over() {
            return;
        }
        if !wait_and_serve(ctx) {
            return failure::hang(ctx);
        }
    }
}

/// `native.settle(promise)`: runs promise jobs, I/O and timers until `promise` has settled, and gives its value or throws
/// its reason. For what must not return to its caller before; whoever it waits for must not wait for that caller.
pub fn settle<'js>(ctx: Ctx<'js>, promise: Promise<'js>) -> Result<Value<'js>> {
    loop {
        engine::run_jobs_while(&ctx, || promise.state() == PromiseState::Pending);
        if let Some(result) = promise.result() {
            return result;
        }
        if interrupt::stopped() || response::run_is_over() {
            return Err(Exception::throw_message(&ctx, "The run is over."));
        }
        if !wait_and_serve(&ctx) {
            return Err(Exception::throw_message(
                &ctx,
                "This promise can never settle: nothing that the worker waits for can still happen.",
            ));
        }
    }
}

/// Waits for the first I/O or timer and serves what is ready. False if there is nothing to wait for.
fn wait_and_serve(ctx: &Ctx<'_>) -> bool {
    let timer = timers::next();
    // The origin of `performance.now()` must be read before time moves.
    clock::monotonic();
    let ready = tasks::wait(timer.as_ref().map(|(_, pollable)| pollable));
    clock::thaw();
    let Some((ready, timer_is_ready)) = ready else {
        return false;
    };
    for id in ready {
        tasks::progress(ctx, id);
        engine::drain(ctx);
        if interrupt::stopped() || response::run_is_over() {
            return true;
        }
    }
    if let Some((deadline, pollable)) = timer {
        if timer_is_ready {
            drop(pollable);
            timers::fire(ctx, deadline);
        } else {
            timers::keep(deadline, pollable);
        }
    }
    true
}
