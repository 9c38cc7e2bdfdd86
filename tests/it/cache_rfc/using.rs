//! RFC 9111, 4 and 4.1: constructing responses from caches, and choosing by `Vary`.

use super::case::{Case, fill, get, optimal, required};

const FRESH: &str = "cache-control: max-age=3600";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    uris(&mut cases);
    vary(&mut cases);
    vary_syntax(&mut cases);
    ages(&mut cases);
    cases.push(required("4", "date-kept").step(fill(&[FRESH, "date: @-5"]).then(1200)).step(get().hit().age(6, 8)));
    cases
}

fn uris(cases: &mut Vec<Case>) {
    cases.push(
        required("4", "uri-query-tells-apart").step(fill(&[FRESH]).at("?a=1")).step(get().at("?a=2").forwarded()),
    );
    cases.push(required("4", "uri-no-query-tells-apart").step(fill(&[FRESH]).at("?a=1")).step(get().forwarded()));
    cases.push(required("4", "uri-path-tells-apart").step(fill(&[FRESH]).at("/a")).step(get().at("/A").forwarded()));
    cases.push(
        required("4", "uri-trailing-slash-tells-apart").step(fill(&[FRESH]).at("/a")).step(get().at("/a/").forwarded()),
    );
    cases.push(
        required("4", "uri-empty-query-tells-apart").step(fill(&[FRESH]).at("?")).step(get().at("?x").forwarded()),
    );
    cases.push(optimal("4", "uri-same-query").step(fill(&[FRESH]).at("?a=1&b=%20")).step(get().at("?a=1&b=%20").hit()));
    cases.push(
        optimal("4", "uri-encoded-path").step(fill(&[FRESH]).at("/%C3%BC%2F")).step(get().at("/%C3%BC%2F").hit()),
    );
    cases.push(optimal("4", "request-with-cookie").step(fill(&[FRESH])).step(get().with("cookie: a=b").hit()));
    cases.push(
        optimal("4", "request-with-other-fields")
            .step(fill(&[FRESH]).with("x: 1"))
            .step(get().with("x: 2").with("accept: text/html").hit()),
    );
}

fn vary(cases: &mut Vec<Case>) {
    let one = "vary: Foo";
    cases.push(optimal("4.1", "vary-match").step(fill(&[FRESH, one]).with("foo: 1")).step(get().with("foo: 1").hit()));
    cases.push(
        required("4.1", "vary-mismatch")
            .step(fill(&[FRESH, one]).with("foo: 1"))
            .step(get().with("foo: 2").forwarded()),
    );
    cases.push(required("4.1", "vary-absent-now").step(fill(&[FRESH, one]).with("foo: 1")).step(get().forwarded()));
    cases.push(required("4.1", "vary-absent-then").step(fill(&[FRESH, one])).step(get().with("foo: 1").forwarded()));
    cases.push(optimal("4.1", "vary-absent-both").step(fill(&[FRESH, one])).step(get().hit()));
    cases.push(
        optimal("4.1", "vary-several-kept")
            .step(fill(&[FRESH, one]).with("foo: 1").answers_body("one"))
            .step(fill(&[FRESH, one]).with("foo: 2").answers_body("two"))
            .step(get().with("foo: 1").hit().body("one"))
            .step(get().with("foo: 2").hit().body("two")),
    );
    cases.push(
        optimal("4.1", "vary-other-fields-do-not-matter")
            .step(fill(&[FRESH, one]).with("foo: 1").with("other: 2"))
            .step(get().with("foo: 1").with("other: 3").hit()),
    );
    for count in [2, 3] {
        let names = &["Foo", "Bar", "Baz"][..count];
        let line = format!("vary: {}", names.join(", "));
        let with = |values: &[&str], step: super::case::Step| {
            names
                .iter()
                .zip(values)
                .fold(step, |step, (name, value)| step.with(&format!("{}: {value}", name.to_lowercase())))
        };
        let values = ["1", "abc", "789"];
        cases.push(
            optimal("4.1", format!("vary-{count}-match"))
                .step(with(&values, fill(&[FRESH, &line])))
                .step(with(&values, get()).hit()),
        );
        for index in 0..count {
            let mut other = values;
            other[index] = "x";
            cases.push(
                required("4.1", format!("vary-{count}-mismatch-{index}"))
                    .step(with(&values, fill(&[FRESH, &line])))
                    .step(with(&other, get()).forwarded()),
            );
        }
        cases.push(
            required("4.1", format!("vary-{count}-absent-now"))
                .step(with(&values, fill(&[FRESH, &line])))
                .step(with(&values[..count - 1], get()).forwarded()),
        );
        cases.push(
            required("4.1", format!("vary-{count}-on-lines"))
                .step(with(
                    &values,
                    names.iter().fold(fill(&[FRESH]), |step, name| step.answers(&[&format!("vary: {name}")])),
                ))
                .step(with(&values[..count - 1], get()).forwarded()),
        );
    }
    for (id, name, a, b) in [
        ("space", "foo", "1,2", "1 , 2"),
        ("language-space", "accept-language", "en,de", "en, de"),
        ("language-case", "accept-language", "en, DE", "en, de"),
        ("language-order", "accept-language", "en, de", "de, en"),
        ("encoding-order", "accept-encoding", "gzip, br", "br, gzip"),
        ("quality-space", "accept-language", "en;q=0.5, de", "en; q=0.5, de"),
    ] {
        cases.push(
            optimal("4.1", format!("vary-normal-{id}"))
                .step(fill(&[FRESH, &format!("vary: {name}")]).with(&format!("{name}: {a}")))
                .step(get().with(&format!("{name}: {b}")).hit()),
        );
    }
    cases.push(
        optimal("4.1", "vary-normal-lines")
            .step(fill(&[FRESH, one]).with("foo: 1, 2"))
            .step(get().with("foo: 1").with("foo: 2").hit()),
    );
    for (id, a, b) in [("order", "1, 2", "2, 1"), ("case", "a", "A"), ("quality", "en;q=0.5, de", "en, de;q=0.5")] {
        let name = if id == "quality" { "accept-language" } else { "foo" };
        cases.push(
            required("4.1", format!("vary-not-the-same-{id}"))
                .step(fill(&[FRESH, &format!("vary: {name}")]).with(&format!("{name}: {a}")))
                .step(get().with(&format!("{name}: {b}")).forwarded()),
        );
    }
    cases.push(
        required("4.1", "vary-changes")
            .step(fill(&[FRESH, one]).with("foo: 1").with("bar: 1").answers_body("one"))
            .step(fill(&[FRESH, "vary: Bar"]).with("foo: 2").with("bar: 2").answers_body("two"))
            .step(get().with("foo: 3").with("bar: 3").forwarded()),
    );
}

