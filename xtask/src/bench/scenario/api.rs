//! What services do: JSON in and out, and a router with many routes.

use std::fmt::Write as _;

use anyhow::Result;

use super::rounds;
use crate::bench::peer::{Peer, Program, Running, start_all};
use crate::bench::report::{Section, figure};
use crate::bench::tools::Tools;

const CONNECTIONS: [usize; 2] = [16, 256];
/// Entries of the document: two kilobytes.
const ITEMS: usize = 22;

pub fn run(tools: &Tools) -> Result<Section> {
    let mut section = Section::new(
        "JSON API and router",
        "JSON: 2 KB of orders are posted, summed up and sorted, and 2 KB come back. Router: Hono with 50 routes, of which the last but one \
         matches, with a parameter; its answer is JSON.",
    );
    let body = orders();
    let ask = |server: &Running| server.post("/", &body);
    scenario(tools, &mut section, "JSON", "api.js", ask)?;
    scenario(tools, &mut section, "Hono", &bundled(tools)?, |server| server.get("/v48/items/7?q=x"))?;
    Ok(section)
}

fn scenario(
    tools: &Tools,
    section: &mut Section,
    title: &str,
    script: &str,
    ask: impl Fn(&Running) -> crate::bench::measure::http::Ask,
) -> Result<()> {
    let program = Program::script(script);
    let peers = Peer::glowplugs(tools).chain([Peer::Workerd, Peer::Deno, Peer::Bun, Peer::Node]);
    // The first answer is the measure of the others: all must give the same.
    let reference = Peer::Node.start(tools, &program)?;
    let wanted = super::super::measure::http::Connection::open(reference.address, crate::bench::peer::PATIENCE)?
        .ask(&ask(&reference))?;
    drop(reference);
    let wanted = String::from_utf8_lossy(&wanted.body).into_owned();
    let servers = start_all(tools, peers.map(|peer| (peer, program.clone())), &ask, &wanted)?;
    let mut all = Vec::new();
    for connections in CONNECTIONS {
        all.push((connections, rounds::load(tools, &servers, connections, &ask)?));
    }
    section
        .table(&format!("{title}: {} bytes answered", figure(wanted.len() as f64)), rounds::table(&all, Peer::Workerd));
    section.chart(rounds::chart(&title.to_lowercase(), title, &all));
    Ok(())
}

/// Some orders, as JSON.
fn orders() -> String {
    let mut items = String::new();
    for item in 0..ITEMS {
        let comma = if item > 0 { "," } else { "" };
        let _ = write!(
            items,
            "{comma}{{\"id\":{item},\"name\":\"article number {}\",\"price\":{},\"quantity\":{},\"tags\":[\"t{}\",\"new\"]}}",
            (item * 7) % 23,
            199 + item * 37,
            1 + item % 4,
            item % 3
        );
    }
    format!("{{\"customer\":\"c-1027\",\"items\":[{items}]}}")
}

/// The router's worker, bundled once so that all runtimes are given the same file.
fn bundled(tools: &Tools) -> Result<String> {
    let file = tools.scratch.join("hono.js");
    let hono = tools.root.join("examples/hono/node_modules/hono/dist/index.js");
    let mut bun = std::process::Command::new(&tools.bun);
    // Bun resolves the packages of the folder that the file lies in.
    let source = tools.scratch.join("hono-source.js");
    let text = std::fs::read_to_string(tools.worker("hono.js"))?;
    std::fs::write(&source, text.replace("\"hono\"", &serde_json::Value::from(hono.to_string_lossy()).to_string()))?;
    bun.args(["build", "--format=esm", "--target=browser"]).arg(&source).arg(format!("--outfile={}", file.display()));
    crate::languages::process::run(bun.stdout(std::process::Stdio::null()), "run `npm ci` in tests/wpt/peers")?;
    Ok(file.to_string_lossy().into_owned())
}
