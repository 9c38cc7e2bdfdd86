//! Libraries from npm in workers of their own (`tests/npm/libraries`): each must answer on glowplug as on workerd.

use crate::client::{Case, get, post};
use crate::compare::{Runtime, compare};
use crate::origin::Origin;
use crate::project::{install, repository};
use crate::support::Server;
use crate::workerd::Workerd;
use std::path::PathBuf;
use tempfile::TempDir;

/// A project of one script, with the packages of `tests/npm/libraries`.
pub async fn project(script: &str, flags: &str) -> TempDir {
    let folder: PathBuf = repository().join("tests/npm/libraries");
    install(&folder).await;
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::copy(folder.join(script), dir.path().join(script)).expect("the worker is there");
    std::os::unix::fs::symlink(folder.join("node_modules"), dir.path().join("node_modules"))
        .expect("a link to the packages");
    let manifest = format!(
        "name = \"library\"\nmain = {script:?}\ncompatibility_date = \"2026-01-01\"\ncompatibility_flags = [{flags}]\n\
         [vars]\nTEXT = \"text\"\nJSON = {{ x = 1 }}\n"
    );
    std::fs::write(dir.path().join("wrangler.toml"), manifest).expect("the folder is ours");
    dir
}

async fn compare_worker(script: &str, flags: &str, cases: &[Case]) {
    assert!(cases.len() >= 10, "{} requests", cases.len());
    let project = project(script, flags).await;
    let origin = Origin::start().await;
    let glowplug = Server::start(project.path()).await;
    let workerd = Workerd::start(project.path()).await;
    compare(
        cases,
        &Runtime { name: "workerd", base: &workerd.base, origin: &origin },
        &Runtime { name: "glowplug", base: &glowplug.base, origin: &origin },
    )
    .await;
}

