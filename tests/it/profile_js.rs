//! Profiles of JavaScript workers: exact, by function and line, and of the very run that is billed.

use crate::support::{cache_dir, project};
use glowplug::build::{Target, build};
use glowplug::digest::Digest;
use glowplug::engine::code_cache::CodeCache;
use glowplug::engine::invoke::{Invocation, Report, TapeUse};
use glowplug::engine::{Executor, ExecutorOptions, Metering, Prepared, Room, Setup, Wasi, Worker};
use glowplug::host::egress::EgressPolicy;
use glowplug::host::http::body;
use glowplug::limits::Limits;
use glowplug::manifest::Manifest;
use glowplug::meter::Outcome;
use glowplug::meter::profile::{Frame, Profile};
use http_body_util::{BodyExt, Full};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A worker with a function for each way of running JavaScript. Lines are looked up by the words in their comments.
const WORKER: &str = r#"
interface Item { name: string; price: number }
type Handler = (url: URL) => unknown;

function hot(n: number): number {
  let total: number = 0;
  for (let i = 0; i < n; i++) {
    total = (total * 31 + i) % 1000003; // hot line
  }
  return total; // cold line
}

function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2); // fib
}

function even(n: number): boolean {
  return n === 0 ? true : odd(n - 1); // even
}
function odd(n: number): boolean {
  return n === 0 ? false : even(n - 1); // odd
}

async function later(n: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += await step(i); // awaits
  }
  return sum;
}
async function step(i: number): Promise<number> {
  await null;
  return hot(10) + i; // after the await
}

function* numbers(n: number) {
  for (let i = 0; i < n; i++) {
    yield i * i; // yields
  }
}
function consume(n: number): number {
  let sum = 0;
  for (const number of numbers(n)) { // consumes
    sum += number;
  }
  return sum;
}

class Basket {
  #items: Item[] = [];
  add(item: Item): this {
    this.#items.push(item); // method
    return this;
  }
  get total(): number {
    return this.#items.reduce((sum, item) => sum + item.price, 0); // getter
  }
  static filled(n: number): Basket {
    const basket = new Basket();
    for (let i = 0; i < n; i++) basket.add({ name: `item ${i}`, price: i }); // static method
    return basket;
  }
}

const double = (n: number) => n * 2; // arrow

function natives(n: number): number {
  const list = Array.from({ length: n }, (_, i) => (i * 7919) % 101); // callback
  list.sort((a, b) => a - b); // comparison
  return list.map(double).length; // maps
}

function pure(n: number): string {
  return "x".repeat(n).toUpperCase().padStart(n * 2).trim(); // native only
}

function thrower(n: number): number {
  let caught = 0;
  for (let i = 0; i < n; i++) {
    try {
      throw new Error(`no ${i}`); // throws
    } catch {
      caught += hot(3); // catches
    }
  }
  return caught;
}

function endless(): void {
  let i = 0;
  for (;;) i += 1; // endless
}

const handlers: Record<string, Handler> = {
  "/hot": () => hot(1000),
  "/fib": () => fib(12),
  "/mutual": () => even(2000),
  "/async": () => later(20),
  "/generator": () => consume(100),
  "/class": () => Basket.filled(50).total,
  "/natives": () => natives(200),
  "/pure": () => pure(1000),
  "/throws": () => thrower(10),
  "/endless": () => endless(),
  "/huge": () => "a".repeat(5_000_000).replaceAll("a", "b"), // huge
};

export default {
  async fetch(request: Request, env: unknown, ctx: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/late") ctx.waitUntil(later(5));
    const handler = handlers[url.pathname];
    console.log(url.pathname);
    return new Response(String(handler ? await handler(url) : await request.text()));
  },
};
"#;

/// All paths of the worker, one that reads a body and one that works after its response.
const PATHS: [&str; 11] =
    ["/hot", "/fib", "/mutual", "/async", "/generator", "/class", "/natives", "/pure", "/throws", "/echo", "/late"];

/// The worker, prepared to serve and to be profiled.
struct Subject {
    executor: Arc<Executor>,
    plain: Arc<Worker>,
    profiled: Arc<Worker>,
}

impl Subject {
    async fn new() -> Self {
        let executor = executor();
        let wasm = built(&executor).await;
        let (_, plain) = executor.prepare(&wasm, Digest::of(&wasm)).unwrap();
        let (_, profiled) = executor.prepare_profiled(&wasm).unwrap();
        let limits = Limits { fuel: 30_000_000, ..Limits::default() };
        let setup = || Setup { limits: limits.clone(), ..Setup::default() };
        let worker = |prepared: Prepared| Arc::new(Worker::new(prepared, setup()));
        Self { plain: worker(plain), profiled: worker(profiled), executor: Arc::new(executor) }
    }

