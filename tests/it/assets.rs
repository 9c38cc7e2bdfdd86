//! Static assets, in `dev` and deployed: the same checks on both.

use crate::node::Node;
use crate::support::{Answer, Server, project};
use http::{Method, StatusCode};
use http_body_util::Full;
use serde_json::json;

const NAME: &str = "site";

/// Where a project is served.
enum Host {
    Dev(Server),
    Deployed(Node),
}

impl Host {
    /// The project on each kind of server.
    async fn both(files: &[(&str, &str)]) -> [Self; 2] {
        let node = Node::start().await;
        let deployed = node.deploy(files, &[]).await;
        assert_eq!(deployed["name"], NAME, "{deployed}");
        [Self::Dev(Server::project(files, "").await), Self::Deployed(node)]
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = match self {
            Self::Dev(server) => server.request(method, path),
            Self::Deployed(node) => node.to(NAME, method, path),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::default()).unwrap();
        match self {
            Self::Dev(server) => server.send(request).await,
            Self::Deployed(node) => node.send(request).await,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        self.send(Method::GET, path, &[(name, value)]).await
    }

    /// Where the path leads.
    async fn leads(&self, path: &str) -> (u16, String) {
        let answer = self.get(path).await;
        (answer.status.as_u16(), answer.header("location").unwrap_or_default().to_owned())
    }
}

fn config(assets: &str) -> String {
    format!("name = \"{NAME}\"\nmain = \"worker.js\"\n[assets]\ndirectory = \"public\"\n{assets}")
}

/// Says that the worker was asked, and what its assets would have answered.
const WORKER: &str = r#"
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/assets") {
      const asked = new URL(request.url).searchParams.get("path");
      const response = await env.ASSETS.fetch(new URL(asked, "https://assets.example"), { headers: request.headers, method: request.method, redirect: "manual" });
      return new Response(response.body, { status: response.status, headers: [...response.headers, ["x-through", "the worker"]] });
    }
    return new Response(`worker ${request.method} ${pathname}`);
  },
};
"#;

const SITE: [(&str, &str); 10] = [
    ("worker.js", WORKER),
    ("public/index.html", "<h1>home</h1>"),
    ("public/about.html", "<h1>about</h1>"),
    ("public/blog/index.html", "<h1>blog</h1>"),
    ("public/app.js", "console.log('app')"),
    ("public/style.css", "body{}"),
    ("public/data.json", "{\"a\":1}"),
    ("public/logo.svg", "<svg/>"),
    ("public/a file ü.txt", "spaces"),
    ("public/deep/er/0123456789.txt", "0123456789"),
];

fn site<'a>(config: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("wrangler.toml", config)], &SITE[..], more].concat()
}

