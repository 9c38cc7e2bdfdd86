//! What holds for every model and any workload.

use crate::meter::pricing::{Era, Gateway, InvalidWorkload, Model, Workload, models};

/// Workloads of all sizes, the same ones every time.
fn workloads() -> impl Iterator<Item = Workload> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..2000).map(move |_| {
        let mut between = |low: f64, high: f64| (low.ln() + random() * (high / low).ln()).exp();
        let memory_mb = between(1.0, 20_000.0);
        let used = between(0.01, 1.0);
        let mut workload = Workload::new(between(1.0, 1e11), between(0.01, 1e6), between(0.001, 1e5), memory_mb);
        workload.peak_mb = memory_mb * used;
        workload.init_ms = between(0.001, 100.0);
        workload.gateway = [None, Some(Gateway::Http), Some(Gateway::Rest)][between(1.0, 3.999) as usize - 1];
        workload
    })
}

fn all() -> impl Iterator<Item = &'static Model> {
    Era::ALL.into_iter().flat_map(models)
}

/// Whether two amounts are the same but for the error of adding.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-6)
}

#[test]
fn lines_are_not_negative_and_make_the_total() {
    for workload in workloads() {
        workload.check().unwrap();
        for model in all() {
            let quote = model.quote(&workload);
            let lines = quote.lines();
            let sum: f64 = lines.iter().map(|(_, usd)| usd).sum();
            assert!(same(sum, quote.total), "{}: {workload:?} {quote:?}", model.id());
            assert!(quote.total.is_finite() && quote.free >= -1e-9, "{}: {workload:?} {quote:?}", model.id());
            assert!(lines.iter().all(|(_, usd)| *usd >= 0.0), "{}: {workload:?} {quote:?}", model.id());
            for meter in &quote.meters {
                let is_rounded_up = meter.charged >= meter.exact * (1.0 - 1e-9);
                assert!(is_rounded_up && meter.free <= meter.charged, "{}: {meter:?}", model.id());
            }
        }
    }
}

#[test]
fn the_total_is_what_the_charged_units_cost() {
    for workload in workloads() {
        for model in all() {
            let quote = model.quote(&workload);
            let requests = model.requests.cost(workload.requests);
            let compute = model.compute.values().zip(&quote.meters[1..]).map(|(rate, meter)| rate.cost(meter.charged));
            let gateway = workload.gateway.and_then(|gateway| model.gateways.get(&gateway));
            let gateway = gateway.map_or(0.0, |rate| rate.cost(workload.requests));
            let total = model.base_fee + requests + compute.sum::<f64>() + gateway;
            assert!(same(total, quote.total), "{}: {workload:?} {total} {quote:?}", model.id());
        }
    }
}

#[test]
fn more_of_anything_never_costs_less() {
    for workload in workloads() {
        let more = [
            Workload { requests: workload.requests * 1.5, ..workload },
            Workload { wall_ms: workload.wall_ms * 1.5, ..workload },
            Workload { cpu_ms: workload.cpu_ms * 1.5, ..workload },
            Workload { memory_mb: workload.memory_mb * 1.5, ..workload },
            Workload { peak_mb: workload.memory_mb, ..workload },
            Workload { init_ms: workload.init_ms * 1.5, ..workload },
        ];
        for model in all() {
            let total = model.quote(&workload).total;
            for more in &more {
                let then = model.quote(more).total;
                assert!(then >= total * (1.0 - 1e-9), "{}: {workload:?} {total}, {more:?} {then}", model.id());
            }
        }
    }
}

#[test]
fn numbers_that_no_workload_has_are_refused() {
    let good = Workload::new(1.0, 1.0, 1.0, 128.0);
    assert_eq!(good.check(), Ok(()));
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2e15] {
        let workloads = [
            Workload { requests: wrong, ..good },
            Workload { wall_ms: wrong, ..good },
            Workload { cpu_ms: wrong, ..good },
            Workload { memory_mb: wrong, ..good },
            Workload { peak_mb: wrong, ..good },
        ];
        for workload in workloads {
            assert!(matches!(workload.check(), Err(InvalidWorkload::NotPositive { .. })), "{workload:?}");
        }
        let init = Workload { init_ms: wrong, ..good }.check();
        assert_eq!(init.is_ok(), wrong == 0.0, "{wrong}");
    }
    let error = Workload { peak_mb: 129.0, ..good }.check().unwrap_err();
    assert_eq!(error.to_string(), "peak memory is 129 MB, more than the 128 MB configured");
}

#[test]
fn what_a_platform_would_not_take_is_told() {
    let refusals = |era, id: &str, workload: &Workload| {
        let model = models(era).into_iter().find(|model| model.id() == id).unwrap();
        model.quote(workload).refusals
    };
    let large = Workload::new(1e6, 120.0, 100.0, 512.0);
    let none: [&str; 0] = [];
    assert_eq!(
        refusals(Era::Y2018, "cloudflare-bundled", &large),
        ["at most 128 MB of memory", "at most 50 ms of CPU"]
    );
    assert_eq!(refusals(Era::Y2018, "cloudflare-bundled", &Workload::new(1e6, 120.0, 50.0, 128.0)), none);
    // It is the memory used that has to fit where memory cannot be configured.
    assert_eq!(refusals(Era::Now, "cloudflare-standard", &Workload { peak_mb: 100.0, ..large }), none);
    assert_eq!(
        refusals(Era::Y2018, "aws-lambda", &Workload { memory_mb: 4096.0, ..large }),
        ["at most 3008 MB of memory"]
    );
    assert_eq!(
        refusals(Era::Now, "cloudflare-unbound", &Workload::new(1.0, 1.0, 1.0, 1.0)),
        ["not sold since 2024-03-01"]
    );
    let small = |requests| Workload::new(requests, 1.0, 1.0, 1.0);
    assert_eq!(refusals(Era::Now, "cloudflare-free", &small(3_041_666.0)), none);
    assert_eq!(refusals(Era::Now, "cloudflare-free", &small(3_041_667.0)), ["at most 100000 requests a day"]);
    let http = Workload { gateway: Some(Gateway::Http), ..large };
    assert_eq!(refusals(Era::Y2018, "aws-lambda", &http), ["no `http` gateway"]);
    // A platform that takes HTTP itself needs none.
    assert_eq!(refusals(Era::Now, "google-cloud-run", &http), none);
}
