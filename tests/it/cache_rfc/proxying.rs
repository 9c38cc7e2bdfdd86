//! RFC 9110, 7.6 and others: what passes through; and RFC 9211, what the cache says of itself.

use super::case::{Case, fill, get, head, method, optimal, required};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "REPORT", "M-SEARCH", "FOO", "foo"] {
        cases.push(required("9110 9", format!("pass-method-{name}")).step(method(name).at("/m").forwarded()));
    }
    cases.push(required("9110 9.3.2", "pass-method-HEAD").step(head().forwarded()));
    for status in [
        200, 201, 202, 204, 207, 226, 299, 301, 302, 307, 308, 400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 429,
        451, 499, 500, 501, 502, 503, 504, 505, 511, 599,
    ] {
        cases.push(
            required("9110 15", format!("pass-status-{status}"))
                .step(get().answers_status(status).answers(&["x-a: b"]).forwarded().status(status).has("x-a: b")),
        );
    }
    for (name, value) in [
        ("accept", "a/b"),
        ("cookie", "a=b; c=d"),
        ("user-agent", "x"),
        ("referer", "http://a/"),
        ("x-latin", "caf\u{e9}"),
        ("x-empty", ""),
        ("x-long-name-of-a-header-field", "1, 2;q=\"3\""),
    ] {
        let line = format!("{name}: {value}");
        cases.push(
            required("9110 7.6", format!("pass-request-{name}")).step(get().with(&line).forwarded().origin_has(&line)),
        );
    }
    for name in ["keep-alive", "proxy-connection", "te", "http2-settings"] {
        cases.push(
            required("9110 7.6.1", format!("pass-not-request-{name}"))
                .step(get().with(&format!("{name}: x")).forwarded().origin_lacks(name)),
        );
    }
    cases.push(
        required("9110 7.6.1", "pass-not-request-named-by-connection").step(
            get()
                .with("connection: x-a")
                .with("x-a: 1")
                .with("x-b: 2")
                .forwarded()
                .origin_lacks("x-a")
                .origin_has("x-b: 2"),
        ),
    );
    cases.push(required("9110 7.6.3", "pass-via-to-origin").step(get().forwarded().origin_has("via: 1.1 glowplug")));
    cases.push(required("9110 7.6.3", "pass-via-to-client").step(get().forwarded().has("via: 1.1 glowplug")));
    cases.push(
        required("9110 15.2", "pass-interim-then-final")
            .step(get().answers(&["cache-control: max-age=3600"]).interim(103).forwarded())
            .step(get().hit()),
    );
    cases.push(
        required("9110 15.2", "pass-interim-102")
            .step(get().answers(&["cache-control: max-age=3600"]).interim(102).forwarded())
            .step(get().hit()),
    );
    cases.push(required("9110 9.3.3", "pass-request-body").step(method("POST").sends("hello").forwarded()));
    cases.push(required("9110 4.2", "pass-query").step(get().at("?a=b&c=%20+&&d").forwarded()));
    cases.push(
        optimal("9211 2", "status-of-a-miss")
            .step(
                fill(&["cache-control: max-age=3600"])
                    .has("cache-status: glowplug; fwd=uri-miss; fwd-status=200; stored"),
            )
            .step(get().hit().has("cache-status: glowplug; hit")),
    );
    cases.push(
        optimal("9211 2", "status-of-a-pass")
            .step(method("POST").forwarded().has("cache-status: glowplug; fwd=method; fwd-status=200")),
    );
    cases.push(
        optimal("9211 2", "status-of-stale").step(fill(&["cache-control: max-age=0", "etag: \"a\""])).step(
            get()
                .answers(&["cache-control: max-age=60", "etag: \"a\""])
                .validated()
                .has("cache-status: glowplug; fwd=stale; fwd-status=304"),
        ),
    );
    cases.push(
        optimal("9211 2", "status-of-a-vary-miss")
            .step(fill(&["cache-control: max-age=60", "vary: foo"]))
            .step(get().with("foo: 1").forwarded().has("cache-status: glowplug; fwd=vary-miss")),
    );
    cases.push(
        optimal("9211 2", "status-beside-another").step(
            get()
                .answers(&["cache-status: other; hit"])
                .forwarded()
                .has("cache-status: other; hit")
                .has("cache-status: glowplug; fwd=uri-miss"),
        ),
    );
    cases
}
