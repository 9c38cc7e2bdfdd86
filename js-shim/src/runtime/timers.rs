//! `setTimeout` and `setInterval`: fired by deadline, then by id.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rquickjs::{Ctx, Function, Persistent, Result};

use crate::bindings::wasi::clocks::monotonic_clock::subscribe_instant;
use crate::bindings::wasi::io::poll::Pollable;

use super::{clock, engine, interrupt};

/// The longest delay; what is above counts as none, as in browsers.
const MAX_DELAY_MS: f64 = 2_147_483_647.0;

/// The shortest period, so that an interval cannot be due for ever at one and the same instant.
const MIN_PERIOD_MS: f64 = 1.0;

struct Timer {
    callback: Persistent<Function<'static>>,
    /// Nanoseconds between two calls of an interval.
    period: Option<u64>,
}

struct Timers {
    last_id: u32,
    queue: BTreeMap<(u64, u32), Timer>,
    deadlines: BTreeMap<u32, u64>,
    /// The pollable of the earliest deadline, kept while it stays the earliest.
    pollable: Option<(u64, Pollable)>,
}

thread_local! {
    static TIMERS: RefCell<Timers> = const {
        RefCell::new(Timers {
            last_id: 0,
            queue: BTreeMap::new(),
            deadlines: BTreeMap::new(),
            pollable: None,
        })
    };
}

/// Calls `callback` after `delay` milliseconds, or every `delay` milliseconds.
pub fn set<'js>(ctx: Ctx<'js>, delay: f64, repeat: bool, callback: Function<'js>) -> Result<u32> {
    engine::disallow_at_start_up(&ctx, "setting a timer")?;
    let delay = if delay > 0.0 && delay <= MAX_DELAY_MS { delay } else { 0.0 };
    let nanoseconds = |ms: f64| (ms * 1e6) as u64;
    let deadline = clock::monotonic().saturating_add(nanoseconds(delay));
    let timer = Timer {
        callback: Persistent::save(&ctx, callback),
        period: repeat.then(|| nanoseconds(delay.max(MIN_PERIOD_MS))),
    };
    Ok(TIMERS.with_borrow_mut(|timers| {
        timers.last_id += 1;
        timers.schedule(timers.last_id, deadline, timer);
        timers.last_id
    }))
}

/// Forgets a timer; an unknown id is no error.
pub fn clear(id: f64) {
    let timer = TIMERS.with_borrow_mut(|timers| {
        let deadline = timers.deadlines.remove(&(id as u32))?;
        timers.queue.remove(&(deadline, id as u32))
    });
    // Freed outside the borrow: freeing a closure may run finalizers.
    drop(timer);
}

/// The earliest deadline and its pollable, to be given back with [`keep`] if it did not become ready.
pub fn next() -> Option<(u64, Pollable)> {
    TIMERS.with_borrow_mut(|timers| {
        let (&(deadline, _), _) = timers.queue.first_key_value()?;
        match timers.pollable.take() {
            Some((kept, pollable)) if kept == deadline => Some((deadline, pollable)),
            _ => Some((deadline, subscribe_instant(deadline))),
        }
    })
}

/// Takes back a pollable that was not ready.
pub fn keep(deadline: u64, pollable: Pollable) {
    TIMERS.with_borrow_mut(|timers| timers.pollable = Some((deadline, pollable)));
}

/// Calls the timers of `deadline`, each followed by its promise jobs. Those of later deadlines get a poll of their own,
/// even if the clock is past them by now: how many are due together must not depend on how late we are.
pub fn fire(ctx: &Ctx<'_>, deadline: u64) {
    let due: Vec<(u64, u32)> =
        TIMERS.with_borrow(|timers| timers.queue.range(..=(deadline, u32::MAX)).map(|(key, _)| *key).collect());
    for key in due {
        let Some(callback) = TIMERS.with_borrow_mut(|timers| timers.take_call(key)) else {
            continue;
        };
        engine::enter(ctx, || callback.restore(ctx)?.call(()));
        engine::drain(ctx);
        if interrupt::stopped() {
            return;
        }
    }
}

/// Forgets all timers.
pub fn clear_all() {
    let queue = TIMERS.with_borrow_mut(|timers| {
        timers.last_id = 0;
        timers.deadlines.clear();
        timers.pollable = None;
        std::mem::take(&mut timers.queue)
    });
    drop(queue);
}

impl Timers {
    fn schedule(&mut self, id: u32, deadline: u64, timer: Timer) {
        self.deadlines.insert(id, deadline);
        self.queue.insert((deadline, id), timer);
    }

    /// Takes the timer at `key`, if it was not cleared meanwhile; an interval is put back for its next turn.
    fn take_call(&mut self, key: (u64, u32)) -> Option<Persistent<Function<'static>>> {
        let timer = self.queue.remove(&key)?;
        let callback = timer.callback.clone();
        match timer.period {
            Some(period) => self.schedule(key.1, key.0.saturating_add(period), timer),
            None => {
                self.deadlines.remove(&key.1);
            }
        }
        Some(callback)
    }
}
