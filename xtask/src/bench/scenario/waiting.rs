//! Ten thousand requests at a time, each waiting for a slow origin.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::measure::http::Ask;
use crate::bench::measure::process;
use crate::bench::measure::statistics::{quantile, sorted};
use crate::bench::origin::SLOW;
use crate::bench::peer::{Peer, Program, Running, origin};
use crate::bench::report::{Goal, Section, Table, figure};
use crate::bench::tools::Tools;

/// The longest that one of the requests may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn run(tools: &Tools) -> Result<Section> {
    let count = tools.size.pick(2_000, 10_000);
    let origin = origin(tools)?;
    let script = tools.scratch.join("waiting.js");
    let source = format!("export default {{ fetch: () => fetch(\"http://{}/slow\") }};\n", origin.address);
    std::fs::write(&script, source)?;
    let mut section = Section::new(
        "Requests that wait",
        &format!(
            "{count} connections at a time, each with one request to a worker that fetches from an origin which takes {} s. Memory is how much \
             the proportional set size of the server's process grows while they wait, for each of them; fuel is that of one request, on a slow origin and on a fast one.",
            SLOW.as_secs()
        ),
    );
    let program = Program { script, ..Program::default() };
    let mut table =
        Table::new(&["", "requests", "errors", "all answered after s", "p50 s", "p99 s", "PSS for each KB", "CPU s"]);
    for peer in Peer::glowplugs(tools).chain([Peer::Workerd]) {
        let server = peer.start(tools, &program)?;
        // One ahead, so that what is loaded once is loaded.
        server.check(&server.get("/"), "origin")?;
        let before = (process::memory(server.pid())?, process::cpu(server.pid())?);
        let waited = wait(&server, count)?;
        let cpu = process::cpu(server.pid())?.saturating_sub(before.1);
        let each = waited.memory.saturating_sub(before.0.proportional) as f64 / count as f64 / 1e3;
        table.row([
            peer.name(),
            count.to_string(),
            waited.errors.to_string(),
            figure(waited.took.as_secs_f64()),
            figure(quantile(&waited.times, 0.5)),
            figure(quantile(&waited.times, 0.99)),
            figure(each),
            figure(cpu.as_secs_f64()),
        ]);
        if peer == Peer::Glowplug(0) {
            section.goal(Goal::at_most(format!("{count} waiting requests: errors"), waited.errors as f64, 0.0));
            section.goal(Goal::at_most(format!("{count} waiting requests: KB for each"), each, 100.0));
        }
    }
    section.table("", table);
    let waiting = fuel_of_waiting(tools, &origin)?;
    section.goal(Goal::at_most("fuel of a second's waiting".into(), waiting, 0.0));
    Ok(section)
}

struct Waited {
    errors: usize,
    took: Duration,
    /// Seconds, sorted.
    times: Vec<f64>,
    /// Proportional set size, the most that was seen.
    memory: u64,
}

fn wait(server: &Running, count: usize) -> Result<Waited> {
    let (ask, pid) = (server.get("/"), server.pid());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let begun = Instant::now();
        let requests: Vec<_> = (0..count).map(|_| tokio::spawn(one(ask.clone()))).collect();
        let watching = tokio::spawn(async move {
            let mut most = 0;
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                match process::memory(pid) {
                    Ok(memory) => most = memory.proportional.max(most),
                    Err(_) => return most,
                }
                if begun.elapsed() > PATIENCE || WATCHED.load(std::sync::atomic::Ordering::Relaxed) {
                    return most;
                }
            }
        });
        let (mut times, mut errors) = (Vec::new(), 0);
        for request in requests {
            match request.await? {
                Ok(time) => times.push(time.as_secs_f64()),
                Err(error) => {
                    if errors == 0 {
                        eprintln!("    the first error: {error:#}");
                    }
                    errors += 1;
                }
            }
        }
        let took = begun.elapsed();
        WATCHED.store(true, std::sync::atomic::Ordering::Relaxed);
        let memory = watching.await?;
        WATCHED.store(false, std::sync::atomic::Ordering::Relaxed);
        Ok(Waited { errors, took, times: sorted(times), memory })
    })
}

/// All requests have been answered.
static WATCHED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

async fn one(ask: Ask) -> Result<Duration> {
    let begun = Instant::now();
    let exchange = async {
        let mut socket = TcpStream::connect(ask.address).await.context("connect")?;
        let head = format!("GET {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", ask.path, ask.host);
        socket.write_all(head.as_bytes()).await.context("write")?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.context("read")?;
        let text = String::from_utf8_lossy(&answer);
        ensure!(text.starts_with("HTTP/1.1 200") && text.contains("origin"), "the answer is `{text}`");
        Ok(begun.elapsed())
    };
    tokio::time::timeout(PATIENCE, exchange).await.context("it took too long")?
}

/// How much more fuel a request takes whose origin is slow.
fn fuel_of_waiting(tools: &Tools, origin: &Running) -> Result<f64> {
    let fuel = |path: &str| -> Result<f64> {
        let script = tools.scratch.join("waiting-once.js");
        // The same length, so that the same bytes are moved.
        std::fs::write(
            &script,
            format!("export default {{ fetch: () => fetch(\"http://{}{path}\") }};\n", origin.address),
        )?;
        let data = crate::bench::peer::glowplug::empty_data(tools, "fuel")?;
        let node = crate::bench::peer::glowplug::Node::start(tools, 0, &data, None, &["--server-timing"])?;
        node.deploy("waiting", &script, &[])?;
        let server = node.serving(Peer::Glowplug(0), "waiting");
        let output = std::process::Command::new("curl")
            .args([
                "-sS",
                "-D",
                "-",
                "-o",
                "/dev/null",
                "-H",
                &format!("host: {}", server.host),
                &server.get("/").url(),
            ])
            .output()
            .context("failed to run curl")?;
        let head = String::from_utf8_lossy(&output.stdout).into_owned();
        let figure = head.split("fuel").nth(1).and_then(|rest| rest.split("desc=").nth(1));
        let figure = figure.map(|rest| rest.chars().filter(char::is_ascii_digit).collect::<String>());
        figure.and_then(|figure| figure.parse().ok()).with_context(|| format!("no fuel in the answer: {head}"))
    };
    Ok((fuel("/slow")? - fuel("/fast")?).abs())
}
