//! Runs the futures of one request on one thread until none is left.

use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::reactor::{self, Waiting};

thread_local! {
    // Tasks spawned while the task set is being polled; `run` takes them over.
    static SPAWNED: RefCell<Vec<LocalBoxFuture<'static, ()>>> = const { RefCell::new(Vec::new()) };
}

/// The request's futures wait for each other, or for something nothing will ever signal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stalled {
    /// How many tasks were left.
    pub(crate) tasks: usize,
}

/// Run `future` beside the handler; the request lasts until it is done.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    SPAWNED.with_borrow_mut(|spawned| spawned.push(future.boxed_local()));
}

/// Run `root` and everything it spawns to the end.
pub(crate) fn run(root: impl Future<Output = ()> + 'static) -> Result<(), Stalled> {
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);

    let mut tasks = FuturesUnordered::new();
    tasks.push(root.boxed_local());
    loop {
        tasks.extend(SPAWNED.take());
        woken.0.store(false, Ordering::Relaxed);
        match tasks.poll_next_unpin(&mut context) {
            Poll::Ready(Some(())) => {}
            Poll::Ready(None) => return Ok(()),
            Poll::Pending if SPAWNED.with_borrow(|spawned| !spawned.is_empty()) => {}
            // A task woke itself or another: it must not keep the others from their I/O.
            Poll::Pending if woken.0.load(Ordering::Relaxed) => reactor::check(),
            Poll::Pending => {
                if reactor::wait() == Waiting::Nothing {
                    return Err(Stalled { tasks: tasks.len() });
                }
            }
        }
    }
}

/// Notes that the task set has something to poll.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Run a future that needs no host, and give its output.
#[cfg(test)]
pub(crate) fn run_for<T: 'static>(future: impl Future<Output = T> + 'static) -> T {
    let output = std::rc::Rc::new(RefCell::new(None));
    let slot = output.clone();
    let finished = run(async move { *slot.borrow_mut() = Some(future.await) });
    assert_eq!(finished, Ok(()));
    output.take().expect("the root is done")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    #[test]
    fn runs_the_root_and_what_it_spawns() {
        let count = Rc::new(Cell::new(0));
        let seen = count.clone();
        let outcome = run(async move {
            let spawned = seen.clone();
            spawn(async move {
                let nested = spawned.clone();
                spawn(async move { nested.set(nested.get() + 1) });
                spawned.set(spawned.get() + 1);
            });
            seen.set(seen.get() + 1);
        });
        assert_eq!((outcome, count.get()), (Ok(()), 3));
    }

    #[test]
    fn tasks_hand_over_to_each_other() {
        let (sender, receiver) = futures_channel::oneshot::channel();
        let got = run_for(async move {
            spawn(async move { assert_eq!(sender.send(7), Ok(())) });
            receiver.await
        });
        assert_eq!(got, Ok(7));
    }

    #[test]
    fn a_future_nothing_can_wake_is_a_stall_and_not_a_hang() {
        let outcome = run(async {
            spawn(std::future::pending());
            std::future::pending::<()>().await;
        });
        assert_eq!(outcome, Err(Stalled { tasks: 2 }));
    }
}
