//! RFC 9111, 4.3: validation; and conditional requests of clients (RFC 9110, 13).

use super::case::{Case, fill, get, head, optimal, required};

const FRESH: &str = "cache-control: max-age=3600";
const STALE: &str = "cache-control: max-age=0";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    sent(&mut cases);
    updated(&mut cases);
    must(&mut cases);
    received(&mut cases);
    heads(&mut cases);
    cases
}

fn sent(cases: &mut Vec<Case>) {
    for (id, etag) in [("strong", "\"abc\""), ("weak", "W/\"abc\""), ("latin", "\"caf\u{e9}\""), ("comma", "\"a,b\"")] {
        cases.push(
            optimal("4.3.1", format!("validate-etag-{id}"))
                .step(fill(&[STALE, &format!("etag: {etag}")]))
                .step(get().validated().status(200).origin_has(&format!("if-none-match: {etag}"))),
        );
    }
    cases.push(
        optimal("4.3.1", "validate-date").step(fill(&[STALE, "last-modified: Tue, 01 Jan 2019 00:00:00 GMT"])).step(
            get()
                .validated()
                .status(200)
                .origin_has("if-modified-since: Tue, 01 Jan 2019 00:00:00 GMT")
                .origin_lacks("if-none-match"),
        ),
    );
    cases.push(
        optimal("4.3.1", "validate-both")
            .step(fill(&[STALE, "etag: \"a\"", "last-modified: Tue, 01 Jan 2019 00:00:00 GMT"]))
            .step(
                get()
                    .validated()
                    .origin_has("if-none-match: \"a\"")
                    .origin_has("if-modified-since: Tue, 01 Jan 2019 00:00:00 GMT"),
            ),
    );
    cases.push(
        required("4.3.1", "validate-nothing-to-ask-by")
            .step(fill(&[STALE]))
            .step(get().forwarded().origin_lacks("if-none-match").origin_lacks("if-modified-since")),
    );
    cases.push(
        required("4.3.1", "validate-with-the-fields-of-vary")
            .step(fill(&[STALE, "etag: \"a\"", "vary: foo"]).with("foo: 1"))
            .step(get().with("foo: 1").validated().origin_has("foo: 1")),
    );
    cases.push(
        required("4.3.1", "validate-in-place-of-the-client's-condition")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().with("if-none-match: \"other\"").validated().status(200).origin_has("if-none-match: \"a\"")),
    );
    cases.push(
        required("4.3.3", "validate-200-replaces")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().answers(&[FRESH, "etag: \"b\""]).forwarded().has("etag: \"b\""))
            .step(get().hit().has("etag: \"b\"").body("validate-200-replaces/1")),
    );
    cases.push(
        required("4.3.3", "validate-error-is-sent-on")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().answers_status(503).forwarded().status(503)),
    );
    cases.push(
        optimal("4.3.3", "validate-error-replaces-nothing")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().answers_status(503).forwarded())
            .step(get().validated().status(200)),
    );
    cases.push(
        optimal("4.3", "validate-request-no-cache")
            .step(fill(&[FRESH, "etag: \"a\""]))
            .step(get().with("cache-control: no-cache").validated().status(200)),
    );
    cases.push(
        optimal("5.2.2.4", "validate-no-cache")
            .step(fill(&["cache-control: no-cache", "etag: \"a\""]))
            .step(get().answers(&["cache-control: no-cache", "etag: \"a\""]).validated())
            .step(get().validated()),
    );
    cases.push(
        optimal("5.2.2.4", "validate-no-cache-with-max-age")
            .step(fill(&["cache-control: max-age=3600, no-cache", "etag: \"a\""]))
            .step(get().validated()),
    );
    for value in
        ["max-age=3600, no-cache", "no-cache, max-age=3600", "max-age=3600, No-CaChE", "s-maxage=3600, no-cache"]
    {
        cases.push(
            required("5.2.2.4", format!("no-cache-not-used-{}", value.replace([' ', ',', '='], "")))
                .step(fill(&[&format!("cache-control: {value}"), "expires: @3600"]))
                .step(get().forwarded()),
        );
    }
    cases.push(
        optimal("4.3.4", "validate-304-without-validators")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().answers(&[FRESH]).validated().status(200))
            .step(get().hit()),
    );
    cases.push(
        required("4.3.4", "validate-304-about-another")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().answers_status(304).answers(&["etag: \"b\""]).body("x").answers_body("x")),
    );
    cases.pop();
}

