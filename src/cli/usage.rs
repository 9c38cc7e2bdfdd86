//! `glowplug usage`

mod csv;

use super::client::{Call, Client, query, types};
use super::server_args::ServerArgs;
use super::table::table;
use super::{moment, print};
use crate::registry::WorkerName;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use std::process::ExitCode;

/// See what workers used: requests, fuel, CPU, bytes
#[derive(Debug, Args)]
pub struct Usage {
    /// From when on: so long ago, such as `1h` or `7d`, or a time such as `2030-01-31T12:00:00Z`
    #[arg(long, value_name = "TIME", value_parser = moment::past, default_value = "30d")]
    since: Timestamp,

    /// Until when, written likewise [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment::past)]
    until: Option<Timestamp>,

    /// Of this worker alone
    #[arg(long, value_name = "NAME")]
    worker: Option<WorkerName>,

    /// What it is put together by
    #[arg(long, value_name = "KEY", value_enum, default_value_t = By::Worker)]
    by: By,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// What usage is put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Worker,
    /// Worker and version
    Version,
    /// Worker and route
    Route,
    /// Day in UTC
    Day,
    Minute,
}

impl By {
    fn as_str(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Version => "version",
            Self::Route => "route",
            Self::Day => "day",
            Self::Minute => "minute",
        }
    }

    /// What a line is about, in the words of a table.
    fn subject(self, line: &types::UsageLine) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match self {
            Self::Worker => text(&line.worker),
            Self::Version => format!("{} {}", text(&line.worker), text(&line.version)),
            Self::Route => format!("{} {}", text(&line.worker), text(&line.route)),
            Self::Day => text(&line.time).chars().take("2030-01-31".len()).collect(),
            Self::Minute => moment::shown(&text(&line.time)),
        }
    }
}

impl Usage {
    pub async fn execute(self) -> Result<ExitCode> {
        let pairs = [
            ("since", Some(self.since.to_string())),
            ("until", self.until.map(|until| until.to_string())),
            ("worker", self.worker.as_ref().map(ToString::to_string)),
            ("by", Some(self.by.as_str().to_owned())),
        ];
        let answer = self.server.connect()?.call(Call::get(query("/v1/usage", pairs))).await?;
        if self.json {
            print::json(&answer.value()?);
            return Ok(ExitCode::SUCCESS);
        }
        let usage: types::Usage = answer.json()?;
        if self.csv {
            print::bytes(&csv::of(&usage.usage)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        print::note(&format!("from {} to {} UTC", moment::shown(&usage.since), moment::shown(&usage.until)));
        let mut rows: Vec<_> = usage.usage.iter().map(|line| row(self.by.subject(line), line)).collect();
        if rows.len() != 1 {
            rows.push(row("total".to_owned(), &usage.total));
        }
        let by = self.by.as_str();
        let headings =
            [by, "requests", "failed", "assets", "fuel", "p50", "p99", "cpu ms", "wall ms", "bytes in", "bytes out"];
        print::data(&table(headings, rows));
        Ok(ExitCode::SUCCESS)
    }
}

fn row(subject: String, line: &types::UsageLine) -> [String; 11] {
    let ok = line.outcomes.get("ok").copied().unwrap_or_default();
    let fuel = |fuel: Option<u64>| fuel.map_or_else(|| "-".to_owned(), print::grouped);
    [
        subject,
        print::grouped(line.requests),
        print::grouped(line.requests.saturating_sub(ok)),
        print::grouped(line.assets),
        print::grouped_wide(line.fuel),
        fuel(line.fuel_p50),
        fuel(line.fuel_p99),
        format!("{:.2}", line.cpu_ms),
        format!("{:.2}", line.wall_ms),
        print::grouped_wide(line.bytes_in),
        print::grouped_wide(line.bytes_out),
    ]
}

/// What a worker did in the last 30 days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recent {
    /// Invocations in which it ran.
    pub requests: u64,
    /// Milliseconds of one, on average.
    pub wall_ms: f64,
    /// Estimated from its fuel.
    pub cpu_ms: f64,
    /// Mebibytes that a sandbox held at the most, on average.
    pub memory_mb: f64,
}

/// Asks a server what `worker` did in the last 30 days. An error if it did nothing.
pub async fn last_30_days(client: &Client, worker: &WorkerName) -> Result<Recent> {
    let since = Timestamp::now() - SignedDuration::from_hours(30 * 24);
    let pairs = [("since", Some(since.to_string())), ("worker", Some(worker.to_string()))];
    let types::Usage { total, .. } = client.call(Call::get(query("/v1/usage", pairs))).await?.json()?;
    if total.runs == 0 {
        bail!(
            "`{worker}` has answered no requests in the last 30 days\n\
             hint: `glowplug usage --by worker` shows which workers have"
        );
    }
    let runs = total.runs as f64;
    Ok(Recent {
        requests: total.runs,
        wall_ms: total.wall_ms / runs,
        cpu_ms: total.cpu_ms / runs,
        memory_mb: total.mean_memory.unwrap_or_default() as f64 / f64::from(1 << 20),
    })
}
