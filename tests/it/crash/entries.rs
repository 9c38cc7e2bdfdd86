//! KV entries that one client alone writes and deletes, so that it knows what must be there.

use super::{Random, Setting, Shift};
use crate::node::Node;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use glowplug::digest::Digest;
use http::{Method, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Keys of each client.
const KEYS: u64 = 60;
/// Entries written in one request.
const BULK: u64 = 20;

/// How a client reaches its entries.
#[derive(Clone, Copy)]
pub enum Way {
    /// Through the admin API.
    Admin,
    /// Through a worker's binding.
    Worker,
}

/// What is looked at.
#[derive(Clone, Copy, PartialEq)]
pub enum Scope {
    /// Everything.
    All,
    /// What was changed since it was last looked at.
    Changed,
}

/// Keys, with the writes that their values are of; none for those that are deleted.
type Writes = BTreeMap<String, Option<u64>>;

/// Entries, and what their one client knows of them.
pub struct Entries {
    prefix: String,
    way: Way,
    random: Random,
    /// Counts what was ever asked for.
    count: u64,
    stored: Writes,
    /// The change that was not answered.
    under_way: Writes,
    changed: BTreeSet<String>,
    pub acknowledged: usize,
    /// Changes without an answer that were made, and that were not.
    pub unanswered: (usize, usize),
}

/// The value of a write, which is like no other.
fn value(key: &str, write: u64) -> Bytes {
    let digest = Digest::of(key.as_bytes());
    let seed = digest.bytes()[..8].iter().fold(write, |seed, byte| seed.rotate_left(8) ^ u64::from(*byte));
    let mut random = Random(seed);
    let most = if random.below(20) == 0 { 256 * 1024 } else { 4096 };
    let length = random.below(most) as usize;
    random.bytes(length)
}

fn metadata(write: u64) -> Value {
    json!({ "write": write })
}

impl Entries {
    pub fn new(number: usize, way: Way, random: Random) -> Self {
        Self {
            prefix: format!("client {number}/"),
            way,
            random,
            count: 0,
            stored: Writes::new(),
            under_way: Writes::new(),
            changed: BTreeSet::new(),
            acknowledged: 0,
            unanswered: (0, 0),
        }
    }

    /// Writes and deletes until the server is killed.
    pub async fn work(&mut self, setting: &Setting, shift: Shift<'_>) {
        loop {
            self.count += 1;
            let key = self.key();
            let (request, writes) = match (self.random.below(10), self.way) {
                (0 | 1, _) => (self.delete(setting, shift.node, &key), Writes::from([(key, None)])),
                (2 | 3, Way::Admin) => self.bulk(setting, shift.node),
                _ => (self.put(setting, shift.node, &key), Writes::from([(key, Some(self.count))])),
            };
            self.changed.extend(writes.keys().cloned());
            self.under_way.clone_from(&writes);
            let Some(answer) = shift.send(request).await else { return };
            assert!(answer.status.is_success(), "{} {}", answer.status, answer.text());
            self.stored.extend(writes);
            self.under_way.clear();
            self.acknowledged += 1;
        }
    }

    fn key(&mut self) -> String {
        format!("{}{}", self.prefix, self.random.below(KEYS))
    }

    fn put(&self, setting: &Setting, node: &Node, key: &str) -> Request<Full<Bytes>> {
        let mut request = self.to(setting, node, Method::PUT, key);
        let name = match self.way {
            Way::Admin => "glowplug-kv-metadata",
            Way::Worker => "x-metadata",
        };
        request.headers_mut().insert(name, metadata(self.count).to_string().parse().unwrap());
        let value = value(key, self.count);
        // Even of a value of no bytes: without a length there is no body, and a worker stores `null`.
        request.headers_mut().insert(http::header::CONTENT_LENGTH, value.len().into());
        *request.body_mut() = Full::new(value);
        request
    }

    fn delete(&self, setting: &Setting, node: &Node, key: &str) -> Request<Full<Bytes>> {
        self.to(setting, node, Method::DELETE, key)
    }

    fn to(&self, setting: &Setting, node: &Node, method: Method, key: &str) -> Request<Full<Bytes>> {
        let key = key.replace(' ', "%20").replace('/', "%2F");
        match self.way {
            Way::Admin => node.admin_request(method, &in_namespace(setting, &format!("values/{key}")), Bytes::new()),
            Way::Worker => node.to("store", method, &format!("/{key}")).body(Full::default()).unwrap(),
        }
    }

    /// Up to a few hundred entries of one request are one commit.
    fn bulk(&mut self, setting: &Setting, node: &Node) -> (Request<Full<Bytes>>, Writes) {
        let writes: Writes = (0..BULK).map(|_| (self.key(), Some(self.count))).collect();
        let entry = |key: &String| {
            let value = STANDARD.encode(value(key, self.count));
            json!({ "key": key, "value": value, "base64": true, "metadata": metadata(self.count) })
        };
        let body: Vec<_> = writes.keys().map(entry).collect();
        (node.admin_request(Method::POST, &in_namespace(setting, "bulk"), json!(body).to_string()), writes)
    }

    /// The entries are as was acknowledged, or as they are with the change that was not answered.
    pub async fn check(&mut self, setting: &Setting, node: &Node, scope: Scope) {
        let keys: Vec<String> = match scope {
            Scope::All => (0..KEYS).map(|key| format!("{}{key}", self.prefix)).collect(),
            Scope::Changed => self.changed.iter().cloned().collect(),
        };
        self.changed.clear();
        let mut found = Writes::new();
        for some in keys.chunks(16) {
            let read = join_all(some.iter().map(|key| stored(setting, node, key))).await;
            found.extend(some.iter().cloned().zip(read));
        }
        let under_way = std::mem::take(&mut self.under_way);
        if !under_way.is_empty() {
            let is_made = under_way.iter().all(|(key, write)| found[key] == *write);
            let is_new = under_way.iter().any(|(key, write)| self.stored.get(key).copied().flatten() != *write);
            if is_made {
                self.stored.extend(under_way);
            }
            match (is_made, is_new) {
                (true, true) => self.unanswered.0 += 1,
                (false, _) => self.unanswered.1 += 1,
                // Deleting what is not there.
                (true, false) => {}
            }
        }
        for (key, write) in &found {
            assert_eq!(*write, self.stored.get(key).copied().flatten(), "the write that `{key}` is of");
        }
        if scope == Scope::All {
            self.check_listing(setting, node).await;
        }
    }

    async fn check_listing(&self, setting: &Setting, node: &Node) {
        let prefix = self.prefix.replace(' ', "%20").replace('/', "%2F");
        let path = in_namespace(setting, &format!("keys?prefix={prefix}&limit=1000"));
        let answer = node.api(Method::GET, &path, None).await.json();
        let listed = answer["keys"].as_array().unwrap().iter();
        let listed: Vec<_> = listed.map(|key| (key["name"].as_str().unwrap(), &key["metadata"])).collect();
        let written = self.stored.iter().filter_map(|(key, write)| Some((key.as_str(), metadata((*write)?))));
        let written: Vec<_> = written.collect();
        assert_eq!(listed, written.iter().map(|(key, metadata)| (*key, metadata)).collect::<Vec<_>>());
    }
}

fn in_namespace(setting: &Setting, rest: &str) -> String {
    format!("/v1/kv/namespaces/{}/{rest}", setting.namespace)
}

/// The write that the value of `key` is of, all of it.
async fn stored(setting: &Setting, node: &Node, key: &str) -> Option<u64> {
    let key_in_path = key.replace(' ', "%20").replace('/', "%2F");
    let answer = node.api(Method::GET, &in_namespace(setting, &format!("values/{key_in_path}")), None).await;
    if answer.status == 404 {
        return None;
    }
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said: Value = serde_json::from_str(answer.header("glowplug-kv-metadata").expect("it has metadata")).unwrap();
    let write = said["write"].as_u64().unwrap();
    assert!(answer.body == value(key, write), "the value of `{key}` is not that of write {write}");
    Some(write)
}
