//! RFC 9111, 4.2, 5.2.2, 5.3 and 5.4: how long responses are fresh.

use super::case::{Case, fill, get, optimal, required};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    max_age(&mut cases);
    shared(&mut cases);
    expires(&mut cases);
    requests(&mut cases);
    targeted(&mut cases);
    cases
}

/// A case of a response with these lines that is fresh, or is not.
fn is_fresh(cases: &mut Vec<Case>, section: &'static str, id: &str, lines: &[&str], fresh: bool) {
    let case = if fresh { optimal(section, id) } else { required(section, id) };
    cases.push(case.step(fill(lines)).step(if fresh { get().hit() } else { get().forwarded() }));
}

fn max_age(cases: &mut Vec<Case>) {
    for (id, value, fresh) in [
        ("plain", "max-age=3600", true),
        ("zero", "max-age=0", false),
        ("case", "MaX-aGe=3600", true),
        ("quoted", "max-age=\"3600\"", true),
        ("leading-zeros", "max-age=003600", true),
        ("largest", "max-age=2147483648", true),
        ("larger", "max-age=99999999999", true),
        ("negative", "max-age=-3600", false),
        ("single-quoted", "max-age='3600'", false),
        ("letters-before", "max-age=a3600", false),
        ("letters-after", "max-age=3600a", false),
        ("decimal", "max-age=3600.0", false),
        ("empty", "max-age=", false),
        ("without-value", "max-age", false),
        ("space-before-equals", "max-age =3600", false),
        ("space-after-equals", "max-age= 3600", false),
        ("extension-before", "foobar, max-age=3600", true),
        ("extension-with-value", "foo=bar, max-age=3600", true),
        ("in-quotes-before", "x=\"max-age=3600\", max-age=0", false),
        ("in-quotes-after", "max-age=0, x=\"max-age=3600\"", false),
        ("in-quotes-with-comma", "x=\"a, max-age=3600\"", false),
        ("first-counts", "max-age=0, max-age=3600", false),
        ("public", "public, max-age=3600", true),
        ("empty-members", ", ,max-age=3600,,", true),
        ("no-transform", "no-transform, max-age=3600", true),
        ("immutable", "max-age=3600, immutable", true),
        ("must-revalidate", "max-age=3600, must-revalidate", true),
        ("proxy-revalidate", "max-age=3600, proxy-revalidate", true),
    ] {
        is_fresh(cases, "5.2.2.1", &format!("max-age-{id}"), &[&format!("cache-control: {value}")], fresh);
    }
    is_fresh(
        cases,
        "5.2.2.1",
        "max-age-on-another-line",
        &["cache-control: public", "cache-control: max-age=3600"],
        true,
    );
    is_fresh(cases, "4.2.1", "max-age-before-past-expires", &["cache-control: max-age=3600", "expires: @-5000"], true);
    is_fresh(cases, "4.2.1", "max-age-before-invalid-expires", &["cache-control: max-age=3600", "expires: 0"], true);
    is_fresh(cases, "4.2.1", "max-age-zero-before-expires", &["cache-control: max-age=0", "expires: @5000"], false);
    is_fresh(
        cases,
        "4.2.1",
        "max-age-before-heuristic",
        &["cache-control: max-age=0", "last-modified: @-864000"],
        false,
    );
    is_fresh(cases, "4.2", "max-age-less-than-age", &["cache-control: max-age=3600", "age: 7200"], false);
    is_fresh(cases, "4.2", "max-age-equal-to-age", &["cache-control: max-age=3600", "age: 3600"], false);
    is_fresh(cases, "4.2", "max-age-less-than-apparent-age", &["cache-control: max-age=3600", "date: @-7200"], false);
    cases.push(
        required("4.2", "max-age-passes")
            .step(fill(&["cache-control: max-age=2"]))
            .step(get().hit().then(2300))
            .step(get().forwarded()),
    );
    is_fresh(
        cases,
        "5.4",
        "pragma-in-response-with-max-age",
        &["cache-control: max-age=3600", "pragma: no-cache"],
        true,
    );
}

