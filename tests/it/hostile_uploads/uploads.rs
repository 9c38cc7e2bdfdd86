//! Blobs that are not what they are said to be, and components that cannot be run.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use wasm_encoder::reencode::{Reencode, ReencodeComponent, utils};
use wasm_encoder::{
    Component, ComponentExportKind, ComponentExportSection, ComponentImportSection, ComponentInstanceSection,
    ComponentTypeRef, ComponentTypeSection, InstanceType, MemoryType,
};

const GZIP: (header::HeaderName, &str) = (header::CONTENT_ENCODING, "gzip");
const MIB: usize = 1 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn guest(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/guests/dist").join(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_not_what_its_name_says_is_not_stored() {
    let target = Target::start().await;
    let bytes = b"something else".as_slice();
    let (right, wrong) = (digest(bytes), digest(b"this"));
    refused(&target.put_blob(&wrong, &[], bytes).await, 400, &wrong);
    refused(&target.put_blob(&wrong, &[GZIP], gzip(bytes)).await, 400, &wrong);
    for damaged in [&gzip(bytes)[..20], bytes, b""] {
        refused(&target.put_blob(&right, &[GZIP], damaged.to_vec()).await, 400, "gzip");
    }
    let brotli = (header::CONTENT_ENCODING, "br");
    refused(&target.put_blob(&right, &[brotli], bytes).await, 415, "content-encoding: gzip");
    for name in ["x", &right[1..], &format!("{right}0"), &right.to_uppercase(), "..%2F..%2Fetc%2Fpasswd", "%00"] {
        refused(&target.put_blob(name, &[], bytes).await, 400, "cannot be used");
    }
    // A body that ends before its length.
    let head = format!(
        "PUT /v1/blobs/{right} HTTP/1.1\r\nhost: admin\r\nauthorization: Bearer {}\r\ncontent-length: 14\r\n\r\nsome",
        target.node.token
    );
    let mut socket = TcpStream::connect(admin_address(&target.node)).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, head.as_bytes()).await.unwrap();
    drop(socket);

    let asked = json!({"digests": [right, wrong]});
    let missing = target.node.api(Method::POST, "/v1/blobs/missing", Some(asked)).await.json();
    assert_eq!(missing["missing"].as_array().unwrap().len(), 2, "{missing}");
    target.keeps_its_blobs();
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_bombs_are_given_up_before_they_are_large() {
    let target = Target::start().await;
    // 64 KiB that become 64 MiB; sixty of them in a row become 4 GB.
    let zeros = gzip(&vec![0; 64 * MIB]);
    let bomb = Bytes::from(zeros.repeat(60));
    let name = digest(b"bomb");
    let before = memory(&target.node, "VmRSS");
    forget_peak(&target.node);
    let began = Instant::now();
    refused(&target.put_blob(&name, &[GZIP], bomb.clone()).await, 413, "more than 67108864 bytes");
    let (took, grown) = (began.elapsed(), memory(&target.node, "VmHWM").saturating_sub(before));
    println!(
        "a bomb of {} KiB that becomes 4 GB: refused in {took:.1?}, {} MiB at the peak",
        bomb.len() / 1024,
        grown >> 20
    );
    assert!(grown < 150 << 20, "memory grew by {} MiB", grown >> 20);
    assert!(took < Duration::from_secs(30), "{took:?}");

    forget_peak(&target.node);
    let at_once = (0..16).map(|number| target.put_blob_owned(digest(&[number]), bomb.clone()));
    for answer in futures_util::future::join_all(at_once).await {
        assert!(matches!(answer.status.as_u16(), 413 | 503), "{answer:?}");
    }
    let grown = memory(&target.node, "VmHWM").saturating_sub(before);
    println!("sixteen at once: {} MiB at the peak", grown >> 20);
    assert!(grown < 400 << 20, "memory grew by {} MiB", grown >> 20);
    target.keeps_its_blobs();
    target.stays_well().await;
}

impl Target {
    async fn put_blob_owned(&self, digest: String, body: Bytes) -> Answer {
        self.put_blob(&digest, &[GZIP], body).await
    }
}

