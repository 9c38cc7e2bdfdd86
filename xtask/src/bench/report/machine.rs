//! Where the figures come from.

use std::fs;

use anyhow::Result;

use crate::bench::Size;
use crate::bench::measure::wrk;
use crate::bench::tools::Tools;

/// Machine, programs and effort, in a line.
pub fn describe(tools: &Tools) -> Result<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map_or("", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory: u64 = read("/proc/meminfo")
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok())
        .unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    let release = kernel.split('-').next().unwrap_or_default().trim();
    let effort = match tools.size {
        Size::Quick => "`--quick`: short rounds",
        Size::Full => "full run",
    };
    Ok(format!(
        "{} · {cores} cores, {} GB, Linux {release} · {effort}, {} rounds of {} s, interleaved · {} · {}",
        cpu.trim(),
        memory / 1_000_000,
        tools.size.rounds(),
        tools.size.load().as_secs(),
        tools.versions()?,
        wrk::version(),
    ))
}
