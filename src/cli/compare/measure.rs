//! Measuring: the same requests again and again, one after the other, on one thread.
//!
//! ## Why
//! Fuel needs no repetition, it is exact; the rest is the machine's and is repeated until it says something. All of a
//! program's figures of time come from one loop on one thread, so that they belong together: requests per second are
//! those of one core, and the CPU time of the thread is that of the requests.

use super::cpu;
use super::figures::{Figures, Samples};
use crate::cli::trial::{Exchange, Seed, Trial, TrialRequest};
use crate::digest::Digest;
use anyhow::{Context, Result, anyhow};
use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Cold starts that are measured.
const COLD_STARTS: usize = 5;
/// The longest time that a loop may be asked to take.
const MOST_SECONDS: f64 = 3600.0;

/// How much is measured.
#[derive(Debug, Clone, Copy, Args, Serialize)]
pub(super) struct Plan {
    /// Times that every request is sent at least
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub runs: u32,

    /// Times that every request is sent before, without being measured
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub warmup: u32,

    /// Seconds that requests are sent for at least, for each program
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = seconds)]
    pub seconds: f64,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=MOST_SECONDS).contains(&seconds) => Ok(seconds),
        _ => Err(format!("`{text}` is no number of seconds from 0 to {MOST_SECONDS}")),
    }
}

/// Figures of a program, or why it has none: it failed on a request that it had answered before.
pub(super) type Measured = Result<Figures, String>;

/// Measures a program that has answered every request once.
pub(super) async fn measure(
    trial: Arc<Trial>,
    requests: Arc<[TrialRequest]>,
    plan: Plan,
    progress: ProgressBar,
) -> Result<Measured> {
    let on_one_thread = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.context("failed to start an async runtime")?.block_on(Loop { trial, requests, plan, progress }.run())
    };
    tokio::task::spawn_blocking(on_one_thread).await.context("measuring ended early")?
}

struct Loop {
    trial: Arc<Trial>,
    requests: Arc<[TrialRequest]>,
    plan: Plan,
    progress: ProgressBar,
}

impl Loop {
    async fn run(self) -> Result<Measured> {
        let mut samples = Samples { fuel: vec![Vec::new(); self.requests.len()], ..Samples::default() };
        let measured = async {
            self.cold_starts(&mut samples).await?;
            self.warm_up().await?;
            self.send_all(&mut samples).await
        };
        match measured.await {
            Ok(()) => Ok(Ok(samples.figures())),
            Err(Stop::Failed(why)) => Ok(Err(why)),
            Err(Stop::Broken(error)) => Err(error),
        }
    }

    /// The first request to a site that has loaded nothing: its compiled code is read from the cache and linked, and a
    /// sandbox is made. The process runs and the JavaScript engine is loaded, as on a server.
    async fn cold_starts(&self, samples: &mut Samples) -> Result<(), Stop> {
        let first = self.requests.first().ok_or_else(|| Stop::Broken(anyhow!("there are no requests")))?;
        for _ in 0..COLD_STARTS {
            let fresh = self.trial.restarted().await.map_err(Stop::Broken)?;
            samples.cold_starts.push(good(fresh.send_seeded(first, seed(0)).await)?.whole);
        }
        Ok(())
    }

    async fn warm_up(&self) -> Result<(), Stop> {
        for _ in 0..self.plan.warmup {
            for request in self.requests.iter() {
                good(self.trial.send_seeded(request, seed(0)).await)?;
            }
        }
        Ok(())
    }

    /// Sends all requests as often as was asked for, and on until the time is up.
    async fn send_all(&self, samples: &mut Samples) -> Result<(), Stop> {
        let least = Duration::from_secs_f64(self.plan.seconds);
        let cpu = cpu::of_this_thread();
        let started = Instant::now();
        let mut passes = 0;
        while passes < self.plan.runs || started.elapsed() < least {
            for (index, request) in self.requests.iter().enumerate() {
                let exchange = good(self.trial.send_seeded(request, seed(passes)).await)?;
                // Fuel comes from a number of requests that does not depend on the machine's speed.
                if passes < self.plan.runs {
                    samples.fuel[index].push(exchange.usage.fuel);
                }
                samples.whole.push(exchange.whole);
                samples.first_byte.push(exchange.first_byte);
                samples.billed.push(exchange.usage.wall);
                samples.peak_memory = samples.peak_memory.max(exchange.usage.peak_memory);
            }
            passes = passes.saturating_add(1);
            self.progress.tick();
        }
        samples.elapsed = started.elapsed();
        samples.cpu = cpu.zip(cpu::of_this_thread()).map(|(before, after)| after.saturating_sub(before));
        Ok(())
    }
}

/// The random numbers of a pass: others in each, so that figures which depend on them are seen to vary, and the same in
/// each comparison and for each program.
pub(super) fn seed(pass: u32) -> Seed {
    Seed(*Digest::of(format!("glowplug compare {pass}").as_bytes()).bytes())
}

/// Why a loop does not go on.
enum Stop {
    /// The program failed.
    Failed(String),
    /// Something of ours did.
    Broken(anyhow::Error),
}

fn good(sent: Result<Exchange>) -> Result<Exchange, Stop> {
    let exchange = sent.map_err(Stop::Broken)?;
    match exchange.failure() {
        Some(why) => Err(Stop::Failed(why)),
        None => Ok(exchange),
    }
}
