//! The pollables the request's futures wait for, and the one place that blocks.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasip2::io::poll::{Pollable, poll};

thread_local! {
    // A list and not a map: a request rarely waits for more than a handful of things at once.
    static WAITERS: RefCell<Vec<Waiter>> = const { RefCell::new(Vec::new()) };
}

struct Waiter {
    pollable: Rc<Pollable>,
    waker: Waker,
    ready: bool,
}

/// Resolves when its pollable becomes ready.
///
/// It does not ask on the first poll: callers have just tried the operation and were told to wait.
pub(crate) struct Ready {
    pollable: Rc<Pollable>,
    registered: bool,
}

impl Ready {
    pub(crate) fn new(pollable: Rc<Pollable>) -> Self {
        Self { pollable, registered: false }
    }
}

impl Future for Ready {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        WAITERS.with_borrow_mut(|waiters| {
            let position = waiters.iter().position(|waiter| Rc::ptr_eq(&waiter.pollable, &self.pollable));
            match position {
                Some(index) if waiters[index].ready => {
                    waiters.swap_remove(index);
                    self.registered = false;
                    Poll::Ready(())
                }
                Some(index) => {
                    waiters[index].waker.clone_from(context.waker());
                    Poll::Pending
                }
                None => {
                    waiters.push(Waiter {
                        pollable: self.pollable.clone(),
                        waker: context.waker().clone(),
                        ready: false,
                    });
                    self.registered = true;
                    Poll::Pending
                }
            }
        })
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        if self.registered {
            WAITERS.with_borrow_mut(|waiters| {
                waiters.retain(|waiter| !Rc::ptr_eq(&waiter.pollable, &self.pollable));
            });
        }
    }
}

/// What [`wait`] and [`check`] found to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Waiting {
    /// Something was registered.
    Some,
    /// Nothing is registered: no future can ever be woken from outside.
    Nothing,
}

/// Block until a registered pollable is ready, then wake whoever waits for it.
pub(crate) fn wait() -> Waiting {
    let pollables = pending();
    if pollables.is_empty() {
        return Waiting::Nothing; // `poll` traps on an empty list
    }
    let handles: Vec<&Pollable> = pollables.iter().map(Rc::as_ref).collect();
    for index in poll(&handles) {
        if let Some(pollable) = pollables.get(index as usize) {
            wake(pollable);
        }
    }
    Waiting::Some
}

/// Wake whoever waits for a pollable that is ready already, without blocking.
pub(crate) fn check() {
    for pollable in pending() {
        if pollable.ready() {
            wake(&pollable);
        }
    }
}

fn pending() -> Vec<Rc<Pollable>> {
    WAITERS.with_borrow(|waiters| {
        let waiting = waiters.iter().filter(|waiter| !waiter.ready);
        waiting.map(|waiter| waiter.pollable.clone()).collect()
    })
}

fn wake(pollable: &Rc<Pollable>) {
    let waker = WAITERS.with_borrow_mut(|waiters| {
        let waiter = waiters.iter_mut().find(|waiter| Rc::ptr_eq(&waiter.pollable, pollable))?;
        waiter.ready = true;
        Some(waiter.waker.clone())
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}
