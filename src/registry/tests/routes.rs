use super::*;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::time::Instant;

fn record(worker: &str, routes: &[&str]) -> WorkerRecord {
    let version = "0123456789ab".parse().unwrap();
    WorkerRecord {
        name: name(worker),
        created: Timestamp::UNIX_EPOCH,
        routes: routes.iter().map(|text| route(text)).collect(),
        route_options: BTreeMap::new(),
        subdomain: true,
        previews: true,
        deployment: Some(Deployment {
            number: 1,
            created: Timestamp::UNIX_EPOCH,
            author: String::new(),
            message: String::new(),
            cause: Cause::Deploy,
            shares: vec![Share { version, share: 10_000 }],
        }),
        secrets: BTreeMap::new(),
    }
}

/// The worker that answers a URL.
fn at(table: &RouteTable, url: &str) -> Option<String> {
    table.explain(url).unwrap().first().map(|found| found.worker.map(ToString::to_string).unwrap_or_default())
}

#[test]
fn patterns_have_one_normal_form() {
    for (text, normal) in [
        ("example.com", "example.com/"),
        ("EXAMPLE.com./Path*", "example.com/Path*"),
        ("HTTPS://*.Example.com/api/*", "https://*.example.com/api/*"),
        ("http://*example.com/*", "http://*example.com/*"),
        ("*/*", "*/*"),
        ("*:8080", "*:8080/"),
        ("example.com:0443/*", "example.com:443/*"),
        ("bücher.example/über uns".replace(' ', "%20").as_str(), "xn--bcher-kva.example/%C3%BCber%20uns"),
        ("*.bücher.example/*", "*.xn--bcher-kva.example/*"),
        ("*-staging.example.com/*", "*-staging.example.com/*"),
        ("[::1]:80/*", "[::1]:80/*"),
        ("127.0.0.1", "127.0.0.1/"),
        ("my_app.example.com//a", "my_app.example.com//a"),
        ("example.com/a://b", "example.com/a://b"),
        ("example.com/{a}\"<>", "example.com/%7Ba%7D%22%3C%3E"),
        ("example.com/.*", "example.com/.*"),
    ] {
        let pattern: RoutePattern = text.parse().unwrap();
        assert_eq!(pattern.as_str(), normal, "{text}");
        assert_eq!(normal.parse(), Ok(pattern), "{normal}");
    }
    let longest = format!("a/{}", "x".repeat(RoutePattern::LONGEST - 2));
    assert_eq!(route(&longest).as_str(), longest);
    assert!(format!("{longest}x").parse::<RoutePattern>().is_err());
}

#[test]
fn a_wrong_pattern_is_told_what_and_how() {
    for (text, what, hint) in [
        ("", "has no host", "such as `example.com`"),
        ("/path", "has no host", "such as `example.com/path`"),
        ("https:///x", "has no host", "`example.com/x`"),
        ("ftp://example.com/*", "has the scheme `ftp`", "`example.com/*` for both"),
        ("example.com/*.jpg", "has a `*` inside its path", "`example.com/*`"),
        ("example.com/a/**", "has a `*` inside its path", "`example.com/a/*`"),
        ("a.*.com/", "elsewhere than at the start", "one route for each host"),
        ("example.com*", "elsewhere than at the start", "`example.com/*`"),
        ("**.example.com/", "elsewhere than at the start", "`*.example.com/...`"),
        ("example.com/?foo=*", "has a query", "`example.com/*` matches with every query"),
        ("example.com/a#b", "has a query or a fragment", "leave it off"),
        ("me@example.com/*", "has a user's name", "`@`"),
        ("example.com:port/*", "has the port `port`", "1 to 65535"),
        ("example.com:0/*", "has the port `0`", "1 to 65535"),
        ("example.com:65536/*", "has the port `65536`", "1 to 65535"),
        ("example.com:/*", "has the port ``", "1 to 65535"),
        ("*./*", "no host after its `*.`", "`*/...`"),
        ("./*", "nothing but dots", "`example.com`"),
        ("a..com/*", "empty label", "single dots"),
        (".example.com/*", "empty label", "single dots"),
        ("*.1.2.3.4/*", "a `*` before an IP address", "leave off the `*`"),
        ("exam ple.com/*", "has a space", "`%20`"),
        ("example.com/\u{7}", "control character", "`%20`"),
        ("exa%mple.com/*", "has the host `exa%mple.com`", "www.example.com"),
        ("example.com/a/../b", "has a `.` or `..` segment", "path that is meant"),
    ] {
        let message = text.parse::<RoutePattern>().unwrap_err();
        let (first, second) = message.split_once("\nhint: ").unwrap_or_else(|| panic!("{message}"));
        assert!(first.starts_with("route `") && first.contains(what), "{text}: {message}");
        assert!(second.contains(hint), "{text}: {message}");
    }
}

