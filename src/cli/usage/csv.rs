//! Usage as a table for other programs.

use crate::cli::client::types::UsageLine;
use crate::meter::Outcome;
use anyhow::{Context, Result};

/// The outcomes, each of which has a column.
const OUTCOMES: [Outcome; 9] = [
    Outcome::Ok,
    Outcome::Exception,
    Outcome::ExceededCpu,
    Outcome::ExceededMemory,
    Outcome::ExceededWallTime,
    Outcome::Canceled,
    Outcome::LoadShed,
    Outcome::InternalError,
    Outcome::Refused,
];

/// A line for each of `lines`, after one with the names of the columns. All columns are always there.
pub fn of(lines: &[UsageLine]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let outcomes = OUTCOMES.iter().map(|outcome| outcome.as_str());
    let sums = ["fuel", "cpu_ms", "fuel_p50", "fuel_p99", "bytes_in", "bytes_out", "subrequests", "wall_ms"];
    let names = ["worker", "version", "route", "time", "requests"].into_iter().chain(outcomes).chain(["assets"]);
    writer.write_record(names.chain(sums))?;
    for line in lines {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        let mut record = vec![text(&line.worker), text(&line.version), text(&line.route), text(&line.time)];
        record.push(line.requests.to_string());
        let times = |outcome: &Outcome| line.outcomes.get(outcome.as_str()).copied().unwrap_or_default();
        record.extend(OUTCOMES.iter().map(|outcome| times(outcome).to_string()));
        record.extend([line.assets.to_string(), line.fuel.to_string(), line.cpu_ms.to_string()]);
        record.extend([number(line.fuel_p50), number(line.fuel_p99)]);
        record.extend([line.bytes_in, line.bytes_out, line.subrequests].map(|sum| sum.to_string()));
        record.push(line.wall_ms.to_string());
        writer.write_record(record)?;
    }
    writer.into_inner().context("failed to write the table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_every_column() {
        let line = |route: &str| {
            let text = format!(
                r#"{{"worker": "a", "route": {route}, "requests": 3, "runs": 3, "outcomes": {{"ok": 2, "exception": 1}},
                    "assets": 0, "fuel": 36893488147419103230, "cpu_ms": 0.5, "fuel_p50": null, "bytes_in": 0,
                    "bytes_out": 7, "subrequests": 0, "wall_ms": 2.25}}"#
            );
            serde_json::from_str::<UsageLine>(&text).unwrap()
        };
        let text = String::from_utf8(of(&[line("\"x/*\""), line("\"a,\\\"b\"")]).unwrap()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("worker,version,route,time,requests,ok,exception,exceededCpu,"), "{text}");
        assert_eq!(lines[1], "a,,x/*,,3,2,1,0,0,0,0,0,0,0,0,36893488147419103230,0.5,,,0,7,0,2.25");
        assert!(lines[2].starts_with("a,,\"a,\"\"b\",,3,"), "{text}");
        assert_eq!(of(&[]).unwrap().iter().filter(|byte| **byte == b'\n').count(), 1);
    }
}
