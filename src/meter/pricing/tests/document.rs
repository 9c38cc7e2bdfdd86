//! Holds the part of `docs/prices.md` that is made from the data to the data.

use crate::meter::pricing::measure::{Basis, Rounding, Span, StartUp};
use crate::meter::pricing::rate::Rate;
use crate::meter::pricing::{Era, Model, models};

const START: &str = "<!-- from the data files -->\n";
const END: &str = "<!-- end -->";

#[test]
fn the_document_has_every_model_as_the_data_has_it() {
    let text = include_str!("../../../../docs/prices.md");
    let (_, rest) = text.split_once(START).expect("the document has a part from the data files");
    let (part, _) = rest.split_once(END).expect("that part ends");
    let expected = part_from_data();
    assert!(part == expected, "docs/prices.md must have this between `{START}` and `{END}`:\n{expected}");
}

fn part_from_data() -> String {
    let mut text = String::new();
    for era in Era::ALL {
        let title = match era {
            Era::Y2018 => "2018 (`--year 2018`)",
            Era::Now => "Now (`--year now`)",
        };
        text.push_str(&format!("\n### {title}\n\n"));
        text.push_str(
            "| platform | base fee | requests | compute | time | memory | limits |\n|---|---|---|---|---|---|---|\n",
        );
        for model in models(era) {
            let cells = [base_fee(model), rate(&model.requests, "M requests", 1e6), compute(model), time(model)];
            let cells = cells.into_iter().chain([memory(model), limits(model)]);
            let name = format!("{} (`{}`)", model.name(), model.id());
            text.push_str(&format!("| {name} | {} |\n", cells.collect::<Vec<_>>().join(" | ")));
        }
        for model in models(era) {
            text.push_str(&format!("\n**{}**, {}\n\n", model.name(), model.date()));
            for (gateway, fee) in &model.gateways {
                text.push_str(&format!("- gateway `{}`: {}\n", gateway.as_str(), rate(fee, "M requests", 1e6)));
            }
            let notes = model.notes().iter().map(|note| format!("- {note}\n"));
            let marks =
                model.unverified().iter().map(|mark| format!("- unverified: `{}`, {}\n", mark.figure, mark.why));
            let sources = model.sources().iter().map(|source| format!("- source: <{source}>\n"));
            text.extend(notes.chain(marks).chain(sources));
        }
    }
    text.push('\n');
    text
}

fn base_fee(model: &Model) -> String {
    if model.base_fee == 0.0 { "-".to_owned() } else { format!("${}", model.base_fee) }
}

/// A rate in words, for so many units.
fn rate(rate: &Rate, unit: &str, units: f64) -> String {
    let mut start = 0.0;
    let mut parts = Vec::new();
    if rate.free > 0.0 {
        parts.push(format!("{} free", grouped(rate.free)));
    }
    for tier in &rate.tiers {
        // Prices have ten significant digits at most; the rest is the error of scaling.
        let usd = format!("{:.9e}", tier.usd / rate.per * units).parse::<f64>().unwrap();
        let past = if start > 0.0 { format!(" past {}", grouped(start)) } else { String::new() };
        parts.push(if usd == 0.0 { "free of charge".to_owned() } else { format!("${usd}/{unit}{past}") });
        start = tier.up_to;
    }
    parts.join(", ")
}

fn compute(model: &Model) -> String {
    let rates = model.compute.iter().map(|(meter, charge)| match meter.unit() {
        "CPU-ms" => rate(charge, "M CPU-ms", 1e6),
        unit => rate(charge, unit.trim_end_matches('s'), 1.0),
    });
    let text = rates.collect::<Vec<_>>().join("; ");
    if text.is_empty() { "-".to_owned() } else { text }
}

fn time(model: &Model) -> String {
    let is_used = model.compute.keys().any(|meter| !meter.unit().starts_with("CPU"));
    if !is_used {
        return "-".to_owned();
    }
    let mut text = match model.time.span {
        Span::Request { step_ms: None, .. } => "as it is".to_owned(),
        Span::Request { step_ms: Some(step), minimum_ms: 0.0 } => format!("{step} ms up"),
        Span::Request { step_ms: Some(step), minimum_ms } => format!("{step} ms up, at least {minimum_ms} ms"),
        Span::Instance { hours } => format!("instances of {hours} h"),
    };
    if let Some(factor) = model.time.cpu_factor {
        text.push_str(&format!(", or {factor} times the CPU"));
    }
    if model.time.start_up == StartUp::Charged {
        text.push_str(", start-up too");
    }
    text
}

fn memory(model: &Model) -> String {
    if !model.compute.keys().any(|meter| meter.unit().starts_with('G')) {
        return "-".to_owned();
    }
    let basis = match model.memory.basis {
        Basis::Configured => "configured".to_owned(),
        Basis::Peak => "used".to_owned(),
        Basis::Fixed(mb) => format!("{mb} MB"),
    };
    match &model.memory.rounding {
        Rounding::None => basis,
        Rounding::Steps { minimum, step } => format!("{basis}, {step} MB up, at least {minimum} MB"),
        Rounding::Sizes(sizes) => {
            let sizes = sizes.iter().map(|size| match size.ghz {
                Some(ghz) => format!("{} ({ghz} GHz)", size.mb),
                None => size.mb.to_string(),
            });
            format!("{basis}, one of {} MB", sizes.collect::<Vec<_>>().join(", "))
        }
    }
}

fn limits(model: &Model) -> String {
    let limits = model.limits;
    let all = [
        (limits.memory_mb, "MB"),
        (limits.cpu_ms, "ms CPU"),
        (limits.wall_ms, "ms"),
        (limits.requests_a_day, "requests a day"),
    ];
    let set = all.into_iter().filter_map(|(limit, unit)| Some(format!("{} {unit}", grouped(limit?))));
    let retired = model.retired.iter().map(|date| format!("not sold since {date}"));
    let text = set.chain(retired).collect::<Vec<_>>().join(", ");
    if text.is_empty() { "-".to_owned() } else { text }
}

/// A whole number with its digits in groups of three.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