#[tokio::test]
async fn files_come_before_the_worker_with_type_and_etag() {
    for host in Host::both(&site(&config("binding = \"ASSETS\"\n"), &[])).await {
        for (path, content_type, body) in [
            ("/", "text/html; charset=utf-8", "<h1>home</h1>"),
            ("/about", "text/html; charset=utf-8", "<h1>about</h1>"),
            ("/blog/", "text/html; charset=utf-8", "<h1>blog</h1>"),
            ("/app.js?v=1", "text/javascript; charset=utf-8", "console.log('app')"),
            ("/style.css", "text/css; charset=utf-8", "body{}"),
            ("/data.json", "application/json", "{\"a\":1}"),
            ("/logo.svg", "image/svg+xml", "<svg/>"),
            ("/a%20file%20%C3%BC.txt", "text/plain; charset=utf-8", "spaces"),
        ] {
            let answer = host.get(path).await;
            assert_eq!((answer.status, answer.text()), (StatusCode::OK, body), "{path}");
            assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
            assert!(answer.header("etag").is_some_and(|etag| etag.len() > 10), "{answer:?}");
            assert_eq!(answer.header("cache-control"), Some("public, max-age=0, must-revalidate"));
        }
        assert_eq!(host.get("/elsewhere").await.text(), "worker GET /elsewhere");
        assert_eq!(host.send(Method::POST, "/elsewhere", &[]).await.text(), "worker POST /elsewhere");
        assert_eq!(host.send(Method::POST, "/app.js", &[]).await.text(), "worker POST /app.js");
        let head = host.send(Method::HEAD, "/app.js", &[]).await;
        assert_eq!((head.status.as_u16(), head.header("content-length"), head.body.len()), (200, Some("18"), 0));
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again_and_parts_are_sent_alone() {
    for host in Host::both(&site(&config(""), &[])).await {
        let path = "/deep/er/0123456789.txt";
        let etag = host.get(path).await.header("etag").unwrap().to_owned();
        for current in [etag.clone(), format!("\"other\", W/{etag}"), "*".into()] {
            let answer = host.get_with(path, "if-none-match", &current).await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{current}");
            assert_eq!(answer.header("etag"), Some(&*etag));
        }
        assert_eq!(host.get_with(path, "if-none-match", "\"other\"").await.text(), "0123456789");
        for (range, part, content_range) in [
            ("bytes=0-3", "0123", "bytes 0-3/10"),
            ("bytes=7-", "789", "bytes 7-9/10"),
            ("bytes=-2", "89", "bytes 8-9/10"),
            ("bytes=5-100", "56789", "bytes 5-9/10"),
        ] {
            let answer = host.get_with(path, "range", range).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (206, part), "{range}");
            assert_eq!(answer.header("content-range"), Some(content_range));
        }
        let beyond = host.get_with(path, "range", "bytes=10-").await;
        assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, Some("bytes */10")));
        let changed = host.send(Method::GET, path, &[("range", "bytes=0-3"), ("if-range", "\"other\"")]).await;
        assert_eq!((changed.status.as_u16(), changed.text()), (200, "0123456789"));
    }
}

#[tokio::test]
async fn each_page_has_one_address() {
    for host in Host::both(&site(&config(""), &[])).await {
        for (path, to) in [
            ("/index.html", "/"),
            ("/index", "/"),
            ("/about.html?q=1", "/about?q=1"),
            ("/about/", "/about"),
            ("/blog", "/blog/"),
            ("/blog/index.html", "/blog/"),
        ] {
            assert_eq!(host.leads(path).await, (307, to.to_owned()), "{path}");
        }
    }
    let force = config("html_handling = \"force-trailing-slash\"\n");
    for host in Host::both(&site(&force, &[])).await {
        assert_eq!(host.leads("/about").await, (307, "/about/".to_owned()));
        assert_eq!(host.get("/about/").await.text(), "<h1>about</h1>");
    }
    for host in Host::both(&site(&config("html_handling = \"none\"\n"), &[])).await {
        assert_eq!(host.get("/about.html").await.text(), "<h1>about</h1>");
        assert_eq!(host.get("/about").await.text(), "worker GET /about");
        assert_eq!(host.get("/").await.text(), "worker GET /");
    }
}

#[tokio::test]
async fn rules_for_headers_and_redirects_hold() {
    let headers = "/*\n  x-frame-options: DENY\n/app.js\n  x-frame-options: SAMEORIGIN\n  ! etag\n  cache-control: max-age=60\n\
        /deep/:level/*\n  x-level: :level of :splat\n";
    let redirects =
        "/old /about 301\n/gone https://example.com/new\n/posts/:id /blog/?id=:id 302\n/from/* /deep/er/:splat 200\n";
    let more = [("public/_headers", headers), ("public/_redirects", redirects)];
    for host in Host::both(&site(&config(""), &more)).await {
        assert_eq!(host.get("/").await.header("x-frame-options"), Some("DENY"));
        let script = host.get("/app.js").await;
        assert_eq!(script.header("x-frame-options"), Some("DENY, SAMEORIGIN"));
        assert_eq!((script.header("etag"), script.header("cache-control")), (None, Some("max-age=60")));
        assert_eq!(host.get("/deep/er/0123456789.txt").await.header("x-level"), Some("er of 0123456789.txt"));
        assert_eq!(host.get("/elsewhere").await.header("x-frame-options"), None, "rules are for files");

        assert_eq!(host.leads("/old").await, (301, "/about".into()));
        assert_eq!(host.leads("/gone").await, (302, "https://example.com/new".into()));
        assert_eq!(host.leads("/posts/7").await, (302, "/blog/?id=7".into()));
        assert_eq!(host.get("/from/0123456789.txt").await.text(), "0123456789");
        for file in ["/_headers", "/_redirects"] {
            assert_eq!(host.get(file).await.text(), format!("worker GET {file}"));
        }
    }
}

