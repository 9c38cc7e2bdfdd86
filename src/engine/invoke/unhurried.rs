//! A sandbox at work, which is not interrupted at once.

use futures_util::task::AtomicWaker;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// How often a sandbox lets others run before they do: for ten times [`YIELD_INTERVAL`](super::super::config::YIELD_INTERVAL).
const SLICES: u32 = 10;

/// Runs a sandbox on through its first yields. Each of them would wake another core to take the request over, which costs
/// more than a usual request has left to do; what computes for longer yields as often as it says.
pub struct Unhurried {
    run: Pin<Box<dyn Future<Output = ()> + Send>>,
    notice: Arc<Notice>,
    waker: Waker,
    left: u32,
}

impl Unhurried {
    pub fn new(run: impl Future<Output = ()> + Send + 'static) -> Self {
        let notice = Arc::new(Notice { state: AtomicU8::new(WAITING), task: AtomicWaker::new() });
        Self { run: Box::pin(run), waker: notice.clone().into(), notice, left: SLICES }
    }
}

impl Future for Unhurried {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { run, notice, waker, left } = &mut *self;
        notice.task.register(cx.waker());
        loop {
            notice.state.store(RUNNING, Ordering::SeqCst);
            if run.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
                return Poll::Ready(());
            }
            if notice.state.compare_exchange(RUNNING, WAITING, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                return Poll::Pending;
            }
            if *left == 0 {
                notice.state.store(WAITING, Ordering::SeqCst);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            *left -= 1;
        }
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
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    #[test]
    fn its_first_yields_are_not_seen_and_the_others_are() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        let mut task = Unhurried::new(async move {
            for _ in 0..SLICES + 2 {
                counted.fetch_add(1, Ordering::SeqCst);
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
        });
        let woken = Arc::new(Woken(AtomicUsize::new(0)));
        let waker = Waker::from(woken.clone());
        let mut poll = || Pin::new(&mut task).poll(&mut Context::from_waker(&waker));
        assert!(poll().is_pending());
        assert_eq!((polls.load(Ordering::SeqCst), woken.0.load(Ordering::SeqCst)), (SLICES as usize + 1, 1));
        assert!(poll().is_pending());
        assert_eq!(woken.0.load(Ordering::SeqCst), 2);
        assert!(poll().is_ready());
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
            let task = Unhurried::new(async move { while receive.recv().await.is_some() {} });
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