fn gets(targets: &[&'static str]) -> Vec<Case> {
    targets.iter().map(|target| get(target)).collect()
}

fn posts(cases: &[(&'static str, &'static str)]) -> Vec<Case> {
    cases.iter().map(|(target, body)| post(target).json(body)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn jose_answers_as_on_workerd() {
    let cases = gets(&[
        "/sign/HS256",
        "/sign/RS256",
        "/sign/ES256",
        "/sign/EdDSA",
        "/verify/HS256",
        "/verify/RS256",
        "/verify/ES256",
        "/verify/EdDSA",
        "/forged/HS256",
        "/forged/RS256",
        "/forged/ES256",
        "/forged/EdDSA",
        "/expired/HS256",
        "/issuer/RS256",
        "/decode/ES256",
        "/thumbprint/RS256",
        "/thumbprint/EdDSA",
        "/encrypt",
        "/keyset/ES256",
        "/keyset/RS256",
    ]);
    compare_worker("jose.js", "", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jsonwebtoken_answers_as_on_workerd() {
    let cases = gets(&[
        "/sign/HS256",
        "/sign/HS512",
        "/sign/RS256",
        "/sign/RS512",
        "/sign/ES256",
        "/verify/HS256",
        "/verify/RS256",
        "/verify/ES256",
        "/forged/HS256",
        "/forged/RS256",
        "/forged/ES256",
        "/expired/HS256",
        "/expired/RS256",
        "/early/RS256",
        "/issuer/ES256",
        "/audience/RS256",
        "/decode/RS256",
        "/callback/RS256",
        "/callback/ES256",
        "/objects/HS256",
        "/objects/RS256",
        "/objects/ES256",
        "/confused",
        "/other/RS256",
        "/unsigned",
        "/short",
        "/curve",
        "/kind",
        "/text",
        "/garbage",
        "/missing",
    ]);
    compare_worker("jsonwebtoken.js", "\"nodejs_compat\"", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn zod_answers_as_on_workerd() {
    let mut cases = posts(&[
        ("/bird", r#"{"name":"  Blue Tit ","grams":11,"email":"a@b.example","seen":"2020-02-03","tags":["wood"]}"#),
        ("/bird", r#"{"name":"x","grams":-1.5,"email":"nobody","seen":"1990-01-01","tags":["sea",1,"wood","wood"]}"#),
        ("/bird", r#"{"name":"Jay","size":{"unit":"in","value":2},"extra":{"a":true,"b":"c"}}"#),
        ("/bird", r#"{"name":"Jay","size":{"unit":"m","value":2},"extra":{"a":5},"more":1}"#),
        ("/bird", "null"),
        ("/partial", r#"{"grams":"11"}"#),
        ("/partial", "{}"),
        ("/tree", r#"{"value":1,"children":[{"value":2,"children":[{"value":"3"}]}]}"#),
        ("/url", "\"https://example.com/a?b#c\""),
        ("/url", "\"not a url\""),
        ("/uuid", "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\""),
        ("/iso", "\"2020-01-01T00:00:00\""),
        ("/pipe", "\"ab\""),
        ("/pipe", "\"gr\u{fc}n \u{1f426}\""),
        ("/later", "\"taken\""),
        ("/tuple", r#"["a",1,true,"no"]"#),
    ]);
    cases.push(get("/schema"));
    compare_worker("zod.js", "", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_answers_as_on_workerd() {
    let mut cases = posts(&[
        ("/", r#"{"query":"{ birds { name grams habitat friends { name } } }"}"#),
        (
            "/",
            r#"{"query":"query Q($n: String!, $up: Boolean!) { bird(name: $n) { ...B @include(if: $up) __typename } } fragment B on Bird { name habitat(upper: $up) }","variables":{"n":"jay","up":true}}"#,
        ),
        ("/", r#"{"query":"{ birds(habitat: [WOOD, WATER]) { n: name fails } }"}"#),
        ("/", r#"{"query":"{ things { __typename ... on Named { name } ... on Feather { length } } }"}"#),
        (
            "/",
            r#"{"query":"mutation M($b: NewBird!) { add(bird: $b) { name grams habitat } }","variables":{"b":{"name":"owl","habitat":"WOOD"}},"operationName":"M"}"#,
        ),
        (
            "/",
            r#"{"query":"mutation M($b: NewBird!) { add(bird: $b) { name } }","variables":{"b":{"name":5,"habitat":"SEA"}}}"#,
        ),
        ("/", r#"{"query":"{ birds { nmae } }"}"#),
        ("/", r#"{"query":"{ birds { name "}"#),
        ("/", r#"{"query":"{ bird(name: \"dodo\") { name } }"}"#),
        ("/validate", r#"{"query":"query A { birds { name } } query A { bird { x } nope }"}"#),
        ("/print", r#"{"query":"query ($a:Int=1){birds{...on Bird@skip(if:true){name,friends(first:$a){name}}}}"}"#),
    ]);
    cases.extend(gets(&["/schema", "/introspection"]));
    compare_worker("graphql.js", "", &cases).await;
}

const MARKDOWN: &str = "# Title *here*\n\nA paragraph with `code`, **bold**, ~~gone~~, ==marked== and <b>HTML</b>.\nA second line  \nand \
    a [link](http://example.com \"t\"), ![image](a.png), https://auto.example, and an [ref][r].\n\n[r]: /ref 'Title'\n\n\
    - one\n- two\n  1. deep\n  2. deeper\n\n- [x] done\n- [ ] open\n\n> quoted\n> > twice\n\n```js\nconst a = '<b>';\n```\n\n\
    | a | b |\n|:--|--:|\n| 1 | `2|3` |\n\n---\n\nSetext\n======\n\n    indented\n\n&copy; &amp; \\*escaped\\* gr\u{fc}n \u{1f426}\n";

#[tokio::test(flavor = "multi_thread")]
async fn marked_answers_as_on_workerd() {
    let mut cases: Vec<Case> =
        ["/plain", "/strict", "/own", "/tokens"].iter().map(|target| post(target).body(MARKDOWN)).collect();
    for text in [
        "",
        "* a\n\n  b\n* c\n\t* d",
        "**a*b**c*_d_e",
        "<script>alert(1)</script>\n\n<!-- c -->",
        "[a](<b c> 'd') [e]: f",
        "1. a\n1. b\n7) c",
        "`` ` `` a  \nb\\\nc",
        "| a |\n|---|\n| b | c |\n\n\\# no",
    ] {
        cases.push(post("/plain").body(text));
        cases.push(post("/own").body(text));
    }
    compare_worker("marked.js", "", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn react_answers_as_on_workerd() {
    let cases = gets(&[
        "/string",
        "/string?name=%3CAda%26%22'%3E",
        "/static",
        "/markup",
        "/svg",
        "/stream",
        "/stream?name=J%C3%BCrgen",
        "/suspense",
        "/two",
        "/ready",
        "/boundary",
        "/fails",
        "/failsAtOnce",
    ]);
    compare_worker("react.jsx", "", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fflate_answers_as_on_workerd() {
    let text = "the quick brown fox jumps over the lazy dog. ".repeat(200);
    let noise: Vec<u8> = (0..20_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut cases = Vec::new();
    for target in [
        "/deflate?level=1",
        "/deflate?level=9",
        "/gzip",
        "/zlib",
        "/round",
        "/zip",
        "/unzip",
        "/streamed",
        "/unstreamed",
        "/unzipped",
        "/broken",
        "/platform",
    ] {
        cases.push(post(target).body(text.clone()));
        cases.push(post(target).body(noise.clone()));
        cases.push(post(target).body("x"));
    }
    compare_worker("fflate.js", "", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kysely_answers_as_on_workerd() {
    let cases = gets(&[
        "/postgres/select",
        "/postgres/select?text=gr%C3%BCn",
        "/postgres/join",
        "/postgres/or",
        "/postgres/group",
        "/postgres/insert",
        "/postgres/update",
        "/postgres/delete",
        "/postgres/with",
        "/postgres/case",
        "/postgres/union",
        "/postgres/raw",
        "/postgres/create",
        "/postgres/index",
        "/postgres/execute",
        "/sqlite/select",
        "/sqlite/or",
        "/sqlite/insert",
        "/sqlite/create",
    ]);
    compare_worker("kysely.ts", "", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trpc_answers_as_on_workerd() {
    let mut cases = gets(&[
        "/trpc/hello",
        "/trpc/hello?input=%7B%22name%22%3A%22Ada%22%7D",
        "/trpc/hello?input=%7B%22name%22%3A5%7D",
        "/trpc/birds.list,birds.get?batch=1&input=%7B%221%22%3A%22dodo%22%7D",
        "/trpc/birds.get?input=%22wren%22",
        "/trpc/birds.get?input=%22w%22",
        "/trpc/fails",
        "/trpc/later",
        "/trpc/nowhere",
        "/trpc/birds.add",
        "/trpc/count?input=3",
    ]);
    cases.extend(posts(&[("/trpc/birds.add", r#"{"name":"owl","grams":5}"#), ("/trpc/birds.add", "{")]));
    cases.push(post("/trpc/birds.add").json(r#"{"name":"owl","grams":5}"#).header("authorization", "Ada"));
    cases.push(post("/trpc/birds.add").json(r#"{"name":"owl","grams":-5}"#).header("authorization", "Ada"));
    cases.push(get("/trpc/hello,later").header("trpc-accept", "application/jsonl"));
    compare_worker("trpc.ts", "", &cases).await;
}

/// Not a library, but what libraries are written against.
#[tokio::test(flavor = "multi_thread")]
async fn modules_of_node_answer_as_on_workerd() {
    let cases = gets(&[
        "/buffer",
        "/encodings",
        "/events",
        "/inspect",
        "/format",
        "/types",
        "/promisify",
        "/assert",
        "/path",
        "/url",
        "/querystring",
        "/decoder",
        "/streams",
        "/pipelines",
        "/consumers",
        "/hashes",
        "/keys",
        "/secrets",
        "/signatures",
        "/derive",
        "/ciphers",
        "/scrypt",
        "/als",
        "/als/streams",
        "/process",
        "/timers",
        "/channels",
        "/globals",
        "/required",
    ]);
    compare_worker("node.js", "\"nodejs_compat\"", &cases).await;
}
