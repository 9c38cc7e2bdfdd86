//! `_headers` and `_redirects`.

use super::{Site, brief, fetch, header};
use crate::assets::HtmlHandling;
use crate::assets::headers_file;
use crate::assets::redirects_file;

/// What the parser says of the lines it leaves out.
fn said_of_headers(text: &str) -> Vec<String> {
    headers_file::parse(text).1.iter().map(|(line, problem)| format!("{line}: {problem}")).collect()
}

fn said_of_redirects(text: &str) -> Vec<String> {
    let (_, problems) = redirects_file::parse(text, HtmlHandling::AutoTrailingSlash);
    problems.iter().map(|(line, problem)| format!("{line}: {problem}")).collect()
}

#[tokio::test]
async fn headers_are_added_by_path() {
    let rules = "# comment
        /*
          X-All: one
          X-Frame-Options: DENY
        /foo*
          X-All: two
          X-Rest: [:splat]
          Link: </a.css>
          Link: </b.css>
        /user/:name/*
          X-User: :name of :splat :other
        /quiet
          ! X-All
          ! ETag
          Cache-Control: no-store
        https://localhost/host
          X-Host: ours
        https://:sub.example.com/*
          X-Host: :sub
        /cookies
          Set-Cookie: a=1
        /cookie*
          Set-Cookie: b=2";
    let assets = Site::of(&["/foo", "/foobar", "/quiet", "/host", "/cookies"]).headers(rules).serve().await;
    let cases = [
        ("/foo", "x-all", "one, two"),
        ("/foo", "x-rest", "[]"),
        ("/foo", "link", "</a.css>, </b.css>"),
        ("/foo", "cache-control", "public, max-age=0, must-revalidate"),
        ("/foobar", "x-rest", "[bar]"),
        ("/user/ann/a/b", "x-user", "ann of a/b :other"),
        ("/user/%3Cann%3E/", "x-user", "%3Cann%3E of  :other"),
        ("/user/ann", "x-user", ""),
        ("/quiet", "x-all", ""),
        ("/quiet", "etag", ""),
        ("/quiet", "cache-control", "no-store"),
        ("/quiet", "x-frame-options", "DENY"),
        ("/host", "x-host", "ours"),
        ("/nope", "x-frame-options", "DENY"),
    ];
    for (path, name, expected) in cases {
        let answer = fetch(&assets, &format!("GET {path}"), &[]).await;
        assert_eq!(header(&answer, name), expected, "{path} {name}");
    }
    let cookies = fetch(&assets, "GET /cookies", &[]).await;
    let cookies: Vec<_> = cookies.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);

    for (uri, expected) in
        [("https://a.example.com/x", "a"), ("http://a.example.com:81/x", "a"), ("http://a.b.example.com/", "")]
    {
        assert_eq!(header(&fetch(&assets, &format!("GET {uri}"), &[]).await, "x-host"), expected, "{uri}");
    }
}

#[tokio::test]
async fn a_second_rule_for_a_path_stands_in_for_the_first() {
    let assets = Site::of(&["/a"]).headers("/a\n X-One: 1\n/*\n X-Two: 2\n/a\n X-Three: 3").serve().await;
    let answer = fetch(&assets, "GET /a", &[]).await;
    assert_eq!(["x-one", "x-two", "x-three"].map(|name| header(&answer, name)), ["", "2", "3"]);
}

#[test]
fn lines_of_headers_that_cannot_be_used_are_told() {
    let long = format!("/a\n  X-Long: {}", "x".repeat(2000));
    let cases = [
        ("X-A: 1", "1: a header must come after the path it is for"),
        ("/a\n/b\n  X-A: 1", "1: the rule for `/a` has no headers"),
        ("/a\n  X A: 1\n  X-B: 1", "2: `X A` cannot be the name of a header"),
        ("/a\n  : 1\n  X-B: 1", "2: `` cannot be the name of a header"),
        ("/a\n  X-A:\n  X-B: 1", "2: the header `x-a` has no value"),
        ("/a\n  nonsense\n  X-B: 1", "2: expected `name: value`, or `! name` to remove a header"),
        ("/a\n  Content-Length: 1\n  X-B: 1", "2: `Content-Length` is set by the server alone"),
        ("/a\n  ! Transfer-Encoding\n  X-B: 1", "2: `Transfer-Encoding` is set by the server alone"),
        ("/a\n  X-A: a\u{1}b\n  X-B: 1", "2: the value of `x-a` has a control character"),
        ("http://a.com/\n", "1: a rule is for a path that begins with `/`, or a URL with `https://`"),
        ("https://a.com:81/\n", "1: the host of a rule cannot have a port"),
        ("/*/*\n", "1: a rule can have one `*` only"),
        ("/:splat/*\n", "1: `*` has the name `:splat` already"),
        (&long, "2: the line is longer than 2000 characters"),
    ];
    for (text, expected) in cases {
        let said = said_of_headers(text);
        assert_eq!(said.first().map(String::as_str), Some(expected), "{text}: {said:?}");
    }
}

#[test]
fn a_hundred_rules_for_headers_are_taken() {
    let rules = |number: usize| (0..number).map(|at| format!("/{at}\n X-A: {at}\n")).collect::<String>();
    let (taken, problems) = headers_file::parse(&rules(100));
    assert_eq!((taken.len(), problems.len()), (100, 0));
    let (taken, problems) = headers_file::parse(&rules(102));
    assert_eq!((taken.len(), problems.len()), (100, 1));
    assert_eq!(problems[0].0, 201);
}

