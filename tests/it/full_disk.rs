//! A disk without room: changes are refused clearly, nothing is lost, and with room again all is as before.

use crate::node::{Node, component};
use crate::support::Answer;
use glowplug::digest::Digest;
use http::{Method, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The file system's size, and what of it the ballast takes, in MiB.
const SIZE: usize = 80;
const BALLAST: usize = 16;

/// A small file system. It is mounted in a namespace of its own, which ends with the process that keeps it.
struct Disk {
    keeper: Child,
    /// Flags with which `nsenter` finds the namespace.
    enter: &'static [&'static str],
    dir: TempDir,
}

impl Disk {
    /// None where nobody is let mount anything; it is said why.
    async fn mount() -> Option<Self> {
        let ways: [(&str, &'static [&'static str]); 2] =
            [("-rm", &["-U", "-m", "--preserve-credentials"]), ("-m", &["-m"])];
        let dir = tempfile::tempdir().unwrap();
        let script = format!("mount -t tmpfs -o size={SIZE}m tmpfs \"$0\" && echo mounted && exec sleep infinity");
        let mut why = Vec::new();
        for (flags, enter) in ways {
            let mut command = Command::new("unshare");
            command.args([flags, "sh", "-c", &script]).arg(dir.path()).kill_on_drop(true);
            let mut keeper = match command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
                Ok(keeper) => keeper,
                Err(error) => {
                    why.push(format!("unshare: {error}"));
                    continue;
                }
            };
            let mut lines = BufReader::new(keeper.stdout.take().unwrap()).lines();
            if lines.next_line().await.unwrap().as_deref() == Some("mounted") {
                return Some(Self { keeper, enter, dir });
            }
            why.push(format!("`unshare {flags}` and mount: {}", keeper.wait().await.unwrap()));
        }
        println!("skipped, since no file system can be mounted here: {}", why.join("; "));
        None
    }

    /// A command that sees the file system.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.keeper.id().unwrap().to_string()]).args(self.enter).arg("--").arg(program);
        // The code cache belongs on the same disk.
        command.env_remove("GLOWPLUG_CACHE").env("NO_COLOR", "1").stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    async fn add_ballast(&self) {
        let mut command = self.command("head");
        command.args(["-c", &format!("{BALLAST}M"), "/dev/zero"]).stdout(Stdio::piped());
        let zeros = command.output().await.unwrap().stdout;
        assert_eq!(zeros.len(), BALLAST << 20);
        let mut tee =
            self.command("tee").arg(self.ballast()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut tee.stdin.take().unwrap(), &zeros).await.unwrap();
        assert!(tee.wait().await.unwrap().success());
    }

    async fn drop_ballast(&self) {
        assert!(self.command("rm").arg(self.ballast()).status().await.unwrap().success());
    }

    fn ballast(&self) -> PathBuf {
        self.dir.path().join("ballast")
    }

    async fn serve(&self, token: Option<&str>) -> Node {
        let data = self.data();
        let mut command = self.command(env!("CARGO_BIN_EXE_glowplug"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"]).arg(&data);
        let node = Node::spawn(command, &data, token).await;
        node.unwrap_or_else(|stderr| panic!("the server did not start:\n{stderr}"))
    }

    async fn check(&self, data: &Path) {
        let mut command = self.command(env!("CARGO_BIN_EXE_glowplug"));
        let output = command.args(["store", "check", "--data"]).arg(data).output().await.unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
    }

    async fn show(&self) {
        let output = self.command("du").args(["-ab", "--max-depth=2"]).arg(self.dir.path()).output().await.unwrap();
        println!("{}", String::from_utf8_lossy(&output.stdout));
    }
}

const SCRIPT: &str = "export default {
  async fetch(request, env) {
    const key = new URL(request.url).pathname.slice(1);
    if (request.method === 'GET') return new Response(`${env.META.tag} ${env.SECRET} ${await env.KV.get(key)}`);
    try {
      await env.KV.put(key, await request.arrayBuffer());
      return new Response('stored', { status: 201 });
    } catch (error) {
      return new Response(error.message, { status: 507 });
    }
  }
};";

const CONFIG: &str = "name = \"full\"\nmain = \"index.js\"\n[version_metadata]\nbinding = \"META\"\n\
    [[kv_namespaces]]\nbinding = \"KV\"\nid = \"any\"\n[secrets]\nrequired = [\"SECRET\"]";

/// Bytes that are like no others.
fn noise(seed: u64, length: usize) -> Bytes {
    let mut bytes = Vec::with_capacity(length + 32);
    for block in 0_u64.. {
        if bytes.len() >= length {
            break;
        }
        let digest = Digest::of(&[seed.to_le_bytes(), block.to_le_bytes()].concat());
        bytes.extend(digest.bytes().repeat(128));
    }
    bytes.truncate(length);
    bytes.into()
}