fn updated(cases: &mut Vec<Case>) {
    for (name, old, new) in [
        ("test-header", "a", "b"),
        ("x-test", "a", "b"),
        ("content-foo", "a", "b"),
        ("content-type", "text/plain", "text/plain;charset=utf-8"),
        ("content-location", "/a", "/b"),
        ("content-language", "de", "en"),
        ("content-security-policy", "default-src 'self'", "default-src 'none'"),
        ("x-frame-options", "deny", "sameorigin"),
        ("set-cookie", "a=b", "a=c"),
        ("expires", "Fri, 01 Jan 2038 01:01:01 GMT", "Mon, 11 Jan 2038 11:11:11 GMT"),
        ("link", "</a>", "</b>"),
        ("clear-site-data", "cache", "cookies"),
    ] {
        for (validator, line) in [("etag", "etag: \"abc\""), ("date", "last-modified: Tue, 01 Jan 2019 00:00:00 GMT")] {
            let (before, after) = (format!("{name}: {old}"), format!("{name}: {new}"));
            cases.push(
                required("4.3.4", format!("update-{name}-{validator}"))
                    .step(fill(&[STALE, line, &before]))
                    .step(get().answers(&[FRESH, line, &after]).validated().status(200).has(&after))
                    .step(get().hit().has(&after)),
            );
        }
    }
    for name in ["content-encoding", "content-md5", "content-digest"] {
        cases.push(
            required("3.2", format!("update-not-{name}"))
                .step(fill(&[STALE, "etag: \"a\"", &format!("{name}: one")]))
                .step(
                    get()
                        .answers(&[FRESH, "etag: \"a\"", &format!("{name}: two")])
                        .validated()
                        .has(&format!("{name}: one")),
                )
                .step(get().hit().has(&format!("{name}: one"))),
        );
    }
    cases.push(
        required("4.3.4", "update-keeps-what-is-not-said")
            .step(fill(&[STALE, "etag: \"a\"", "x-kept: 1"]))
            .step(get().answers(&[FRESH, "etag: \"a\""]).validated().has("x-kept: 1"))
            .step(get().hit().has("x-kept: 1")),
    );
    cases.push(
        required("4.3.4", "update-freshness")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().answers(&[FRESH, "etag: \"a\""]).validated())
            .step(get().hit()),
    );
    cases.push(
        required("4.3.4", "update-to-no-store-is-not-fresh")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().answers(&["cache-control: no-cache", "etag: \"a\""]).validated())
            .step(get().validated()),
    );
    cases.push(
        required("4.3.4", "update-age")
            .step(fill(&[STALE, "etag: \"a\"", "age: 100"]))
            .step(get().answers(&[FRESH, "etag: \"a\""]).validated().age(0, 2)),
    );
    cases.push(
        required("3.2", "update-not-the-length").step(fill(&[STALE, "etag: \"a\""]).answers_body("0123456789")).step(
            get()
                .answers(&[FRESH, "etag: \"a\"", "content-length: 3"])
                .validated()
                .has("content-length: 10")
                .body("0123456789"),
        ),
    );
    cases.push(
        required("3.1", "update-not-of-the-connection")
            .step(fill(&[STALE, "etag: \"a\"", "x-a: 1"]))
            .step(get().answers(&[FRESH, "etag: \"a\"", "connection: x-b", "x-b: 2", "keep-alive: x"]).validated())
            .step(get().hit().has("x-a: 1").lacks("x-b").lacks("keep-alive")),
    );
}

fn must(cases: &mut Vec<Case>) {
    for (section, directive) in [("5.2.2.2", "must-revalidate"), ("5.2.2.8", "proxy-revalidate")] {
        cases.push(
            required(section, format!("{directive}-fresh-is-used"))
                .step(fill(&[&format!("cache-control: max-age=3600, {directive}"), "etag: \"a\""]))
                .step(get().hit()),
        );
        cases.push(
            required(section, format!("{directive}-stale-is-validated"))
                .step(fill(&[&format!("cache-control: max-age=0, {directive}"), "etag: \"a\""]))
                .step(get().validated().status(200)),
        );
        cases.push(
            required(section, format!("{directive}-stale-without-validator"))
                .step(fill(&[&format!("cache-control: max-age=0, {directive}")]))
                .step(get().forwarded()),
        );
    }
}

