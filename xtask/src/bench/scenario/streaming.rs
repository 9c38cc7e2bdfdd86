//! A gigabyte through a worker that passes on what it fetches.

use anyhow::{Result, ensure};

use crate::bench::measure::http::Connection;
use crate::bench::measure::process;
use crate::bench::measure::statistics::Spread;
use crate::bench::peer::{PATIENCE, Peer, Program, Running, origin};
use crate::bench::report::{Goal, Section, Table, figure};
use crate::bench::tools::Tools;

pub fn run(tools: &Tools) -> Result<Section> {
    let bytes: u64 = tools.size.pick(256 << 20, 1 << 30);
    let origin = origin(tools)?;
    let through = |name: &str, body: &str| -> Result<Program> {
        let script = tools.scratch.join(name);
        let source = format!("export default {{ async fetch() {{ {body} }} }};\n");
        std::fs::write(&script, source.replace("ORIGIN", &format!("http://{}/stream/{bytes}", origin.address)))?;
        Ok(Program { script, config: "limits = { cpu_ms = 120000, wall_ms = 300000 }\n", ..Program::default() })
    };
    let passed = through("pass.js", "return fetch('ORIGIN');")?;
    let transformed = through(
        "transform.js",
        "const answer = await fetch('ORIGIN'); \
         const through = new TransformStream({ transform(piece, controller) { controller.enqueue(piece); } }); \
         return new Response(answer.body.pipeThrough(through));",
    )?;
    let mut section = Section::new(
        "Streaming",
        &format!(
            "{} MiB from an origin on the same machine: MB/s at the client, and the most memory that the server's process had resident.",
            bytes >> 20
        ),
    );
    for (title, program) in [("Response passed on", passed), ("Through a TransformStream", transformed)] {
        let servers: Vec<Running> = Peer::glowplugs(tools)
            .chain([Peer::Workerd, Peer::Deno])
            .map(|peer| peer.start(tools, &program))
            .collect::<Result<_>>()?;
        let mut rates: Vec<Vec<f64>> = vec![Vec::new(); servers.len()];
        for _ in 0..tools.size.rounds().min(3) {
            for (server, rates) in servers.iter().zip(&mut rates) {
                let (status, came, took) = Connection::open(server.address, PATIENCE)?.count(&server.get("/"))?;
                let name = server.peer.name();
                ensure!(status == 200 && came == bytes, "{name} answers {status} with {came} bytes of {bytes}");
                rates.push(bytes as f64 / 1e6 / took.as_secs_f64());
            }
        }
        let mut table = Table::new(&["", "MB/s (least to most)", "peak RSS MB"]);
        for (server, rates) in servers.iter().zip(&rates) {
            let spread = Spread::of(rates.iter().copied());
            let peak = process::memory(server.pid())?.peak;
            table.row([
                server.peer.name(),
                format!("{:.0} ({:.0} to {:.0})", spread.median, spread.least, spread.most),
                figure(peak as f64 / 1e6),
            ]);
        }
        let median = |peer| {
            let place = servers.iter().position(|server| server.peer == peer)?;
            Some(Spread::of(rates[place].iter().copied()).median)
        };
        if let (Some(ours), Some(workerd)) = (median(Peer::Glowplug(0)), median(Peer::Workerd)) {
            section.goal(Goal::at_least(
                format!("streaming: {}, MB/s to workerd", title.to_lowercase()),
                ours / workerd,
                0.7,
            ));
        }
        section.table(title, table);
    }
    Ok(section)
}