/// A server on a small disk, and what it has acknowledged.
struct Site {
    node: Node,
    namespace: String,
    wasm: Bytes,
    component: String,
    /// KV values.
    values: BTreeMap<String, Bytes>,
    /// Ids and tags of versions, the live one last.
    versions: Vec<(String, String)>,
    count: u64,
}

impl Site {
    async fn start(disk: &Disk) -> Self {
        let node = disk.serve(None).await;
        let wasm = component(&[("wrangler.toml", CONFIG), ("index.js", SCRIPT)]).await;
        let component = node.upload(&wasm).await;
        let made = node.api(Method::POST, "/v1/kv/namespaces", Some(json!({ "title": "full" }))).await.json();
        let namespace = made["id"].as_str().unwrap().to_owned();
        let mut site =
            Self { node, namespace, wasm, component, values: BTreeMap::new(), versions: Vec::new(), count: 0 };
        assert_eq!(site.put_secret("one").await.status, StatusCode::OK);
        assert_eq!(site.publish(site.component.clone()).await.status, StatusCode::CREATED);
        assert_eq!(site.put(100).await.status, StatusCode::NO_CONTENT);
        site
    }

    async fn put(&mut self, length: usize) -> Answer {
        self.count += 1;
        let (key, value) = (format!("key{}", self.count), noise(self.count, length));
        let path = format!("/v1/kv/namespaces/{}/values/{key}", self.namespace);
        let answer = self.node.send(self.node.admin_request(Method::PUT, &path, value.clone())).await;
        if answer.status.is_success() {
            self.values.insert(key, value);
        }
        answer
    }

    async fn put_through_worker(&mut self, length: usize) -> Answer {
        self.count += 1;
        let (key, value) = (format!("key{}", self.count), noise(self.count, length));
        let request = self.node.to("full", Method::PUT, &format!("/{key}")).body(Full::new(value.clone())).unwrap();
        let answer = self.node.send(request).await;
        if answer.status.is_success() {
            self.values.insert(key, value);
        }
        answer
    }

    async fn delete(&mut self, key: &str) -> Answer {
        let path = format!("/v1/kv/namespaces/{}/values/{key}", self.namespace);
        let answer = self.node.api(Method::DELETE, &path, None).await;
        if answer.status.is_success() {
            self.values.remove(key);
        }
        answer
    }

    async fn put_secret(&self, value: &str) -> Answer {
        self.node.api(Method::PATCH, "/v1/workers/full/secrets", Some(json!({ "SECRET": value }))).await
    }

    async fn publish(&mut self, artifact: String) -> Answer {
        self.count += 1;
        let tag = self.count.to_string();
        let version = json!({
            "artifact": artifact,
            "bindings": { "META": { "type": "version_metadata" }, "KV": { "type": "kv", "id": self.namespace } },
            "required_secrets": ["SECRET"],
            "vars": { "TAG": tag },
            "tag": tag,
        });
        let body = json!({ "version": version, "deploy": true });
        let answer = self.node.api(Method::POST, "/v1/workers/full/versions", Some(body)).await;
        if answer.status.is_success() {
            self.versions.push((answer.json()["version"]["id"].as_str().unwrap().to_owned(), tag));
        }
        answer
    }

    /// Uploads a component that is not there yet, and does what the first does.
    async fn upload_fresh(&mut self, padding: usize) -> Result<String, Answer> {
        self.count += 1;
        // A custom section: 0, its length in five bytes, the length of its name, its name, its content.
        let content = noise(self.count, padding);
        let length = content.len() + 2;
        let mut wasm = self.wasm.to_vec();
        wasm.push(0);
        wasm.extend((0..5).map(|at| (length >> (7 * at)) as u8 & 0x7f | if at < 4 { 0x80 } else { 0 }));
        wasm.extend([1, b'x']);
        wasm.extend_from_slice(&content);
        let digest = Digest::of(&wasm).to_string();
        let answer = self.node.send(self.node.admin_request(Method::PUT, &format!("/v1/blobs/{digest}"), wasm)).await;
        if answer.status.is_success() { Ok(digest) } else { Err(answer) }
    }

