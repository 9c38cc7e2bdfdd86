//! How much memory a worker takes that is deployed and was called.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::many;
use crate::bench::measure::http::{Ask, Connection};
use crate::bench::measure::process::{self, Memory};
use crate::bench::peer::{PATIENCE, Peer, free_ports, workerd};
use crate::bench::report::{Goal, Section, Table, figure};
use crate::bench::tools::Tools;

/// How long everything rests before memory is looked at: glowplug gives memory back every ten seconds.
const REST: Duration = Duration::from_secs(15);

pub fn run(tools: &Tools) -> Result<Section> {
    let counts = tools.workers.map_or(tools.size.pick(vec![200], vec![1000, 10_000]), |count| vec![count]);
    let title = tools.workers.map_or_else(|| "Density".to_owned(), |count| format!("Density: {count} workers"));
    let mut section = Section::new(
        &title,
        "Distinct workers, each deployed, called once, and idle: memory of the server's process. glowplug keeps `loaded_versions` of them loaded \
         (1,000 unless set), those from its start on; the others are loaded again when they are called. Every ten seconds it drops the pages of \
         files that their code and snapshots are mapped from, and memory is looked at 15 s after the last call. workerd has them as services, all of \
         them in memory.",
    );
    let mut table = Table::new(&[
        "",
        "workers",
        "RSS before MB",
        "RSS after MB",
        "PSS after MB",
        "RSS per worker KB",
        "PSS per worker KB",
        "its own per worker KB",
    ]);
    for count in counts {
        let deployed = many::deploy(tools, count)?;
        for peer in Peer::glowplugs(tools) {
            let Peer::Glowplug(number) = peer else { continue };
            let server = deployed.start(tools, number, &[])?.serving(peer, "worker-0");
            let asks = |number: usize| Ask { host: format!("worker-{number}.localhost"), ..server.get("/") };
            let (before, after) = around(server.pid(), count, asks)?;
            row(&mut table, peer, count, before, after);
            if peer == Peer::Glowplug(0) && count == 10_000 {
                let megabytes = after.resident as f64 / 1e6;
                section.goal(Goal::at_most("10,000 workers, each called once: RSS, MB".into(), megabytes, 500.0));
            }
        }
        if count <= 1000 {
            let ports = free_ports(count)?;
            let sources: Vec<_> =
                ports.into_iter().enumerate().map(|(number, port)| (port, many::source(number))).collect();
            let server = workerd::start_many(tools, &sources)?;
            let asks = |number: usize| {
                let mut ask = server.get("/");
                ask.address.set_port(sources[number].0);
                ask
            };
            let (before, after) = around(server.pid(), count, asks)?;
            row(&mut table, Peer::Workerd, count, before, after);
        }
    }
    section.table("", table);
    Ok(section)
}

/// Memory before and after each of the workers is called.
fn around(pid: u32, count: usize, asks: impl Fn(usize) -> Ask) -> Result<(Memory, Memory)> {
    std::thread::sleep(REST);
    let before = process::memory(pid)?;
    for number in many::shuffled(count) {
        let ask = asks(number);
        let answer = Connection::open(ask.address, PATIENCE)?.ask(&ask)?;
        ensure!(
            answer.status == 200 && answer.body == many::answer(number).as_bytes(),
            "worker {number} answers wrong"
        );
    }
    std::thread::sleep(REST);
    Ok((before, process::memory(pid)?))
}

fn row(table: &mut Table, peer: Peer, count: usize, before: Memory, after: Memory) {
    let megabytes = |bytes: u64| figure(bytes as f64 / 1e6);
    let each = |before: u64, after: u64| figure(after.saturating_sub(before) as f64 / 1e3 / count as f64);
    table.row([
        peer.name(),
        count.to_string(),
        megabytes(before.resident),
        megabytes(after.resident),
        megabytes(after.proportional),
        // workerd has its workers in memory before they are called.
        if peer == Peer::Workerd { each(0, after.resident) } else { each(before.resident, after.resident) },
        if peer == Peer::Workerd { each(0, after.proportional) } else { each(before.proportional, after.proportional) },
        if peer == Peer::Workerd { each(0, after.anonymous) } else { each(before.anonymous, after.anonymous) },
    ]);
}