const REDIRECTS: &str = "# comment
    /home /foo 301
    /status /s1
    /status /s2
    /q /foo?own=1
    /frag /foo#frag 308
    /ext https://example.com/x
    /ext-q https://example.com/x?y=1#z 303
    noslash /foo 307
    /a%20b /foo
    /proxy /foo 200
    /proxy-html /foo.html 200
    /proxy-nothing /gone 200
    /foo.html /over 302
    /code/* /deep/:splat 302
    /news/:year/:month /:month-:year/:nope 302
    /open/* /:splat 302
    /host/:name https://:name.example.com/ 302
    /late /foo 301
    /prox/* /deep/:splat 200";

#[tokio::test]
async fn the_first_rule_that_matches_redirects() {
    let cases = [
        ("/home", "301 /foo"),
        ("/home?x=1", "301 /foo?x=1"),
        ("/home/", "404"),
        ("/status", "302 /s1"),
        ("/q?x=1", "302 /foo?own=1"),
        ("/frag", "308 /foo#frag"),
        ("/frag?x=1", "308 /foo?x=1#frag"),
        ("/ext", "302 https://example.com/x"),
        ("/ext?x=1", "302 https://example.com/x?x=1"),
        ("/ext-q?x=1", "303 https://example.com/x?y=1#z"),
        ("/noslash", "307 /foo"),
        ("/a%20b", "302 /foo"),
        ("/proxy", "200 /foo.html"),
        ("/proxy?x=1", "200 /foo.html"),
        ("/proxy-html", "307 /foo"),
        ("/proxy-nothing", "404"),
        ("/foo.html", "302 /over"),
        ("/code/a/b", "302 /deep/a/b"),
        ("/code/", "302 /deep/"),
        ("/code", "404"),
        ("/news/2024/05", "302 /05-2024/:nope"),
        ("/news/2024/05/", "404"),
        ("/host/a", "302 https://a.example.com/"),
        ("/host/a%2Fb", "404"),
        ("/late", "301 /foo"),
        ("/prox/y", "200 /deep/y"),
        ("/prox/nope", "404"),
        ("/foo", "200 /foo.html"),
    ];
    let assets = Site::of(&["/foo.html", "/deep/y"]).redirects(REDIRECTS).serve().await;
    for (path, expected) in cases {
        assert_eq!(brief(&fetch(&assets, &format!("GET {path}"), &[]).await), expected, "{path}");
    }
    assert_eq!(brief(&fetch(&assets, "POST /home", &[]).await), "301 /foo");
}

#[tokio::test]
async fn a_request_cannot_make_a_rule_lead_to_another_host() {
    let assets = Site::of(&[]).redirects(REDIRECTS).serve().await;
    let cases = [
        ("/open//evil.com", "302 /evil.com"),
        ("/open///evil.com/..", "302 /"),
        ("/open/\\evil.com", "302 /evil.com"),
        ("/open/%2Fevil.com", "302 /%2Fevil.com"),
        ("/open/%5Cevil.com", "302 /%5Cevil.com"),
        ("/open/https://evil.com", "302 /https:/evil.com"),
    ];
    for (path, expected) in cases {
        assert_eq!(brief(&fetch(&assets, &format!("GET {path}"), &[]).await), expected, "{path}");
    }
}

#[test]
fn lines_of_redirects_that_cannot_be_used_are_told() {
    let long = format!("/a /{}", "x".repeat(1000));
    let cases = [
        ("/a", "1: expected `from to` or `from to status`, found 1 words"),
        ("/a /b 302 x", "1: expected `from to` or `from to status`, found 4 words"),
        ("https://a.com/ /b", "1: a rule is for a path; it cannot have a host"),
        ("/a b", "1: `b` cannot be the destination: it must begin with `/` or `https://`"),
        ("/a http://b.com/", "1: `http://b.com/` cannot be the destination: it must begin with `/` or `https://`"),
        ("/a /b 418", "1: the status is `418`, but must be 200, 301, 302, 303, 307 or 308"),
        ("/a /b 301!", "1: the status is `301!`, but must be 200, 301, 302, 303, 307 or 308"),
        (
            "/a https://b.com/ 200",
            "1: with status 200 the destination must be a path of the same site, but is `https://b.com/`",
        ),
        ("\n/a /b\n/a /c", "3: there is a rule for `/a` already"),
        ("/:a/:a /b", "1: the placeholder `:a` is there twice"),
        (&long, "1: the line is longer than 1000 characters"),
    ];
    for (text, expected) in cases {
        assert_eq!(said_of_redirects(text), [expected], "{text}");
    }
    for endless in ["/* /index.html", "/* /index.html 200", "/ /index", "/a/* /b/index"] {
        assert!(said_of_redirects(endless)[0].contains("for ever"), "{endless}");
    }
    assert_eq!(redirects_file::parse("/ /index.html", HtmlHandling::None).1, []);
    assert_eq!(said_of_redirects("/* https://a.com/index.html"), [""; 0]);
}

#[test]
fn rules_without_placeholders_are_counted_apart_from_those_with() {
    let statics = |number: usize| (0..number).map(|at| format!("/{at} /x\n")).collect::<String>();
    let dynamics = |number: usize| (0..number).map(|at| format!("/{at}/* /x\n")).collect::<String>();
    let parse = |text: String| {
        let (rules, problems) = redirects_file::parse(&text, HtmlHandling::None);
        (rules.len(), problems)
    };
    assert_eq!(parse(statics(2000) + &dynamics(100)), (2100, Vec::new()));
    let (taken, problems) = parse(statics(2001) + &dynamics(101));
    assert_eq!(taken, 2100);
    assert_eq!(problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2001, 2102]);
    // After the first with a placeholder, all count with those.
    assert_eq!(parse(dynamics(1) + &statics(100)).0, 100);
}