fn shared(cases: &mut Vec<Case>) {
    let cc = |value: &str| format!("cache-control: {value}");
    for (id, value, fresh) in [
        ("plain", "s-maxage=3600", true),
        ("zero", "s-maxage=0", false),
        ("invalid", "s-maxage=x", false),
        ("before-shorter-max-age", "max-age=0, s-maxage=3600", true),
        ("before-longer-max-age", "max-age=3600, s-maxage=0", false),
        ("before-longer-max-age-reversed", "s-maxage=0, max-age=3600", false),
        ("case", "S-MaxAge=3600", true),
        ("quoted", "s-maxage=\"3600\"", true),
    ] {
        is_fresh(cases, "5.2.2.10", &format!("s-maxage-{id}"), &[&cc(value)], fresh);
    }
    is_fresh(cases, "5.2.2.10", "s-maxage-on-lines", &[&cc("max-age=3600"), &cc("s-maxage=0")], false);
    is_fresh(cases, "5.2.2.10", "s-maxage-before-expires", &[&cc("s-maxage=3600"), "expires: @-5000"], true);
    is_fresh(cases, "5.2.2.10", "s-maxage-zero-before-expires", &[&cc("s-maxage=0"), "expires: @5000"], false);
}

fn expires(cases: &mut Vec<Case>) {
    is_fresh(cases, "5.3", "expires-in-future", &["expires: @3600"], true);
    is_fresh(cases, "5.3", "expires-in-past", &["expires: @-3600"], false);
    is_fresh(cases, "5.3", "expires-now", &["expires: @0"], false);
    is_fresh(cases, "5.3", "expires-in-past-of-date", &["expires: @-7200", "date: @-9000"], false);
    is_fresh(cases, "4.2.1", "expires-less-than-age", &["expires: @3600", "age: 7200"], false);
    for (id, value) in [
        ("zero", "0"),
        ("minus-one", "-1"),
        ("words", "never"),
        ("empty", ""),
        ("iso", "2050-01-01T00:00:00Z"),
        ("utc", "Thu, 18 Aug 2050 02:01:18 UTC"),
    ] {
        is_fresh(
            cases,
            "5.3",
            &format!("expires-invalid-{id}"),
            &[&format!("expires: {value}"), "last-modified: @-864000"],
            false,
        );
    }
    is_fresh(cases, "5.3", "expires-rfc850", &["expires: Thursday, 18-Aug-50 02:01:18 GMT"], true);
    is_fresh(cases, "5.3", "expires-asctime", &["expires: Thu Aug 18 02:01:18 2050"], true);
    cases.push(required("9110 6.6.1", "date-added").step(fill(&["expires: @3600"]).undated()).step(get().hit()));
    cases.push(
        required("4.2", "expires-passes").step(fill(&["expires: @2"])).step(get().then(3100)).step(get().forwarded()),
    );
}

fn requests(cases: &mut Vec<Case>) {
    let fresh = "cache-control: max-age=3600";
    for (id, value, lines, hit) in [
        ("no-cache", "no-cache", &[fresh][..], false),
        ("no-cache-case", "No-CaChE", &[fresh], false),
        ("max-age-zero", "max-age=0", &[fresh], false),
        ("max-age-less-than-age", "max-age=600", &[fresh, "age: 1800"], false),
        ("max-age-more-than-age", "max-age=2400", &[fresh, "age: 1800"], true),
        ("min-fresh-too-much", "min-fresh=7200", &[fresh], false),
        ("min-fresh-with-age", "min-fresh=2000", &[fresh, "age: 1800"], false),
        ("min-fresh-enough", "min-fresh=1000", &[fresh], true),
        ("only-if-cached", "only-if-cached", &[fresh], true),
        ("max-stale-any", "max-stale", &["cache-control: max-age=0"], true),
        ("max-stale-enough", "max-stale=1000", &["cache-control: max-age=1500", "age: 2000"], true),
        ("max-stale-not-enough", "max-stale=100", &["cache-control: max-age=1500", "age: 2000"], false),
        ("extension", "foo=bar", &[fresh], true),
    ] {
        let case =
            if hit { optimal("5.2.1", format!("request-{id}")) } else { required("5.2.1", format!("request-{id}")) };
        let step = get().with(&format!("cache-control: {value}"));
        cases.push(case.step(fill(lines)).step(if hit { step.hit() } else { step.forwarded() }));
    }
    for (id, directive) in
        [("must-revalidate", "must-revalidate"), ("proxy-revalidate", "proxy-revalidate"), ("s-maxage", "s-maxage=0")]
    {
        cases.push(
            required("5.2.2", format!("request-max-stale-against-{id}"))
                .step(fill(&[&format!("cache-control: max-age=0, {directive}")]))
                .step(get().with("cache-control: max-stale=1000").forwarded()),
        );
    }
    cases.push(
        required("5.2.1.7", "request-only-if-cached-without")
            .step(get().with("cache-control: only-if-cached").hit().status(504)),
    );
    cases.push(
        optimal("5.4", "request-pragma-no-cache").step(fill(&[fresh])).step(get().with("pragma: no-cache").forwarded()),
    );
    cases.push(optimal("5.4", "request-pragma-other").step(fill(&[fresh])).step(get().with("pragma: foo").hit()));
    cases.push(
        optimal("5.4", "request-pragma-behind-cache-control")
            .step(fill(&[fresh]))
            .step(get().with("pragma: no-cache").with("cache-control: max-age=3600").hit()),
    );
}

