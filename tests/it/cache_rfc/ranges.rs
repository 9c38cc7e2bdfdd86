//! RFC 9110, 14, and RFC 9111, 3.3 and 3.4: parts of responses.

use super::case::{Case, fill, get, optimal, required};

const FRESH: &str = "cache-control: max-age=3600";
const BODY: &str = "0123456789";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (id, range, body, stated) in [
        ("first", "bytes=0-1", "01", "bytes 0-1/10"),
        ("one", "bytes=4-4", "4", "bytes 4-4/10"),
        ("open", "bytes=7-", "789", "bytes 7-9/10"),
        ("suffix", "bytes=-3", "789", "bytes 7-9/10"),
        ("past-the-end", "bytes=8-99", "89", "bytes 8-9/10"),
        ("long-suffix", "bytes=-99", BODY, "bytes 0-9/10"),
        ("all", "bytes=0-", BODY, "bytes 0-9/10"),
    ] {
        cases.push(
            optimal("9110 14", format!("range-{id}")).step(fill(&[FRESH]).answers_body(BODY)).step(
                get()
                    .with(&format!("range: {range}"))
                    .hit()
                    .status(206)
                    .body(body)
                    .has(&format!("content-range: {stated}")),
            ),
        );
    }
    cases.push(
        required("9110 15.5.17", "range-unsatisfiable")
            .step(fill(&[FRESH]).answers_body(BODY))
            .step(get().with("range: bytes=10-").hit().status(416).has("content-range: bytes */10")),
    );
    for (id, range) in
        [("unit", "items=0-1"), ("nonsense", "bytes=x"), ("backwards", "bytes=4-2"), ("several", "bytes=0-0,2-2")]
    {
        cases.push(
            required("9110 14.2", format!("range-ignored-{id}"))
                .step(fill(&[FRESH]).answers_body(BODY))
                .step(get().with(&format!("range: {range}")).status(200).body(BODY)),
        );
    }
    for (id, lines, condition, status) in [
        ("tag", &["etag: \"a\""][..], "\"a\"", 206),
        ("other-tag", &["etag: \"a\""], "\"b\"", 200),
        ("weak-tag", &["etag: W/\"a\""], "W/\"a\"", 200),
        ("weak-for-strong", &["etag: \"a\""], "W/\"a\"", 200),
        ("date", &["last-modified: Tue, 01 Jan 2019 00:00:00 GMT"], "Tue, 01 Jan 2019 00:00:00 GMT", 206),
        ("other-date", &["last-modified: Tue, 01 Jan 2019 00:00:00 GMT"], "Tue, 01 Jan 2019 00:00:01 GMT", 200),
        ("no-validator", &[], "\"a\"", 200),
    ] {
        cases.push(
            required("9110 13.1.5", format!("if-range-{id}"))
                .step(fill(&[FRESH]).answers(lines).answers_body(BODY))
                .step(get().with("range: bytes=2-3").with(&format!("if-range: {condition}")).hit().status(status)),
        );
    }
    cases.push(
        required("9110 13.2.2", "range-after-condition")
            .step(fill(&[FRESH, "etag: \"a\""]).answers_body(BODY))
            .step(get().with("range: bytes=2-3").with("if-none-match: \"a\"").hit().status(304)),
    );
    cases.push(
        required("9110 14.2", "range-only-of-200")
            .step(fill(&[FRESH]).answers_status(404).answers_body(BODY))
            .step(get().with("range: bytes=2-3").hit().status(404).body(BODY)),
    );
    cases.push(
        optimal("9110 14", "range-sent-on-where-nothing-is-kept").step(
            get()
                .with("range: bytes=2-3")
                .answers_status(206)
                .answers(&[FRESH, "content-range: bytes 2-3/10"])
                .answers_body("23")
                .forwarded()
                .status(206)
                .origin_has("range: bytes=2-3"),
        ),
    );
    cases.push(
        required("3.3", "range-kept-is-not-the-whole")
            .step(
                get()
                    .with("range: bytes=2-3")
                    .answers_status(206)
                    .answers(&[FRESH, "content-range: bytes 2-3/10", "etag: \"a\""])
                    .answers_body("23")
                    .forwarded(),
            )
            .step(get().answers(&[FRESH]).answers_body(BODY).forwarded())
            .step(get().hit().body(BODY)),
    );
    cases.push(
        optimal("9110 14", "range-after-validation")
            .step(fill(&["cache-control: max-age=0", "etag: \"a\""]).answers_body(BODY))
            .step(get().with("range: bytes=2-3").answers(&[FRESH, "etag: \"a\""]).validated().status(206).body("23")),
    );
    cases
}
