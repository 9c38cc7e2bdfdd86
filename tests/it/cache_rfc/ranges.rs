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
    cases.extend(parts());
    cases
}

/// What is kept of a response of which only a part came (RFC 9111, 3.3 and 3.4).
fn parts() -> Vec<Case> {
    let part = |range: &str, first: usize, last: usize, lines: &[&str]| {
        let stated = format!("content-range: bytes {first}-{last}/10");
        let own = [FRESH, &stated];
        get()
            .with(&format!("range: {range}"))
            .answers_status(206)
            .answers(&[&own[..], lines].concat())
            .answers_body(&BODY[first..=last])
            .status(206)
            .body(&BODY[first..=last])
    };
    let tag = &["etag: \"a\""][..];
    let again = |range: &str, first: usize, last: usize| {
        get()
            .with(&format!("range: {range}"))
            .hit()
            .status(206)
            .body(&BODY[first..=last])
            .has(&format!("content-range: bytes {first}-{last}/10"))
    };
    let mut cases = Vec::new();
    for (id, range, first, last) in [
        ("same", "bytes=5-9", 5, 9),
        ("within", "bytes=6-8", 6, 8),
        ("open", "bytes=7-", 7, 9),
        ("suffix", "bytes=-1", 9, 9),
    ] {
        cases.push(
            optimal("9111 3.3", format!("part-answers-{id}"))
                .step(part("bytes=5-9", 5, 9, &[]).forwarded())
                .step(again(range, first, last)),
        );
    }
    for (id, range, first, last) in [("before", "bytes=4-6", 4, 6), ("after", "bytes=8-9", 8, 9)] {
        cases.push(
            required("9111 3.3", format!("part-does-not-answer-{id}"))
                .step(part("bytes=5-8", 5, 8, &[]).forwarded())
                .step(part(range, first, last, &[]).forwarded()),
        );
    }
    cases.push(
        required("9111 3.3", "part-is-not-the-whole")
            .step(part("bytes=0-8", 0, 8, tag).forwarded())
            .step(get().answers(&[FRESH]).answers_body(BODY).forwarded().status(200).body(BODY)),
    );
    cases.push(
        required("9111 3.3", "part-stale-is-not-used")
            .step(
                get()
                    .with("range: bytes=2-3")
                    .answers_status(206)
                    .answers(&["cache-control: max-age=0", "content-range: bytes 2-3/10"])
                    .answers_body("23")
                    .forwarded(),
            )
            .step(part("bytes=2-3", 2, 3, &[]).forwarded()),
    );
    cases.push(
        required("9111 3.3", "part-of-another-variant")
            .step(part("bytes=2-3", 2, 3, &["vary: x"]).with("x: 1").forwarded())
            .step(part("bytes=2-3", 2, 3, &["vary: x"]).with("x: 2").forwarded()),
    );
    cases.push(
        required("9110 14.4", "part-that-contradicts-itself")
            .step(part("bytes=4-9", 4, 8, &[]).forwarded())
            .step(part("bytes=4-9", 4, 9, &[]).forwarded()),
    );
    cases.push(
        required("9110 13.1.5", "part-if-range-of-another").step(part("bytes=2-5", 2, 5, tag).forwarded()).step(
            get()
                .with("range: bytes=2-3")
                .with("if-range: \"b\"")
                .answers(&[FRESH])
                .answers_body(BODY)
                .forwarded()
                .status(200)
                .body(BODY),
        ),
    );
    cases.push(
        optimal("9111 3.4", "parts-combined-after")
            .step(part("bytes=0-4", 0, 4, tag).forwarded())
            .step(part("bytes=5-7", 5, 7, tag).forwarded())
            .step(again("bytes=3-6", 3, 6)),
    );
    cases.push(
        optimal("9111 3.4", "parts-combined-before")
            .step(part("bytes=5-9", 5, 9, tag).forwarded())
            .step(part("bytes=3-6", 3, 6, tag).forwarded())
            .step(again("bytes=4-9", 4, 9)),
    );
    cases.push(
        optimal("9111 3.4", "parts-become-the-whole")
            .step(part("bytes=0-4", 0, 4, tag).forwarded())
            .step(part("bytes=5-9", 5, 9, tag).forwarded())
            .step(get().hit().status(200).body(BODY).lacks("content-range")),
    );
    for (id, one, two) in [
        ("of-another-tag", &["etag: \"a\""][..], &["etag: \"b\""][..]),
        ("of-a-weak-tag", &["etag: W/\"a\""], &["etag: W/\"a\""]),
        ("without-tags", &[], &[]),
    ] {
        cases.push(
            required("9111 3.4", format!("parts-not-combined-{id}"))
                .step(part("bytes=0-4", 0, 4, one).forwarded())
                .step(part("bytes=5-9", 5, 9, two).forwarded())
                .step(part("bytes=3-6", 3, 6, two).forwarded()),
        );
    }
    cases.push(
        required("9111 3.4", "parts-with-a-gap-are-not-combined")
            .step(part("bytes=0-2", 0, 2, tag).forwarded())
            .step(part("bytes=5-9", 5, 9, tag).forwarded())
            .step(part("bytes=2-5", 2, 5, tag).forwarded()),
    );
    cases
}
