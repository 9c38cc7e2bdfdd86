//! wrk, the load generator.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::http::Ask;
use super::process;
use crate::languages::process::first_line;

/// Prints what wrk's own report rounds or leaves out. A script that only has `done` costs nothing while requests run.
const DONE: &str = r#"
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d %d %d %d %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write, errors.status, errors.timeout))
end
"#;

/// One round of load.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests answered in a second.
    pub rate: f64,
    /// Milliseconds.
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    /// CPU-seconds of the server for 100,000 requests.
    pub cpu: f64,
    /// Bytes resident at the end.
    pub resident: u64,
}

/// Loads the server `pid` by `ask`.
pub fn load(scratch: &Path, pid: u32, ask: &Ask, connections: usize, time: Duration) -> Result<Load> {
    let mut script = DONE.to_owned();
    if let Some(body) = &ask.body {
        // `%q` of Lua and Rust's debug form agree on what JSON needs.
        let _ = write!(
            script,
            "wrk.method = \"POST\"\nwrk.body = {body:?}\nwrk.headers[\"content-type\"] = \"application/json\"\n"
        );
    }
    run(scratch, pid, ask, connections, time, &script)
}

/// The same, with the host of each request the next of `worker-0.localhost` to `worker-(count - 1).localhost`.
pub fn load_hosts(
    scratch: &Path,
    pid: u32,
    ask: &Ask,
    count: usize,
    connections: usize,
    time: Duration,
) -> Result<Load> {
    let script = format!(
        "{DONE}\nlocal texts = {{}}\nlocal at = 0\n\
         init = function(args)\n  for i = 0, {count} - 1 do\n    \
         wrk.headers[\"Host\"] = \"worker-\" .. i .. \".localhost\"\n    texts[i] = wrk.format()\n  end\nend\n\
         request = function()\n  at = (at + 1) % {count}\n  return texts[at]\nend\n"
    );
    run(scratch, pid, ask, connections, time, &script)
}

fn run(scratch: &Path, pid: u32, ask: &Ask, connections: usize, time: Duration, script: &str) -> Result<Load> {
    let path = scratch.join("load.lua");
    fs::write(&path, script).with_context(|| format!("failed to write `{}`", path.display()))?;
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "--timeout", "30s"])
        .arg(format!("-c{connections}"))
        .arg(format!("-d{}s", time.as_secs().max(1)))
        .args(["-H", &format!("Host: {}", ask.host)])
        .arg("-s")
        .arg(&path)
        .arg(ask.url())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let before = process::cpu(pid)?;
    let output = wrk.output().context("failed to run wrk")?;
    let cpu = process::cpu(pid)?.saturating_sub(before);
    ensure!(output.status.success(), "wrk failed with {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let figures = text.lines().find_map(|line| line.strip_prefix("result ")).context("wrk told no result")?;
    let figures: Vec<u64> = figures.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [requests, micros, p50, p99, p999, broken, status, timeouts] = figures[..] else {
        bail!("wrk told {} figures", figures.len())
    };
    ensure!(
        broken + status + timeouts == 0,
        "of {requests} requests to `{}` {broken} broke off, {status} failed, {timeouts} took too long",
        ask.host
    );
    ensure!(requests > 0, "no request to `{}` was answered", ask.host);
    let milliseconds = |micros: u64| micros as f64 / 1000.0;
    Ok(Load {
        rate: requests as f64 / (micros as f64 / 1e6),
        p50: milliseconds(p50),
        p99: milliseconds(p99),
        p999: milliseconds(p999),
        cpu: cpu.as_secs_f64() * 1e5 / requests as f64,
        resident: process::memory(pid)?.resident,
    })
}

/// Name and version.
pub fn version() -> String {
    // It says so as it fails: it has no flag for that.
    let version = first_line(Command::new("sh").args(["-c", "wrk -v 2>&1 | head -n1"]), "install wrk");
    version.ok().and_then(|line| line.split(" [").next().map(str::to_owned)).unwrap_or_else(|| "wrk".to_owned())
}
