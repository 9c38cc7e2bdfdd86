//! A worker that one client alone deploys, rolls back and gives secrets, so that it knows how the worker must be.

use super::{Random, Setting, Shift, fresh};
use crate::node::Node;
use http::Method;
use serde_json::{Value, json};

/// Versions that can be gone back to; older ones may be pruned.
const KNOWN: usize = 20;

/// A version, as it answers.
#[derive(Debug, Clone, PartialEq)]
struct Version {
    id: String,
    answer: Answer,
}

/// What a version says of itself. No two versions say the same.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    /// Which of the components it is.
    number: u64,
    tag: String,
    secret: String,
}

/// What can be seen of a worker.
#[derive(Debug, Clone, PartialEq)]
struct State {
    deployments: u64,
    /// With the percentages of the traffic.
    live: Vec<(Answer, f64)>,
    routes: Vec<String>,
}

/// A worker, and what its one client knows of it.
pub struct Worker {
    name: &'static str,
    random: Random,
    /// Counts what was ever asked for.
    count: u64,
    state: State,
    /// The secret that the next version has.
    secret: String,
    /// What is so if the change that was not answered was made.
    under_way: Option<(State, String)>,
    /// The live versions.
    live: Vec<Version>,
    /// Versions that are there, the newest last.
    known: Vec<Version>,
    /// Those of them that were acknowledged since they were last looked at.
    unchecked: Vec<Version>,
    pub acknowledged: usize,
    /// Changes without an answer that were made, and that were not.
    pub unanswered: (usize, usize),
}

impl Worker {
    /// Makes the worker, with a secret and a version.
    pub async fn new(name: &'static str, setting: &Setting, random: Random, shift: &Shift<'_>) -> Self {
        let mut worker = Self {
            name,
            random,
            count: 0,
            state: State { deployments: 0, live: Vec::new(), routes: Vec::new() },
            secret: "first".to_owned(),
            under_way: None,
            live: Vec::new(),
            known: Vec::new(),
            unchecked: Vec::new(),
            acknowledged: 0,
            unanswered: (0, 0),
        };
        let body = json!({ "SECRET": worker.secret });
        shift.api(Method::PATCH, &worker.path("secrets"), body).await.unwrap();
        worker.publish(setting, shift, Traffic::All).await.unwrap();
        worker
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/workers/{}/{rest}", self.name)
    }

    /// Changes one thing after another until the server is killed.
    pub async fn work(&mut self, setting: &Setting, shift: Shift<'_>) {
        loop {
            let done = match self.random.below(10) {
                0..=3 => self.publish(setting, &shift, Traffic::All).await,
                4 => self.publish(setting, &shift, Traffic::None).await,
                5 | 6 => self.put_secret(&shift).await,
                7 | 8 => self.roll_back(&shift).await,
                _ => self.split(&shift).await,
            };
            match done {
                Some(()) => self.acknowledged += 1,
                None => return,
            }
        }
    }

    async fn publish(&mut self, setting: &Setting, shift: &Shift<'_>, traffic: Traffic) -> Option<()> {
        self.count += 1;
        let number = self.random.below(setting.components.len() as u64);
        let artifact = match self.random.below(12) {
            0 => fresh(setting, number as usize, &mut self.random, shift).await?,
            _ => setting.components[number as usize].0.clone(),
        };
        let tag = self.count.to_string();
        let routes = match self.random.below(3) {
            0 => vec![format!("{}.example.com/{tag}/*", self.name), format!("{}-{tag}.example.com/*", self.name)],
            _ => self.state.routes.clone(),
        };
        let answer = Answer { number, tag: tag.clone(), secret: self.secret.clone() };
        let mut after = self.state.clone();
        if let Traffic::All = traffic {
            after.deployments += 1;
            after.live = vec![(answer.clone(), 100.0)];
            after.routes.clone_from(&routes);
        }
        let body = json!({
            "version": {
                "artifact": artifact,
                "bindings": { "META": { "type": "version_metadata" }, "KV": { "type": "kv", "id": setting.namespace } },
                "required_secrets": ["SECRET"],
                "vars": { "TAG": tag },
                "tag": tag,
            },
            "deploy": matches!(traffic, Traffic::All),
            "routes": routes,
        });
        self.under_way = Some((after.clone(), self.secret.clone()));
        let published = shift.api(Method::POST, &self.path("versions"), body).await?;
        let version = Version { id: text(&published["version"]["id"]), answer };
        self.known.push(version.clone());
        self.unchecked.push(version.clone());
        if let Traffic::All = traffic {
            self.live = vec![version];
        }
        self.made(after);
        Some(())
    }

