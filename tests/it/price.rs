//! `glowplug price`: the program from flags to tables, JSON and CSV.

use super::support::run;
use serde_json::Value;

/// Workload C of the documentation: many short requests.
const SHORT: [&str; 8] = ["--requests", "100e6", "--wall-ms", "8", "--cpu-ms", "2", "--memory-mb", "128"];

/// What `glowplug price` prints when it goes well.
async fn priced(workload: &[&str], flags: &[&str]) -> String {
    let output = run(&[&["price"], workload, flags].concat()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Exit code and message when it does not.
async fn refused(arguments: &[&str]) -> (i32, String) {
    let output = run(&[&["price"], arguments].concat()).await;
    assert!(output.stdout.is_empty());
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn quote<'a>(quotes: &'a Value, id: &str) -> &'a Value {
    let mut all = quotes["quotes"].as_array().unwrap().iter();
    all.find(|quote| quote["id"] == id).unwrap_or_else(|| panic!("no `{id}` in {quotes}"))
}

#[tokio::test]
async fn json_has_every_line_of_every_quote() {
    let then: Value =
        serde_json::from_str(&priced(&SHORT, &["--year", "2018", "--gateway", "rest", "--json"]).await).unwrap();
    assert_eq!((&then["year"], &then["workload"]["gateway"]), (&"2018".into(), &"rest".into()));
    let lambda = quote(&then, "aws-lambda");
    for (line, usd) in [
        ("base_fee", 0.0),
        ("request_fee", 19.8),
        ("compute", 0.0),
        ("rounding_loss", 14.1695),
        ("gateway_fee", 350.0),
        ("total", 383.9695),
        ("free", 0.2 + 400_000.0 * 0.00001667),
    ] {
        assert!((lambda[line].as_f64().unwrap() - usd).abs() < 1e-9, "{line}: {lambda}");
    }
    let seconds = &lambda["units"][1];
    assert_eq!(seconds["unit"], "GB-seconds");
    assert_eq!([&seconds["exact"], &seconds["charged"]].map(|units| units.as_f64().unwrap()), [100_000.0, 1_250_000.0]);
    assert_eq!(lambda["unverified"].as_array().unwrap().len(), 1);
    let now: Value = serde_json::from_str(&priced(&SHORT, &["--json"]).await).unwrap();
    assert_eq!(quote(&now, "cloudflare-standard")["total"].as_f64().unwrap(), 35.4);
    assert_eq!(quote(&now, "aws-lambda-x86")["gateway_fee"].as_f64().unwrap(), 0.0);
}

#[tokio::test]
async fn the_table_marks_the_cheapest_and_what_is_not_verified() {
    let text = priced(&SHORT, &["--year", "2018"]).await;
    assert!(text.starts_with("100,000,000 requests a month, each 8 ms with 2 ms of CPU, 128 MB of memory\n"), "{text}");
    let row = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no `{name}` in {text}"));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let azure = row("Azure Functions Consumption");
    assert_eq!(azure[3..], ["*", "0", "19.80", "0", "13.60", "0", "33.40", "6.60", "cheapest"]);
    assert_eq!(row("AWS Lambda ")[2..], ["0", "19.80", "0", "14.17", "0", "33.97", "6.87"]);
    assert_eq!(text.matches("cheapest").count(), 1, "{text}");
    assert!(text.contains("\n* rests on figures that are not verified"), "{text}");
    // All rows of a platform that would take the workload come before those that would not.
    let text = priced(&["--requests", "1", "--wall-ms", "200", "--cpu-ms", "60", "--memory-mb", "64"], &[]).await;
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no `{what}` in {text}"));
    assert!(place("Google Cloud Run (per instance)") < place("Fastly Compute"), "{text}");
    assert!(place("not possible: at most 50 ms of CPU") > place("Fastly Compute"), "{text}");
    assert!(text.contains("0.0000006"), "tiny amounts are shown: {text}");
}

#[tokio::test]
async fn csv_has_a_record_for_each_platform() {
    let text = priced(&SHORT, &["--csv", "--peak-mb", "64"]).await;
    let mut records = text.lines();
    let headings =
        "id,name,date,base_fee,request_fee,compute,rounding_loss,gateway_fee,total,free,cheapest,refusals,unverified";
    assert_eq!(records.next(), Some(headings));
    let standard = records.find(|record| record.starts_with("cloudflare-standard,")).unwrap();
    let expected = "cloudflare-standard,Cloudflare Workers Standard,2026-08,5,27,3.4,0,0,35.4,3.6,false,,";
    assert!(standard.starts_with(expected), "{standard}");
}

#[tokio::test]
async fn numbers_that_no_workload_has_are_refused() {
    for flag in ["--requests", "--wall-ms", "--cpu-ms", "--memory-mb"] {
        for wrong in ["0", "-5", "NaN"] {
            let mut arguments = SHORT;
            let place = SHORT.iter().position(|known| *known == flag).unwrap();
            arguments[place + 1] = wrong;
            let (code, message) = refused(&arguments).await;
            let expected = format!("invalid value '{wrong}' for '{flag} ");
            assert!(code == 2 && message.contains(&expected) && message.contains("above 0"), "{code} {message}");
        }
    }
    let (code, message) = refused(&[&SHORT[..], &["--peak-mb", "129"]].concat()).await;
    assert_eq!(code, 1);
    assert!(message.contains("peak memory is 129 MB, more than the 128 MB configured\nhint: "), "{message}");
}

#[tokio::test]
async fn a_gateway_of_later_years_is_refused_for_2018() {
    let (code, message) = refused(&[&SHORT[..], &["--year", "2018", "--gateway", "http"]].concat()).await;
    assert_eq!(code, 1);
    assert!(message.contains("no platform of 2018 has the gateway `http`\nhint: `--gateway rest`"), "{message}");
}
