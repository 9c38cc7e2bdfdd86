//! Quotes for programs.

use super::Offer;
use super::money::tidy;
use crate::meter::pricing::{Era, Gateway, Metered, Workload};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Everything there is to know of the quotes.
pub fn json(workload: &Workload, era: Era, offers: &[Offer]) -> Value {
    json!({
        "year": era.as_str(),
        "currency": "USD",
        "workload": {
            "requests": workload.requests,
            "wall_ms": workload.wall_ms,
            "cpu_ms": workload.cpu_ms,
            "memory_mb": workload.memory_mb,
            "peak_mb": workload.peak_mb,
            "init_ms": workload.init_ms,
            "gateway": workload.gateway.map(Gateway::as_str),
        },
        "quotes": offers.iter().map(quote).collect::<Vec<_>>(),
    })
}

fn quote(offer: &Offer) -> Value {
    let Offer { model, quote, cheapest } = offer;
    let mut value = json!({ "id": model.id(), "name": model.name(), "date": model.date() });
    for (line, usd) in quote.lines() {
        value[line] = json!(tidy(usd));
    }
    value["total"] = json!(tidy(quote.total));
    value["free"] = json!(tidy(quote.free));
    value["cheapest"] = json!(cheapest);
    value["refusals"] = json!(quote.refusals);
    value["unverified"] = json!(quote.unverified);
    value["units"] = quote.meters.iter().map(units).collect();
    value["notes"] = json!(model.notes());
    value["sources"] = json!(model.sources());
    value
}

fn units(meter: &Metered) -> Value {
    let Metered { unit, exact, charged, free } = *meter;
    json!({ "unit": unit, "exact": tidy(exact), "charged": tidy(charged), "free": tidy(free) })
}

/// A line of headings and a line for each quote, without a line end after the last.
pub fn csv(offers: &[Offer]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut headings = vec!["id", "name", "date"];
    headings.extend(offers.iter().take(1).flat_map(|offer| offer.quote.lines()).map(|(line, _)| line));
    headings.extend(["total", "free", "cheapest", "refusals", "unverified"]);
    writer.write_record(&headings).context("failed to write CSV")?;
    for Offer { model, quote, cheapest } in offers {
        let amounts = quote.lines().into_iter().map(|(_, usd)| usd).chain([quote.total, quote.free]);
        let mut record = [model.id(), model.name(), model.date()].map(str::to_owned).to_vec();
        record.extend(amounts.map(|usd| tidy(usd).to_string()));
        record.extend([cheapest.to_string(), quote.refusals.join("; "), quote.unverified.join("; ")]);
        writer.write_record(&record).context("failed to write CSV")?;
    }
    let bytes = writer.into_inner().context("failed to write CSV")?;
    Ok(String::from_utf8(bytes).context("failed to write CSV")?.trim_end().to_owned())
}