    /// What is live is copied with the new secret.
    async fn put_secret(&mut self, shift: &Shift<'_>) -> Option<()> {
        self.count += 1;
        let secret = format!("secret {}", self.count);
        let mut after = self.state.clone();
        after.deployments += 1;
        after.live.iter_mut().for_each(|(answer, _)| answer.secret.clone_from(&secret));
        self.under_way = Some((after.clone(), secret.clone()));
        let changed = shift.api(Method::PATCH, &self.path("secrets"), json!({ "SECRET": secret })).await?;
        let copies = changed["deployment"]["versions"].as_array().expect("what is live is replaced");
        self.secret = secret;
        self.live = after.live.iter().zip(copies).map(|((answer, _), copy)| version(answer, copy)).collect();
        self.known.extend(self.live.iter().cloned());
        self.made(after);
        Some(())
    }

    async fn roll_back(&mut self, shift: &Shift<'_>) -> Option<()> {
        let Some(target) = self.other_than(&self.live[0].clone()) else { return Some(()) };
        let mut after = self.state.clone();
        after.deployments += 1;
        after.live = vec![(target.answer.clone(), 100.0)];
        self.under_way = Some((after.clone(), self.secret.clone()));
        shift.api(Method::POST, &self.path("rollback"), json!({ "version": target.id })).await?;
        self.live = vec![target];
        self.made(after);
        Some(())
    }

    async fn split(&mut self, shift: &Shift<'_>) -> Option<()> {
        let first = self.live[0].clone();
        let Some(second) = self.other_than(&first) else { return Some(()) };
        let share = |version: &Version, percent: f64| json!({ "version": version.id, "percent": percent });
        let body = json!({ "versions": [share(&first, 75.5), share(&second, 24.5)] });
        let mut after = self.state.clone();
        after.deployments += 1;
        after.live = vec![(first.answer.clone(), 75.5), (second.answer.clone(), 24.5)];
        self.under_way = Some((after.clone(), self.secret.clone()));
        shift.api(Method::POST, &self.path("deployments"), body).await?;
        self.live = vec![first, second];
        self.made(after);
        Some(())
    }

    /// A known version with another tag: two with the same tag would become one with the next secret.
    fn other_than(&mut self, version: &Version) -> Option<Version> {
        let others: Vec<_> = self.known.iter().filter(|known| known.answer.tag != version.answer.tag).collect();
        if others.is_empty() {
            return None;
        }
        Some(others[self.random.below(others.len() as u64) as usize].clone())
    }

    /// A change was acknowledged.
    fn made(&mut self, after: State) {
        self.state = after;
        self.under_way = None;
        self.known.drain(..self.known.len().saturating_sub(KNOWN));
    }

    /// The worker is as it was acknowledged, or as it is with the change that was not answered.
    pub async fn check(&mut self, node: &Node) {
        for version in std::mem::take(&mut self.unchecked) {
            assert_eq!(self.preview(node, &version.id).await, version.answer, "{} of {}", version.id, self.name);
        }
        let worker = node.api(Method::GET, &format!("/v1/workers/{}", self.name), None).await.json();
        let (mut live, mut answers) = (Vec::new(), Vec::new());
        for share in worker["deployment"]["versions"].as_array().unwrap() {
            let id = text(&share["version"]);
            let answer = self.preview(node, &id).await;
            answers.push((answer.clone(), share["percent"].as_f64().unwrap()));
            live.push(Version { id, answer });
        }
        let found = State {
            deployments: worker["deployment"]["number"].as_u64().unwrap(),
            live: answers,
            routes: worker["routes"].as_array().unwrap().iter().map(text).collect(),
        };
        let (id, answer) = self.ask(node, self.name).await;
        assert!(live.contains(&Version { id, answer }), "{} is not answered by what is live", self.name);
        match self.under_way.take() {
            Some((state, secret)) if found == state => {
                self.unanswered.0 += 1;
                (self.state, self.secret) = (state, secret);
            }
            under_way => {
                let was = &self.state;
                let why = format!("{}: {found:?} is neither {was:?} nor {under_way:?}", self.name);
                assert_eq!(found, *was, "{why}\n{}", node.stderr());
                self.unanswered.1 += usize::from(under_way.is_some());
            }
        }
        self.live = live;
        self.known.extend(self.live.iter().cloned());
    }

    /// What the version answers under its own host.
    async fn preview(&self, node: &Node, id: &str) -> Answer {
        let (said, answer) = self.ask(node, &format!("{id}-{}", self.name)).await;
        assert_eq!(said, id);
        answer
    }

    async fn ask(&self, node: &Node, host: &str) -> (String, Answer) {
        let answer = node.get(host, "/").await;
        assert_eq!(answer.status, 200, "{host}: {}\n{}", answer.text(), node.stderr());
        let said = answer.json();
        let number = said["number"].as_u64().unwrap();
        (text(&said["id"]), Answer { number, tag: text(&said["tag"]), secret: text(&said["secret"]) })
    }
}

/// What a new version gets.
enum Traffic {
    All,
    None,
}

fn version(answer: &Answer, share: &Value) -> Version {
    Version { id: text(&share["version"]), answer: answer.clone() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
