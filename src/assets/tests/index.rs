//! Indexes that anybody may have written.

use super::Site;
use crate::assets::{DYNAMIC_REDIRECTS, Error, FILE, FILES, HEADER_RULES, Index, PATH, STATIC_REDIRECTS};
use crate::digest::Digest;
use serde_json::{Value, json};

fn empty() -> Value {
    json!({"format": 1, "settings": {}, "files": {}, "headers": [], "redirects": []})
}

fn with(key: &str, value: Value) -> Value {
    let mut index = empty();
    index[key] = value;
    index
}

fn parse(index: &Value) -> Result<Index, Error> {
    Index::parse(index.to_string().as_bytes())
}

fn file(size: u64) -> Value {
    json!({"digest": Digest::of(b""), "size": size})
}

#[test]
fn an_index_comes_back_as_it_was_written() {
    let site = Site::of(&["/index.html", "/ü/[x].js"])
        .worker_first(&["/api/*", "!/api/x"])
        .headers("/a/*\n X-A: b\n ! ETag\nhttps://:h.example.com/*\n X-B: :h")
        .redirects("/a /b 301\n/c/:d /e/:d?f#g 200");
    let index = site.index();
    let json = index.to_json();
    assert_eq!(Index::parse(&json).expect("what was written can be read"), index);
    assert_eq!(index.digests().len(), 2);
    assert_eq!(index.files().map(|(path, _)| path).collect::<Vec<_>>(), ["/index.html", "/ü/[x].js"]);

    let written: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(written["format"], 1);
    let settings = json!({
        "html_handling": "auto-trailing-slash", "not_found_handling": "none", "run_worker_first": ["/api/*", "!/api/x"],
    });
    assert_eq!(written["settings"], settings);
}

#[test]
fn settings_have_the_names_of_wrangler() {
    for html in ["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"] {
        for not_found in ["none", "404-page", "single-page-application"] {
            for first in [json!(true), json!(false), json!(["/a"])] {
                let settings =
                    json!({"html_handling": html, "not_found_handling": not_found, "run_worker_first": first});
                let index = parse(&with("settings", settings.clone())).expect("all are names of wrangler");
                assert_eq!(serde_json::to_value(index.settings()).expect("JSON"), settings);
            }
        }
    }
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    let long = format!("/{}", "a".repeat(PATH.maximum as usize));
    let bad = [
        "",
        "/",
        "a",
        "../a",
        "/../a",
        "/a/..",
        "/./a",
        "/a/.",
        "//a",
        "/a//b",
        "/a/",
        "/a\\b",
        "\\a",
        "/a\0",
        "C:/a",
        "file:///etc/passwd",
        &long,
    ];
    for path in bad {
        let mut files = json!({});
        files[path] = file(0);
        let error = parse(&with("files", files)).expect_err(path);
        assert!(matches!(&error, Error::BadIndex { message } if message.contains("the path")), "{path}: {error}");
    }
    let mut files = json!({});
    for good in ["/a", "/%2e%2e/a", "/.well-known/a", "/...", &long[..long.len() - 1]] {
        files[good] = file(0);
    }
    assert!(parse(&with("files", files)).is_ok());
}

#[test]
fn sizes_and_counts_have_limits() {
    let sized = |size: u64| with("files", json!({"/a": file(size)}));
    assert!(parse(&sized(FILE.maximum)).is_ok());
    assert!(parse(&sized(FILE.maximum + 1)).is_err());
    assert!(parse(&with("files", json!({"/a": file(1), "/b": file(2)}))).is_err());

    let files = |number: u64| with("files", (0..number).map(|at| (format!("/{at}"), file(0))).collect());
    assert_eq!(parse(&files(FILES.maximum)).expect("as many as are allowed").files().count(), 100_000);
    let error = parse(&files(FILES.maximum + 1)).expect_err("one too many").to_string();
    assert!(error.contains("100001") && error.contains("100000"), "{error}");

    let headers = |number: u64| {
        with("headers", (0..number).map(|at| json!({"path": format!("/{at}"), "set": [["x-a", "b"]]})).collect())
    };
    assert!(parse(&headers(HEADER_RULES.maximum)).is_ok());
    assert!(parse(&headers(HEADER_RULES.maximum + 1)).is_err());
    let heavy = |bytes: u64| with("headers", json!([{"path": "/", "set": [["a", "b".repeat(bytes as usize - 1)]]}]));
    assert!(parse(&heavy(crate::limits::HEADERS.maximum)).is_ok());
    assert!(parse(&heavy(crate::limits::HEADERS.maximum + 1)).is_err());

    for (star, limit) in [("", STATIC_REDIRECTS.maximum), ("/*", DYNAMIC_REDIRECTS.maximum)] {
        let rules = |number: u64| {
            let rule = |at| json!({"from": format!("/{at}{star}"), "to": "/", "status": 302});
            with("redirects", (0..number).map(rule).collect())
        };
        assert!(parse(&rules(limit)).is_ok());
        assert!(parse(&rules(limit + 1)).is_err());
    }
    assert!(Index::parse(&vec![b' '; (64 << 20) + 1]).expect_err("too long").to_string().contains("is the most"));
}

#[test]
fn rules_that_cannot_be_are_refused() {
    let header = |rule: Value| with("headers", json!([rule]));
    let redirect =
        |from: &str, to: &str, status: u16| with("redirects", json!([{"from": from, "to": to, "status": status}]));
    let first = |rules: Value| with("settings", json!({"run_worker_first": rules}));
    let bad = [
        header(json!({"path": "a"})),
        header(json!({"path": "/*/*"})),
        header(json!({"path": "/", "set": [["a b", "c"]]})),
        header(json!({"path": "/", "set": [["a", "b\r\nset-cookie: c"]]})),
        header(json!({"path": "/", "set": [["transfer-encoding", "chunked"]]})),
        header(json!({"path": "/", "unset": ["content-length"]})),
        header(json!({"path": "/", "more": 1})),
        redirect("a", "/", 302),
        redirect("https://a.com/", "/", 302),
        redirect("/", "a", 302),
        redirect("/", "http://a.com/", 302),
        redirect("/", "https://a.com/", 200),
        redirect("/", "/", 404),
        redirect("/:a/:a", "/", 302),
        first(json!([])),
        first(json!(["api"])),
        first(json!(["!api", "/"])),
        first(json!(["!/api"])),
        first(json!(["/a", "/a"])),
        first(json!(["/a/*", "/a/b"])),
        first(json!([format!("/{}", "a".repeat(100))])),
        first((0..101).map(|at| format!("/{at}/")).collect()),
        first(json!("yes")),
        with("settings", json!({"html_handling": "maybe"})),
        with("settings", json!({"more": 1})),
        with("files", json!({"/a": {"digest": "abc", "size": 1}})),
        with("files", json!({"/a": {"digest": Digest::of(b""), "size": -1}})),
        with("more", json!(1)),
        json!({}),
        json!([]),
    ];
    for index in bad {
        assert!(parse(&index).is_err(), "{index}");
    }
    assert!(parse(&first(json!([format!("/{}", "a".repeat(99))]))).is_ok());
    assert!(parse(&first((0..100).map(|at| format!("/{at}/")).collect())).is_ok());
    for bytes in [&b""[..], b"{", b"\xff\xfe", b"null"] {
        assert!(Index::parse(bytes).is_err());
    }
}

#[test]
fn another_format_is_told_as_such() {
    let newer = json!({"format": 2, "files": "something new"});
    let error = parse(&newer).expect_err("a format of the future");
    assert!(matches!(error, Error::UnknownFormat { found: 2 }), "{error}");
}
