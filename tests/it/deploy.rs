//! The commands that talk to a server: `glowplug deploy` and those around it.

mod kv;
mod login;
mod secrets;
pub mod tail;
mod traffic;

use crate::node::Node;
use crate::support::{Answer, PATIENCE, glowplug, project, run};
use http::Request;
use http_body_util::Full;
use serde_json::Value;
use std::path::Path;
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A worker that answers with `text`.
fn saying(text: &str) -> String {
    format!("export default {{ fetch: () => new Response({text:?}) }};")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("stdout is text")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("stderr is text")
}

/// What a command printed to stderr, which must fail.
fn failure(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(1), "{}\n{}", stdout(output), stderr(output));
    assert!(stderr(output).contains("error: "), "{}", stderr(output));
    stderr(output)
}

/// What a command printed to stdout, which must succeed.
fn success(output: &Output) -> &str {
    assert!(output.status.success(), "{}", stderr(output));
    stdout(output)
}

/// A command of the client against `node`.
fn command(node: &Node, arguments: &[&str]) -> Command {
    let mut command = glowplug();
    command.args(arguments).env("GLOWPLUG_SERVER", &node.admin).env("GLOWPLUG_TOKEN", &node.token);
    command
}

/// Runs a command with `input` on its standard input.
async fn piped(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    child.stdin.take().expect("stdin is piped").write_all(input).await.expect("the command reads");
    tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("the command ends").unwrap()
}

/// A request to whatever `host` leads to.
async fn ask(node: &Node, host: &str, path: &str) -> Answer {
    let request = Request::get(format!("{}{path}", node.base)).header("host", host);
    node.send(request.body(Full::default()).unwrap()).await
}

/// The host of a URL.
fn host(url: &Value) -> String {
    let uri: http::Uri = url.as_str().expect("a URL is text").parse().unwrap();
    uri.authority().expect("a URL has a host").to_string()
}

#[tokio::test]
async fn a_deployed_worker_is_live_when_the_command_ends() {
    let node = Node::start().await;
    let dir = project(&[("index.js", &saying("one"))]);
    let deploy = async || node.cli_json(dir.path(), &["deploy", "--name", "hello", "--json"]).await;
    let deployed = deploy().await;
    assert_eq!(node.get("hello", "/").await.text(), "one");
    assert_eq!((&deployed["name"], &deployed["deployment"]), (&"hello".into(), &1.into()));
    assert_eq!((&deployed["uploaded"]["files"], &deployed["unchanged_files"]), (&1.into(), &0.into()));
    assert_eq!(deployed["version"].as_str().map(str::len), Some(12));
    assert_eq!(deployed["uploaded"]["bytes"], deployed["size"]);
    assert!(deployed["start_up_fuel"].as_u64() > Some(0));
    assert_eq!(host(&deployed["urls"][0]).split(':').next(), Some("hello.localhost"));
    for step in ["engine", "bundle", "start_up", "assemble", "upload", "check", "commit", "total"] {
        assert!(deployed["milliseconds"][step].as_f64() > Some(0.0), "{step}: {deployed}");
    }

    let again = deploy().await;
    assert_eq!((&again["version"], &again["unchanged"]), (&deployed["version"], &true.into()));
    assert_eq!((&again["uploaded"]["files"], &again["unchanged_files"]), (&0.into(), &1.into()));

    std::fs::write(dir.path().join("index.js"), saying("two")).unwrap();
    let changed = deploy().await;
    assert_eq!((&changed["unchanged"], &changed["deployment"]), (&false.into(), &2.into()));
    assert_eq!(node.get("hello", "/").await.text(), "two");
}

#[tokio::test]
async fn people_read_the_same_and_pipes_get_the_url() {
    let node = Node::start().await;
    let dir = project(&[("index.js", &saying("hello"))]);
    let output = node.cli_in(dir.path(), &["deploy", "--name", "hello", "--message", "first", "--tag", "v1"]).await;
    assert_eq!(success(&output).trim(), format!("{}/", node.base.replace("127.0.0.1", "hello.localhost")));
    let said = stderr(&output);
    for part in ["hello: version ", " is live (deployment 1)", " fuel", "1 file uploaded", " ms: engine ", "preview"] {
        assert!(said.contains(part), "`{part}` is missing:\n{said}");
    }
    let versions = node.cli_json(dir.path(), &["versions", "list", "--name", "hello", "--json"]).await;
    assert_eq!((&versions[0]["message"], &versions[0]["tag"]), (&"first".into(), &"v1".into()));
}

