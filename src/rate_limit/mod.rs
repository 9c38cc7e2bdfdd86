//! Rate limits: a token bucket for each key, in bounded memory.
//!
//! ## Why
//! A bucket is kept as one moment, when it will be full again (GCRA), so that a key costs a map entry and a request a
//! few comparisons. Keys are chosen by clients: they are hashed with a secret of the process, and when there are more
//! than may be kept the least recently used are forgotten, which at worst gives a client a full bucket.

mod rule;

pub use self::rule::{Key, KeyValue, POLICY, RateLimit};

use lru::LruCache;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Parts of the map with a lock of their own.
const SHARDS: usize = 16;
/// Keys that are kept in each.
const KEYS: usize = 8192;

/// How much may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Requests in each window.
    pub requests: u32,
    /// Length of the window.
    pub window: Duration,
    /// Requests that may come at once.
    pub burst: u32,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub allowed: bool,
    /// Requests that may still come at once.
    pub remaining: u32,
    /// Until there is room for one more, or until the bucket is full again if there is room now.
    pub wait: Duration,
}

/// All buckets of a process.
pub struct Buckets {
    started: Instant,
    hashers: [RandomState; 2],
    /// When each key's bucket is full again, in nanoseconds since the start.
    shards: [Mutex<LruCache<u128, u64>>; SHARDS],
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            hashers: [RandomState::new(), RandomState::new()],
            // A bounded one takes all its memory at once; `take_at` holds the bound instead.
            shards: std::array::from_fn(|_| Mutex::new(LruCache::unbounded())),
        }
    }
}

impl Buckets {
    /// Takes a token for a request of `key` under `rate`.
    pub fn take(&self, rate: &Rate, key: impl Hash) -> Verdict {
        self.take_at(rate, key, self.started.elapsed())
    }

    fn take_at(&self, rate: &Rate, key: impl Hash, now: Duration) -> Verdict {
        let now = nanoseconds(now);
        let interval = (nanoseconds(rate.window) / u64::from(rate.requests.max(1))).max(1);
        // A bucket is empty when it will be full only after so long.
        let depth = interval.saturating_mul(u64::from(rate.burst.max(1)));
        let hash = self.hashers.each_ref().map(|hasher| hasher.hash_one((rate, &key)));
        let hash = u128::from(hash[0]) << 64 | u128::from(hash[1]);
        let shard = &self.shards[(hash as usize) % SHARDS];
        let mut buckets = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.get(&hash).copied().unwrap_or(now).max(now);
        let after = full_at.saturating_add(interval);
        let allowed = after <= now.saturating_add(depth);
        let full_at = if allowed { after } else { full_at };
        if allowed {
            buckets.put(hash, full_at);
            if buckets.len() > KEYS {
                buckets.pop_lru();
            }
        }
        drop(buckets);
        let room = now.saturating_add(depth).saturating_sub(full_at);
        let wait = if room >= interval { full_at - now } else { interval - room };
        Verdict { allowed, remaining: (room / interval) as u32, wait: Duration::from_nanos(wait) }
    }

    #[cfg(test)]
    fn keys(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { requests: 60, window: Duration::from_secs(60), burst: 3 };

    fn at(seconds: f64) -> Duration {
        Duration::from_secs(1000) + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let buckets = Buckets::default();
        let take = |seconds| buckets.take_at(&RATE, "key", at(seconds));
        assert_eq!(take(0.0), Verdict { allowed: true, remaining: 2, wait: Duration::from_secs(1) });
        assert_eq!(take(0.0).remaining, 1);
        assert_eq!(take(0.0), Verdict { allowed: true, remaining: 0, wait: Duration::from_secs(1) });
        assert_eq!(take(0.0), Verdict { allowed: false, remaining: 0, wait: Duration::from_secs(1) });
        assert_eq!(take(0.75), Verdict { allowed: false, remaining: 0, wait: Duration::from_millis(250) });
        assert!(take(1.0).allowed && !take(1.0).allowed);
        // Refused requests take nothing, and an hour's rest fills the bucket and no more.
        assert_eq!((0..10).filter(|_| take(3600.0).allowed).count(), 3);
    }

    #[test]
    fn over_an_hour_the_rate_is_exact() {
        let buckets = Buckets::default();
        let allowed = (0..36_000).filter(|tenth| buckets.take_at(&RATE, 1, at(f64::from(*tenth) / 10.0)).allowed);
        assert!((3600..=3603).contains(&allowed.count()));
    }

    #[test]
    fn keys_and_rates_do_not_share_and_memory_is_bounded() {
        let buckets = Buckets::default();
        let single = Rate { burst: 1, ..RATE };
        assert!(buckets.take_at(&single, "a", at(0.0)).allowed && !buckets.take_at(&single, "a", at(0.0)).allowed);
        assert!(buckets.take_at(&single, "b", at(0.0)).allowed);
        assert!(buckets.take_at(&RATE, "a", at(0.0)).allowed);
        for key in 0..SHARDS * KEYS * 2 {
            buckets.take_at(&single, key, at(0.0));
        }
        assert!(buckets.keys() <= SHARDS * KEYS);
    }
}
