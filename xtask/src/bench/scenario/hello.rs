//! The least that a worker can do: what a request costs besides the work.

use anyhow::Result;

use super::rounds::{self, Rounds, find};
use crate::bench::peer::{Peer, Program, start_all};
use crate::bench::report::{Goal, Section};
use crate::bench::tools::Tools;

const CONNECTIONS: [usize; 3] = [1, 16, 256];
const COMPONENT: &str = "tests/guests/dist/hello-rust.wasm";

pub fn run(tools: &Tools) -> Result<Section> {
    let script = all(tools, script_peers(tools), "/", "Hello World!")?;
    let component = all(tools, component_peers(tools), "/", "Hello, world!\n")?;

    let mut section = Section::new(
        "Hello",
        "A worker that answers `Hello World!`, and a component in Rust that answers the query's name. glowplug and `wasmtime serve` make a \
         fresh sandbox for every request; the others serve all requests from one isolate or process. workerd, Deno and Node.js serve from one \
         thread; glowplug, Bun's I/O and hyper use both cores, which the load generator needs as well: CPU-seconds are the fairer measure.",
    );
    section.table("JavaScript", rounds::table(&script, Peer::Workerd));
    section.chart(rounds::chart("hello-js", "Hello in JavaScript", &script));
    section.table("Rust component", rounds::table(&component, Peer::Bare));
    section.chart(rounds::chart("hello-rust", "Hello in Rust", &component));
    for (connections, rounds) in script.iter().filter(|(connections, _)| *connections > 1) {
        goals_of_scripts(&mut section, *connections, rounds);
    }
    for (connections, rounds) in component.iter().filter(|(connections, _)| *connections > 1) {
        let Some(ours) = find(rounds, Peer::Glowplug(0)) else { continue };
        if let Some(wasmtime) = find(rounds, Peer::Wasmtime) {
            let ratio = ours.rate().median / wasmtime.rate().median;
            section.goal(Goal::at_least(
                format!("hello Rust, requests/s to `wasmtime serve`, {connections} connections"),
                ratio,
                3.0,
            ));
        }
        if let Some(bare) = find(rounds, Peer::Bare) {
            let ratio = ours.rate().median / bare.rate().median;
            section.goal(Goal::at_least(
                format!("hello Rust, requests/s to bare hyper, {connections} connections"),
                ratio,
                0.5,
            ));
        }
    }
    Ok(section)
}

fn goals_of_scripts(section: &mut Section, connections: usize, rounds: &[Rounds]) {
    let (Some(ours), Some(workerd)) = (find(rounds, Peer::Glowplug(0)), find(rounds, Peer::Workerd)) else { return };
    let at = |what: &str| format!("hello JS, {what} to workerd, {connections} connections");
    section.goal(Goal::at_least(at("requests/s"), ours.rate().median / workerd.rate().median, 1.5));
    section.goal(Goal::at_most(at("p99"), ours.p99().median / workerd.p99().median, 1.0));
}

fn script_peers(tools: &Tools) -> Vec<(Peer, Program)> {
    let worker = Program { node: Some("serve/node-hello.mjs"), ..Program::script("hello.js") };
    let others = [Peer::Workerd, Peer::Deno, Peer::Bun, Peer::Node];
    Peer::glowplugs(tools).chain(others).map(|peer| (peer, worker.clone())).collect()
}

fn component_peers(tools: &Tools) -> Vec<(Peer, Program)> {
    let component = Program { script: tools.root.join(COMPONENT), ..Program::default() };
    let wasmtime = tools.wasmtime.is_some().then_some(Peer::Wasmtime);
    Peer::glowplugs(tools).chain(wasmtime).map(|peer| (peer, component.clone())).collect()
}

fn all(tools: &Tools, peers: Vec<(Peer, Program)>, path: &str, wanted: &str) -> Result<Vec<(usize, Vec<Rounds>)>> {
    let is_component = peers.iter().all(|(_, program)| program.script.is_absolute());
    let mut servers = start_all(tools, peers, |server| server.get(path), wanted)?;
    if is_component {
        servers.push(Peer::Bare.start(tools, &Program::default())?);
    }
    let mut all = Vec::new();
    for connections in CONNECTIONS {
        all.push((connections, rounds::load(tools, &servers, connections, |server| server.get(path))?));
    }
    Ok(all)
}
