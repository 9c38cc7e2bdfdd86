//! RFC 9111, 3: storing responses in caches.

use super::case::{Case, Manner, fill, get, head, method, optimal, required};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    statuses(&mut cases);
    directives(&mut cases);
    incomplete(&mut cases);
    fields(&mut cases);
    authorised(&mut cases);
    methods(&mut cases);
    cases
}

fn statuses(cases: &mut Vec<Case>) {
    for status in [
        200, 203, 204, 299, 300, 301, 302, 303, 307, 308, 400, 404, 405, 410, 414, 451, 499, 500, 501, 502, 503, 504,
        599,
    ] {
        cases.push(
            optimal("3", format!("store-{status}-fresh"))
                .step(fill(&["cache-control: max-age=3600"]).answers_status(status))
                .step(get().hit().status(status)),
        );
        cases.push(
            required("4.2", format!("store-{status}-stale"))
                .step(fill(&["cache-control: max-age=0"]).answers_status(status))
                .step(get().forwarded()),
        );
    }
    for status in [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501] {
        cases.push(
            optimal("4.2.2", format!("heuristic-{status}"))
                .step(fill(&["last-modified: @-864000"]).answers_status(status))
                .step(get().hit().status(status)),
        );
    }
    for status in [201, 202, 302, 303, 307, 400, 403, 500, 502, 503, 504, 599] {
        cases.push(
            required("4.2.2", format!("no-heuristic-{status}"))
                .step(fill(&["last-modified: @-864000"]).answers_status(status))
                .step(get().forwarded()),
        );
    }
    cases.push(
        optimal("4.2.2", "heuristic-599-public")
            .step(fill(&["last-modified: @-864000", "cache-control: public"]).answers_status(599))
            .step(get().hit().status(599)),
    );
    cases.push(
        required("3", "store-206-not-as-whole")
            .step(
                get()
                    .with("range: bytes=0-1")
                    .answers_status(206)
                    .answers(&["cache-control: max-age=3600", "content-range: bytes 0-1/10"])
                    .answers_body("01")
                    .forwarded(),
            )
            .step(get().forwarded()),
    );
    cases.push(
        required("3", "store-304-not-as-response")
            .step(
                get()
                    .with("if-none-match: \"x\"")
                    .answers_status(304)
                    .answers(&["cache-control: max-age=3600", "etag: \"x\""])
                    .forwarded()
                    .status(304),
            )
            .step(get().forwarded()),
    );
}

fn directives(cases: &mut Vec<Case>) {
    for (id, line) in [
        ("no-store", "no-store"),
        ("no-store-case", "No-StOrE"),
        ("no-store-max-age", "max-age=3600, no-store"),
        ("no-store-max-age-before", "no-store, max-age=3600"),
        ("no-store-s-maxage", "s-maxage=3600, no-store"),
        ("no-store-public", "public, no-store, max-age=3600"),
        ("private", "private, max-age=3600"),
        ("private-case", "PrIvAtE, max-age=3600"),
        ("private-after", "max-age=3600, private"),
        ("private-s-maxage", "private, s-maxage=3600"),
        ("private-public", "private, public, max-age=3600"),
        ("private-empty", "private=\"\", max-age=3600"),
    ] {
        cases.push(
            required("5.2.2", format!("not-stored-{id}"))
                .step(fill(&[&format!("cache-control: {line}")]))
                .step(get().forwarded()),
        );
    }
    cases.push(
        required("5.2.2.5", "no-store-with-expires")
            .step(fill(&["cache-control: no-store", "expires: @3600"]))
            .step(get().forwarded()),
    );
    cases.push(
        required("5.2.2.5", "no-store-on-another-line")
            .step(fill(&["cache-control: max-age=3600", "cache-control: no-store"]))
            .step(get().forwarded()),
    );
    cases.push(
        required("5.2.2.5", "no-store-with-validator")
            .step(fill(&["cache-control: no-store", "etag: \"a\""]))
            .step(get().forwarded().origin_lacks("if-none-match")),
    );
    cases.push(
        optimal("5.2.2.5", "no-store-within-quotes-is-none")
            .step(fill(&["cache-control: x=\"no-store\", max-age=3600"]))
            .step(get().hit()),
    );
    cases.push(
        optimal("5.2.2.3", "must-understand-status-known")
            .step(fill(&["cache-control: max-age=3600, must-understand, no-store"]))
            .step(get().hit()),
    );
    cases.push(
        required("5.2.2.3", "must-understand-status-unknown")
            .step(fill(&["cache-control: max-age=3600, must-understand"]).answers_status(299))
            .step(get().forwarded()),
    );
    cases.push(
        required("5.2.1.5", "request-no-store")
            .step(fill(&["cache-control: max-age=3600"]).with("cache-control: no-store"))
            .step(get().forwarded()),
    );
    cases.push(required("3", "nothing-to-go-by").step(fill(&[])).step(get().forwarded()));
    cases.push(
        optimal("3", "extension-directive")
            .step(fill(&["cache-control: max-age=3600, foo, bar=\"x, y\""]))
            .step(get().hit()),
    );
}