    /// Everything that was acknowledged is there and served.
    async fn check(&self, secret: &str) {
        let answer = self.node.get("full", "/none").await;
        let (live, tag) = self.versions.last().unwrap();
        assert_eq!(answer.text(), format!("{tag} {secret} null"));
        let worker = self.node.api(Method::GET, "/v1/workers/full", None).await.json();
        assert_eq!(worker["deployment"]["versions"][0]["version"], *live);
        for (id, tag) in &self.versions {
            let answer = self.node.get(&format!("{id}-full"), "/none").await;
            assert!(answer.text().starts_with(&format!("{tag} ")), "{answer:?}");
        }
        for (key, value) in &self.values {
            let path = format!("/v1/kv/namespaces/{}/values/{key}", self.namespace);
            let answer = self.node.api(Method::GET, &path, None).await;
            assert!(answer.status == StatusCode::OK && answer.body == *value, "{key}: {}", answer.status);
        }
        assert_eq!(self.node.api(Method::POST, "/v1/check", None).await.json(), json!({ "problems": [] }));
    }
}

/// The refusal of a change for which there is no room.
fn assert_full(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::INSUFFICIENT_STORAGE, "{}", answer.text());
    let error = &answer.json()["error"];
    assert_eq!(error["code"], "storage_full");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("no room") || message.contains("full"), "{message}");
    assert!(!message.contains('/'), "{message} tells of the server's folders");
}

#[tokio::test]
async fn a_disk_filled_by_values_refuses_more_and_loses_nothing() {
    let Some(disk) = Disk::mount().await else { return };
    let mut site = Site::start(&disk).await;
    disk.add_ballast().await;
    for length in [1 << 20, 64 << 10, 4 << 10] {
        let refused = loop {
            let answer = site.put(length).await;
            if !answer.status.is_success() {
                break answer;
            }
        };
        assert_full(&refused);
    }
    println!("{} values until the disk was full", site.values.len());
    disk.show().await;
    site.check("one").await;

    // Whatever needs room is refused, each in its way.
    assert_full(&site.put(1 << 20).await);
    assert_full(&site.upload_fresh(0).await.unwrap_err());
    let entry = json!({ "key": "bulk", "value": "x".repeat(1 << 20) });
    let path = format!("/v1/kv/namespaces/{}/bulk", site.namespace);
    assert_full(&site.node.api(Method::POST, &path, Some(json!([entry]))).await);
    let answer = site.put_through_worker(1 << 20).await;
    println!("the worker was told: {}", answer.text());
    assert_eq!(answer.status, StatusCode::INSUFFICIENT_STORAGE, "{}", answer.text());
    site.check("one").await;

    let key = site.values.iter().find(|(_, value)| value.len() == 1 << 20).unwrap().0.clone();
    // Even a deletion needs some room in the log of what changes.
    let answer = site.delete(&key).await;
    if !answer.status.is_success() {
        assert_full(&answer);
    }
    site.check("one").await;

    disk.drop_ballast().await;
    all_is_as_before(disk, site).await;
}

#[tokio::test]
async fn a_disk_filled_by_deployments_refuses_more_and_loses_nothing() {
    let Some(disk) = Disk::mount().await else { return };
    let mut site = Site::start(&disk).await;
    disk.add_ballast().await;
    for padding in [1 << 20, 0] {
        let refused = loop {
            match site.upload_fresh(padding).await {
                Ok(component) => {
                    let answer = site.publish(component).await;
                    if !answer.status.is_success() {
                        println!("publishing was refused");
                        break answer;
                    }
                }
                Err(answer) => {
                    println!("an upload was refused");
                    break answer;
                }
            }
        };
        assert_full(&refused);
    }
    println!("{} versions until the disk was full", site.versions.len());
    disk.show().await;
    site.check("one").await;

    // The same after a restart, which finds no room either.
    let token = site.node.token.clone();
    site.node.kill().await;
    site.node = disk.serve(Some(&token)).await;
    site.check("one").await;

    disk.drop_ballast().await;
    all_is_as_before(disk, site).await;
}

/// With room again everything works without a restart, and nothing is wrong after one.
async fn all_is_as_before(disk: Disk, mut site: Site) {
    assert_eq!(site.put(1 << 20).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.put_through_worker(1 << 20).await.status, StatusCode::CREATED);
    let fresh = site.upload_fresh(1 << 20).await.unwrap();
    assert_eq!(site.publish(fresh).await.status, StatusCode::CREATED);
    let answer = site.put_secret("two").await;
    assert_eq!(answer.status, StatusCode::OK);
    let id = answer.json()["deployment"]["versions"][0]["version"].as_str().unwrap().to_owned();
    let tag = site.versions.last().unwrap().1.clone();
    site.versions.push((id, tag));
    site.check("two").await;

    let token = site.node.token.clone();
    let (status, stderr) = site.node.stop().await;
    assert!(status.success(), "{stderr}");
    disk.check(&disk.data()).await;
    site.node = disk.serve(Some(&token)).await;
    site.check("two").await;
}