/// The examples of Cloudflare's documentation.
#[test]
fn cloudflares_examples_match_as_documented() {
    for (pattern, url, matches) in [
        ("example.com", "http://example.com/", true),
        ("example.com", "https://example.com/", true),
        ("example.com", "https://example.com/x", false),
        ("example.com", "https://example.com/?x", false),
        ("https://*.example.com/", "https://www.example.com/", true),
        ("https://*.example.com/", "http://www.example.com/", false),
        ("*.example.com/", "http://www.example.com/", true),
        ("*.example.com/", "https://example.com/", false),
        ("*example.com/", "https://example.com/", true),
        ("*example.com/*", "https://www.example.com/path", true),
        ("*example.com/*", "https://myexample.com/", true),
        ("https://example.com/path*", "https://example.com/path", true),
        ("https://example.com/path*", "https://example.com/path2", true),
        ("https://example.com/path*", "https://example.com/path/readme.txt", true),
        ("*example.com/images/cat.png", "https://example.com/images/cat.png", true),
        ("*example.com/images/cat.png", "https://example.com/images/cat.png?foo=bar", false),
        ("example.com/Images/*", "https://example.com/images/", false),
        ("Example.com/*", "https://EXAMPLE.com/", true),
    ] {
        let table = RouteTable::new(None, [record("a", &[pattern])].iter(), &OriginRoutes::new());
        assert_eq!(at(&table, url).is_some(), matches, "{pattern} {url}");
    }
}