fn incomplete(cases: &mut Vec<Case>) {
    for (id, step) in [
        ("content-length", get().manner(Manner::BreaksOff).answers_body("0123456789").breaks_off()),
        ("closed-at-once", get().manner(Manner::Closes)),
    ] {
        cases.push(
            required("3.3", format!("incomplete-{id}"))
                .step(step.answers(&["cache-control: max-age=3600"]))
                .step(get().answers(&["cache-control: max-age=3600"]).forwarded()),
        );
    }
    cases.push(
        optimal("3.3", "complete-chunked")
            .step(fill(&["cache-control: max-age=3600"]).manner(Manner::Chunked).answers_body("0123456789"))
            .step(get().hit().body("0123456789")),
    );
    cases.push(
        optimal("3.3", "complete-empty")
            .step(fill(&["cache-control: max-age=3600"]).answers_body(""))
            .step(get().hit().body("")),
    );
    let large = "0123456789abcdef".repeat(20_000);
    cases.push(
        optimal("3.3", "complete-large")
            .step(fill(&["cache-control: max-age=3600"]).answers_body(&large))
            .step(get().hit().body(&large)),
    );
}

fn fields(cases: &mut Vec<Case>) {
    for (name, value) in [
        ("test-header", "a b c"),
        ("x-test", "1"),
        ("content-foo", "x"),
        ("content-type", "text/plain;charset=utf-8"),
        ("content-encoding", "foo"),
        ("content-language", "de"),
        ("content-location", "/elsewhere"),
        ("content-security-policy", "default-src 'self'"),
        ("content-disposition", "attachment; filename=x.txt"),
        ("link", "</a>; rel=preload"),
        ("set-cookie", "a=b"),
        ("server", "test"),
        ("www-authenticate", "Basic realm=x"),
        ("strict-transport-security", "max-age=1"),
        ("x-frame-options", "deny"),
        ("etag", "\"a\""),
        ("last-modified", "Tue, 01 Jan 2019 00:00:00 GMT"),
        ("warning", "110 - \"x\""),
        ("alt-svc", "clear"),
        ("x-latin", "caf\u{e9}"),
    ] {
        let line = format!("{name}: {value}");
        cases.push(
            required("3.1", format!("field-kept-{name}"))
                .step(fill(&["cache-control: max-age=3600", &line]).has(&line))
                .step(get().hit().has(&line)),
        );
    }
    for name in ["keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-connection", "te", "upgrade"] {
        cases.push(
            required("3.1", format!("field-not-kept-{name}"))
                .step(fill(&["cache-control: max-age=3600", &format!("{name}: x")]))
                .step(get().hit().lacks(name)),
        );
    }
    cases.push(
        required("3.1", "field-not-kept-named-by-connection")
            .step(fill(&["cache-control: max-age=3600", "connection: a, b", "a: 1", "b: 2", "c: 3"]))
            .step(get().hit().lacks("a").lacks("b").has("c: 3")),
    );
    for (id, directive) in [("no-cache", "no-cache"), ("private", "private")] {
        cases.push(
            optimal("5.2.2", format!("field-not-kept-named-by-{id}"))
                .step(fill(&[&format!("cache-control: max-age=3600, {directive}=\"a, b\""), "a: 1", "b: 2", "c: 3"]))
                .step(get().hit().lacks("a").lacks("b").has("c: 3")),
        );
    }
    cases.push(
        required("3.1", "field-lines-kept-apart")
            .step(fill(&["cache-control: max-age=3600", "set-cookie: a=b", "set-cookie: c=d"]))
            .step(get().hit().has("set-cookie: a=b").has("set-cookie: c=d")),
    );
}

