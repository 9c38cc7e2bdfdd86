use crate::meter::pricing::data::{FILES, embedded, parse};
use crate::meter::pricing::{DataError, Era, Gateway, Workload, models};
use std::collections::BTreeSet;
use std::path::Path;

const GOOD: &str = include_str!("../data/2018/google-cloud-functions.toml");

/// What is said of a file in which `from` is `to`.
fn changed(from: &str, to: &str) -> DataError {
    assert!(GOOD.contains(from), "`{from}` is in the file");
    match parse(Era::Y2018, "2018/some.toml", &GOOD.replace(from, to)) {
        Ok(_) => panic!("`{to}` was accepted"),
        Err(error) => error,
    }
}

#[test]
fn every_file_is_a_model() {
    if let Err(error) = embedded() {
        panic!("{error}");
    }
    assert_eq!(Era::ALL.iter().map(|era| models(*era).len()).sum::<usize>(), FILES.len());
}

#[test]
fn every_file_of_the_folder_is_read_under_its_own_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/meter/pricing/data");
    let mut found = BTreeSet::new();
    for era in Era::ALL {
        for entry in std::fs::read_dir(root.join(era.as_str())).unwrap() {
            found.insert(format!("{era}/{}", entry.unwrap().file_name().into_string().unwrap()));
        }
    }
    let read: BTreeSet<String> = FILES.iter().map(|(_, file, _)| (*file).to_owned()).collect();
    assert_eq!(read, found);
    for (era, file, text) in FILES {
        assert_eq!(format!("{era}/{}.toml", parse(*era, file, text).unwrap().id()), *file);
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_key() {
    for (from, to, key, problem) in [
        ("step_ms = 100", "step_ms = 0", "time.step_ms", "is 0, but must be above 0"),
        ("free = 200_000", "free = -1", "compute.ghz-seconds.free", "is -1, but must not be below 0"),
        ("usd = 0.00001\n", "", "compute.ghz-seconds", "must have either `usd` or `tiers`"),
        ("usd = 0.00001\n", "usd = nan\n", "compute.ghz-seconds.usd", "is NaN, but must not be below 0"),
        ("usd = 0.00001\n", "tiers = []\n", "compute.ghz-seconds.tiers", "must rise, and the last"),
        ("usd = 0.00001\n", "tiers = [{ up_to = 5, usd = 1 }]\n", "compute.ghz-seconds.tiers", "must rise"),
        ("usd = 0.40", "tiers = [{ usd = 1 }, { usd = 2 }]", "requests.tiers", "must rise"),
        ("{ mb = 512, ghz = 0.8 }", "{ mb = 512 }", "memory.sizes.ghz", "GHz-seconds cannot be counted"),
        ("mb = 512", "mb = 100", "memory.sizes", "must be there and rise"),
        ("basis = \"configured\"", "basis = \"fixed\"", "memory.fixed_mb", "is missing"),
        ("[time]", "vcpus = 0\n[other]", "", "unknown field `other`"),
        ("[compute.gb-seconds]", "[compute.gb-minutes]", "", "gb-minutes"),
        ("[time]\nstep_ms = 100\nstart_up = \"free\"\n", "", "time", "is missing, and"),
        ("start_up = \"free\"", "start_up = \"free\"\ninstance_hours = 730", "time.instance_hours", "does not go with"),
        ("date = \"2018-08\"", "date = \"August\"", "date", "is no month"),
        ("memory_mb = 4096", "memory_mb = 0", "limits.memory_mb", "is 0"),
        (
            "[limits]",
            "[[unverified]]\nfigure = \"time.step\"\nwhy = \"?\"\n[limits]",
            "unverified.figure",
            "is `time.step`, which is no key of this file",
        ),
    ] {
        let error = changed(from, to);
        assert_eq!((error.file.as_str(), error.key.as_str()), ("2018/some.toml", key), "{error}");
        assert!(error.problem.contains(problem), "{error}");
        assert!(error.to_string().starts_with("failed to read prices `2018/some.toml`: "), "{error}");
    }
}

#[test]
fn marks_count_only_when_their_figure_does() {
    let then = models(Era::Y2018)[0];
    let small = Workload::new(1.0, 1.0, 1.0, 128.0);
    assert!(then.quote(&small).unverified.is_empty());
    let with = then.quote(&Workload { gateway: Some(Gateway::Rest), ..small }).unverified;
    assert!(with.len() == 1 && with[0].starts_with("gateway.rest.usd: second-hand"), "{with:?}");
    // The first tier is documented; six billion GB-seconds are its end.
    let now = models(Era::Now)[0];
    let unverified = |requests| now.quote(&Workload::new(requests, 1000.0, 1.0, 1024.0)).unverified;
    assert!(unverified(6.0004e9).is_empty());
    let with = unverified(6.0005e9);
    assert!(with.len() == 1 && with[0].starts_with("compute.gb-seconds.tiers: "), "{with:?}");
}
