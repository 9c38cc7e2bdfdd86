//! Kernels in JavaScript: what the interpreter costs.

use anyhow::{Context, Result, ensure};

use crate::bench::measure::http::Connection;
use crate::bench::measure::statistics::Spread;
use crate::bench::peer::{PATIENCE, Peer, Program, Running};
use crate::bench::report::{Goal, Section, Table, figure};
use crate::bench::tools::Tools;

const KERNELS: [&str; 8] = ["fib", "mandelbrot", "sha256", "json", "regex", "sort", "strings", "markdown"];

pub fn run(tools: &Tools) -> Result<Section> {
    let mut section = Section::new(
        "Compute in JavaScript",
        "One request at a time to `benches/workers/kernels.js`: milliseconds for the whole request, median (least to most). The last row is the \
         geometric mean of the ratios to glowplug: how many times as fast. Native QuickJS is the same interpreter without WebAssembly, metering \
         and fresh sandboxes. With `--jitless` V8 interprets as QuickJS does.",
    );
    let program = Program { config: "limits = { cpu_ms = 60000 }\n", ..Program::script("kernels.js") };
    let peers = Peer::glowplugs(tools).chain([
        Peer::Quickjs,
        Peer::Workerd,
        Peer::WorkerdJitless,
        Peer::Node,
        Peer::NodeJitless,
    ]);
    let servers: Vec<Running> = peers.map(|peer| peer.start(tools, &program)).collect::<Result<_>>()?;
    let mut header = vec![String::new()];
    header.extend(servers.iter().map(|server| server.peer.name()));
    let mut table = Table::of(header);
    let mut logarithms = vec![0.0; servers.len()];
    for kernel in KERNELS {
        let figures = kernel_of(tools, &servers, kernel)?;
        for (sum, spread) in logarithms.iter_mut().zip(&figures) {
            *sum += (figures[0].median / spread.median).ln();
        }
        let cell = |spread: &Spread| {
            format!("{} ({} to {})", figure(spread.median), figure(spread.least), figure(spread.most))
        };
        table.row([kernel.to_owned()].into_iter().chain(figures.iter().map(cell)));
    }
    let mean = |sum: &f64| figure((sum / KERNELS.len() as f64).exp());
    table.row(["times as fast".to_owned()].into_iter().chain(logarithms.iter().map(mean)));
    section.table("", table);
    if let Some(native) = servers.iter().position(|server| server.peer == Peer::Quickjs) {
        let ratio = (logarithms[native] / KERNELS.len() as f64).exp();
        section.goal(Goal::at_most("JavaScript kernels, time to native QuickJS's".into(), ratio, 1.6));
    }
    Ok(section)
}

fn kernel_of(tools: &Tools, servers: &[Running], kernel: &str) -> Result<Vec<Spread>> {
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); servers.len()];
    let mut wanted: Option<Vec<u8>> = None;
    // The first answers are not counted: a JIT has yet to see the code.
    for round in 0..=tools.size.pick(5, 15) {
        for (server, times) in servers.iter().zip(&mut times) {
            // A server may close a connection on which nothing was asked while others had their turn.
            let name = server.peer.name();
            let asked = Connection::open(server.address, PATIENCE)
                .and_then(|mut connection| connection.ask(&server.get(&format!("/{kernel}"))));
            let answer = asked.with_context(|| format!("{name} gives no answer to {kernel}"))?;
            let text = String::from_utf8_lossy(&answer.body);
            ensure!(answer.status == 200, "{name} answers {} to {kernel}: {text}", answer.status);
            let wanted = wanted.get_or_insert_with(|| answer.body.clone());
            ensure!(answer.body == *wanted, "{name} answers {text} to {kernel}, not what the first one answers");
            if round > 0 {
                times.push(answer.whole.as_secs_f64() * 1e3);
            }
        }
    }
    Ok(times.into_iter().map(Spread::of).collect())
}
