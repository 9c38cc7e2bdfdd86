//! `examples/hono`.

use crate::client::{Case, get, post, request};
use crate::compare::{Runtime, compare};
use crate::origin::Origin;
use crate::project::example;
use crate::support::Server;
use crate::workerd::Workerd;

const MULTIPART: &str = "--frontier\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nGr\u{fc}n\r\n\
    --frontier\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"jay \u{1f426}.txt\"\r\nContent-Type: text/x-photo\r\n\r\n\
    pixels\r\n--frontier\r\nContent-Disposition: form-data; name=\"tags[]\"\r\n\r\na\r\n\
    --frontier\r\nContent-Disposition: form-data; name=\"tags[]\"\r\n\r\n\r\n--frontier--\r\n";

/// `warden:correct horse` and `warden:wrong`.
const RIGHT: &str = "Basic d2FyZGVuOmNvcnJlY3QgaG9yc2U=";
const WRONG: &str = "Basic d2FyZGVuOndyb25n";

#[tokio::test(flavor = "multi_thread")]
async fn hono_answers_as_on_workerd() {
    let cases = cases();
    assert!(cases.len() >= 20);
    compare_with_workerd(&cases).await;
}

/// Not among `cases`: a plain `wasi:http` host cannot tell its guest that there is no body, but only that it is empty.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_has_no_body_gives_the_worker_none() {
    compare_with_workerd(&[
        post("/live/upper"),
        request("OPTIONS", "/upstream/through/echo/options").leads_to(1),
        request("DELETE", "/upstream/through/echo/delete").leads_to(1),
    ])
    .await;
}

async fn compare_with_workerd(cases: &[Case]) {
    let (here, there) = (Origin::start().await, Origin::start().await);
    let (mine, theirs) = (example("hono", &here.base).await, example("hono", &there.base).await);
    let glowplug = Server::start(mine.path()).await;
    let workerd = Workerd::start(theirs.path()).await;
    compare(
        cases,
        &Runtime { name: "workerd", base: &workerd.base, origin: &there },
        &Runtime { name: "glowplug", base: &glowplug.base, origin: &here },
    )
    .await;
}

pub fn cases() -> Vec<Case> {
    [simple(), api(), bodies(), pages(), sessions(), failures(), streams(), upstream()].concat()
}

fn simple() -> Vec<Case> {
    vec![
        get("/"),
        get("/?name=Ada"),
        get("/?name=%C3%9C%20%F0%9F%A6%89+x&name=second"),
        request("HEAD", "/"),
        request("OPTIONS", "/"),
        post("/"),
        get("/nowhere"),
        get("/now%20here/%C3%A4?q=1"),
        get("//double//slashes/"),
        get("/a/../b/./c"),
        get("/").header("host", "other.example:8080"),
        get("/admin/vars"),
        get("/admin/vars").header("authorization", WRONG),
        get("/admin/vars").header("authorization", RIGHT),
        get("/admin/vars").header("authorization", "Basic !"),
    ]
}

