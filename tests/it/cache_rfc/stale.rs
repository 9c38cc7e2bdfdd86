//! RFC 9111, 4.2.4, and RFC 5861: serving stale responses.

use super::case::{Case, Manner, fill, get, optimal, required};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let closes = || get().manner(Manner::Closes);
    cases.push(
        optimal("5861 3", "while-revalidate")
            .step(fill(&["cache-control: max-age=0, stale-while-revalidate=3600", "etag: \"a\""]).answers_body("old"))
            .step(
                get()
                    .answers(&["cache-control: max-age=3600", "etag: \"b\""])
                    .answers_body("new")
                    .body("old")
                    .then(1500),
            )
            .step(get().hit().body("new").has("etag: \"b\"")),
    );
    cases.push(
        optimal("5861 3", "while-revalidate-304")
            .step(fill(&["cache-control: max-age=0, stale-while-revalidate=3600", "etag: \"a\""]))
            .step(get().answers(&["cache-control: max-age=3600", "etag: \"a\""]).validated_later().then(1500))
            .step(get().hit()),
    );
    cases.push(
        required("5861 3", "while-revalidate-passes")
            .step(fill(&["cache-control: max-age=0, stale-while-revalidate=1"]).then(2200))
            .step(get().forwarded()),
    );
    for (id, directive) in
        [("must-revalidate", "must-revalidate"), ("proxy-revalidate", "proxy-revalidate"), ("no-cache", "no-cache")]
    {
        cases.push(
            required("5.2.2", format!("while-revalidate-against-{id}"))
                .step(fill(&[&format!("cache-control: max-age=0, stale-while-revalidate=3600, {directive}")]))
                .step(get().forwarded()),
        );
        cases.push(
            required("5.2.2", format!("if-error-against-{id}"))
                .step(fill(&[&format!("cache-control: max-age=0, stale-if-error=3600, {directive}")]))
                .step(get().answers_status(503).forwarded().status(503)),
        );
        cases.push(
            required("4.2.4", format!("disconnected-against-{id}"))
                .step(fill(&[&format!("cache-control: max-age=0, {directive}")]))
                .step(closes().status(502)),
        );
    }
    cases.push(
        required("4.2.4", "disconnected-against-s-maxage")
            .step(fill(&["cache-control: s-maxage=0"]))
            .step(closes().status(502)),
    );
    cases.push(
        optimal("4.2.4", "disconnected")
            .step(fill(&["cache-control: max-age=0"]).answers_body("old"))
            .step(closes().status(200).body("old")),
    );
    for status in [500, 502, 503, 504] {
        cases.push(
            optimal("5861 4", format!("if-error-{status}"))
                .step(fill(&["cache-control: max-age=0, stale-if-error=3600"]).answers_body("old"))
                .step(get().answers_status(status).status(200).body("old")),
        );
        cases.push(
            required("4.2.4", format!("without-if-error-{status}"))
                .step(fill(&["cache-control: max-age=0"]))
                .step(get().answers_status(status).forwarded().status(status)),
        );
    }
    for status in [400, 404, 410, 501] {
        cases.push(
            required("5861 4", format!("if-error-not-for-{status}"))
                .step(fill(&["cache-control: max-age=0, stale-if-error=3600"]))
                .step(get().answers_status(status).forwarded().status(status)),
        );
    }
    cases.push(
        optimal("5861 4", "if-error-closed")
            .step(fill(&["cache-control: max-age=0, stale-if-error=3600"]).answers_body("old"))
            .step(closes().status(200).body("old")),
    );
    cases.push(
        required("5861 4", "if-error-passes")
            .step(fill(&["cache-control: max-age=0, stale-if-error=1"]).then(2200))
            .step(get().answers_status(503).forwarded().status(503)),
    );
    cases.push(
        optimal("5861 4", "if-error-by-request")
            .step(fill(&["cache-control: max-age=0"]).answers_body("old"))
            .step(get().with("cache-control: stale-if-error=3600").answers_status(503).status(200).body("old")),
    );
    cases.push(
        required("5861 4", "if-error-by-request-passes")
            .step(fill(&["cache-control: max-age=0"]).then(2200))
            .step(get().with("cache-control: stale-if-error=1").answers_status(503).forwarded().status(503)),
    );
    cases.push(
        required("5.2.1.4", "if-error-not-against-the-client")
            .step(fill(&["cache-control: max-age=0, stale-if-error=3600"]))
            .step(get().with("cache-control: no-cache").answers_status(503).forwarded().status(503)),
    );
    cases
}