fn targeted(cases: &mut Vec<Case>) {
    let section = "9213 2";
    for (id, lines, fresh) in [
        ("max-age", &["cdn-cache-control: max-age=3600"][..], true),
        ("max-age-large", &["cdn-cache-control: max-age=99999999999"], true),
        ("max-age-zero", &["cdn-cache-control: max-age=0"], false),
        ("max-age-less-than-age", &["cdn-cache-control: max-age=3600", "age: 7200"], false),
        ("extension", &["cdn-cache-control: foobar, max-age=3600"], true),
        ("parameters", &["cdn-cache-control: max-age=3600;x=1"], true),
        ("before-past-expires", &["cdn-cache-control: max-age=3600", "expires: @-5000"], true),
        ("zero-before-expires", &["cdn-cache-control: max-age=0", "expires: @5000"], false),
        ("before-shorter", &["cdn-cache-control: max-age=3600", "cache-control: max-age=0"], true),
        ("before-longer", &["cdn-cache-control: max-age=0", "cache-control: max-age=3600"], false),
        ("private", &["cdn-cache-control: private", "cache-control: max-age=3600"], false),
        ("no-cache", &["cdn-cache-control: no-cache, max-age=3600", "cache-control: max-age=3600"], false),
        ("no-store", &["cdn-cache-control: no-store", "cache-control: max-age=3600"], false),
        ("before-no-store", &["cdn-cache-control: max-age=3600", "cache-control: no-store"], true),
        ("before-private", &["cdn-cache-control: max-age=3600", "cache-control: private"], true),
        ("expires-means-nothing", &["cdn-cache-control: foo", "expires: @5000"], false),
        ("invalid-type", &["cdn-cache-control: max-age=3600, &&&&&", "cache-control: no-store"], false),
        ("invalid-falls-back", &["cdn-cache-control: max-age=0, &&&&&", "cache-control: max-age=3600"], true),
        ("empty-falls-back", &["cdn-cache-control:", "cache-control: max-age=3600"], true),
        ("string-is-no-number", &["cdn-cache-control: max-age=\"3600\"", "cache-control: no-store"], false),
        ("upper-case-is-invalid", &["cdn-cache-control: Max-Age=3600", "cache-control: no-store"], false),
        (
            "on-lines",
            &["cdn-cache-control: max-age=3600", "cdn-cache-control: no-store", "cache-control: max-age=3600"],
            false,
        ),
        ("own-before-all", &["glowplug-cdn-cache-control: max-age=0", "cdn-cache-control: max-age=3600"], false),
    ] {
        is_fresh(cases, section, &format!("targeted-{id}"), lines, fresh);
    }
    // The note that the field comes from: <https://www.w3.org/TR/edge-arch/>.
    let note = "edge-arch 2";
    for (id, lines, fresh) in [
        ("max-age", &["surrogate-control: max-age=3600"][..], true),
        ("upper-case", &["surrogate-control: MaX-aGe=3600"], true),
        ("for-us", &["surrogate-control: max-age=3600;glowplug"], true),
        ("for-another", &["surrogate-control: max-age=3600;other", "cache-control: max-age=0"], false),
        ("max-age-less-than-age", &["surrogate-control: max-age=3600", "age: 7200"], false),
        ("before-no-store", &["surrogate-control: max-age=3600", "cache-control: no-store"], true),
        ("before-longer", &["surrogate-control: max-age=0", "cache-control: max-age=3600"], false),
        ("no-store", &["surrogate-control: no-store", "cache-control: max-age=3600"], false),
        ("behind-targeted", &["surrogate-control: max-age=3600", "cdn-cache-control: max-age=0"], false),
    ] {
        is_fresh(cases, note, &format!("surrogate-{id}"), lines, fresh);
    }
    for (id, value) in [("kept", "max-age=3600"), ("passed-on", "no-store")] {
        cases.push(
            optimal(note, format!("surrogate-not-sent-on-{id}"))
                .step(fill(&[&format!("surrogate-control: {value}")]).lacks("surrogate-control")),
        );
    }
    cases.push(
        optimal(section, "targeted-sent-on")
            .step(fill(&["cdn-cache-control: max-age=3600"]).has("cdn-cache-control: max-age=3600")),
    );
}
