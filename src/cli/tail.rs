//! `glowplug tail`: live logs of a worker.

mod lines;
mod pretty;

use self::lines::Lines;
use super::client::{Call, Client, ClientError, query, types};
use super::print;
use super::server_args::ServerArgs;
use super::worker_args::worker_name;
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::Instant;

/// First and longest time until the next attempt to connect.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// A connection that held for this long was a good one: the backoff starts anew.
const GOOD: Duration = Duration::from_secs(10);

/// Watch what a worker does, as it happens
#[derive(Debug, Args)]
pub struct Tail {
    /// Name of the worker
    name: String,

    /// Only invocations that ended so; may be given several times
    #[arg(long, value_name = "STATUS", value_enum)]
    status: Vec<Status>,

    /// Only requests with this method
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,

    /// Only invocations with this text in their URL, console lines or exceptions
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// Only this part of all invocations: 0.1 for one in ten
    #[arg(long, value_name = "RATE", value_parser = rate)]
    sampling_rate: Option<f64>,

    /// How to print them: lines for people, or one JSON object per line [default: pretty at a terminal, else json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,

    #[command(flatten)]
    server: ServerArgs,
}

/// How an invocation ended, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// With a response
    Ok,
    /// By an exception, or past a limit
    Error,
    /// By the client, who left
    Canceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Pretty,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| *rate > 0.0 && *rate <= 1.0);
    rate.ok_or_else(|| format!("`{text}` is no rate: write a number above 0 and up to 1"))
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Canceled => "canceled",
        }
    }

    /// That of an event's outcome: `ok`, `canceled`, or one of many errors.
    fn of(outcome: &str) -> Self {
        match outcome {
            "ok" => Self::Ok,
            "canceled" => Self::Canceled,
            _ => Self::Error,
        }
    }
}

/// How a connection ended.
enum Ended {
    /// Nobody reads the output any more.
    Unread,
    /// With this to be said.
    Broken(String),
}

impl Tail {
    pub async fn execute(self) -> Result<ExitCode> {
        let client = self.server.connect()?;
        tokio::select! {
            watched = self.watch(&client) => watched.map(|()| ExitCode::SUCCESS),
            // That is how one ends it.
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
        }
    }

    /// Watches until nobody reads any more, connecting anew as often as it takes. The first connection must succeed.
    async fn watch(&self, client: &Client) -> Result<()> {
        let worker = worker_name(&self.name)?;
        let path = self.path(&format!("/v1/workers/{worker}/tail"));
        let (mut backoff, mut connected) = (BACKOFF.0, false);
        loop {
            let started = Instant::now();
            let why = match client.stream(Call::get(path.clone())).await {
                Ok(body) => {
                    let again = if connected { "again " } else { "" };
                    print::note(&format!("watching {worker} {again}on {}; interrupt to end", client.server()));
                    connected = true;
                    match self.follow(Lines::new(body)).await {
                        Ended::Unread => return Ok(()),
                        Ended::Broken(why) => why,
                    }
                }
                Err(error) if connected && error.is_passing() => first_line(&error),
                Err(error) => return Err(error.into()),
            };
            if started.elapsed() >= GOOD {
                backoff = BACKOFF.0;
            }
            let seconds = backoff.as_secs_f64();
            print::warning(&format!("{why}; events are missed until it is there again, trying in {seconds} s"));
            tokio::time::sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF.1);
        }
    }

    /// What the server is asked for. It filters by one status; several are sorted out here.
    fn path(&self, base: &str) -> String {
        let status = match self.status.as_slice() {
            [status] => Some(status.as_str().to_owned()),
            _ => None,
        };
        let rate = self.sampling_rate.map(|rate| rate.to_string());
        let pairs = [
            ("status", status),
            ("method", self.method.clone()),
            ("search", self.search.clone()),
            ("sampling_rate", rate),
        ];
        query(base, pairs)
    }

    /// Prints what comes until it ends.
    async fn follow(&self, mut lines: Lines) -> Ended {
        loop {
            let line = match lines.next().await {
                Ok(Some(line)) => line,
                Ok(None) => return Ended::Broken("the server ended the connection".to_owned()),
                Err(why) => return Ended::Broken(why),
            };
            if line.is_empty() {
                continue;
            }
            let event: types::TailLine = match serde_json::from_slice(&line) {
                Ok(event) => event,
                Err(cause) => {
                    print::warning(&format!("an event cannot be understood: {cause}"));
                    continue;
                }
            };
            if let Some(lost) = event.lost {
                print::warning(&format!(
                    "{} events were lost: they came faster than they were read",
                    print::grouped(lost)
                ));
                continue;
            }
            if !self.status.is_empty() && !self.status.contains(&Status::of(&event.outcome)) {
                continue;
            }
            let text = match self.format() {
                Format::Json => line,
                Format::Pretty => pretty::event(&event).into_bytes(),
            };
            if print::bytes(&[&text[..], b"\n"].concat()).is_err() {
                return Ended::Unread;
            }
        }
    }

    fn format(&self) -> Format {
        use std::io::IsTerminal;
        self.format.unwrap_or(if std::io::stdout().is_terminal() { Format::Pretty } else { Format::Json })
    }
}

fn first_line(error: &ClientError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        tail: Tail,
    }

    fn path(flags: &[&str]) -> String {
        Line::parse_from([&["tail", "hello"], flags].concat()).tail.path("/t")
    }

    #[test]
    fn filters_go_to_the_server() {
        assert_eq!(path(&[]), "/t");
        let flags = ["--status", "error", "--method", "POST", "--search", "a b", "--sampling-rate", "0.25"];
        assert_eq!(path(&flags), "/t?status=error&method=POST&search=a+b&sampling_rate=0.25");
        assert_eq!(path(&["--status", "error", "--status", "canceled"]), "/t");
        assert_eq!(
            ["ok", "canceled", "exceededCpu"].map(|text| Status::of(text).as_str()),
            ["ok", "canceled", "error"]
        );
    }

    #[test]
    fn rates_are_parts() {
        assert_eq!((rate("1"), rate("0.01")), (Ok(1.0), Ok(0.01)));
        assert!(["0", "-1", "1.1", "NaN", "x", ""].iter().all(|text| rate(text).is_err()));
    }
}
