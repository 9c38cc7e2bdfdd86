//! A worker that computes without end, and what becomes of another beside it.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;

use crate::bench::measure::http::{Ask, Connection};
use crate::bench::measure::statistics::Spread;
use crate::bench::measure::wrk::{self, Load};
use crate::bench::peer::glowplug::{Node, empty_data};
use crate::bench::peer::{PATIENCE, Peer, Running, free_ports, workerd};
use crate::bench::report::{Goal, Section, Table, figure};
use crate::bench::tools::Tools;

/// Computes until it is stopped.
const BURNER: &str = "export default { fetch() { for (;;) {} } };\n";
/// Of the worker beside it: few, so that what is measured is the neighbour and not a queue of its own.
const CONNECTIONS: usize = 2;

pub fn run(tools: &Tools) -> Result<Section> {
    let mut section = Section::new(
        "Noisy neighbour",
        &format!(
            "As many requests as there are cores go to a worker that computes without end, each followed by the next when it is stopped; \
             {CONNECTIONS} connections load another worker of the same server meanwhile, which shares its cores with wrk too."
        ),
    );
    let mut table = Table::new(&[
        "",
        "quiet p50 ms",
        "quiet p99 ms",
        "noisy p50 ms",
        "noisy p99 ms",
        "p99 ratio",
        "requests/s quiet",
        "noisy",
    ]);
    for peer in Peer::glowplugs(tools) {
        let Peer::Glowplug(number) = peer else { continue };
        let data = empty_data(tools, &format!("noisy-{number}"))?;
        let node = Node::start(tools, number, &data, None, &[])?;
        let burner = tools.scratch.join("burner.js");
        std::fs::write(&burner, BURNER)?;
        node.deploy("burner", &burner, &[])?;
        node.deploy("hello", &tools.worker("hello.js"), &[])?;
        let server = node.serving(peer, "hello");
        let burn = Ask { host: "burner.localhost".into(), ..server.get("/") };
        let (mut quiet, mut noisy) = (Vec::new(), Vec::new());
        for _ in 0..tools.size.rounds() {
            quiet.push(load(tools, &server)?);
            // A worker goes on when its client has left: all is quiet again when each request was answered.
            noisy.push(while_burning(&burn, PATIENCE, || load(tools, &server))?);
        }
        let p99 = |loads: &[Load]| Spread::of(loads.iter().map(|load| load.p99)).median;
        let p50 = |loads: &[Load]| Spread::of(loads.iter().map(|load| load.p50)).median;
        let rate = |loads: &[Load]| Spread::of(loads.iter().map(|load| load.rate)).median;
        let ratio = p99(&noisy) / p99(&quiet);
        table.row([
            peer.name(),
            figure(p50(&quiet)),
            figure(p99(&quiet)),
            figure(p50(&noisy)),
            figure(p99(&noisy)),
            figure(ratio),
            figure(rate(&quiet)),
            figure(rate(&noisy)),
        ]);
        if peer == Peer::Glowplug(0) {
            section.goal(Goal::at_most("noisy neighbour: p99 to the quiet p99".into(), ratio, 3.0));
        }
    }
    let hello = std::fs::read_to_string(tools.worker("hello.js"))?;
    let ports = free_ports(2)?;
    let sources = [(ports[0], hello), (ports[1], BURNER.to_owned())];
    let server = workerd::start_many(tools, &sources)?;
    let quiet = load(tools, &server)?;
    let mut burn = server.get("/");
    burn.address.set_port(sources[1].0);
    let answered = while_burning(&burn, Duration::from_millis(500), || {
        let patience = Duration::from_secs(5);
        Ok(Connection::open(server.address, patience)
            .and_then(|mut connection| connection.ask(&server.get("/")))
            .is_ok())
    })?;
    let noisy = if answered { "answers" } else { "no answer in 5 s" };
    let row = [Peer::Workerd.name(), figure(quiet.p50), figure(quiet.p99), noisy.into(), noisy.into(), "-".into()];
    table.row(row.into_iter().chain([figure(quiet.rate), "-".to_owned()]));
    section.table("", table);
    Ok(section)
}

fn load(tools: &Tools, server: &Running) -> Result<Load> {
    wrk::load(&tools.scratch, server.pid(), &server.get("/"), CONNECTIONS, tools.size.load())
}

/// Keeps every core at work with `burn` while something is measured.
fn while_burning<T>(burn: &Ask, patience: Duration, measure: impl FnOnce() -> Result<T>) -> Result<T> {
    let cores = std::thread::available_parallelism()?.get();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    // It is stopped or times out: either way the next one follows.
                    let asked = Connection::open(burn.address, patience).and_then(|mut it| it.ask(burn));
                    if asked.is_err() && TcpStream::connect(burn.address).is_err() {
                        return;
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        let measured = measure();
        over.store(true, Ordering::Relaxed);
        measured
    })
}
