//! Figures that were worked out or published elsewhere, to the last digit that is given.

use crate::meter::pricing::{Era, Gateway, Model, Quote, Workload, models};

fn model(era: Era, id: &str) -> &'static Model {
    models(era).into_iter().find(|model| model.id() == id).unwrap_or_else(|| panic!("no model `{id}` in {era}"))
}

fn quote(era: Era, id: &str, workload: &Workload) -> Quote {
    model(era, id).quote(workload)
}

/// Whether `value` is what is printed as `expected`, with so many decimals.
fn assert_printed(value: f64, expected: f64, decimals: i32, what: &str) {
    let half = 0.5 * 10f64.powi(-decimals);
    assert!((value - expected).abs() <= half * 1.000_001, "{what}: {value} and not {expected}");
}

/// Requests, memory in MB, wall ms, CPU ms; all memory is used.
fn workload([requests, memory_mb, wall_ms, cpu_ms]: [f64; 4]) -> Workload {
    Workload::new(requests, wall_ms, cpu_ms, memory_mb)
}

const A: [f64; 4] = [15e6, 128.0, 60.0, 7.0];
const B: [f64; 4] = [3e6, 512.0, 120.0, 100.0];
const C: [f64; 4] = [100e6, 128.0, 8.0, 2.0];

#[test]
fn totals_are_those_of_the_formulae() {
    let columns = [
        (Era::Y2018, "aws-lambda", [2.8, 0.4, 33.9695]),
        (Era::Now, "aws-lambda-x86", [2.8, 0.4, 19.8]),
        (Era::Y2018, "azure-consumption", [2.8, 0.4, 33.4]),
        (Era::Now, "azure-consumption", [2.8, 0.4, 33.4]),
        (Era::Y2018, "google-cloud-functions", [6.2, 3.2, 59.325]),
        (Era::Now, "google-cloud-run", [37.855, 10.48, 286.48]),
        (Era::Now, "azure-flex", [783.3, 154.5, 5237.3]),
        (Era::Y2018, "aws-lambda-edge", [18.3769, 4.6131, 91.2562]),
        (Era::Now, "aws-lambda-edge", [14.6261, 4.0504, 65.001]),
        (Era::Y2018, "cloudflare-bundled", [7.5, 5.0, 50.0]),
        (Era::Now, "cloudflare-standard", [8.0, 10.4, 35.4]),
        (Era::Now, "fastly-compute", [2.75, 10.0, 50.0]),
    ];
    for (era, id, totals) in columns {
        for (name, numbers, expected) in [("A", A, totals[0]), ("B", B, totals[1]), ("C", C, totals[2])] {
            let total = quote(era, id, &workload(numbers)).total;
            assert_printed(total, expected, 4, &format!("{id} of {era}, workload {name}"));
        }
    }
}

#[test]
fn cloudflares_own_examples_come_out() {
    for (requests, cpu_ms, total) in [(15e6, 7.0, 8.0), (720.0, 180_000.0, 6.992), (100e6, 7.0, 45.4)] {
        let quote = quote(Era::Now, "cloudflare-standard", &Workload::new(requests, cpu_ms, cpu_ms, 128.0));
        assert_printed(quote.total, total, 6, "Cloudflare's example");
        assert!(quote.is_possible(), "{:?}", quote.refusals);
    }
}

#[test]
fn amazons_own_examples_of_2018_come_out() {
    let first = quote(Era::Y2018, "aws-lambda", &Workload::new(3e6, 1000.0, 1.0, 512.0));
    assert_printed(first.compute, 18.34, 2, "compute of the first example");
    assert_printed(first.total, 18.74, 2, "the first example");
    let second = quote(Era::Y2018, "aws-lambda", &Workload::new(30e6, 200.0, 1.0, 128.0));
    assert_printed(second.total, 11.63, 2, "the second example");
}

#[test]
fn the_front_door_costs_more_than_what_is_behind_it() {
    for (era, id, gateway, fee) in [
        (Era::Now, "aws-lambda-x86", Gateway::Http, 100.0),
        (Era::Now, "aws-lambda-x86", Gateway::Rest, 350.0),
        (Era::Now, "aws-lambda-arm64", Gateway::Rest, 350.0),
        (Era::Y2018, "aws-lambda", Gateway::Rest, 350.0),
    ] {
        let quote = quote(era, id, &Workload { gateway: Some(gateway), ..workload(C) });
        assert_printed(quote.gateway_fee, fee, 6, id);
        assert!(quote.total - quote.gateway_fee < fee, "{id}");
    }
}

#[test]
fn gateways_have_tiers_now() {
    let fee = |requests, gateway| {
        let workload = Workload { gateway: Some(gateway), ..Workload::new(requests, 1.0, 1.0, 128.0) };
        quote(Era::Now, "aws-lambda-x86", &workload).gateway_fee
    };
    assert_printed(fee(400e6, Gateway::Http), 300.0 + 90.0, 6, "http");
    assert_printed(fee(333e6, Gateway::Rest), 1165.5, 6, "rest");
    assert_printed(fee(1e9, Gateway::Rest), 1165.5 + 667.0 * 2.8, 6, "rest, second tier");
    assert_printed(fee(21e9, Gateway::Rest), 1165.5 + 667.0 * 2.8 + 19_000.0 * 2.38 + 1510.0, 6, "rest, last tier");
}