    async fn run(&self, worker: &Arc<Worker>, path: &str) -> Report {
        let request = http::Request::post(format!("http://localhost{path}"))
            .header("host", "localhost")
            .body(body(Full::new(bytes::Bytes::from_static(b"some text"))))
            .unwrap();
        let invocation = Invocation {
            request,
            event: None,
            request_id: "profile".into(),
            log: Arc::new(|_| {}),
            seed: Some([7; 32]),
            chain: Default::default(),
            fuel: None,
            tape: TapeUse::Off,
        };
        let running = self.executor.invoke(worker.clone(), invocation, |_| {});
        if let Some(head) = running.head.await {
            head.response.into_body().collect().await.unwrap();
        }
        running.report.await.unwrap()
    }

    async fn profile(&self, path: &str) -> Profile {
        self.run(&self.profiled, path).await.profile.expect("it was prepared for a profile")
    }
}

fn executor() -> Executor {
    let cache = CodeCache::in_dir(&cache_dir()).unwrap();
    let egress = EgressPolicy::PublicOnly;
    Executor::new(ExecutorOptions { cache, egress, metering: Metering::Fuel, wasi: Wasi::Stable, room: Room::Tool })
        .unwrap()
}

async fn built(executor: &Executor) -> Vec<u8> {
    let dir = project(&[("src/worker.ts", WORKER)]);
    let manifest = Manifest::load(&dir.path().join("src/worker.ts"), None).unwrap();
    build(&manifest, executor, Target::Shared).await.unwrap().wasm
}

/// Line of the worker with these words in its comment.
fn line(words: &str) -> u32 {
    let comment = format!("// {words}");
    let lines: Vec<_> = (1..).zip(WORKER.lines()).filter(|(_, text)| text.ends_with(&comment)).collect();
    assert_eq!(lines.len(), 1, "`{words}` is on one line");
    lines[0].0
}

/// Fuel of the innermost frames by function and line of the worker.
fn own(profile: &Profile) -> BTreeMap<(String, u32), u64> {
    let mut own = BTreeMap::new();
    for (stack, fuel) in profile.samples() {
        if let Some(Frame { function, file: Some(file), line: Some(line) }) = stack.last()
            && file.ends_with("worker.ts")
        {
            *own.entry((function.clone(), *line)).or_default() += fuel;
        }
    }
    own
}

/// Names of a stack's frames that are the author's.
fn names(stack: &[Frame]) -> Vec<&str> {
    let author = |frame: &&Frame| frame.file.as_ref().is_some_and(|file| file.ends_with("worker.ts"));
    stack.iter().filter(author).map(|frame| frame.function.as_str()).collect()
}

#[tokio::test]
async fn a_profile_is_exact_and_so_is_the_run_that_gives_it() {
    let subject = Subject::new().await;
    for path in PATHS {
        let plain = subject.run(&subject.plain, path).await;
        let profiled = subject.run(&subject.profiled, path).await;
        assert!(plain.profile.is_none());
        assert_eq!(profiled.status, plain.status, "{path}");
        assert_eq!(profiled.usage.fuel, plain.usage.fuel, "{path} uses the same fuel");
        let profile = profiled.profile.unwrap();
        assert_eq!(profile.total(), plain.usage.fuel, "the profile of {path} has all of it");
        assert_eq!(subject.profile(path).await, profile, "{path} has the same profile again");
        let unknown = |frame: &Frame| frame.function == "(unknown)";
        assert!(
            !profile.samples().any(|(stack, _)| stack.iter().any(unknown)),
            "{path} runs functions of the snapshot"
        );
    }
}

