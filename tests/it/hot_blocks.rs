//! Finds out which blocks of the prelude requests write to and read: `cargo xtask hot-blocks` runs it, with an engine in which each
//! of these blocks has pages of its own (`js-shim/src/heap/spread.rs`). What it writes is described in `js-shim/src/heap/hot.rs`.

mod reads;

use crate::origin::Origin;
use glowplug::build::append_section;
use glowplug::build::bundle::{BundleOptions, bundle};
use glowplug::build::start_up::{Script, start_up};
use glowplug::digest::Digest;
use glowplug::engine::code_cache::CodeCache;
use glowplug::engine::invoke::Invocation;
use glowplug::engine::javascript::{Flavour, JsEngine};
use glowplug::engine::{Executor, ExecutorOptions, JsOrigin, Metering, ORIGIN_SECTION, Room, Setup, Wasi, Worker};
use glowplug::host::egress::EgressPolicy;
use glowplug::host::http::body;
use glowplug::limits::Limits;
use http::Request;
use http_body_util::{BodyExt, Full};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/js-shim/data/hot-blocks.bin");
/// What a block's first page begins with, before its number and its length.
const MARK: u32 = 0x746f_6821;
const PAGE: usize = 4096;
/// Where a block begins in its first page.
const OFFSET: usize = 16;
/// What all requests write to, and what all read; the same of most, and of some.
const AREAS: usize = 6;
/// Of the workers, how many write to what most requests write to, and read what most read.
const MOST: usize = 3;
/// How often each is asked.
const REQUESTS: usize = 40;

/// What the API is posted.
const ORDERS: &str = r#"{"customer":"c-1027","items":[
    {"id":0,"name":"article number 0","price":199,"quantity":1,"tags":["t0","new"]},
    {"id":1,"name":"article number 7","price":236,"quantity":2,"tags":["t1","new"]},
    {"id":2,"name":"article number 14","price":273,"quantity":3,"tags":["t2","new"]},
    {"id":3,"name":"article number 21","price":310,"quantity":4,"tags":["t0","new"]}
]}"#;