#[tokio::test]
async fn a_dry_run_asks_no_server() {
    let dir = project(&[("wrangler.toml", "name = \"dry\"\nmain = \"a.js\""), ("a.js", &saying("x"))]);
    let mut command = glowplug();
    command.args(["deploy", "--dry-run", "--json"]).current_dir(dir.path());
    command.env("GLOWPLUG_SERVER", "http://127.0.0.1:1").env_remove("GLOWPLUG_TOKEN");
    let output = command.output().await.unwrap();
    let report: Value = serde_json::from_str(success(&output)).unwrap();
    assert_eq!((&report["name"], &report["dry_run"], &report["version"]), (&"dry".into(), &true.into(), &Value::Null));
    assert!(report["size"].as_u64() > Some(0) && report["uploaded"].is_null());
}

#[tokio::test]
async fn a_preview_is_reached_under_its_own_host_alone() {
    let node = Node::start().await;
    node.deploy_script("hello", &saying("live")).await;
    let source = saying("to come");
    let preview = node.deploy(&[("index.js", &source)], &["--name", "hello", "--preview"]).await;
    assert!(preview["deployment"].is_null(), "{preview}");
    assert_eq!(node.get("hello", "/").await.text(), "live");
    assert_eq!(ask(&node, &host(&preview["preview_url"]), "/").await.text(), "to come");
}

