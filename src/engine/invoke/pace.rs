//! How a sandbox shares the processor with others.

use super::long_running::LongRunning;
use futures_util::task::AtomicWaker;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Yields that others do not see: for ten times [`YIELD_INTERVAL`](super::super::config::YIELD_INTERVAL), a third of a
/// millisecond. Each would wake another core to take the request over, which costs more than a usual request has left to do.
const UNSEEN: u32 = 10;
/// Yields until it goes on among those that compute for long: a millisecond.
const LONG: u32 = 30;

/// A sandbox's work.
pub type Run = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A sandbox at work. It runs on through its first yields, and gives way at those that follow. When it has computed for a
/// millisecond without waiting for anything, it leaves the thread for good and is over here.
pub struct Paced {
    run: Option<Run>,
    place: Place,
    notice: Arc<Notice>,
    waker: Waker,
    /// Since it last waited.
    yields: u32,
}

/// Where it runs.
enum Place {
    /// With the requests that come in.
    Foreground(Arc<LongRunning>),
    Background,
}

impl Paced {
    /// Work that goes to `background` when it takes long.
    pub fn new(run: Run, background: Arc<LongRunning>) -> Self {
        Self::at(Place::Foreground(background), run)
    }

    /// Work that takes long.
    pub fn in_background(run: Run) -> Self {
        Self::at(Place::Background, run)
    }

    fn at(place: Place, run: Run) -> Self {
        let notice = Arc::new(Notice { state: AtomicU8::new(WAITING), task: AtomicWaker::new() });
        Self { run: Some(run), place, waker: notice.clone().into(), notice, yields: 0 }
    }
}

impl Future for Paced {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { run: work, place, notice, waker, yields } = &mut *self;
        let Some(run) = work else { return Poll::Ready(()) };
        notice.task.register(cx.waker());
        loop {
            notice.state.store(RUNNING, Ordering::SeqCst);
            if run.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
                return Poll::Ready(());
            }
            if notice.state.compare_exchange(RUNNING, WAITING, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                *yields = 0;
                return Poll::Pending;
            }
            *yields += 1;
            match place {
                Place::Foreground(background) if *yields > LONG => match background.take_over(work) {
                    true => return Poll::Ready(()),
                    false => break,
                },
                Place::Foreground(_) if *yields > UNSEEN => break,
                Place::Background if *yields % UNSEEN == 0 => {
                    // The kernel lets a thread that was woken wait for its next tick, 4 ms away, unless this one gives way.
                    std::thread::yield_now();
                    break;
                }
                _ => {}
            }
        }
        notice.state.store(WAITING, Ordering::SeqCst);
        // It wakes the task when the others had their turn, and sockets and timers were looked at.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }
}

/// Nobody polls it: who wakes it wakes the task.
const WAITING: u8 = 0;
/// It is being polled.
const RUNNING: u8 = 1;
/// It was woken meanwhile.
const WOKEN: u8 = 2;

struct Notice {
    state: AtomicU8,
    task: AtomicWaker,
}

impl Wake for Notice {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Who polls it looks at this when the poll is over.
        if self.state.compare_exchange(RUNNING, WOKEN, Ordering::SeqCst, Ordering::SeqCst) == Err(WAITING) {
            self.task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    /// Asks for a turn of its own `times` times, as a sandbox does that is out of fuel for now.
    async fn compute(times: u32) {
        for _ in 0..times {
            let mut yielded = false;
            std::future::poll_fn(|cx| {
                if std::mem::replace(&mut yielded, true) {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
    }

    #[test]
    fn its_first_yields_are_not_seen_and_the_others_are() {
        let mut task = Paced::new(Box::pin(compute(UNSEEN + 2)), Arc::default());
        let woken = Arc::new(Woken(AtomicUsize::new(0)));
        let waker = Waker::from(woken.clone());
        let mut poll = || Pin::new(&mut task).poll(&mut Context::from_waker(&waker));
        assert!(poll().is_pending());
        assert_eq!(woken.0.load(Ordering::SeqCst), 1);
        assert!(poll().is_pending());
        assert_eq!(woken.0.load(Ordering::SeqCst), 2);
        assert!(poll().is_ready());
    }

    #[tokio::test]
    async fn what_computes_for_long_goes_on_elsewhere() {
        let (send, receive) = tokio::sync::oneshot::channel();
        let background = Arc::<LongRunning>::default();
        Paced::new(
            Box::pin(async {
                compute(LONG + 100).await;
                // Timers remain those of the runtime that it came from.
                tokio::time::sleep(Duration::from_millis(1)).await;
                let _ = send.send(std::thread::current().name().map(str::to_owned));
            }),
            background.clone(),
        )
        .await;
        assert_eq!(receive.await.unwrap().as_deref(), Some("long-running"));
    }

    #[tokio::test]
    async fn what_waits_in_between_stays() {
        let threads = Arc::new(Mutex::new(Vec::new()));
        let seen = threads.clone();
        Paced::new(
            Box::pin(async move {
                for _ in 0..20 {
                    compute(LONG).await;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    seen.lock().unwrap().push(std::thread::current().id());
                }
            }),
            Arc::default(),
        )
        .await;
        assert_eq!(*threads.lock().unwrap(), [std::thread::current().id(); 20]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn nothing_that_wakes_it_from_elsewhere_is_lost() {
        for _ in 0..200 {
            let (send, mut receive) = tokio::sync::mpsc::channel::<u32>(1);
            tokio::spawn(async move {
                for number in 0..100 {
                    let _ = send.send(number).await;
                }
            });
            let task = Paced::new(Box::pin(async move { while receive.recv().await.is_some() {} }), Arc::default());
            tokio::time::timeout(Duration::from_secs(20), task).await.expect("it is woken each time");
        }
    }

    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}