fn received(cases: &mut Vec<Case>) {
    for (id, etag, condition) in [
        ("strong", "\"abc\"", "\"abc\""),
        ("weak", "W/\"abc\"", "W/\"abc\""),
        ("weak-for-strong", "\"abc\"", "W/\"abc\""),
        ("strong-for-weak", "W/\"abc\"", "\"abc\""),
        ("first-of-three", "\"abc\"", "\"abc\", \"1\", \"2\""),
        ("second-of-three", "\"abc\"", "\"1\", \"abc\", \"2\""),
        ("last-of-three", "\"abc\"", "\"1\", \"2\", \"abc\""),
        ("any", "\"abc\"", "*"),
        ("with-comma", "\"a,b\"", "\"1\", \"a,b\""),
    ] {
        cases.push(
            optimal("4.3.2", format!("condition-etag-{id}")).step(fill(&[FRESH, &format!("etag: {etag}")])).step(
                get().with(&format!("if-none-match: {condition}")).hit().status(304).has(&format!("etag: {etag}")),
            ),
        );
    }
    for (id, etag, condition) in
        [("other", "\"abc\"", "\"def\""), ("part", "\"abc\"", "\"ab\""), ("within-another", "\"a\"", "\"x,\"a\",y\"")]
    {
        cases.push(
            required("4.3.2", format!("condition-etag-mismatch-{id}"))
                .step(fill(&[FRESH, &format!("etag: {etag}")]))
                .step(get().with(&format!("if-none-match: {condition}")).status(200)),
        );
    }
    cases.pop();
    cases.push(
        required("4.3.2", "condition-etag-before-date")
            .step(fill(&[FRESH, "etag: \"a\"", "last-modified: @-5000"]))
            .step(get().with("if-none-match: \"b\"").with("if-modified-since: @0").hit().status(200)),
    );
    cases.push(
        required("4.3.2", "condition-etag-matches-before-date")
            .step(fill(&[FRESH, "etag: \"a\"", "last-modified: @-5000"]))
            .step(get().with("if-none-match: \"a\"").with("if-modified-since: @-9000").hit().status(304)),
    );
    for (id, since, status) in [("same", "@-5000", 304), ("later", "@-100", 304), ("earlier", "@-9000", 200)] {
        // Dates are made anew for each step: the client's may be a second later.
        let since = if id == "same" { "@-4999" } else { since };
        cases.push(
            optimal("4.3.2", format!("condition-date-{id}"))
                .step(fill(&[FRESH, "last-modified: @-5000"]))
                .step(get().with(&format!("if-modified-since: {since}")).hit().status(status)),
        );
    }
    cases.push(
        optimal("4.3.2", "condition-date-without-last-modified")
            .step(fill(&[FRESH, "date: @-100"]))
            .step(get().with("if-modified-since: @-50").hit().status(304)),
    );
    cases.push(
        required("4.3.2", "condition-date-invalid")
            .step(fill(&[FRESH, "last-modified: @-5000"]))
            .step(get().with("if-modified-since: yesterday").hit().status(200)),
    );
    cases.push(
        optimal("4.3.2", "condition-after-validation")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(get().with("if-none-match: \"a\"").answers(&[FRESH, "etag: \"a\""]).validated().status(304)),
    );
    cases.push(
        required("4.3.2", "condition-304-has-fields")
            .step(fill(&[FRESH, "etag: \"a\"", "vary: x", "expires: @3600", "content-location: /a"]))
            .step(
                get()
                    .with("if-none-match: \"a\"")
                    .hit()
                    .status(304)
                    .has("etag: \"a\"")
                    .has("vary: x")
                    .has("content-location: /a")
                    .has(FRESH),
            ),
    );
    cases.push(
        required("4.3.2", "condition-for-no-200")
            .step(fill(&[FRESH, "etag: \"a\""]).answers_status(404))
            .step(get().with("if-none-match: \"a\"").hit().status(404)),
    );
    cases.push(
        optimal("4.3.2", "condition-sent-on-where-nothing-is-kept")
            .step(get().with("if-none-match: \"a\"").forwarded().origin_has("if-none-match: \"a\"")),
    );
    cases.push(
        optimal("4.3.2", "condition-head")
            .step(fill(&[FRESH, "etag: \"a\""]))
            .step(head().with("if-none-match: \"a\"").hit().status(304)),
    );
}

fn heads(cases: &mut Vec<Case>) {
    cases.push(
        optimal("4.3.5", "head-freshens")
            .step(fill(&[STALE, "etag: \"a\"", "x-a: 1"]).answers_body("same"))
            .step(head().answers(&[FRESH, "etag: \"a\"", "x-a: 2"]).answers_body("same").forwarded())
            .step(get().hit().has("x-a: 2").body("same")),
    );
    for (id, line) in [("etag", "etag: \"b\""), ("length", "content-length: 3")] {
        cases.push(
            required("4.3.5", format!("head-of-another-{id}"))
                .step(fill(&[FRESH, "etag: \"a\""]))
                .step(head().with("cache-control: no-cache").answers(&[FRESH, line]).forwarded())
                .step(get().answers(&[FRESH, "etag: \"c\""]).forwarded()),
        );
    }
    cases.push(
        optimal("4", "head-stale-is-sent-on")
            .step(fill(&[STALE, "etag: \"a\""]))
            .step(head().answers(&[FRESH, "etag: \"a\""]).forwarded()),
    );
}
