//! One JSON object for each line.

use super::Entry;
use crate::limits::cpu_ms_of_fuel;
use serde::Serialize;
use std::net::IpAddr;

/// The members of a line. Times are in milliseconds, `time` is RFC 3339.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    request_id: &'a str,
    client: Option<IpAddr>,
    method: &'a str,
    protocol: &'a str,
    host: &'a str,
    path: &'a str,
    status: u16,
    bytes: u64,
    duration_ms: f64,
    worker: Option<&'a str>,
    version: Option<&'a str>,
    outcome: &'a str,
    fuel: u64,
    cpu_ms: f64,
    wall_ms: f64,
    subrequests: u32,
    cache: Option<&'a str>,
    user_agent: Option<&'a str>,
    referer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

pub(super) fn write(line: &mut String, entry: &Entry) {
    let millis = |duration: std::time::Duration| duration.as_micros() as f64 / 1000.0;
    let (worker, version) = entry.worker.as_ref().map(|(worker, version)| (&**worker, &**version)).unzip();
    let value = Line {
        time: super::combined::moment(entry.time).map(|time| time.to_string()).unwrap_or_default(),
        request_id: &entry.request_id,
        client: entry.client,
        method: entry.method.as_str(),
        protocol: entry.protocol,
        host: &entry.host,
        path: &entry.path,
        status: entry.status,
        bytes: entry.bytes,
        duration_ms: millis(entry.duration),
        worker,
        version,
        outcome: entry.outcome.as_str(),
        fuel: entry.fuel,
        cpu_ms: (cpu_ms_of_fuel(entry.fuel) * 1000.0).round() / 1000.0,
        wall_ms: millis(entry.wall),
        subrequests: entry.subrequests,
        cache: entry.cache.as_deref(),
        user_agent: entry.user_agent.as_deref(),
        referer: entry.referer.as_deref(),
        trace_id: entry.trace_id.as_deref(),
    };
    // Strings and numbers alone: it does not fail.
    if let Ok(text) = serde_json::to_string(&value) {
        line.push_str(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_with_every_field() {
        let mut line = String::new();
        write(&mut line, &super::super::example());
        assert!(!line.contains(['\n', '\u{1b}']), "{line}");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let expected = serde_json::json!({
            "time": "2023-11-14T22:13:20.123Z", "request_id": "00ff", "client": "192.0.2.1", "method": "GET",
            "protocol": "HTTP/2", "host": "example.com", "path": "/a?b=\"c\"", "status": 200, "bytes": 12,
            "duration_ms": 2.5, "worker": "hello", "version": "abc", "outcome": "ok", "fuel": 15_000_000,
            "cpu_ms": 1.0, "wall_ms": 1.5, "subrequests": 1, "cache": null,
            "user_agent": "curl/8 \\ \"x\"\u{1b}", "referer": null,
        });
        assert_eq!(value, expected);
    }
}