#[test]
fn rounding_of_2018_made_a_hundred_thousand_gigabyte_seconds_into_twelve_times_as_many() {
    let then = quote(Era::Y2018, "aws-lambda", &workload(C));
    let meter = then.meters[1];
    assert_eq!((meter.unit, meter.free), ("GB-seconds", 400_000.0));
    assert_printed(meter.exact, 100_000.0, 6, "as it was");
    assert_printed(meter.charged, 1_250_000.0, 6, "as it was charged");
    assert_printed(then.rounding_loss, 850_000.0 * 0.00001667, 9, "all of the compute is rounding");
    assert_eq!(then.compute, 0.0);
    let now = quote(Era::Now, "aws-lambda-x86", &workload(C));
    assert_eq!((now.meters[1].charged, now.rounding_loss), (now.meters[1].exact, 0.0));
}

#[test]
fn googles_price_of_a_tenth_of_a_second_comes_out() {
    // Far past the allowances, the next 100 ms cost what is published.
    for (memory_mb, published) in [(128.0, 0.000_000_231_25), (256.0, 0.000_000_462_5)] {
        let compute = |requests| {
            let quote = quote(Era::Y2018, "google-cloud-functions", &Workload::new(requests, 100.0, 1.0, memory_mb));
            quote.compute + quote.rounding_loss
        };
        assert_printed((compute(2e9) - compute(1e9)) / 1e9, published, 14, "100 ms");
    }
}

#[test]
fn azure_charges_the_memory_that_was_used_in_steps() {
    // Its documentation has 160 MB charged as 256.
    let workload = Workload { peak_mb: 160.0, ..Workload::new(1e6, 1000.0, 1.0, 1024.0) };
    let quote = quote(Era::Now, "azure-consumption", &workload);
    assert_eq!((quote.meters[1].exact, quote.meters[1].charged), (156_250.0, 250_000.0));
    assert_eq!((quote.total, quote.is_possible()), (0.0, true));
}

#[test]
fn memory_becomes_the_next_size_there_is() {
    let charged = |id, memory_mb| {
        let era = if id == "google-cloud-functions" { Era::Y2018 } else { Era::Now };
        quote(era, id, &Workload::new(1.0, 1000.0, 1.0, memory_mb)).meters.last().unwrap().charged * 1024.0
    };
    assert_eq!(
        [100.0, 128.0, 129.0, 4096.0].map(|mb| charged("google-cloud-functions", mb)),
        [128.0, 128.0, 256.0, 4096.0]
    );
    assert_eq!([1.0, 2049.0].map(|mb| charged("azure-flex", mb)), [2048.0, 4096.0]);
    assert_eq!([1.0, 512.0, 513.0].map(|mb| charged("google-cloud-run", mb)), [512.0, 512.0, 513.0]);
}

#[test]
fn compute_gets_cheaper_by_tiers() {
    // 1,024 MB for a second: a GB-second a request.
    let compute = |id, seconds| quote(Era::Now, id, &Workload::new(seconds + 400_000.0, 1000.0, 1.0, 1024.0)).compute;
    let x86 = 6e9 * 0.0000166667 + 9e9 * 0.000015 + 1e9 * 0.000013334;
    assert_printed(compute("aws-lambda-x86", 16e9), x86, 4, "x86");
    let arm64 = 7.5e9 * 0.0000133334 + 11.25e9 * 0.0000120001 + 1e9 * 0.0000106667;
    assert_printed(compute("aws-lambda-arm64", 19.75e9), arm64, 4, "arm64");
}

#[test]
fn both_processors_of_lambda_have_the_same_gateways_and_rules() {
    let (x86, arm64) = (model(Era::Now, "aws-lambda-x86"), model(Era::Now, "aws-lambda-arm64"));
    assert_eq!(x86.gateways, arm64.gateways);
    assert_eq!((&x86.time, &x86.memory, &x86.limits), (&arm64.time, &arm64.memory, &arm64.limits));
    assert_eq!(x86.requests, arm64.requests);
}

#[test]
fn unbound_charges_eight_times_the_cpu_when_that_is_more() {
    let total =
        |wall_ms, cpu_ms| quote(Era::Now, "cloudflare-unbound", &Workload::new(101e6, wall_ms, cpu_ms, 128.0)).total;
    let expected = |ms: f64| 5.0 + 15.0 + (101e6 * ms / 1000.0 * 0.125 - 400_000.0) * 12.5 / 1e6;
    assert_printed(total(100.0, 1.0), expected(100.0), 6, "waiting");
    assert_printed(total(100.0, 50.0), expected(400.0), 6, "computing");
}

#[test]
fn instances_that_stay_up_are_charged_for_whole_months() {
    // 1.5 months of one processor's time: two instances.
    let month = 730.0 * 3600.0;
    let quote = quote(Era::Now, "google-cloud-run-instances", &Workload::new(month * 1.5, 1000.0, 1.0, 512.0));
    let units: Vec<_> = quote.meters.iter().map(|meter| (meter.unit, meter.exact, meter.charged)).collect();
    let requests = ("requests", month * 1.5, month * 1.5);
    assert_eq!(units, [requests, ("vCPU-seconds", month * 1.5, month * 2.0), ("GB-seconds", month * 0.75, month)]);
    let rounding = month * 0.5 * 0.000018 + month * 0.25 * 0.000002;
    assert_printed(quote.rounding_loss, rounding, 6, "the time that they wait");
    assert_eq!(quote.request_fee, 0.0);
}

#[test]
fn deno_charges_hours() {
    // 10 million requests of 3.6 s with 360 ms of CPU: 1,000 CPU-hours, 10,000 hours of 0.5 GB.
    let total = quote(Era::Now, "deno-deploy-pro", &Workload::new(10e6, 3600.0, 360.0, 512.0)).total;
    assert_printed(total, 20.0 + 10.0 + 960.0 * 0.05 + 4000.0 * 0.016, 6, "Deno");
}