fn authorised(cases: &mut Vec<Case>) {
    for (id, line) in [
        ("max-age", "max-age=3600"),
        ("proxy-revalidate", "max-age=3600, proxy-revalidate"),
        ("immutable", "max-age=3600, immutable"),
    ] {
        cases.push(
            required("3.5", format!("authorised-not-shared-{id}"))
                .step(
                    fill(&[&format!("cache-control: {line}")]).with("authorization: x").origin_has("authorization: x"),
                )
                .step(get().forwarded()),
        );
    }
    cases.push(
        required("3.5", "authorised-not-shared-expires")
            .step(fill(&["expires: @3600"]).with("authorization: x"))
            .step(get().forwarded()),
    );
    for (id, line) in [
        ("public", "max-age=3600, public"),
        ("must-revalidate", "max-age=3600, must-revalidate"),
        ("s-maxage", "s-maxage=3600"),
    ] {
        cases.push(
            optimal("3.5", format!("authorised-shared-{id}"))
                .step(fill(&[&format!("cache-control: {line}")]).with("authorization: x"))
                .step(get().hit()),
        );
        cases.push(
            optimal("3.5", format!("authorised-shared-with-another-{id}"))
                .step(fill(&[&format!("cache-control: {line}")]).with("authorization: x"))
                .step(get().with("authorization: y").hit()),
        );
    }
    cases.push(
        optimal("3.5", "authorised-uses-what-is-shared")
            .step(fill(&["cache-control: max-age=3600"]))
            .step(get().with("authorization: x").hit()),
    );
}

fn methods(cases: &mut Vec<Case>) {
    for name in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "M-SEARCH"] {
        cases.push(
            required("3", format!("method-{name}-not-reused"))
                .step(method(name).answers(&["cache-control: max-age=3600"]).forwarded())
                .step(method(name).answers(&["cache-control: max-age=3600"]).forwarded()),
        );
        cases.push(
            required("3", format!("method-{name}-not-for-get"))
                .step(method(name).answers(&["cache-control: max-age=3600"]).forwarded())
                .step(get().forwarded()),
        );
    }
    cases.push(
        optimal("3", "method-HEAD-from-get")
            .step(fill(&["cache-control: max-age=3600", "x-a: b"]))
            .step(head().hit().has("x-a: b")),
    );
    cases.push(
        required("3", "method-HEAD-not-for-get")
            .step(head().answers(&["cache-control: max-age=3600"]).forwarded())
            .step(get().forwarded()),
    );
    cases.push(
        required("3", "method-GET-not-for-post")
            .step(fill(&["cache-control: max-age=3600"]))
            .step(method("POST").sends("x").forwarded()),
    );
    cases.push(
        optimal("9110 9.3.3", "method-POST-for-get")
            .step(
                method("POST")
                    .sends("x")
                    .answers(&["cache-control: max-age=3600", "content-location: method-POST-for-get"])
                    .forwarded(),
            )
            .step(get().hit()),
    );
    cases.push(
        required("9110 9.3.3", "method-POST-for-get-of-another")
            .step(
                method("POST")
                    .sends("x")
                    .answers(&["cache-control: max-age=3600", "content-location: other"])
                    .forwarded(),
            )
            .step(get().forwarded()),
    );
}