fn api() -> Vec<Case> {
    vec![
        get("/api/birds"),
        get("/api/birds?pretty"),
        get("/api/birds?max_grams=100&habitat=hedge&habitat=wood"),
        request("HEAD", "/api/birds"),
        get("/api/birds/wren"),
        get("/api/birds/gruenspecht"),
        get("/api/birds/wren").header("if-none-match", "\"other\", \"f1a2ee3aeca039b33f8d9bc75f4a5f491ba58fd8\""),
        get("/api/birds/wren").header("if-none-match", "\"other\""),
        get("/api/birds/dodo"),
        get("/api/birds/42"),
        get("/api/birds/wren").header("origin", "https://guide.example"),
        get("/api/birds/wren").header("origin", "https://evil.test"),
        request("OPTIONS", "/api/birds")
            .header("origin", "https://guide.example")
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "x-token"),
        request("OPTIONS", "/api/birds")
            .header("origin", "https://evil.test")
            .header("access-control-request-method", "PUT"),
        post("/api/birds").json(r#"{"name":"Blue Tit","grams":11}"#),
        post("/api/birds").json("{\"name\":\"Eichelh\u{e4}her \\ud83d\\udc26\"}"),
        post("/api/birds").json(r#"{"grams":11}"#),
        post("/api/birds").json("{\"name\":"),
        post("/api/birds").body("name=x"),
        request("PUT", "/api/birds/jay").json(r#"{"grams":180.5,"deep":[1,[2,{"three":null}]]}"#),
        request("DELETE", "/api/birds/jay"),
        request("PATCH", "/api/methods"),
        request("PROPFIND", "/api/methods"),
        request("DELETE", "/api/methods"),
        get("/api/params/one"),
        get("/api/params/caf%C3%A9/two%2Fthree"),
        get("/api/params/%E0%A4%A/broken"),
        get("/api/files/a/b%20c/%E3%82%B7?x=1"),
        get("/api/status/200"),
        get("/api/status/201"),
        get("/api/status/204"),
        get("/api/status/304"),
        get("/api/status/418"),
        get("/api/status/503"),
        get("/api/status/599"),
        get("/api/headers")
            .header("X-Mixed-Case", "Value")
            .header("x-twice", "one")
            .header("x-twice", "two, three")
            .header("x-empty", "")
            .header("x-tabs", "a\t b")
            .header("accept", "text/html;q=0.9, */*"),
        request("HEAD", "/api/headers"),
        get("/api/echo/a%2Fb/c;d=e?x=1&x=2&y=a%26b&empty=&=novalue&plus=a+b&percent=100%25&bad=%zz"),
        get("/api/echo/'|^[]\\~@:?a='|^[]\\`{}"),
        get("/api/echo/r\u{e4}w?\u{1f989}"),
        get("/api/echo/?"),
        get("/api/echo/??a?b=c&&d"),
    ]
}

fn bodies() -> Vec<Case> {
    vec![
        post("/api/echo/post").body("plain").header("content-type", "text/plain").header("x-token", "t"),
        post("/api/echo/post").body("gr\u{fc}n \u{1f989}"),
        post("/api/echo/post").body(&b"\xff\xfe bad utf-8 \xe2\x82"[..]),
        post("/api/echo/post").chunks(&["in ", "several ", "pieces"]),
        post("/api/echo/post").body(""),
        request("PUT", "/api/echo/put").json("{}"),
        request("DELETE", "/api/echo/delete").body("with a body"),
        post("/api/form").form("name=J%C3%BCrgen+M&tags%5B%5D=a&tags%5B%5D=b&deep.one=1&deep.two=2&empty="),
        post("/api/form").header("content-type", "multipart/form-data; boundary=frontier").body(MULTIPART),
        post("/api/form/raw").header("content-type", "multipart/form-data; boundary=\"frontier\"").body(MULTIPART),
        post("/api/form/raw").form("a=1&a=2&b=%F0%9F%90%A6&c"),
        post("/api/form/raw").header("content-type", "multipart/form-data").body(MULTIPART),
        post("/api/form/raw").header("content-type", "multipart/form-data; boundary=other").body(MULTIPART),
        post("/api/form/raw").header("content-type", "text/plain").body("a=1"),
        post("/api/upload").body((0..=255).cycle().take(100_000).collect::<Vec<u8>>()),
        post("/api/upload/small").body("short enough"),
        post("/api/upload/small").body("this is not short enough"),
        post("/api/upload/small").chunks(&["this is not ", "short enough"]),
        post("/api/reverse").body((0..=255).collect::<Vec<u8>>()),
        get("/api/bytes"),
    ]
}

fn pages() -> Vec<Case> {
    vec![
        get("/pages"),
        get("/pages/wrapped/kingfisher"),
        get("/pages/wrapped/dodo"),
        get("/pages/async/shirofukurou"),
        get("/pages/suspense/gruenspecht"),
        get("/pages/search?q=J"),
        get("/pages/search?q=%3Cscript%3E%26%22'"),
        request("HEAD", "/pages"),
    ]
}

fn sessions() -> Vec<Case> {
    let same_origin = |case: Case| case.header("origin", "http://guide.example");
    vec![
        same_origin(post("/session/login")).form("name=Ada%3B+L"),
        same_origin(post("/session/login")).form("name=Ada&next=%2Fpages%3Fa%3Db"),
        post("/session/login").header("origin", "http://evil.test").form("name=Eve"),
        get("/session"),
        get("/session").header("cookie", "name=Ada%3B%20L; seen=\"quoted\"; broken; empty=; a=b=c"),
        get("/session/logout").header("cookie", "name=Ada"),
        get("/session/old"),
        get("/session/moved"),
    ]
}

fn failures() -> Vec<Case> {
    vec![
        get("/fail/http"),
        get("/fail/response"),
        get("/fail/error"),
        get("/fail/rejection"),
        get("/fail/page"),
        request("HEAD", "/fail/error"),
    ]
}

fn streams() -> Vec<Case> {
    vec![
        get("/live/text"),
        get("/live/events"),
        get("/live/bytes"),
        get("/live/broken"),
        request("HEAD", "/live/text"),
        post("/live/upper").body("gr\u{fc}n"),
        post("/live/upper").chunks(&["one ", "two ", "three"]),
        post("/live/upper").chunks(&["early ", "late"]).begins_early_with("EARLY "),
        post("/live/count").chunks(&["12345", "678", "90"]),
        post("/live/count").body(vec![7; 1 << 20]),
        post("/live/pipe").chunks(&["a", "b", "c"]),
    ]
}

fn upstream() -> Vec<Case> {
    vec![
        get("/upstream/through/echo/a%20b?c=d").header("x-token", "t").leads_to(1),
        post("/upstream/through/echo/post").body("passed on").header("content-type", "text/x-own").leads_to(1),
        post("/upstream/through/echo/post").chunks(&["passed ", "on ", "in pieces"]).leads_to(1),
        request("PUT", "/upstream/through/echo/put").body(vec![b'x'; 300_000]).leads_to(1),
        request("HEAD", "/upstream/through/echo/head").leads_to(1),
        get("/upstream/through/chunks/5/1000").leads_to(1),
        get("/upstream/through/gated").begins_early_with("first ").leads_to(1),
        get("/upstream/through/large/64").leads_to(1),
        get("/upstream/through/bytes").leads_to(1),
        get("/upstream/through/empty").leads_to(1),
        get("/upstream/through/headers").leads_to(1),
        get("/upstream/through/cookies").leads_to(1),
        get("/upstream/through/gzip").header("accept-encoding", "gzip").leads_to(1),
        get("/upstream/through/status/204").leads_to(1),
        get("/upstream/through/status/304").leads_to(1),
        get("/upstream/through/status/404").leads_to(1),
        get("/upstream/through/status/502").leads_to(1),
        get("/upstream/through/redirect/2").leads_to(1),
        get("/upstream/proxy/headers").header("authorization", RIGHT).header("x-token", "t").leads_to(1),
        post("/upstream/proxy/echo/proxied").body("through the helper").leads_to(1),
        get("/upstream/serial").leads_to(3),
        get("/upstream/parallel").leads_to(4),
        get("/upstream/race").leads_to(2),
        get("/upstream/timeout").leads_to(1),
        get("/upstream/reason").leads_to(1),
        get("/upstream/late").leads_to(1),
        get("/upstream/redirects").leads_to(9),
        get("/upstream/loop").leads_to(20),
        get("/upstream/status/200").leads_to(1),
        get("/upstream/status/404").leads_to(1),
        get("/upstream/status/503").leads_to(1),
        get("/upstream/unreachable"),
        get("/upstream/cookies").leads_to(1),
        post("/upstream/send/text").body("gr\u{fc}n").leads_to(1),
        post("/upstream/send/bytes").body("gr\u{fc}n").leads_to(1),
        post("/upstream/send/blob").body("gr\u{fc}n").leads_to(1),
        post("/upstream/send/params").body("gr\u{fc}n & so").leads_to(1),
        get("/upstream/transform/chunks/4/10").leads_to(1),
        get("/upstream/transform/gated").begins_early_with("FIRST ").leads_to(1),
        get("/upstream/tee").leads_to(1),
        post("/upstream/audit").json(r#"{"what":"seen a wren"}"#).leads_to(1),
    ]
}
