//! The first request: of a worker that is not loaded, and of a process that does not run.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::many::{self, Deployed};
use crate::bench::measure::http::{Ask, Connection};
use crate::bench::measure::page_cache;
use crate::bench::measure::statistics::{Spread, quantile, sorted};
use crate::bench::measure::wrk;
use crate::bench::peer::{PATIENCE, Peer, Program, Running, free_ports, workerd};
use crate::bench::report::{Goal, Section, Table, figure};
use crate::bench::tools::Tools;

pub fn run(tools: &Tools) -> Result<Section> {
    let count = tools.workers.unwrap_or(tools.size.pick(200, 1000));
    let mut section = Section::new(
        "Cold",
        &format!(
            "{count} distinct workers are deployed, the server is restarted, and each is called once, in random order, one at a time on a new \
             connection: milliseconds from the request's last byte to the answer's first. Then each is called again. Workers' compiled files are \
             in memory, as they are soon after a deployment, or on the disk alone: a kernel drops what was not used for long. workerd has all \
             {count} as services in its configuration, each on a port of its own; it loads them when it starts. A warm worker is one that was \
             called just before."
        ),
    );
    let deployed = many::deploy(tools, count)?;
    let mut table = Table::new(&[
        "",
        "start to ready ms",
        "first call p50",
        "first call p99",
        "second call p50",
        "second call p99",
        "warm p50",
        "warm p99",
    ]);
    let runs = Peer::glowplugs(tools).flat_map(|peer| [(peer, Files::OnDisk), (peer, Files::InMemory)]);
    for (peer, files) in runs.chain([(Peer::Workerd, Files::InMemory)]) {
        let _held = match files {
            Files::InMemory => Some(page_cache::Held::new(&tools.code_cache())?),
            Files::OnDisk => {
                page_cache::drop_files(&tools.code_cache())?;
                None
            }
        };
        let begun = Instant::now();
        let (server, asks) = start(tools, peer, &deployed, count)?;
        let ready = begun.elapsed();
        let order = many::shuffled(count);
        let first = call_each(&asks, &order)?;
        let second = call_each(&asks, &order)?;
        let warm = call_each(&asks, &vec![order[0]; count])?;
        let (p50, p99) = (|of: &[f64]| quantile(of, 0.5), |of: &[f64]| quantile(of, 0.99));
        table.row([
            match files {
                Files::InMemory => peer.name(),
                Files::OnDisk => format!("{}, files on the disk", peer.name()),
            },
            figure(ready.as_secs_f64() * 1e3),
            figure(p50(&first)),
            figure(p99(&first)),
            figure(p50(&second)),
            figure(p99(&second)),
            figure(p50(&warm)),
            figure(p99(&warm)),
        ]);
        if (peer, files) == (Peer::Glowplug(0), Files::InMemory) {
            let above = |of: fn(&[f64]) -> f64| of(&first) - of(&warm);
            section.goal(Goal::at_most(
                "cold: first byte above warm, p50, ms".into(),
                above(|of| quantile(of, 0.5)),
                0.5,
            ));
            section.goal(Goal::at_most(
                "cold: first byte above warm, p99, ms".into(),
                above(|of| quantile(of, 0.99)),
                1.5,
            ));
            in_turn(tools, &mut section, &server, count)?;
        }
    }
    section.table(&format!("{count} workers"), table);
    processes(tools, &mut section)?;
    Ok(section)
}

/// Where workers' compiled files are before a server starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Files {
    InMemory,
    OnDisk,
}

/// The server, and what to ask for each worker.
fn start(tools: &Tools, peer: Peer, deployed: &Deployed, count: usize) -> Result<(Running, Vec<Ask>)> {
    if let Peer::Glowplug(number) = peer {
        let server = deployed.start(tools, number, &[])?.serving(peer, "worker-0");
        let asks = (0..count).map(|number| Ask { host: format!("worker-{number}.localhost"), ..server.get("/") });
        let asks = asks.collect();
        return Ok((server, asks));
    }
    let ports = free_ports(count)?;
    let sources: Vec<_> = ports.into_iter().enumerate().map(|(number, port)| (port, many::source(number))).collect();
    let server = workerd::start_many(tools, &sources)?;
    let asks = sources.iter().map(|(port, _)| {
        let mut ask = server.get("/");
        ask.address.set_port(*port);
        ask
    });
    let asks = asks.collect();
    Ok((server, asks))
}