/// A component that looks like one for HTTP and imports `interface`.
fn importing(interface: &str) -> Vec<u8> {
    let mut instance = InstanceType::new();
    instance.ty().function().params([] as [(&str, wasm_encoder::ComponentValType); 0]).result(None);
    instance.export("open", ComponentTypeRef::Func(0));
    let mut types = ComponentTypeSection::new();
    types.instance(&instance);
    let mut imports = ComponentImportSection::new();
    imports.import(interface, ComponentTypeRef::Instance(0));
    let mut instances = ComponentInstanceSection::new();
    instances.export_items([] as [(&str, ComponentExportKind, u32); 0]);
    let mut exports = ComponentExportSection::new();
    exports.export("wasi:http/incoming-handler@0.2.3", ComponentExportKind::Instance, 1, None);
    let mut component = Component::new();
    component.section(&types).section(&imports).section(&instances).section(&exports);
    component.finish()
}

/// Gives each memory so many pages from the start.
struct Pages(u64);

impl Reencode for Pages {
    type Error = std::convert::Infallible;

    fn memory_type(
        &mut self,
        memory: wasmparser::MemoryType,
    ) -> Result<MemoryType, wasm_encoder::reencode::Error<Self::Error>> {
        Ok(MemoryType { minimum: self.0, maximum: None, ..utils::memory_type(self, memory) })
    }
}

impl ReencodeComponent for Pages {}

/// A component that answers, and begins with so many MiB of memory.
fn with_memory(mib: u64) -> Vec<u8> {
    let mut component = Component::new();
    let parser = wasmparser::Parser::new(0);
    Pages(mib * 16).parse_component(&mut component, parser, &guest("bare.wasm")).unwrap();
    component.finish()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_run_is_refused_with_the_reason() {
    let target = Target::start().await;
    let bare = guest("bare.wasm");
    let mut damaged = bare.clone();
    damaged.iter_mut().skip(bare.len() / 2).step_by(97).for_each(|byte| *byte ^= 0x55);
    let cases = [
        (importing("evil:host/files@1.0.0"), "evil:host/files@1.0.0"),
        (importing("wasi:sockets/tcp@0.2.3"), "wasi:sockets/tcp@0.2.3"),
        (guest("p3.wasm"), "WASI 0.3"),
        (b"\0asm\x01\0\0\0".to_vec(), "core WebAssembly module, not a component"),
        (b"\0asm\x0d\0\x01\0".to_vec(), "cannot answer HTTP"),
        (bare[..bare.len() / 2].to_vec(), "damaged or truncated"),
        (bare[..bare.len() - 1].to_vec(), ""),
        (damaged, ""),
        (b"export default {}".to_vec(), "not a WebAssembly file"),
        (Vec::new(), "not a WebAssembly file"),
        (with_memory(1024), "memory"),
    ];
    for (wasm, said) in cases {
        let digest = target.node.upload(&Bytes::from(wasm)).await;
        let answer = target.publish(json!({"artifact": digest})).await;
        refused(&answer, 422, said);
        println!("{}", answer.json()["error"]);
    }
    let missing = digest(b"never uploaded");
    refused(&target.publish(json!({"artifact": missing})).await, 422, "upload it first");
    refused(&target.publish(json!({})).await, 422, "this one has neither");
    assert_eq!(target.node.api(Method::GET, "/v1/workers/bad", None).await.status, StatusCode::NOT_FOUND);
    target.stays_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_begins_with_more_than_its_limit_is_never_given_it() {
    let target = Target::start().await;
    let digest = target.node.upload(&Bytes::from(with_memory(256))).await;
    // The limit is 128 MiB unless the version says otherwise.
    let answer = target.publish(json!({"artifact": digest})).await;
    println!("256 MiB from the start, with a limit of 128: {} {}", answer.status, answer.text());
    if answer.status == StatusCode::CREATED {
        let page = target.node.get("bad", "/").await;
        assert_eq!(page.header("x-glowplug-error"), Some("1103"), "{page:?}");
        let gone = target.node.api(Method::DELETE, "/v1/workers/bad", None).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    } else {
        refused(&answer, 422, "memory");
    }
    let enough = target.publish(json!({"artifact": digest, "limits": {"memory_mb": 512}})).await;
    assert_eq!(enough.status, StatusCode::CREATED, "{enough:?}");
    assert_eq!(target.node.get("bad", "/x").await.text(), "bare wasi:http 0.2 saw /x\n");
    assert_eq!(target.node.api(Method::DELETE, "/v1/workers/bad", None).await.status, StatusCode::NO_CONTENT);
    target.stays_well().await;
}
