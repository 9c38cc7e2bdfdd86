//! Starts workerd on a project, bundled by glowplug.

use crate::project;
use crate::support::PATIENCE;
use glowplug::build::bundle::{BundleOptions, bundle};
use glowplug::manifest::{Manifest, NodeCompat, NodeModules};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running workerd.
pub struct Workerd {
    pub base: String,
    _child: Child,
    _config: TempDir,
}

impl Workerd {
    /// Serves the project in `folder`.
    pub async fn start(folder: &Path) -> Self {
        let packages = project::repository().join("tests/npm");
        project::install(&packages).await;
        let manifest = Manifest::load(folder, None).expect("the project has a configuration");
        let node = match manifest.node().modules {
            NodeModules::None => NodeCompat::default(),
            _ => NodeCompat { modules: NodeModules::External, ..NodeCompat::default() },
        };
        let options = BundleOptions { rules: manifest.rules.clone(), node, ..BundleOptions::default() };
        let bundled = bundle(manifest.entry.path().expect("the project has a script"), &manifest.root, &options)
            .await
            .unwrap_or_else(|error| panic!("{error}"));

        let config = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(config.path().join("worker.js"), bundled.code).expect("the folder is ours");
        std::fs::write(config.path().join("config.capnp"), configuration(&manifest)).expect("the folder is ours");
        let mut child = Command::new(binary(&packages))
            .args(["serve", "config.capnp", "--control-fd=1"])
            .current_dir(config.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("workerd starts");
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let port = tokio::time::timeout(PATIENCE, listening_port(lines)).await.expect("workerd gets ready in time");
        Self { base: format!("http://127.0.0.1:{port}"), _child: child, _config: config }
    }
}

/// The program itself, from the package for this platform: the `workerd` package is only a script around it, which would
/// outlive its end.
fn binary(packages: &Path) -> PathBuf {
    let scope = packages.join("node_modules/@cloudflare");
    let platforms = std::fs::read_dir(&scope).expect("the folder of packages is there");
    let binaries = platforms.filter_map(Result::ok).map(|platform| platform.path().join("bin/workerd"));
    binaries
        .into_iter()
        .find(|binary| binary.is_file())
        .expect("tests/npm/package.json names a workerd for this platform")
}

/// Waits for the line that names the port, and goes on reading: a full pipe would stop workerd.
async fn listening_port(mut lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>) -> u64 {
    while let Ok(Some(line)) = lines.next_line().await {
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        if let ("listen", Some(port)) = (message["event"].as_str().unwrap_or_default(), message["port"].as_u64()) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return port;
        }
    }
    panic!("workerd ended before it was ready")
}

fn configuration(manifest: &Manifest) -> String {
    let bindings: Vec<String> = (manifest.env.iter())
        .map(|(name, value)| match value {
            Value::String(text) => format!("(name = {}, text = {})", quoted(name), quoted(text)),
            other => format!("(name = {}, json = {})", quoted(name), quoted(&other.to_string())),
        })
        .collect();
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "{}",
      compatibilityFlags = [{}],
      bindings = [{}],
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
"#,
        manifest.compatibility_date,
        manifest.compatibility_flags.iter().map(|flag| quoted(flag)).collect::<Vec<_>>().join(", "),
        bindings.join(", "),
    )
}

/// A Cap'n Proto string; JSON's escapes for quotes and backslashes are its own.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