#[tokio::test]
async fn the_worker_comes_first_where_it_is_to_and_asks_for_files_itself() {
    let all = config("binding = \"ASSETS\"\nrun_worker_first = true\n");
    for host in Host::both(&site(&all, &[("public/404.html", "<h1>none</h1>")])).await {
        assert_eq!(host.get("/app.js").await.text(), "worker GET /app.js");
        let through = host.get("/api/assets?path=/app.js").await;
        assert_eq!((through.text(), through.header("x-through")), ("console.log('app')", Some("the worker")));
        assert_eq!(through.header("content-type"), Some("text/javascript; charset=utf-8"));
        let etag = through.header("etag").unwrap().to_owned();
        let current = host.get_with("/api/assets?path=/app.js", "if-none-match", &etag).await;
        assert_eq!((current.status.as_u16(), current.body.len()), (304, 0));
        let part = host.get_with("/api/assets?path=/app.js", "range", "bytes=0-6").await;
        assert_eq!((part.status.as_u16(), part.text()), (206, "console"));
        assert_eq!(host.leads("/api/assets?path=/about.html").await, (307, "/about".into()));
        assert_eq!(host.get("/api/assets?path=/nothing").await.status, 404);
        assert_eq!(host.send(Method::DELETE, "/api/assets?path=/app.js", &[]).await.status, 405);
    }
    let some = config("run_worker_first = [\"/api/*\", \"!/api/docs/*\"]\n");
    let more = [("public/api/data.json", "1"), ("public/api/docs/help.txt", "help")];
    for host in Host::both(&site(&some, &more)).await {
        assert_eq!(host.get("/api/data.json").await.text(), "worker GET /api/data.json");
        assert_eq!(host.get("/api/docs/help.txt").await.text(), "help");
        assert_eq!(host.get("/app.js").await.text(), "console.log('app')");
    }
}

#[tokio::test]
async fn a_site_needs_no_worker() {
    let without = |handling: &str| {
        format!("name = \"{NAME}\"\n[assets]\ndirectory = \"public\"\nnot_found_handling = \"{handling}\"\n")
    };
    let files = |config| {
        [
            ("wrangler.toml", config),
            ("public/index.html", "<h1>home</h1>"),
            ("public/404.html", "<h1>none</h1>"),
            ("public/deep/404.html", "<h1>none down here</h1>"),
        ]
    };
    let [page, single, none] = ["404-page", "single-page-application", "none"].map(without);
    for host in Host::both(&files(&*page)).await {
        assert_eq!(host.get("/").await.text(), "<h1>home</h1>");
        for (path, body) in [("/nothing", "<h1>none</h1>"), ("/deep/er/nothing", "<h1>none down here</h1>")] {
            let answer = host.get(path).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (404, body), "{path}");
        }
        assert_eq!(host.send(Method::POST, "/", &[]).await.status, 405);
    }
    for host in Host::both(&files(&*single)).await {
        let answer = host.get("/some/route").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "<h1>home</h1>"));
    }
    for host in Host::both(&files(&*none)).await {
        let answer = host.get("/nothing").await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0));
    }
}

