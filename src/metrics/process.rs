//! The process as its system sees it, under the names that Prometheus's own clients give these figures.

use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use std::fmt;
use std::sync::LazyLock;
use std::time::{Instant, SystemTime};

static STARTED: LazyLock<(Instant, f64)> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    (Instant::now(), now)
});

/// What `/proc` tells; nothing where there is none.
#[derive(Debug, Default)]
struct Figures {
    cpu_seconds: f64,
    threads: u64,
    virtual_bytes: u64,
    resident_bytes: u64,
    open_files: u64,
}

/// Sets the moment that uptime counts from.
pub(super) fn started() {
    LazyLock::force(&STARTED);
}

pub(super) fn encode(encoder: &mut DescriptorEncoder) -> fmt::Result {
    let Some(figures) = read() else { return Ok(()) };
    let help = "User and system time of the process";
    encoder
        .encode_descriptor("process_cpu_seconds", help, None, MetricType::Counter)?
        .encode_counter::<NoLabelSet, _, u64>(&figures.cpu_seconds, None)?;
    let gauges: [(&str, &str, f64); 5] = [
        ("process_resident_memory_bytes", "Resident memory", figures.resident_bytes as f64),
        ("process_virtual_memory_bytes", "Address space; sandboxes reserve much of it", figures.virtual_bytes as f64),
        ("process_open_fds", "Open file descriptors", figures.open_files as f64),
        ("process_threads", "Threads", figures.threads as f64),
        ("process_start_time_seconds", "When the process started, in seconds since the epoch", STARTED.1),
    ];
    for (name, help, value) in gauges {
        encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)?;
    }
    Ok(())
}

fn read() -> Option<Figures> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may have anything in it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).and_then(|field| field.parse::<u64>().ok());
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    Some(Figures {
        cpu_seconds: (field(14)? + field(15)?) as f64 / ticks,
        threads: field(20)?,
        virtual_bytes: field(23)?,
        resident_bytes: field(24)? * rustix::param::page_size() as u64,
        open_files: std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64),
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_of_this_very_process() {
        let figures = read().unwrap();
        assert!(figures.resident_bytes > 1 << 20 && figures.resident_bytes < figures.virtual_bytes, "{figures:?}");
        assert!(figures.threads > 0 && figures.open_files > 2, "{figures:?}");
    }
}
