//! RFC 9111, 4.4: invalidating stored responses.

use super::case::{Case, fill, get, method, optimal, required};

const FRESH: &str = "cache-control: max-age=3600";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "FOO"] {
        cases.push(
            required("4.4", format!("invalidate-{name}"))
                .step(fill(&[FRESH]))
                .step(method(name).sends("x").forwarded())
                .step(get().forwarded()),
        );
        for status in [201, 204, 303] {
            cases.push(
                required("4.4", format!("invalidate-{name}-{status}"))
                    .step(fill(&[FRESH]))
                    .step(method(name).sends("x").answers_status(status).forwarded())
                    .step(get().forwarded()),
            );
        }
        for status in [400, 500] {
            cases.push(
                optimal("4.4", format!("invalidate-{name}-not-on-{status}"))
                    .step(fill(&[FRESH]))
                    .step(method(name).sends("x").answers_status(status).forwarded())
                    .step(get().hit()),
            );
        }
        for field in ["location", "content-location"] {
            let id = format!("invalidate-{name}-{field}");
            cases.push(
                required("4.4", id.clone())
                    .step(fill(&[FRESH]).at("/target"))
                    .step(method(name).sends("x").answers(&[&format!("{field}: /{id}/target")]).forwarded())
                    .step(get().at("/target").forwarded()),
            );
        }
    }
    for field in ["location", "content-location"] {
        let id = format!("invalidate-not-elsewhere-{field}");
        cases.push(
            required("4.4", id.clone())
                .step(fill(&[FRESH]).at("/target"))
                .step(
                    method("POST")
                        .sends("x")
                        .answers(&[&format!("{field}: http://other.example/{id}/target")])
                        .forwarded(),
                )
                .step(get().at("/target").hit()),
        );
        let id = format!("invalidate-relative-{field}");
        cases.push(
            required("4.4", id.clone())
                .step(fill(&[FRESH]).at("/target"))
                .step(method("POST").at("/form").sends("x").answers(&[&format!("{field}: target")]).forwarded())
                .step(get().at("/target").forwarded()),
        );
    }
    for name in ["OPTIONS", "HEAD", "TRACE"] {
        cases.push(
            optimal("4.4", format!("invalidate-not-by-{name}"))
                .step(fill(&[FRESH]))
                .step(method(name))
                .step(get().hit()),
        );
    }
    cases.push(
        required("4.4", "invalidate-every-variant")
            .step(fill(&[FRESH, "vary: foo"]).with("foo: 1"))
            .step(fill(&[FRESH, "vary: foo"]).with("foo: 2"))
            .step(method("POST").sends("x").forwarded())
            .step(get().with("foo: 1").forwarded())
            .step(get().with("foo: 2").forwarded()),
    );
    cases.push(
        optimal("4.4", "invalidate-not-another-query")
            .step(fill(&[FRESH]).at("?a"))
            .step(method("POST").at("?b").sends("x").forwarded())
            .step(get().at("?a").hit()),
    );
    cases
}
