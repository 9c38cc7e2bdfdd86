//! The cache held to RFC 9111 and its relatives, over real sockets: a client, the cache, and an origin that does as each
//! case says. The same cases run against nginx, where it is installed, and the table in `docs/cache.md` is made of both:
//!
//! ```sh
//! GLOWPLUG_WRITE_TABLE=1 cargo test --test it cache_rfc -- --include-ignored
//! ```

mod case;
mod freshness;
mod invalidating;
mod nginx;
mod origin;
mod proxying;
mod ranges;
mod run;
mod stale;
mod storing;
mod table;
mod using;
mod validating;

use self::case::Case;
use self::origin::Origin;
use self::run::Results;
use crate::node::Node;
use http::Method;
use serde_json::json;
use std::collections::HashSet;

/// All cases, in the order of the table.
fn cases() -> Vec<Case> {
    let sections = [
        storing::cases(),
        using::cases(),
        freshness::cases(),
        stale::cases(),
        validating::cases(),
        invalidating::cases(),
        ranges::cases(),
        proxying::cases(),
    ];
    let cases = sections.concat();
    let mut ids = HashSet::new();
    for case in &cases {
        assert!(ids.insert(case.id.clone()), "`{}` is there twice", case.id);
    }
    cases
}

/// A server with one route, to the origin.
async fn server(origin: &Origin) -> Node {
    let node = Node::start_with(&["--private-egress"]).await;
    let route = json!({"pattern": "*/*", "origin": origin.base, "cache": true});
    let put = node.api(Method::PUT, "/v1/routes", Some(route)).await;
    assert!(put.status.is_success(), "{put:?}");
    node
}

fn failures(results: &Results) -> Vec<String> {
    results.iter().filter_map(|(id, result)| result.as_ref().err().map(|why| format!("{id}: {why}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_passes_in_front_of_an_origin() {
    let cases = cases();
    assert!(cases.len() >= 300, "{}", cases.len());
    let origin = Origin::start().await;
    let node = server(&origin).await;
    let results = run::run(&node.base, &origin, &cases).await;
    let failures = failures(&results);
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// The same server without the admin API having been asked for anything: the route is in its settings.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_route_in_its_settings_is_a_caching_reverse_proxy() {
    let cases: Vec<Case> = ranges::cases();
    let origin = Origin::start().await;
    let settings = format!("[[route]]\npattern = \"127.0.0.1/*\"\norigin = \"{}\"\ncache = true\n", origin.base);
    let dir = crate::support::project(&[("glowplug-server.toml", &settings)]);
    let file = dir.path().join("glowplug-server.toml");
    let node = Node::start_with(&["--private-egress", "--config", file.to_str().unwrap()]).await;
    let results = run::run(&node.base, &origin, &cases).await;
    let failures = failures(&results);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let listed = node.api(Method::GET, "/v1/routes", None).await.json();
    assert_eq!(
        listed["routes"][0],
        json!({"pattern": "127.0.0.1/*", "worker": null, "origin": origin.base, "cache": true, "settings": true})
    );
    let taken = json!({"pattern": "127.0.0.1/*", "origin": "http://other.example"});
    let refused = node.api(Method::PUT, "/v1/routes", Some(taken)).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.text().contains("is in the server's settings") && refused.text().contains("[[route]]"),
        "{refused:?}"
    );
}

/// A worker that passes everything on has the same cache in front of it.
#[tokio::test(flavor = "multi_thread")]
async fn every_case_passes_in_front_of_a_worker() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.holds_behind_a_worker()).collect();
    let origin = Origin::start().await;
    let node = Node::start_with(&["--private-egress"]).await;
    let script = "export default { fetch(request, env) {
        const url = new URL(request.url);
        return fetch(env.ORIGIN + url.pathname + url.search, request);
    } };";
    let config = format!(
        "name = \"pass\"\nmain = \"index.js\"\ncompatibility_date = \"2026-01-01\"\n\
         routes = [{{ pattern = \"*/*\", cache = true }}]\nlimits = {{ subrequests = 50 }}\n[vars]\nORIGIN = \"{}\"\n",
        origin.base
    );
    node.deploy(&[("index.js", script), ("wrangler.toml", &config)], &[]).await;
    let results = run::run(&node.base, &origin, &cases).await;
    let failures = failures(&results);
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// nginx does not pass them all; what it passes is in the table.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the Debian package nginx"]
async fn the_table_says_what_passes() {
    let cases = cases();
    let origin = Origin::start().await;
    let node = server(&origin).await;
    let ours = run::run(&node.base, &origin, &cases).await;
    let origin = Origin::start().await;
    let nginx = nginx::Nginx::start(&origin).await;
    let theirs = run::run(&nginx.base, &origin, &cases).await;
    table::check(&cases, &ours, &theirs);
}
