//! Gives memory back that no request is using.
//!
//! A worker that was called leaves pages resident in two places: in its compiled form, where its snapshot is copied back from,
//! and in the slot of the pool that it ran in, which keeps the snapshot mapped for its next request. Where many workers are called
//! seldom, that is most of the memory. Both are mapped from a file, so the pages can be dropped: what is touched again is
//! mapped again, some fifty page faults for a hello.
//!
//! A slot is like the file once its request is over, since wasmtime has copied back what was written to. So dropping its
//! pages changes nothing that anybody can see, if only no request is in it. That is made sure of without knowing which slot is
//! whose: pages are dropped at moments at which there is no sandbox at all, a few slots at a time.

use super::code_cache::COMPONENT;
use super::{Executor, Worker};
use anyhow::{Context, Result};
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Slots whose pages are dropped before sandboxes may be made again, which takes less than a millisecond.
const AT_A_TIME: usize = 32;
/// How often to look in vain for a moment without a sandbox before the rest is left for another time.
const ATTEMPTS: usize = 100;
/// Between one look and the next.
const PAUSE: Duration = Duration::from_millis(5);

/// How many pools the process has: slots are found among the mappings of the process, and must all be of one.
static POOLS: Mutex<usize> = Mutex::new(0);

/// Counts a pool, which lives as long as anything that was made with its engine.
pub(super) struct Pool(());

impl Pool {
    pub fn count() -> Arc<Self> {
        *POOLS.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Arc::new(Self(()))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        *POOLS.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
    }
}

impl Executor {
    /// Notes that there may be memory to give back.
    pub(super) fn note_use(&self) {
        // Mostly it is known already, and then the cores need not take the value from each other.
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    /// Gives back what the compiled form of `workers` and free sandboxes keep resident, if anything was loaded or called since
    /// the last time. Blocks for some milliseconds, and for half a second more when there hardly is a moment without a sandbox.
    /// Linux alone; in a process with several pools it does nothing.
    pub fn release_memory(&self, workers: &[Arc<Worker>]) -> Result<()> {
        let pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
        if !cfg!(target_os = "linux") || *pools != 1 || !self.used.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let found = self.cache.while_nothing_is_mapped(mappings).context("failed to read what is mapped")?;
        let mut held: Vec<_> = workers.iter().map(|worker| worker.code()).collect();
        held.sort_unstable_by_key(|code| code.start);
        for code in found.read_only.into_iter().filter(|mapping| is_within(&held, mapping)) {
            // SAFETY: the mapping is part of the compiled form of a worker, which lives as long as this call, and it was never
            // written to: what is read there comes from the file again.
            unsafe { drop_pages(&code)? };
        }
        let mut attempts = 0;
        for slots in found.slots.chunks(AT_A_TIME) {
            let _nobody = loop {
                match self.places.try_close() {
                    Some(closed) => break closed,
                    None if attempts == ATTEMPTS => {
                        self.note_use();
                        return Ok(());
                    }
                    None => attempts += 1,
                }
                std::thread::sleep(PAUSE);
            };
            for slot in slots {
                // SAFETY: addresses of the pool are the pool's as long as the executor lives. No sandbox is in any of its
                // slots, and none can be made before `_nobody` is dropped: what a slot has is what its file has.
                unsafe { drop_pages(slot)? };
            }
        }
        Ok(())
    }
}

/// Where the process has compiled components mapped.
struct Mappings {
    /// As snapshots in slots of the pool.
    slots: Vec<Range<usize>>,
    /// As code and constant data.
    read_only: Vec<Range<usize>>,
}

/// Reads the list of what is mapped. While a component is being mapped, what is to be its code can be taken for a slot.
fn mappings() -> std::io::Result<Mappings> {
    let mut found = Mappings { slots: Vec::new(), read_only: Vec::new() };
    for line in std::fs::read_to_string("/proc/self/maps")?.lines() {
        if let Some((range, is_writable)) = component(line) {
            if is_writable { &mut found.slots } else { &mut found.read_only }.push(range);
        }
    }
    Ok(found)
}

/// Where a line of `/proc/self/maps` says that a compiled component is, and whether it may be written to there.
fn component(line: &str) -> Option<(Range<usize>, bool)> {
    let path = line.strip_suffix(" (deleted)").unwrap_or(line);
    if !path.strip_suffix(COMPONENT)?.ends_with('.') {
        return None;
    }
    let mut words = line.split(' ');
    let (start, end) = words.next()?.split_once('-')?;
    let address = |digits| usize::from_str_radix(digits, 16).ok();
    Some((address(start)?..address(end)?, words.next()?.contains('w')))
}

/// Whether one of `held`, which are in order, has all of `mapping`.
fn is_within(held: &[Range<usize>], mapping: &Range<usize>) -> bool {
    let after = held.partition_point(|range| range.start <= mapping.start);
    after.checked_sub(1).is_some_and(|at| mapping.end <= held[at].end.next_multiple_of(rustix::param::page_size()))
}

/// Lets the kernel forget what the process has read and written there.
///
/// # Safety
/// All of the range must be mapped, and nobody may rely on it to have another content than what it was mapped from.
#[cfg(target_os = "linux")]
unsafe fn drop_pages(range: &Range<usize>) -> Result<()> {
    use rustix::mm::{Advice, madvise};
    // SAFETY: the caller's.
    unsafe { madvise(range.start as *mut _, range.len(), Advice::LinuxDontNeed) }.context("failed to release memory")
}

#[cfg(not(target_os = "linux"))]
unsafe fn drop_pages(_range: &Range<usize>) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_components_are_found_among_mappings() {
        let line = |perms: &str, path: &str| format!("7f00a000-7f00c000 {perms} 00012000 fe:00 5359522      {path}");
        let found = Some((0x7f00_a000..0x7f00_c000, true));
        assert_eq!(component(&line("rw-p", "/data/co de/ab-01.component.cwasm")), found);
        assert_eq!(component(&line("rw-p", "/data/ab-01.component.cwasm (deleted)")), found);
        assert_eq!(component(&line("r-xp", "/d/ab-01.component.cwasm")), Some((0x7f00_a000..0x7f00_c000, false)));
        assert_eq!(component(&line("rw-p", "/d/ab-01.module.cwasm")), None);
        assert_eq!(component(&line("rw-p", "/d/component.cwasm.bak")), None);
        assert_eq!(component("7f00a000-7f00c000 rw-p 00000000 00:00 0"), None);
    }

    #[test]
    fn what_is_not_held_is_left_alone() {
        let held = [0x1000..0x3f00, 0x8000..0x9000];
        assert!(is_within(&held, &(0x1000..0x2000)));
        assert!(is_within(&held, &(0x2000..0x4000)), "the last page is mapped whole");
        assert!(is_within(&held, &(0x8000..0x9000)));
        for other in [0..0x1000, 0x3000..0x5000, 0x4000..0x5000, 0x7000..0x9000, 0x9000..0xa000] {
            assert!(!is_within(&held, &other), "{other:x?}");
        }
    }
}