/// Milliseconds to the first byte, sorted.
fn call_each(asks: &[Ask], order: &[usize]) -> Result<Vec<f64>> {
    let mut figures = Vec::with_capacity(order.len());
    for &number in order {
        let answer = Connection::open(asks[number].address, PATIENCE)?.ask(&asks[number])?;
        ensure!(
            answer.status == 200 && answer.body == many::answer(number).as_bytes(),
            "worker {number} answers {} `{}`",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        figures.push(answer.first_byte.as_secs_f64() * 1e3);
    }
    Ok(sorted(figures))
}

/// All workers in turn against one of them.
fn in_turn(tools: &Tools, section: &mut Section, server: &Running, count: usize) -> Result<()> {
    let (mut one, mut all) = (Vec::new(), Vec::new());
    let rate = |count| -> Result<f64> {
        Ok(wrk::load_hosts(&tools.scratch, server.pid(), &server.get("/"), count, 16, tools.size.load())?.rate)
    };
    for _ in 0..tools.size.rounds() {
        one.push(rate(1)?);
        all.push(rate(count)?);
    }
    let (one, all) = (Spread::of(one), Spread::of(all));
    let mut table = Table::new(&["16 connections", "requests/s (least to most)"]);
    for (name, spread) in [("one worker".to_owned(), one), (format!("{count} workers in turn"), all)] {
        table.row([name, format!("{:.0} ({:.0} to {:.0})", spread.median, spread.least, spread.most)]);
    }
    section.table("Many tenants", table);
    section.goal(Goal::at_least(format!("{count} workers in turn, rate to that of one"), all.median / one.median, 0.5));
    Ok(())
}

/// From the start of a process to its first answer.
fn processes(tools: &Tools, section: &mut Section) -> Result<()> {
    let mut peers: Vec<(Peer, Vec<f64>)> =
        [Peer::Workerd, Peer::Deno, Peer::Bun, Peer::Node].into_iter().map(|peer| (peer, Vec::new())).collect();
    let mut ours: Vec<(usize, Deployed, Vec<f64>)> = Vec::new();
    for number in 0..tools.glowplug.len() {
        let data = crate::bench::peer::glowplug::empty_data(tools, &format!("start-{number}"))?;
        let node = crate::bench::peer::glowplug::Node::start(tools, number, &data, None, &[])?;
        node.deploy("hello", &tools.worker("hello.js"), &[])?;
        ours.push((number, Deployed { data, token: node.token.clone() }, Vec::new()));
    }
    let hello = Program { node: Some("serve/node-hello.mjs"), ..Program::script("hello.js") };
    for _ in 0..tools.size.pick(5, 15) {
        for (number, deployed, figures) in &mut ours {
            let begun = Instant::now();
            let server = deployed.start(tools, *number, &[])?.serving(Peer::Glowplug(*number), "hello");
            figures.push(first_answer(&server, begun)?);
        }
        for (peer, figures) in &mut peers {
            let begun = Instant::now();
            let server = peer.start(tools, &hello)?;
            figures.push(first_answer(&server, begun)?);
        }
    }
    let ours = ours.into_iter().map(|(number, _, figures)| (Peer::Glowplug(number), figures));
    let mut table = Table::new(&["", "start of the process to first answer, ms (least to most)"]);
    for (peer, figures) in ours.chain(peers) {
        let spread = Spread::of(figures);
        table.row([peer.name(), format!("{:.0} ({:.0} to {:.0})", spread.median, spread.least, spread.most)]);
    }
    section.table("A process that does not run", table);
    Ok(())
}

fn first_answer(server: &Running, begun: Instant) -> Result<f64> {
    server.check(&server.get("/"), "Hello World!").context("the first request")?;
    let took: Duration = begun.elapsed();
    Ok(took.as_secs_f64() * 1e3)
}
