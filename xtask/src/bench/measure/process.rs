//! What a process uses, by `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// A kernel's tick, in which it counts CPU: `USER_HZ` is 100 on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// CPU that a process has used so far, of all its threads.
pub fn cpu(pid: u32) -> Result<Duration> {
    let stat = read(pid, "stat")?;
    // The second field is the program's name, which may hold anything, in parentheses.
    let fields = stat.rsplit_once(')').context("`stat` has a name")?.1;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || -> Result<u32> { Ok(fields.next().context("`stat` is short")?.parse()?) };
    Ok(TICK * (ticks()? + ticks()?))
}

/// Bytes of memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    pub resident: u64,
    /// Shared pages divided among those who share them.
    pub proportional: u64,
    /// What no file holds: the rest the kernel can drop, and read again.
    pub anonymous: u64,
    /// The most that was resident at a time.
    pub peak: u64,
}

/// Memory of a process.
pub fn memory(pid: u32) -> Result<Memory> {
    let (status, rollup) = (read(pid, "status")?, read(pid, "smaps_rollup")?);
    Ok(Memory {
        resident: kilobytes(&status, "VmRSS:")?,
        proportional: kilobytes(&rollup, "Pss:")?,
        anonymous: kilobytes(&rollup, "Anonymous:")?,
        peak: kilobytes(&status, "VmHWM:")?,
    })
}

/// Lets this process, and those it starts, have as many files open as it may: each connection is one.
pub fn raise_descriptor_limit() -> Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("failed to raise the limit on open files")
}

fn kilobytes(text: &str, key: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let figure =
        line.and_then(|line| line.split_whitespace().next()).with_context(|| format!("there is no `{key}`"))?;
    Ok(figure.parse::<u64>()? << 10)
}

fn read(pid: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).with_context(|| format!("failed to read `{path}`"))
}
