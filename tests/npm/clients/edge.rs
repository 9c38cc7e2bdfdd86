//! The server that all clients ask.

use super::folder;
use super::wanted::sent;
use crate::authority::Authority;
use crate::node::Node;
use crate::support::glowplug;
use std::ffi::OsString;
use tempfile::TempDir;

const SETTINGS: &str = r#"
data = "data"
admin = "127.0.0.1:0"
listen = ["127.0.0.1:0", "unix:edge.sock"]
listen_tls = "127.0.0.1:0"

[tls]
certificates = [{ certificate = "edge.pem", key = "edge.key" }]
"#;

/// What a connection goes over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Tls,
    Plain,
    Unix,
}

impl Over {
    pub fn name(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::Plain => "plain",
            Self::Unix => "Unix",
        }
    }
}

pub struct Edge {
    node: Node,
    dir: TempDir,
}

impl Edge {
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        authority.issue(dir.path(), "edge", &["localhost"]);
        let files = [("ca.pem", authority.pem().into_bytes()), ("settings.toml", SETTINGS.into()), ("sent", sent())];
        for (name, bytes) in files {
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        let mut command = glowplug();
        command.args(["serve", "--config", "settings.toml"]).current_dir(dir.path());
        let node = Node::spawn(command, &dir.path().join("data"), None).await.unwrap_or_else(|error| panic!("{error}"));
        let worker = std::fs::read_to_string(folder().join("worker.js")).unwrap();
        node.deploy(&[("index.js", worker.as_str())], &["--name", "clients", "--route", "localhost/*"]).await;
        Self { node, dir }
    }

    /// What the server printed so far.
    pub fn printed(&self) -> String {
        self.node.stderr()
    }

    /// What a script is told.
    pub fn variables(&self, over: Over) -> Vec<(&'static str, OsString)> {
        let file = |name: &str| self.dir.path().join(name).into_os_string();
        let mut variables = vec![
            ("EDGE_URL", self.url(over).into()),
            ("EDGE_CERTIFICATE", file("edge.pem")),
            ("EDGE_BODY", file("sent")),
            ("EDGE_CA", file("ca.pem")),
            ("NODE_EXTRA_CA_CERTS", file("ca.pem")),
            ("DENO_CERT", file("ca.pem")),
        ];
        if over == Over::Unix {
            variables.push(("EDGE_SOCKET", file("edge.sock")));
        }
        variables
    }

    fn url(&self, over: Over) -> String {
        let scheme = match over {
            Over::Unix => return "http://localhost".to_owned(),
            Over::Plain => "http://",
            Over::Tls => "https://",
        };
        let printed = self.printed();
        let mut addresses = printed
            .lines()
            .filter_map(|line| line.strip_prefix("also on ").or(line.strip_prefix("ready on "))?.strip_prefix(scheme));
        let address = addresses.next().unwrap_or_else(|| panic!("there is no {scheme} in {printed}"));
        let (_, port) = address.rsplit_once(':').expect("an address has a port");
        format!("{scheme}localhost:{port}")
    }
}