fn vary_syntax(cases: &mut Vec<Case>) {
    for (index, lines) in
        [&["*"][..], &["*, *"], &["*", "*"], &[", *"], &["Foo", "*"], &["*, Foo"], &["Foo, *"], &[" * "]]
            .iter()
            .enumerate()
    {
        let step = lines.iter().fold(fill(&[FRESH]), |step, line| step.answers(&[&format!("vary: {line}")]));
        cases.push(
            required("4.1", format!("vary-any-{index}"))
                .step(step.with("foo: 1"))
                .step(get().with("foo: 1").forwarded()),
        );
    }
    for (index, line) in ["FOO", "foo,", ",foo", "foo,,foo", "foo , "].iter().enumerate() {
        let line = format!("vary: {line}");
        cases.push(
            optimal("4.1", format!("vary-syntax-match-{index}"))
                .step(fill(&[FRESH, &line]).with("foo: 1"))
                .step(get().with("foo: 1").hit()),
        );
        cases.push(
            required("4.1", format!("vary-syntax-mismatch-{index}"))
                .step(fill(&[FRESH, &line]).with("foo: 1"))
                .step(get().with("foo: 2").forwarded()),
        );
    }
}

fn ages(cases: &mut Vec<Case>) {
    cases.push(required("5.1", "age-generated").step(fill(&[FRESH]).then(2100)).step(get().hit().age(2, 4)));
    cases.push(
        required("5.1", "age-with-expires").step(fill(&["expires: @3600"]).then(1100)).step(get().hit().age(1, 3)),
    );
    cases
        .push(required("5.1", "age-added-to").step(fill(&[FRESH, "age: 30"]).then(1100)).step(get().hit().age(31, 33)));
    cases.push(
        required("5.1", "age-added-to-with-expires")
            .step(fill(&["expires: @3600", "age: 30"]).then(1100))
            .step(get().hit().age(31, 33)),
    );
    cases.push(required("4.2.3", "age-apparent").step(fill(&[FRESH, "date: @-100"])).step(get().hit().age(100, 102)));
    cases.push(
        required("4.2.3", "age-larger-of-both")
            .step(fill(&[FRESH, "date: @-100", "age: 300"]))
            .step(get().hit().age(300, 302)),
    );
    cases.push(required("4.2.3", "age-date-in-future").step(fill(&[FRESH, "date: @100"])).step(get().hit().age(0, 2)));
    cases.push(
        required("4.2.3", "age-counts-the-delay")
            .step(fill(&[FRESH, "age: 10"]).delayed(2100))
            .step(get().hit().age(12, 15)),
    );
    for (id, value, fresh) in [
        ("nonsense", "abc", true),
        ("negative", "-7200", true),
        ("list", "7200, 0", false),
        ("large", "99999999999", false),
    ] {
        let case = required("5.1", format!("age-syntax-{id}")).step(fill(&[FRESH, &format!("age: {value}")]));
        cases.push(case.step(if fresh { get().hit() } else { get().forwarded() }));
    }
    cases.push(required("5.1", "age-not-on-first").step(fill(&[FRESH]).lacks("age")).step(get().hit().age(0, 2)));
}
