//! Everything that a comparison found, as it is printed: `docs/compare.md` describes the JSON.

use super::answers::{Difference, Head};
use super::figures::{Figures, Spread};
use super::measure::{Measured, Plan};
use super::prices::{Price, prices};
use super::program::Program;
use crate::cli::trial::{Exchange, TrialRequest};
use serde::Serialize;
use serde_json::Value;

/// A comparison.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Version of the program that measured.
    glowplug: &'static str,
    machine: Machine,
    settings: Plan,
    pub requests: Vec<Asked>,
    agree: bool,
    differences: Vec<Difference>,
    pub programs: Vec<Entry>,
}

/// Where times were measured; fuel is the same everywhere.
#[derive(Debug, Serialize)]
struct Machine {
    os: &'static str,
    arch: &'static str,
}

/// A request that was sent.
#[derive(Debug, Serialize)]
pub(super) struct Asked {
    pub method: String,
    pub url: String,
    pub body_bytes: usize,
}

/// A program and what was found out about it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub label: String,
    pub name: String,
    pub kind: String,
    pub version: String,
    pub artefact_bytes: u64,
    pub start_up_fuel: Option<u64>,
    pub memory_limit_bytes: u64,
    /// To each request, when it was first asked.
    pub answers: Vec<Answer>,
    /// Why there are no figures.
    pub failure: Option<String>,
    pub figures: Option<Figures>,
    pub prices: Vec<Price>,
}

/// An answer without its body.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body_bytes: usize,
    pub outcome: &'static str,
    pub fuel: u64,
}

impl Entry {
    /// `measured` is none when nothing was.
    pub fn new(program: &Program, answers: &[Exchange], measured: Option<Measured>) -> Self {
        let facts = program.trial.facts();
        let (figures, failed_later) = match measured {
            Some(Ok(figures)) => (Some(figures), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        Self {
            label: program.label.clone(),
            name: facts.name.clone(),
            kind: facts.kind.clone(),
            version: facts.version.clone(),
            artefact_bytes: facts.artefact_bytes,
            start_up_fuel: facts.start_up_fuel,
            memory_limit_bytes: facts.limits.memory,
            answers: answers.iter().map(Answer::of).collect(),
            failure: answers.iter().find_map(Exchange::failure).or(failed_later),
            prices: figures.as_ref().map(|figures| prices(figures, facts.limits.memory)).unwrap_or_default(),
            figures,
        }
    }

    /// Fuel of each request: as measured, or of the one time that it was asked.
    pub fn fuel_by_request(&self) -> Vec<Spread> {
        match &self.figures {
            Some(figures) => figures.fuel_by_request.clone(),
            None => self.answers.iter().map(|answer| Spread { min: answer.fuel, max: answer.fuel }).collect(),
        }
    }
}

impl Answer {
    fn of(exchange: &Exchange) -> Self {
        let Head { status, content_type } = Head::of(exchange);
        let (body_bytes, outcome, fuel) = (exchange.body.len(), exchange.outcome.as_str(), exchange.usage.fuel);
        Self { status, content_type, body_bytes, outcome, fuel }
    }
}

impl Report {
    pub fn new(settings: Plan, requests: &[TrialRequest], differences: Vec<Difference>, programs: Vec<Entry>) -> Self {
        let asked = |request: &TrialRequest| Asked {
            method: request.method.to_string(),
            url: request.target.clone(),
            body_bytes: request.body.len(),
        };
        Self {
            glowplug: env!("CARGO_PKG_VERSION"),
            machine: Machine { os: std::env::consts::OS, arch: std::env::consts::ARCH },
            settings,
            requests: requests.iter().map(asked).collect(),
            agree: differences.is_empty(),
            differences,
            programs,
        }
    }

    /// Whether all programs that answered gave the same answers.
    pub fn is_agreed(&self) -> bool {
        self.agree
    }

    /// Whether there is anything to show of at least one program; when answers differ, nothing is measured.
    pub fn is_measured(&self) -> bool {
        self.programs.iter().any(|entry| entry.figures.is_some() || entry.failure.is_some())
    }

    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Programs that failed, and why.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.programs.iter().filter_map(|entry| Some((entry.label.as_str(), entry.failure.as_deref()?)))
    }

    /// How the figures came about, in a sentence.
    pub fn method(&self) -> String {
        let Plan { runs, warmup, seconds } = self.settings;
        let requests = match self.requests.len() {
            1 => "the request".to_owned(),
            several => format!("each of the {several} requests"),
        };
        let Machine { os, arch } = self.machine;
        format!(
            "glowplug {} on {os} ({arch}) sent {requests} at least {runs} times and for at least {seconds} s, one after \
             the other on one thread, and {warmup} times before that unmeasured.",
            self.glowplug
        )
    }

    pub fn json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