#[tokio::test]
async fn fuel_is_on_the_line_that_used_it() {
    let subject = Subject::new().await;
    let at = |profile: &Profile, function: &str, words: &str| {
        *own(profile).get(&(function.to_owned(), line(words))).unwrap_or(&0)
    };

    let hot = subject.profile("/hot").await;
    assert_eq!(ranked(&hot)[0], ("hot".to_owned(), line("hot line")));
    // A thousand rounds of the same opcodes, and a number that no round changes.
    let per_round = at(&hot, "hot", "hot line") / 1000;
    assert_eq!(at(&hot, "hot", "hot line"), per_round * 1000);
    assert!((300..1000).contains(&per_round), "{per_round}");
    assert!(at(&hot, "hot", "cold line") < per_round);

    let caught = subject.profile("/throws").await;
    assert!(at(&caught, "thrower", "throws") > at(&caught, "thrower", "catches"));
    assert_eq!(at(&caught, "hot", "hot line"), 10 * 3 * per_round, "the same line costs the same elsewhere");

    // What native functions do is the line's that calls them.
    let pure = subject.profile("/pure").await;
    assert_eq!(ranked(&pure)[0], ("pure".to_owned(), line("native only")));
    let natives = subject.profile("/natives").await;
    let comparison = format!("(anonymous:{})", line("comparison"));
    assert_eq!(ranked(&natives)[0], (comparison, line("comparison")));
    assert!(at(&natives, "natives", "comparison") > 100_000, "the sort itself");
    assert!(at(&natives, "double", "arrow") > 0);
}

/// Functions and lines of the worker, those with the most fuel of their own first.
fn ranked(profile: &Profile) -> Vec<(String, u32)> {
    let mut own: Vec<_> = own(profile).into_iter().collect();
    own.sort_by_key(|(_, fuel)| std::cmp::Reverse(*fuel));
    own.into_iter().map(|(place, _)| place).collect()
}

#[tokio::test]
async fn stacks_are_those_of_javascript() {
    let subject = Subject::new().await;
    let stacks = |profile: &Profile| -> Vec<String> {
        let stacks: std::collections::BTreeSet<_> =
            profile.samples().map(|(stack, _)| names(stack).join(" ")).filter(|stack| !stack.is_empty()).collect();
        stacks.into_iter().collect()
    };
    let with =
        |profile: &Profile, stack: &str| assert!(stacks(profile).iter().any(|s| s == stack), "{:#?}", stacks(profile));

    with(&subject.profile("/natives").await, "fetch /natives natives double");
    let class = subject.profile("/class").await;
    with(&class, "fetch /class filled add");
    with(&class, &format!("fetch /class total (anonymous:{})", line("getter")));
    with(&subject.profile("/generator").await, "fetch /generator consume numbers");

    // A recursive function is there once, functions that call each other as often as they do, up to a limit.
    assert_eq!(stacks(&subject.profile("/fib").await).into_iter().max().unwrap(), "fetch /fib fib");
    let mutual = stacks(&subject.profile("/mutual").await);
    assert!(mutual.iter().any(|stack| stack.starts_with("fetch /mutual even odd even odd even")));
    assert!(mutual.iter().all(|stack| stack.split(' ').count() <= 256));

    // An async function runs under its caller up to its first `await`, and under nothing of the worker's afterwards.
    let later = subject.profile("/async").await;
    with(&later, "fetch /async later step");
    with(&later, "step hot");
    with(&later, "later step");
    assert!(!stacks(&later).iter().any(|stack| stack == "fetch /async later step hot"));
}

#[tokio::test]
async fn a_run_that_is_stopped_for_its_fuel_has_all_of_it_in_its_profile() {
    let subject = Subject::new().await;
    for path in ["/endless", "/huge"] {
        let plain = subject.run(&subject.plain, path).await;
        let profiled = subject.run(&subject.profiled, path).await;
        assert_eq!(plain.outcome, Outcome::ExceededCpu, "{path}");
        assert_eq!(profiled.outcome, Outcome::ExceededCpu, "{path}");
        assert_eq!(profiled.usage.fuel, plain.usage.fuel, "{path}");
        let profile = profiled.profile.unwrap();
        assert_eq!(profile.total(), plain.usage.fuel, "{path}");
        assert_eq!(ranked(&profile)[0].1, line(if path == "/endless" { "endless" } else { "huge" }), "{path}");
    }
}

#[tokio::test]
async fn a_snapshot_of_another_quickjs_is_refused() {
    let executor = executor();
    let wasm = built(&executor).await;
    // The first atom of every engine, with its length before it.
    let mut atom = [0; 28];
    atom[0] = 4;
    atom[24..].copy_from_slice(b"null");
    let same = |window: &[u8]| window[..4] == atom[..4] && window[24..] == atom[24..];
    let mut changed = wasm.clone();
    let places: Vec<usize> =
        wasm.windows(28).enumerate().filter(|(_, window)| same(window)).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        changed[at + 24] = b'N';
    }
    let error = executor.prepare_profiled(&changed).err().unwrap();
    assert!(format!("{error:#}").contains("does not have QuickJS's structures"), "{error:#}");
    assert!(format!("{error:#}").contains("`null`"), "{error:#}");
}