/// Workers that do what workers do, and a body to ask them with.
const WORKERS: [(&str, &str); 8] = [
    (include_str!("../../benches/workers/hello.js"), ""),
    (include_str!("../../benches/workers/api.js"), ORDERS),
    (
        r#"export default { fetch(request) {
            const url = new URL(request.url);
            const name = url.searchParams.get("name") ?? "nobody";
            if (request.method !== "GET") return new Response("no", { status: 405 });
            return new Response(`<p>${name.toUpperCase()}</p>`, { headers: { "content-type": "text/html", "cache-control": "max-age=60" } });
        } };"#,
        "",
    ),
    (
        r#"export default { async fetch(request, env, ctx) {
            const answer = await fetch("ORIGIN", { headers: { accept: "text/plain" } });
            const copy = new Response(answer.body, answer);
            copy.headers.set("x-passed", "on");
            ctx.waitUntil(Promise.resolve());
            return copy;
        } };"#,
        "",
    ),
    (
        r#"class Router {
            routes = [];
            get(path, handler) { this.routes.push([new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`), handler]); return this; }
            async handle(request, env) {
                const { pathname } = new URL(request.url);
                for (const [pattern, handler] of this.routes) {
                    const found = pattern.exec(pathname);
                    if (found) return handler({ request, env, params: { ...found.groups } });
                }
                return new Response("not found", { status: 404 });
            }
        }
        const router = new Router().get("/v48/items/:id", ({ params }) => Response.json(params)).get("/", () => Response.json({ home: true }));
        export default { fetch: (request, env) => router.handle(request, env) };"#,
        "",
    ),
    (
        r#"export default { async fetch(request) {
            console.log("asked", request.method, [...request.headers]);
            const id = crypto.randomUUID();
            const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
            const text = btoa(String.fromCharCode(...new Uint8Array(digest)));
            return new Response(text, { headers: [["x-date", new Date().toISOString()], ["set-cookie", "a=b"]] });
        } };"#,
        "",
    ),
    (
        r#"export default { async fetch(request) {
            await new Promise((done) => setTimeout(done, 1));
            const { readable, writable } = new TransformStream();
            const writer = writable.getWriter();
            (async () => { for (const part of ["a", "b"]) await writer.write(new TextEncoder().encode(part)); await writer.close(); })();
            return new Response(readable);
        } };"#,
        "",
    ),
    (
        r#"export default { async fetch(request) {
            const form = new URLSearchParams(await request.text());
            const counts = new Map();
            for (const [key] of form) counts.set(key, (counts.get(key) ?? 0) + 1);
            try { JSON.parse("{"); } catch (error) { counts.set(error.name, 1); }
            return Response.json(Object.fromEntries(counts), { status: 201 });
        } };"#,
        "a=1&b=2&a=3",
    ),
];

/// Some of the prelude's blocks, with their lengths.
type Blocks = BTreeMap<u32, u32>;

/// What requests to one worker did with the prelude's blocks.
struct Used {
    written: Blocks,
    read: Blocks,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes a file; `cargo xtask hot-blocks` runs it"]
async fn write_what_requests_write_to() {
    let engine = std::fs::read(std::env::var_os("GLOWPLUG_SPREAD_ENGINE").expect("the engine's file")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cache = CodeCache::in_dir(dir.path()).unwrap();
    let options = ExecutorOptions {
        cache: cache.clone(),
        egress: EgressPolicy::Any,
        metering: Metering::Fuel,
        wasi: Wasi::Stable,
        room: Room::Tool,
    };
    let executor = Arc::new(Executor::new(options).unwrap());
    let (engine, map) = reads::note(&engine);
    executor.add_engine(&engine).unwrap();
    let engine = JsEngine::from_wasm(&engine, Flavour::Shared, executor.wasmtime(), &cache).unwrap();
    let origin = Origin::start().await;
    let mut found = Vec::new();
    let mut workers: Vec<_> =
        WORKERS.into_iter().map(|(source, body)| (source.replace("ORIGIN", &origin.url("/")), body)).collect();
    workers.push((router(dir.path()).await, ""));
    for (source, text) in workers {
        let used = blocks_of(&executor, (&engine, map), dir.path(), &source, text).await;
        for (what, blocks) in [("written to", &used.written), ("read", &used.read)] {
            println!("{} blocks {what}, of {} bytes", blocks.len(), blocks.values().sum::<u32>());
        }
        found.push(used);
    }
    let list = list(&found);
    assert!(list.len() > 8, "requests write to blocks");
    std::fs::write(FILE, list).unwrap();
}

/// A worker on Hono, bundled.
async fn router(folder: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entry = folder.join("hono.js");
    std::fs::copy(root.join("benches/workers/hono.js"), &entry).unwrap();
    std::os::unix::fs::symlink(root.join("examples/hono/node_modules"), folder.join("node_modules")).unwrap();
    bundle(&entry, folder, &BundleOptions::default()).await.expect("`npm ci` was run in examples/hono").code
}

/// The file's bytes.
fn list(found: &[Used]) -> Vec<u8> {
    let all: Blocks =
        found.iter().flat_map(|used| used.written.iter().chain(&used.read)).map(|(n, l)| (*n, *l)).collect();
    // Who use a block: all (0), most or some. The first one is hello, which does what every request does.
    let share = |number, blocks: fn(&Used) -> &Blocks| {
        let users = found.iter().filter(|used| blocks(used).contains_key(number)).count();
        if blocks(&found[0]).contains_key(number) { 0 } else { 1 + u32::from(users < MOST) }
    };
    let area = |number| {
        let is_written = found.iter().any(|used| used.written.contains_key(number));
        if is_written { 2 * share(number, |used| &used.written) } else { 2 * share(number, |used| &used.read) + 1 }
    };
    let mut lengths = [0; AREAS];
    let (mut entries, mut next) = (Vec::new(), 0);
    for (number, length) in &all {
        let area = area(number);
        lengths[area as usize] += length;
        let mut value = (number - next) * AREAS as u32 + area;
        while value >= 0x80 {
            entries.push(value as u8 | 0x80);
            value >>= 7;
        }
        entries.push(value as u8);
        next = number + 1;
    }
    println!("{} blocks in areas of {lengths:?} bytes", all.len());
    lengths.iter().flat_map(|length| length.to_le_bytes()).chain(entries).collect()
}

/// `engine` comes with the address of its map of pages that were read.
async fn blocks_of(
    executor: &Arc<Executor>,
    (engine, map): (&JsEngine, usize),
    cache: &Path,
    source: &str,
    text: &str,
) -> Used {
    let (wasm, image) = component(executor, engine, map, source);
    let digest = Digest::of(&wasm);
    let trigger = executor.prepare(&wasm, digest).unwrap().0.trigger;
    let prepared = executor.prepared(digest, trigger, Some(engine.digest())).unwrap().expect("it was kept");
    let worker = Arc::new(Worker::new(prepared, Setup { limits: limits(), ..Setup::default() }));
    // The first one maps the memory.
    ask(executor, &worker, text).await;
    let memory = Sandbox::of(&cache.join(format!("{digest}")));
    let over = AtomicBool::new(false);
    let (written, read) = std::thread::scope(|scope| {
        // What was used is looked for while requests run: after them the pages are as they were.
        let watcher = scope.spawn(|| {
            let (mut written, mut read) = (BTreeSet::new(), BTreeSet::new());
            while !over.load(Ordering::Relaxed) {
                written.extend(memory.written_pages());
                read.extend(memory.read_pages(map));
            }
            (written, read)
        });
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                for _ in 0..REQUESTS {
                    ask(executor, &worker, text).await;
                }
            });
        });
        over.store(true, Ordering::Relaxed);
        watcher.join().unwrap()
    });
    let owners = owners(&image);
    let blocks = |pages: BTreeSet<usize>| pages.iter().filter_map(|page| owners.get(page)).copied().collect();
    Used { written: blocks(written), read: blocks(read) }
}

/// The block that each page belongs to, with its length.
fn owners(image: &[u8]) -> BTreeMap<usize, (u32, u32)> {
    let word = |at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
    let mut owners = BTreeMap::new();
    let mut page = 0;
    while page < image.len() {
        let mut next = page + PAGE;
        if word(page) == MARK {
            let (number, length) = (word(page + 4), word(page + 8));
            next = page + (OFFSET + length as usize).next_multiple_of(PAGE);
            owners.extend((page..next).step_by(PAGE).map(|page| (page, (number, length))));
        }
        page = next;
    }
    owners
}

async fn ask(executor: &Arc<Executor>, worker: &Arc<Worker>, text: &str) {
    let method = if text.is_empty() { "GET" } else { "POST" };
    let invocation = Invocation {
        request: Request::builder()
            .method(method)
            .uri("http://localhost/v48/items/7?name=x")
            .header("host", "localhost")
            .header("accept", "*/*")
            .header("user-agent", "curl")
            .body(body(Full::from(text.to_owned())))
            .unwrap(),
        event: None,
        request_id: "blocks".into(),
        log: Arc::new(|_| {}),
        seed: None,
        chain: Default::default(),
        fuel: None,
        tape: Default::default(),
    };
    let running = executor.invoke(worker.clone(), invocation, |_| {});
    let head = running.head.await.expect("the worker answers");
    assert!(head.response.status().is_success(), "{}", head.response.status());
    assert!(!head.response.into_body().collect().await.unwrap().to_bytes().is_empty());
    running.report.await.unwrap();
}

/// Pages take more memory than blocks.
fn limits() -> Limits {
    Limits { memory: 512 << 20, startup_fuel: u64::MAX / 2, ..Limits::default() }
}

/// A worker, and its memory after start-up. What start-up read is not noted.
fn component(executor: &Executor, engine: &JsEngine, map: usize, source: &str) -> (Vec<u8>, Vec<u8>) {
    let script = Script {
        name: "worker.js",
        source,
        wasm: &[],
        env: &Default::default(),
        bindings: &[],
        secrets: &[],
        compatibility_date: "2026-01-01",
        compatibility_flags: &[],
    };
    let started = std::thread::scope(|scope| {
        let run = || start_up(executor.wasmtime(), engine, &script, &limits());
        std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, run).unwrap().join().unwrap()
    });
    let mut started = started.unwrap().unwrap();
    started.image.memory[map..map + reads::PAGES].fill(0);
    let mut wasm = engine.assemble(&started.image).unwrap();
    let origin = JsOrigin {
        engine: engine.digest().to_owned(),
        name: "blocks".to_owned(),
        handlers: started.handlers,
        start_up_fuel: started.fuel,
        compatibility_date: script.compatibility_date.to_owned(),
    };
    append_section(&mut wasm, ORIGIN_SECTION, &serde_json::to_vec(&origin).unwrap());
    (wasm, started.image.memory)
}

/// The part of a sandbox's memory that is mapped from its worker's file.
struct Sandbox {
    start: usize,
    end: usize,
    /// Where the memory begins.
    base: usize,
}

impl Sandbox {
    /// The one that the file whose path begins with `file` is mapped into.
    fn of(file: &Path) -> Self {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mut regions: Vec<(usize, usize, bool, bool)> = Vec::new();
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (start, end) = words.next().unwrap().split_once('-').unwrap();
            let address = |text| usize::from_str_radix(text, 16).unwrap();
            let is_writable = words.next() == Some("rw-p");
            regions.push((address(start), address(end), is_writable, line.contains(&*file.to_string_lossy())));
        }
        let image = regions.iter().position(|(.., writable, is_image)| *writable && *is_image).expect("a sandbox");
        let (start, end, ..) = regions[image];
        let mut base = start;
        for (start, end, writable, _) in regions[..image].iter().rev() {
            if *end == base && *writable {
                base = *start;
            }
        }
        Self { start, end, base }
    }

    /// Addresses, in the memory, of pages that were read by what runs.
    fn read_pages(&self, map: usize) -> Vec<usize> {
        let mut pages = vec![0; reads::PAGES];
        let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
        memory.seek(SeekFrom::Start((self.base + map) as u64)).unwrap();
        memory.read_exact(&mut pages).unwrap();
        pages.iter().enumerate().filter(|(_, read)| **read != 0).map(|(page, _)| page * PAGE).collect()
    }

    /// Addresses, in the memory, of pages that are not the file's any more.
    fn written_pages(&self) -> Vec<usize> {
        // Of an entry: the page is there, and is a file's.
        const PRESENT: u64 = 1 << 63;
        const OF_FILE: u64 = 1 << 61;
        let mut entries = vec![0; (self.end - self.start) / PAGE * 8];
        let mut pagemap = std::fs::File::open("/proc/self/pagemap").unwrap();
        pagemap.seek(SeekFrom::Start((self.start / PAGE * 8) as u64)).unwrap();
        pagemap.read_exact(&mut entries).unwrap();
        let entries = entries.chunks(8).map(|entry| u64::from_le_bytes(entry.try_into().unwrap()));
        let written = entries.enumerate().filter(|(_, entry)| entry & PRESENT != 0 && entry & OF_FILE == 0);
        written.map(|(page, _)| self.start + page * PAGE - self.base).collect()
    }
}
