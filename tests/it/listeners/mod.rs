//! The sockets of `glowplug serve`: TLS, Unix sockets, systemd, the PROXY protocol, and clients that are slow or rude.

mod acme;
mod client;
mod client_certificates;
mod held;
mod http3;
mod proxy;
mod reload;
mod resets;
mod restart;
mod slow;
mod tls;
mod unix;

use self::client::Authority;
use crate::node::Node;
use crate::support::glowplug;
use std::path::Path;
use tempfile::TempDir;

/// Answers with the URL that it was asked for.
const WORKER: &str = "export default { fetch: (request) => new Response(request.url) };";

/// A server with settings of its own.
struct Edge {
    node: Node,
    authority: Authority,
    dir: TempDir,
}

impl Edge {
    /// `settings` come after those that every server needs; `{dir}` stands for a folder with the files `a.pem`,
    /// `a.key` (`a.test`, `*.a.test`), `b.pem`, `b.key` (`b.test`) and `ca.pem`.
    async fn start(settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        authority.issue(dir.path(), "a", &["a.test", "*.a.test", "hello.localhost"]);
        authority.issue(dir.path(), "b", &["b.test"]);
        std::fs::write(dir.path().join("ca.pem"), authority.pem()).unwrap();
        let settings = settings.replace("{dir}", dir.path().to_str().unwrap());
        let file = dir.path().join("settings.toml");
        std::fs::write(&file, format!("data = \"data\"\nadmin = \"127.0.0.1:0\"\n{settings}")).unwrap();
        let mut command = glowplug();
        command.args(["serve", "--config"]).arg(&file);
        let node = Node::spawn(command, &dir.path().join("data"), None).await.unwrap_or_else(|error| panic!("{error}"));
        node.deploy_script("hello", WORKER).await;
        Self { node, authority, dir }
    }

    fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The address of the listener whose URL begins so.
    fn address(&self, scheme: &str) -> String {
        let printed = self.node.stderr();
        let mut urls = printed.lines().filter_map(|line| {
            line.strip_prefix("also on ").or(line.strip_prefix("ready on "))?.strip_prefix(scheme)?.strip_prefix("://")
        });
        urls.next_back().unwrap_or_else(|| panic!("there is no {scheme} in {printed}")).to_owned()
    }
}
