//! `glowplug budget`

use super::client::{Call, segment, types};
use super::server_args::ServerArgs;
use super::table::table;
use super::{moment, print};
use anyhow::Result;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::json;
use std::process::ExitCode;

/// Limit the fuel that a worker, or all that a token published, may use
#[derive(Debug, Args)]
pub struct Budget {
    #[command(subcommand)]
    command: BudgetCommand,
}

#[derive(Debug, Subcommand)]
enum BudgetCommand {
    /// Give a budget, of which nothing is spent yet, in place of the one there is
    Set(Change),
    /// Put more fuel into a budget
    Add(Change),
    /// Show a budget, or all of them
    Show(Show),
    /// Remove a budget: nothing is limited any more
    Remove(Remove),
}

impl Budget {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            BudgetCommand::Set(command) => command.execute(Method::PUT).await,
            BudgetCommand::Add(command) => command.execute(Method::POST).await,
            BudgetCommand::Show(command) => command.execute().await,
            BudgetCommand::Remove(command) => command.execute().await,
        }
    }
}

/// Whose budget it is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// Name of the worker
    #[arg(value_name = "WORKER")]
    worker: Option<String>,

    /// Name of a token, in place of a worker: the budget is that of all versions that it published
    #[arg(long, value_name = "NAME")]
    of_token: Option<String>,
}

impl Subject {
    fn path(&self) -> String {
        match (&self.worker, &self.of_token) {
            (Some(name), _) => format!("/v1/budgets/worker/{}", segment(name)),
            (None, name) => format!("/v1/budgets/token/{}", segment(name.as_deref().unwrap_or_default())),
        }
    }
}

/// Set or raise a budget
#[derive(Debug, Args)]
struct Change {
    #[command(flatten)]
    subject: Subject,

    /// How much: a number such as `1500000000`, `1.5e9` or `1500M`; 15,000,000 are about a millisecond of CPU
    #[arg(long, value_name = "N", value_parser = fuel)]
    fuel: u64,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Change {
    async fn execute(self, method: Method) -> Result<ExitCode> {
        let body = json!({ "fuel": self.fuel });
        let answer = self.server.connect()?.call(Call::json(method, self.subject.path(), &body)).await?;
        let budget: types::Budget = answer.json()?;
        print::success(&format!(
            "the budget of {} `{}` has {} of {} fuel left",
            budget.of,
            print::visible(&budget.name, ' '),
            print::grouped(budget.left),
            print::grouped(budget.fuel)
        ));
        if self.json {
            print::json(&answer.value()?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Show a budget, or all of them
#[derive(Debug, Args)]
struct Show {
    /// Name of the worker [default: all budgets]
    #[arg(value_name = "WORKER", conflicts_with = "of_token")]
    worker: Option<String>,

    /// Name of a token, in place of a worker
    #[arg(long, value_name = "NAME")]
    of_token: Option<String>,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    async fn execute(self) -> Result<ExitCode> {
        let client = self.server.connect()?;
        let one = self.worker.is_some() || self.of_token.is_some();
        let subject = Subject { worker: self.worker, of_token: self.of_token };
        let path = if one { subject.path() } else { "/v1/budgets".to_owned() };
        let answer = client.call(Call::get(path)).await?;
        if self.json {
            print::json(&if one { answer.value()? } else { answer.member("budgets")? });
            return Ok(ExitCode::SUCCESS);
        }
        let budgets = if one { vec![answer.json()?] } else { answer.json::<types::Budgets>()?.budgets };
        let rows = budgets.into_iter().map(|budget| {
            let [fuel, spent, left] = [budget.fuel, budget.spent, budget.left].map(print::grouped);
            [budget.of, budget.name, fuel, spent, left, moment::shown(&budget.since)]
        });
        print::data(&table(["of", "name", "fuel", "spent", "left", "since (UTC)"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// Remove a budget: nothing is limited any more
#[derive(Debug, Args)]
struct Remove {
    #[command(flatten)]
    subject: Subject,

    #[command(flatten)]
    server: ServerArgs,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Remove {
    async fn execute(self) -> Result<ExitCode> {
        self.server.connect()?.call(Call::delete(self.subject.path())).await?;
        let (kind, name) = match (&self.subject.worker, &self.subject.of_token) {
            (Some(name), _) => ("worker", name.as_str()),
            (None, name) => ("token", name.as_deref().unwrap_or_default()),
        };
        print::success(&format!("removed the budget of {kind} `{}`", print::visible(name, ' ')));
        if self.json {
            print::json(&json!({ "of": kind, "removed": name }));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Fuel as it is written: digits with `_` between them, a fraction, an exponent, a suffix for thousands.
fn fuel(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no amount of fuel: write it as in `1500000000`, `1.5e9` or `1500M`");
    let plain = text.replace('_', "");
    let (number, power) = match plain.char_indices().last() {
        Some((at, suffix @ ('k' | 'K' | 'M' | 'G' | 'T'))) => {
            let power = match suffix {
                'M' => 6,
                'G' => 9,
                'T' => 12,
                _ => 3,
            };
            (&plain[..at], power)
        }
        _ => match plain.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<u32>().map_err(|_| wrong())?),
            None => (plain.as_str(), 0),
        },
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{}", fraction.trim_end_matches('0'));
    let power = power.checked_sub(digits.len() as u32 - whole.len() as u32).ok_or_else(wrong)?;
    if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let digits: u64 = digits.parse().map_err(|_| format!("`{text}` is too much"))?;
    10_u64
        .checked_pow(power)
        .and_then(|factor| digits.checked_mul(factor))
        .ok_or_else(|| format!("`{text}` is too much"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fuel_is_written_in_several_ways() {
        for (text, expected) in [
            ("0", 0),
            ("1500000000", 1_500_000_000),
            ("1_000", 1000),
            ("1e9", 1_000_000_000),
            ("1.5e9", 1_500_000_000),
            ("1.50E1", 15),
            ("500M", 500_000_000),
            ("2.5k", 2500),
            ("1.25T", 1_250_000_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(fuel(text), Ok(expected), "{text}");
        }
        for wrong in ["", "M", ".5M", "-1", "1.5", "1e", "1e-3", "1MM", "1 M", "x", "1.0001k", "1e3M", "é", "+1"] {
            assert!(fuel(wrong).unwrap_err().contains("is no amount of fuel"), "{wrong}");
        }
        for much in ["1e20", "18446744073709551616", "99999999999G", "1e4294967295"] {
            assert!(fuel(much).unwrap_err().contains("too much"), "{much}");
        }
    }
}
