//! The figures as Prometheus takes them.

use super::series::{OUTCOMES, STATUS_CLASSES, Series, Sums};
use super::{Metrics, REJECTIONS, process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// What [`Metrics`] has of its own.
pub(super) struct Collected(pub Arc<Metrics>);

impl fmt::Debug for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collected")
    }
}

/// A counter of each worker.
type OfWorker = (&'static str, &'static str, fn(&Sums) -> u64);

const SUMS: [OfWorker; 5] = [
    ("glowplug_fuel", "Fuel used, host work included", |sums| sums.fuel),
    ("glowplug_host_fuel", "Fuel charged for the host's work", |sums| sums.host_fuel),
    ("glowplug_subrequests", "Requests that workers sent", |sums| sums.subrequests),
    ("glowplug_request_body_bytes", "Bytes of requests' bodies that workers read", |sums| sums.bytes_in),
    ("glowplug_response_body_bytes", "Bytes of responses' bodies that workers wrote", |sums| sums.bytes_out),
];

impl Collector for Collected {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let all = self.0.all();
        requests(&mut encoder, &all)?;
        for (name, help, read) in SUMS {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for series in &all {
                let labels = [("worker", &**series.name())];
                metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&read(&series.sums()), None)?;
            }
        }
        lookups(&mut encoder, &all)?;
        durations(&mut encoder, &all)?;
        rejected(&mut encoder, &self.0)?;
        let gauges: [(&str, &str, i64); 2] = [
            ("glowplug_in_flight_requests", "Requests under way", self.0.in_flight.load(Relaxed)),
            ("glowplug_queued_requests", "Requests waiting for their turn", self.0.queued()),
        ];
        for (name, help, value) in gauges {
            encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)?;
        }
        process::encode(&mut encoder)
    }
}

fn requests(encoder: &mut DescriptorEncoder, all: &[Arc<Series>]) -> fmt::Result {
    let help = "Requests answered";
    let mut metric = encoder.encode_descriptor("glowplug_requests", help, None, MetricType::Counter)?;
    for series in all {
        for (outcome, classes) in OUTCOMES.iter().zip(series.requests()) {
            for (class, count) in STATUS_CLASSES.iter().zip(classes).filter(|(_, count)| *count > 0) {
                let labels = [("worker", &**series.name()), ("outcome", outcome.as_str()), ("status", class)];
                metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
            }
        }
    }
    Ok(())
}

fn lookups(encoder: &mut DescriptorEncoder, all: &[Arc<Series>]) -> fmt::Result {
    let help = "What came of asking the cache";
    let mut metric = encoder.encode_descriptor("glowplug_cache_lookups", help, None, MetricType::Counter)?;
    for series in all {
        for (place, result, count) in series.lookups().counts().iter() {
            let labels = [("worker", &**series.name()), ("place", place), ("result", result)];
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
        }
    }
    Ok(())
}

fn durations(encoder: &mut DescriptorEncoder, all: &[Arc<Series>]) -> fmt::Result {
    let help = "From a request's arrival to the head of its response";
    let name = "glowplug_request_duration_seconds";
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
    for series in all {
        let (sum, count, buckets) = series.told_durations();
        if count > 0 {
            let labels = [("worker", &**series.name())];
            metric.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
    }
    Ok(())
}

fn rejected(encoder: &mut DescriptorEncoder, metrics: &Metrics) -> fmt::Result {
    let help = "Requests turned away before they led to a worker";
    let mut metric = encoder.encode_descriptor("glowplug_rejected_requests", help, None, MetricType::Counter)?;
    for (why, name) in REJECTIONS {
        let count = metrics.rejected[why as usize].load(Relaxed);
        metric.encode_family(&[("reason", name)])?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
    }
    Ok(())
}