#[test]
fn the_most_specific_route_wins() {
    let patterns = [
        "*/*",
        "*example.com/*",
        "*.example.com/*",
        "*.a.example.com/deep/*",
        "a.example.com/*",
        "a.example.com/images*",
        "a.example.com/images/*",
        "a.example.com/images/cat",
        "https://a.example.com/images/cat",
        "a.example.com:8443/*",
    ];
    let records: Vec<_> =
        patterns.iter().enumerate().map(|(at, pattern)| record(&format!("w{at}"), &[pattern])).collect();
    let table = RouteTable::new(None, records.iter(), &OriginRoutes::new());
    for (url, expected) in [
        ("http://other.org/", 0),
        ("http://example.com/", 1),
        ("http://myexample.com/", 1),
        ("http://b.example.com/deep/x", 2),
        ("http://b.a.example.com/deep/x", 3),
        ("http://b.a.example.com/", 2),
        ("http://a.example.com/", 4),
        ("http://a.example.com/images1", 5),
        ("http://a.example.com/images/x", 6),
        ("http://a.example.com/images/cat", 7),
        ("https://a.example.com/images/cat", 8),
        ("https://a.example.com/images/cat?x", 6),
        ("https://a.example.com:8443/images/cat", 9),
    ] {
        assert_eq!(at(&table, url), Some(format!("w{expected}")), "{url}");
    }
    let all: Vec<_> = table
        .explain("https://A.example.com./images/cat")
        .unwrap()
        .iter()
        .map(|found| match found.how {
            How::Route(pattern) => pattern.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = ["https://a.example.com/images/cat", "a.example.com/images/cat", "a.example.com/images/*"];
    assert_eq!(all[..3], expected);
    assert_eq!(all[3..], ["a.example.com/images*", "a.example.com/*", "*.example.com/*", "*example.com/*", "*/*"]);
}

#[test]
fn hosts_and_targets_are_taken_as_requests_have_them() {
    let table = RouteTable::new(
        Some("Apps.Example."),
        [record("a", &["example.com/*", "[::1]/", "h:443/"])].iter(),
        &OriginRoutes::new(),
    );
    let find = |scheme, host, path| table.find(scheme, host, path).is_some();
    for host in ["example.com", "EXAMPLE.com", "example.com.", "example.com:80", "example.com.:1", "example.com:"] {
        assert!(find(Scheme::Http, host, "/x?y"), "{host}");
    }
    assert!(find(Scheme::Http, "example.com", "") && find(Scheme::Http, "example.com", "?q"));
    assert!(find(Scheme::Http, "[::1]", "/") && find(Scheme::Http, "[::1]:8080", "/"));
    assert!(find(Scheme::Https, "h", "/") && find(Scheme::Http, "h:443", "/") && !find(Scheme::Http, "h", "/"));
    assert!(find(Scheme::Http, "a.apps.example:8080", "/") && find(Scheme::Http, "A.APPS.example.", "/x"));
    let long = "x".repeat(300);
    for host in ["", ".", ":", ":80", "example.com:x", "example.com:99999", "apps.example", ".apps.example", &long] {
        assert!(!find(Scheme::Http, host, "/x"), "{host}");
    }
    assert!(!find(Scheme::Http, "example.com", "*") && !find(Scheme::Http, "b.a.apps.example", "/"));
    for url in ["example.com/", "ftp://example.com/", "http://"] {
        let message = table.explain(url).unwrap_err();
        assert!(message.contains("hint: write a whole URL"), "{message}");
    }
}

#[test]
fn subdomains_and_previews_come_between_exact_and_wildcard_hosts() {
    let mut records = [
        record("hello", &["special.apps.dev/*"]),
        record("wild", &["*.apps.dev/*"]),
        record("over", &["hello.apps.dev/api/*"]),
        record("0123456789ab-hello", &[]),
        record("special", &[]),
        record("off", &[]),
        record("new", &["new.example.com/*"]),
    ];
    records[5].subdomain = false;
    records[5].previews = false;
    records[6].deployment = None;
    let table = RouteTable::new(Some("apps.dev"), records.iter(), &OriginRoutes::new());
    let find = |host, path| {
        let found = table.find(Scheme::Https, host, path)?;
        Some((
            found.worker.map(ToString::to_string).unwrap_or_default(),
            found.version.map(|id| id.to_string()),
            found.how,
        ))
    };
    let wild = route("*.apps.dev/*");
    let found = |worker: &str, version: Option<&str>, how| Some((worker.to_owned(), version.map(str::to_owned), how));
    assert_eq!(find("hello.apps.dev", "/"), found("hello", None, How::Subdomain));
    assert_eq!(find("hello.apps.dev", "/api/x").unwrap().0, "over");
    assert_eq!(find("special.apps.dev", "/").unwrap().0, "hello");
    assert_eq!(find("ffffffffffff-hello.apps.dev", "/"), found("hello", Some("ffffffffffff"), How::Preview));
    assert_eq!(find("0123456789ab-hello.apps.dev", "/"), found("0123456789ab-hello", None, How::Subdomain));
    let all = table.all(Scheme::Https, "0123456789ab-hello.apps.dev", "/");
    assert_eq!(
        all.iter().map(|found| found.how).collect::<Vec<_>>(),
        [How::Subdomain, How::Preview, How::Route(&wild)]
    );
    // Switched off, without such a worker, no version: a wildcard may have it.
    for host in ["off.apps.dev", "ffffffffffff-off.apps.dev", "none.apps.dev", "fff-hello.apps.dev"] {
        assert_eq!(find(host, "/").unwrap().2, How::Route(&wild), "{host}");
    }
    // Nothing is live, so only a preview can answer.
    assert_eq!(find("new.example.com", "/"), None);
    assert_eq!(find("new.apps.dev", "/").unwrap().2, How::Route(&wild));
    assert_eq!(find("ffffffffffff-new.apps.dev", "/").unwrap().2, How::Preview);
    let without = RouteTable::new(None, records.iter(), &OriginRoutes::new());
    assert_eq!(without.find(Scheme::Http, "hello.apps.dev", "/").unwrap().worker.unwrap().as_str(), "wild");
}

/// What the docs of `route` say, done by looking at every pattern.
fn naive<'p>(patterns: &'p [String], scheme: &str, host: &str, port: u16, target: &str) -> Vec<&'p str> {
    let mut found = Vec::new();
    for pattern in patterns {
        let (wanted_scheme, rest) = match pattern.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, pattern.as_str()),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap());
        let (wanted_host, wanted_port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().unwrap())),
            None => (authority, None),
        };
        let host_matches = match wanted_host.strip_prefix('*') {
            Some(end) => host.ends_with(end),
            None => host == wanted_host,
        };
        let path_matches = match path.strip_suffix('*') {
            Some(start) => target.starts_with(start),
            None => target == path,
        };
        let scheme_matches = wanted_scheme.is_none_or(|wanted| wanted == scheme);
        if host_matches && path_matches && scheme_matches && wanted_port.is_none_or(|wanted| wanted == port) {
            let rank = (
                !wanted_host.starts_with('*'),
                wanted_host.trim_start_matches('*').len(),
                wanted_port.is_some(),
                path.trim_end_matches('*').len(),
                !path.ends_with('*'),
                wanted_scheme.is_some(),
            );
            found.push((rank, pattern.as_str()));
        }
    }
    found.sort();
    found.into_iter().rev().map(|(_, pattern)| pattern).collect()
}

