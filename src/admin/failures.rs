//! How often each client may fail to say who it is.
//!
//! ## Why
//! Tokens cannot be guessed, but each failure costs a look into the storage and a line of the audit log. Who fails too
//! often is refused before either. The addresses that are remembered are bounded; the ones not seen for longest go.

use lru::LruCache;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures of one address within [`WINDOW`]; the next one is refused whatever it brings.
pub(super) const ALLOWED: u32 = 10;
/// How long failures count, from the first.
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are remembered.
const ADDRESSES: NonZeroUsize = NonZeroUsize::new(4096).expect("4096 is not zero");

/// The failures of the last minute.
pub(super) struct Failures {
    by_address: Mutex<LruCache<IpAddr, Window>>,
}

struct Window {
    since: Instant,
    failures: u32,
}

impl Default for Failures {
    fn default() -> Self {
        Self { by_address: Mutex::new(LruCache::new(ADDRESSES)) }
    }
}

impl Failures {
    /// How long a client must wait before it is listened to; none if it need not.
    pub fn wait(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        by_address.get(&network(address)).and_then(|window| window.wait(now))
    }

    /// Counts a failure. Gives how long to wait if there were too many before it.
    pub fn count(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let window = by_address.get_or_insert_mut(network(address), || Window { since: now, failures: 0 });
        if now.duration_since(window.since) >= WINDOW {
            *window = Window { since: now, failures: 0 };
        }
        let wait = window.wait(now);
        window.failures = window.failures.saturating_add(1);
        wait
    }
}

impl Window {
    fn wait(&self, now: Instant) -> Option<Duration> {
        let left = WINDOW.checked_sub(now.duration_since(self.since)).filter(|left| !left.is_zero())?;
        (self.failures >= ALLOWED).then_some(left)
    }
}

/// What one client can have many of counts as one: the addresses of an IPv6 network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// Stands for a client whose address is not known.
pub(super) const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_an_address_waits_until_the_minute_is_over() {
        let failures = Failures::default();
        let (one, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for n in 0..ALLOWED {
            assert_eq!(failures.wait(one, at(n.into())), None);
            assert_eq!(failures.count(one, at(n.into())), None);
        }
        assert_eq!(failures.wait(one, at(20)), Some(Duration::from_secs(40)));
        assert_eq!(failures.count(one, at(20)), Some(Duration::from_secs(40)));
        assert_eq!(failures.wait(other, at(20)), None);
        assert_eq!(failures.wait(one, at(60)), None);
        assert_eq!(failures.count(one, at(60)), None);
        assert_eq!(failures.wait(one, at(61)), None);
    }

    #[test]
    fn a_network_counts_as_one_and_memory_is_bounded() {
        let failures = Failures::default();
        let now = Instant::now();
        for n in 0..ALLOWED {
            failures.count(format!("2001:db8:1:2::{n:x}").parse().unwrap(), now);
        }
        assert!(failures.wait("2001:db8:1:2:ffff::1".parse().unwrap(), now).is_some());
        assert!(failures.wait("2001:db8:1:3::1".parse().unwrap(), now).is_none());
        for n in 0..2 * ADDRESSES.get() as u32 {
            failures.count(Ipv4Addr::from(n).into(), now);
        }
        assert_eq!(failures.by_address.lock().unwrap().len(), ADDRESSES.get());
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