#[tokio::test]
async fn variables_assets_and_what_the_project_says_arrive() {
    let node = Node::start().await;
    let dir = project(&[
        (
            "wrangler.toml",
            "name = \"site\"\nmain = \"index.js\"\nworkers_dev = true\nroutes = [\"site.example.com/*\"]\n\
             [assets]\ndirectory = \"public\"\n[vars]\nGREETING = \"hello\"\nLEVEL = 3\n",
        ),
        ("index.js", "export default { fetch: (r, env) => Response.json([env.GREETING, env.LEVEL, env.MORE]) };"),
        ("public/style.css", "body { color: red }"),
        ("public/deep/page.html", "<h1>page</h1>"),
    ]);
    let flags = ["deploy", "--json", "--var", "GREETING=good day", "--var", "MORE=a=b"];
    let deployed = node.cli_json(dir.path(), &flags).await;
    assert_eq!((&deployed["uploaded"]["files"], &deployed["assets"]["files"]), (&4.into(), &2.into()), "{deployed}");
    assert_eq!(ask(&node, "site.example.com", "/any").await.text(), r#"["good day",3,"a=b"]"#);
    assert_eq!(ask(&node, "site.example.com", "/style.css").await.text(), "body { color: red }");
    assert_eq!(node.get("site", "/deep/page").await.text(), "<h1>page</h1>");

    std::fs::write(dir.path().join("public/style.css"), "body { color: blue }").unwrap();
    let changed = node.cli_json(dir.path(), &flags).await;
    // The file and the index; the script and the page are the same.
    assert_eq!((&changed["uploaded"]["files"], &changed["unchanged_files"]), (&2.into(), &2.into()), "{changed}");
    assert_eq!(ask(&node, "site.example.com", "/style.css").await.text(), "body { color: blue }");
}

#[tokio::test]
async fn assets_alone_are_a_worker() {
    let node = Node::start().await;
    let config = "name = \"pages\"\n[assets]\ndirectory = \".\"\n";
    let deployed = node.deploy(&[("wrangler.toml", config), ("index.html", "<p>front</p>")], &[]).await;
    assert!(deployed["size"].is_null(), "{deployed}");
    assert_eq!(node.get("pages", "/").await.text(), "<p>front</p>");
}

#[tokio::test]
async fn what_cannot_be_deployed_is_told_and_changes_nothing() {
    let node = Node::start().await;
    let deploy = async |files: &[(&str, &str)], flags: &[&str]| {
        let dir = project(files);
        let output = node.cli_in(dir.path(), &[&["deploy"], flags].concat()).await;
        failure(&output).to_owned()
    };
    let broken = deploy(&[("index.js", "export default { fetch() {")], &["--name", "a"]).await;
    assert!(broken.contains("index.js:1"), "{broken}");
    let throws = deploy(&[("index.js", "throw new TypeError('no');")], &["--name", "a"]).await;
    assert!(throws.contains("the worker failed to start: TypeError: no"), "{throws}");
    let name = deploy(&[("index.js", &saying("x"))], &["--name", "No Name"]).await;
    assert!(name.contains("`No Name` is no name"), "{name}");
    let objects =
        "name = \"a\"\nmain = \"index.js\"\n[[durable_objects.bindings]]\nname = \"ROOM\"\nclass_name = \"Room\"\n";
    let unsupported = deploy(&[("wrangler.toml", objects), ("index.js", &saying("x"))], &[]).await;
    assert!(unsupported.contains("wrangler.toml:") && unsupported.contains("durable_objects"), "{unsupported}");
    let services = "name = \"a\"\nmain = \"index.js\"\nservices = [{ binding = \"AUTH\", service = \"auth\" }]\n";
    let missing = deploy(&[("wrangler.toml", services), ("index.js", &saying("x"))], &[]).await;
    assert!(missing.contains("`AUTH`") && missing.contains("deploy `auth` first"), "{missing}");
    let kv = "name = \"a\"\nmain = \"index.js\"\nkv_namespaces = [{ binding = \"CACHE\" }]\n";
    let twice = deploy(&[("wrangler.toml", kv), ("index.js", &saying("x"))], &["--var", "CACHE=1"]).await;
    assert!(twice.contains("`CACHE` is a binding"), "{twice}");
    assert_eq!(node.cli_json(Path::new("."), &["workers", "list", "--json"]).await, Value::Array(Vec::new()));
}

#[tokio::test]
async fn without_a_server_or_a_right_token_it_is_said_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("index.js");
    std::fs::write(&script, saying("x")).unwrap();
    let deploy = async |server: Option<&str>, token: Option<&str>| {
        let mut command = glowplug();
        command.arg("deploy").arg(&script).env("XDG_CONFIG_HOME", dir.path());
        command.env_remove("GLOWPLUG_SERVER").env_remove("GLOWPLUG_TOKEN");
        server.map(|server| command.env("GLOWPLUG_SERVER", server));
        token.map(|token| command.env("GLOWPLUG_TOKEN", token));
        failure(&command.output().await.unwrap()).to_owned()
    };
    let none = deploy(None, None).await;
    assert!(none.contains("no server is given") && none.contains("glowplug login --server URL"), "{none}");
    let no_token = deploy(Some("http://127.0.0.1:1"), None).await;
    assert!(no_token.contains("there is no token for the server `http://127.0.0.1:1`"), "{no_token}");
    let refused = deploy(Some("http://127.0.0.1:1"), Some("gp_000000000000_0")).await;
    assert!(refused.contains("failed to reach the server `http://127.0.0.1:1`: connection refused"), "{refused}");
    assert!(refused.contains("glowplug serve --data DIR"), "{refused}");
    let no_url = deploy(Some("localhost:8788"), Some("gp_000000000000_0")).await;
    assert!(no_url.contains("write it as in `http://localhost:8788`"), "{no_url}");

    let node = Node::start().await;
    let secret = "0".repeat(64);
    let wrong = deploy(Some(&node.admin), Some(&format!("gp_000000000000_{secret}"))).await;
    assert!(wrong.contains("does not accept the token `000000000000`") && !wrong.contains(&secret), "{wrong}");
    let page = deploy(Some(&node.base), Some("gp_000000000000_0")).await;
    assert!(page.contains("is this the address of the admin API?"), "{page}");
}

#[tokio::test]
async fn every_command_explains_itself() {
    for command in [
        &["deploy"][..],
        &["versions", "deploy"],
        &["deployments", "list"],
        &["rollback"],
        &["tail"],
        &["secret", "put"],
        &["kv", "key", "put"],
        &["kv", "bulk", "get"],
        &["kv", "namespace", "create"],
        &["routes", "explain"],
        &["workers", "list"],
        &["delete"],
        &["login"],
        &["logout"],
        &["tokens", "create"],
        &["store", "check"],
    ] {
        let output = run(&[command, &["--help"]].concat()).await;
        assert!(success(&output).contains("Usage: glowplug"), "{command:?}");
        assert!(!stdout(&output).contains("GLOWPLUG_TOKEN="), "{command:?} shows the token");
    }
}