fn any_of<'t>(random: &mut ChaCha8Rng, texts: &[&'t str]) -> &'t str {
    texts[random.next_u32() as usize % texts.len()]
}

#[test]
fn a_table_finds_what_a_look_at_every_pattern_finds() {
    let labels = ["a", "b", "ab", "example", "com", "x"];
    let segments = ["/", "/a", "/a/", "/ab", "/a/b", "/b", "a", "%20"];
    let mut tried = 0;
    for seed in 0..300 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let host = |random: &mut ChaCha8Rng| {
            let number = 1 + random.next_u32() % 3;
            (0..number).map(|_| any_of(random, &labels)).collect::<Vec<_>>().join(".")
        };
        let path = |random: &mut ChaCha8Rng| {
            let number = random.next_u32() % 3;
            let rest: String = (0..number).map(|_| any_of(random, &segments)).collect();
            format!("/{rest}")
        };
        let mut patterns = Vec::new();
        for _ in 0..random.next_u32() % 60 {
            let scheme = any_of(&mut random, &["", "", "http://", "https://"]);
            let start = any_of(&mut random, &["", "", "*", "*."]);
            let host =
                if random.next_u32() % 20 == 0 { "*".to_owned() } else { format!("{start}{}", host(&mut random)) };
            let port = any_of(&mut random, &["", "", "", ":80", ":443", ":8080"]);
            let end = any_of(&mut random, &["", "*"]);
            patterns.push(route(&format!("{scheme}{host}{port}{}{end}", path(&mut random))).to_string());
        }
        patterns.sort();
        patterns.dedup();
        let records: Vec<_> =
            patterns.iter().enumerate().map(|(at, pattern)| record(&format!("w{at}"), &[pattern])).collect();
        let table = RouteTable::new(None, records.iter(), &OriginRoutes::new());
        for _ in 0..100 {
            let (scheme, name) = match random.next_u32() % 2 {
                0 => (Scheme::Http, "http"),
                _ => (Scheme::Https, "https"),
            };
            let host = host(&mut random);
            let (suffix, port) = match any_of(&mut random, &["", "", "80", "443", "8080"]) {
                "" => (String::new(), scheme.default_port()),
                port => (format!(":{port}"), port.parse().unwrap()),
            };
            let target = format!("{}{}", path(&mut random), any_of(&mut random, &["", "", "?", "?x=/a"]));
            let expected = naive(&patterns, name, &host, port, &target);
            let authority = format!("{host}{suffix}");
            let found = table.all(scheme, &authority, &target);
            let found: Vec<_> = found
                .into_iter()
                .map(|found| match found.how {
                    How::Route(pattern) => pattern.as_str(),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(found, expected, "seed {seed}: {name}://{authority}{target} in {patterns:#?}");
            let first = table.find(scheme, &authority, &target).map(|found| found.how);
            assert_eq!(first, table.all(scheme, &authority, &target).first().map(|found| found.how));
            tried += expected.len();
        }
    }
    assert!(tried > 5_000, "{tried}");
}

/// `cargo test --lib registry::tests::routes::speed -- --ignored --nocapture`
#[test]
#[ignore = "measures, and says nothing of right and wrong"]
fn speed() {
    let records: Vec<_> = (0..10_000)
        .map(|at| {
            let own = format!("w{at}.example.com/*");
            // Half of the paths belong to one host.
            let path = format!("shared.example.com/p{at}/*");
            let wild = format!("*.z{at}.example.org/a/*");
            record(&format!("w{at}"), &[&own, if at % 2 == 0 { &path } else { &wild }])
        })
        .collect();
    let start = Instant::now();
    let table = RouteTable::new(Some("apps.dev"), records.iter(), &OriginRoutes::new());
    println!("table of 10,000 workers and 20,000 patterns: {:?}", start.elapsed());
    for (what, host, path) in [
        ("exact host", "w5000.example.com", "/some/path?x=1"),
        ("one of 5,000 paths of a host", "shared.example.com", "/p4000/some/path"),
        ("wildcard host", "deep.down.z4001.example.org", "/a/b"),
        ("subdomain", "w77.apps.dev", "/"),
        ("preview", "0123456789ab-w77.apps.dev", "/"),
        ("nothing", "nothing.at.all.example.net", "/"),
    ] {
        let rounds = 200_000;
        let start = Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(table.find(Scheme::Https, std::hint::black_box(host), path));
        }
        println!("{what}: {} ns", start.elapsed().as_nanos() / rounds);
    }
}
