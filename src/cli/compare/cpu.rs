//! CPU time as the system counts it.

use std::time::Duration;

/// CPU time that this thread has had so far; none where the system does not tell.
pub(super) fn of_this_thread() -> Option<Duration> {
    // The system brings its figure up to date when it looks at who runs next.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn work_takes_cpu_time_and_sleep_takes_none() {
        let Some(before) = of_this_thread() else { return };
        let started = Instant::now();
        while of_this_thread().unwrap() - before < Duration::from_millis(20) {
            assert!(started.elapsed() < Duration::from_secs(60), "20 ms of CPU do not come");
        }
        let worked = of_this_thread().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(of_this_thread().unwrap() - worked < Duration::from_millis(20));
    }
}