#[tokio::test]
async fn a_page_for_what_is_not_found_is_for_navigation_when_there_is_a_worker() {
    let spa = config("not_found_handling = \"single-page-application\"\n");
    for host in Host::both(&site(&spa, &[])).await {
        assert_eq!(host.get("/some/route").await.text(), "worker GET /some/route");
        assert_eq!(host.get_with("/some/route", "sec-fetch-mode", "navigate").await.text(), "<h1>home</h1>");
    }
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let files = [
        ("wrangler.toml", format!("name = \"{NAME}\"\n[assets]\ndirectory = \"public\"\n")),
        ("secret.txt", "not for you".to_owned()),
        ("public/index.html", "home".to_owned()),
        ("public/.env", "KEY=not for you".to_owned()),
        ("public/.dev.vars", "KEY=not for you".to_owned()),
        ("public/.assetsignore", "*.map\n".to_owned()),
        ("public/app.js.map", "not for you".to_owned()),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    for host in Host::both(&files).await {
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e%2fsecret.txt",
            "/..%5csecret.txt",
            "//secret.txt",
            "/a/../../secret.txt",
            "/.env",
            "/.dev.vars",
            "/.assetsignore",
            "/app.js.map",
            "/index.html%00.txt",
        ] {
            let answer = host.get(path).await;
            assert!(!answer.text().contains("not for you"), "{path}: {answer:?}");
            assert!(matches!(answer.status.as_u16(), 307 | 400 | 404), "{path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn files_made_changed_and_removed_in_dev_are_live() {
    let dir = project(&site(&config("not_found_handling = \"404-page\"\nbinding = \"ASSETS\"\n"), &[]));
    let server = Server::start(dir.path()).await;
    let file = |name: &str| dir.path().join("public").join(name);
    let first = server.get("/app.js").await;
    std::fs::write(file("app.js"), "console.log('changed')").unwrap();
    let second = server.until("/app.js", |answer| answer.text() == "console.log('changed')").await;
    assert_ne!(first.header("etag"), second.header("etag"));

    assert_eq!(server.get("/new/page").await.text(), "worker GET /new/page");
    std::fs::create_dir(file("new")).unwrap();
    std::fs::write(file("new/page.html"), "<h1>new</h1>").unwrap();
    server.until("/new/page", |answer| answer.text() == "<h1>new</h1>").await;
    assert_eq!(server.get("/api/assets?path=/new/page").await.text(), "<h1>new</h1>");

    std::fs::write(file("_redirects"), "/short /about 302\n").unwrap();
    server.until("/short", |answer| answer.header("location") == Some("/about")).await;
    std::fs::write(file("_redirects"), "/short /about 302\nno destination\n").unwrap();
    let printed = server.printed("_redirects:2").await;
    assert!(printed.contains("warning: "), "{printed}");

    std::fs::remove_dir_all(file("new")).unwrap();
    server.until("/new/page", |answer| answer.text() == "worker GET /new/page").await;
    assert_eq!(server.get("/style.css").await.text(), "body{}");
}

#[tokio::test]
async fn a_data_folder_among_the_assets_is_not_served_and_no_change_of_theirs() {
    let worker = "export default { async fetch(request, env) { await env.KV.put('k', String(Math.random())); return new Response('put'); } };";
    let files = [
        (
            "wrangler.toml",
            "name = \"flat\"\nmain = \"worker.js\"\nassets = { directory = \".\" }\nkv_namespaces = [{ binding = \"KV\" }]\n",
        ),
        ("worker.js", worker),
        ("index.html", "home"),
    ];
    let server = Server::project(&files, "").await;
    for _ in 0..5 {
        assert_eq!(server.get("/put").await.text(), "put");
    }
    assert!(server.path(".glowplug").is_dir());
    // A build that the writes bring about would begin in this time; later it would be one with that of the next change.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    std::fs::write(server.path("index.html"), "changed").unwrap();
    server.until("/", |answer| answer.text() == "changed").await;
    let live = server.stderr().matches("is live").count();
    assert_eq!(live, 1, "writes to KV made new versions:\n{}", server.stderr());
    assert_eq!(server.get("/.glowplug/data.db").await.text(), "put");
}

#[tokio::test]
async fn an_answer_from_a_file_has_a_line_but_no_cost() {
    let server = Server::project(&site(&config(""), &[]), "").await;
    server.get("/app.js").await;
    let printed = server.printed("GET /app.js 200").await;
    let line = printed.lines().find(|line| line.contains("GET /app.js 200")).unwrap();
    assert!(line.contains(" 0 fuel"), "{line}");
    assert_eq!(json!(server.get("/app.js").await.header("server-timing")), json!(null));
}
