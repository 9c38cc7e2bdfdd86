//! Runtimes loaded in turn, round after round, and the table that comes of it.

use anyhow::{Context, Result};

use crate::bench::measure::http::Ask;
use crate::bench::measure::statistics::Spread;
use crate::bench::measure::wrk::{self, Load};
use crate::bench::peer::{Peer, Running};
use crate::bench::report::{Bar, Chart, Table, figure};
use crate::bench::tools::Tools;

/// All rounds of one runtime.
pub struct Rounds {
    pub peer: Peer,
    loads: Vec<Load>,
}

impl Rounds {
    /// Over the rounds.
    pub fn spread(&self, of: impl Fn(&Load) -> f64) -> Spread {
        Spread::of(self.loads.iter().map(of))
    }

    pub fn rate(&self) -> Spread {
        self.spread(|load| load.rate)
    }

    pub fn p99(&self) -> Spread {
        self.spread(|load| load.p99)
    }
}

/// Loads all `servers` in turn by what `ask` gives.
pub fn load(
    tools: &Tools,
    servers: &[Running],
    connections: usize,
    ask: impl Fn(&Running) -> Ask,
) -> Result<Vec<Rounds>> {
    let mut all: Vec<Rounds> = servers.iter().map(|server| Rounds { peer: server.peer, loads: Vec::new() }).collect();
    // One more, before the others and not counted: code that is compiled as it runs, and pages that are touched first.
    for round in 0..=tools.size.rounds() {
        for (server, rounds) in servers.iter().zip(&mut all) {
            let time = if round == 0 { std::time::Duration::from_secs(1) } else { tools.size.load() };
            let load = wrk::load(&tools.scratch, server.pid(), &ask(server), connections, time)
                .with_context(|| format!("{}, {connections} connections", server.peer.name()))?;
            if round > 0 {
                eprintln!(
                    "{:>18} {connections:>4} connections: {:>8.0}/s  p99 {:.2} ms  CPU {:.2} s/100k",
                    server.peer.name(),
                    load.rate,
                    load.p99,
                    load.cpu
                );
                rounds.loads.push(load);
            }
        }
    }
    Ok(all)
}

/// Rows with ratios to `base`.
pub fn table(all: &[(usize, Vec<Rounds>)], base: Peer) -> Table {
    let mut table = Table::new(&[
        "",
        "connections",
        "requests/s (least to most)",
        &format!("ratio to {}", base.name()),
        "p50 ms",
        "p99 ms (least to most)",
        "p99.9 ms",
        "CPU-s for 10⁵ requests",
        "RSS MB",
    ]);
    for (connections, rounds) in all {
        let reference = find(rounds, base).map(|rounds| rounds.rate().median);
        for rounds in rounds {
            let (rate, p99) = (rounds.rate(), rounds.p99());
            table.row([
                rounds.peer.name(),
                connections.to_string(),
                format!("{:.0} ({:.0} to {:.0})", rate.median, rate.least, rate.most),
                reference.map_or_else(|| "-".to_owned(), |reference| format!("{:.2}", rate.median / reference)),
                figure(rounds.spread(|load| load.p50).median),
                format!("{} ({} to {})", figure(p99.median), figure(p99.least), figure(p99.most)),
                figure(rounds.spread(|load| load.p999).median),
                figure(rounds.spread(|load| load.cpu).median),
                format!("{:.0}", rounds.spread(|load| load.resident as f64).median / 1e6),
            ]);
        }
    }
    table
}

/// Requests per second, as bars.
pub fn chart(id: &str, title: &str, all: &[(usize, Vec<Rounds>)]) -> Chart {
    let mut bars = Vec::new();
    for (connections, rounds) in all {
        for (place, rounds) in rounds.iter().enumerate() {
            bars.push(Bar {
                group: (place == 0).then(|| match connections {
                    1 => "1 connection".to_owned(),
                    connections => format!("{connections} connections"),
                }),
                label: rounds.peer.name(),
                value: rounds.rate().median,
                range: Some((rounds.rate().least, rounds.rate().most)),
                is_ours: matches!(rounds.peer, Peer::Glowplug(_)),
            });
        }
    }
    Chart { id: id.to_owned(), title: title.to_owned(), unit: "requests/s".to_owned(), bars }
}

/// The rounds of one runtime.
pub fn find(rounds: &[Rounds], peer: Peer) -> Option<&Rounds> {
    rounds.iter().find(|rounds| rounds.peer == peer)
}
