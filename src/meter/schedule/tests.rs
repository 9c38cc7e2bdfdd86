use super::*;
use std::path::Path;

/// The table that this program charges by. It changes only with a price, and then its id does.
const KEPT: &str = include_str!("table.json");
/// The id of the kept table, written down so that nobody changes one without seeing the other.
const KEPT_ID: &str = "fuel-3bbb69f479d3";

#[test]
fn the_schedule_is_the_one_that_is_kept() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/meter/schedule/table.json");
    if std::env::var_os("GLOWPLUG_WRITE").is_some() {
        std::fs::write(&path, table()).unwrap();
        return;
    }
    assert_eq!(
        KEPT,
        table(),
        "the fuel schedule has changed, so every bill does: if that is meant, write it down with \
         `GLOWPLUG_WRITE=1 cargo test --lib schedule`, and the new id in this test"
    );
    assert_eq!(id(), KEPT_ID);
}

#[test]
fn another_price_is_another_id() {
    let changed = KEPT.replacen("\"each\": 2000", "\"each\": 2001", 1);
    assert_ne!(changed, KEPT);
    assert_ne!(Digest::of(changed.as_bytes()).short(), Digest::of(KEPT.as_bytes()).short());
}

#[test]
fn the_document_is_generated_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fuel-schedule.md");
    if std::env::var_os("GLOWPLUG_WRITE").is_some() {
        std::fs::write(&path, super::document::document()).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, super::document::document(), "write it anew with `GLOWPLUG_WRITE=1 cargo test --lib schedule`");
}

#[test]
fn charges_add_up_and_past_the_largest_number_they_stay_there() {
    let mut charges = Charges::default();
    assert_eq!(charges.add(Operation::Log, 10), 15_100);
    assert_eq!(charges.add(Operation::Log, 0), 15_000);
    assert_eq!(charges.add(Operation::KvRead, 5), 450_100);
    assert_eq!(charges.of(Operation::Log), Charge { times: 2, bytes: 10 });
    assert_eq!(charges.fuel(), 15_100 + 15_000 + 450_100);
    assert_eq!(charges.iter().map(|(operation, _)| operation.name()).collect::<Vec<_>>(), ["kv-read", "log"]);
    charges.add(Operation::StreamRead, u64::MAX);
    charges.add(Operation::StreamRead, u64::MAX);
    assert_eq!(charges.fuel(), u64::MAX);
}
