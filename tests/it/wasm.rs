//! WebAssembly in JavaScript workers: an imported file, interpreted in the engine.

use crate::support::Server;
use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    InstructionSink, MemorySection, MemoryType, Module, TypeSection, ValType,
};

const WORKER: &str = r#"
import module from "./math.wasm";
const { exports } = new WebAssembly.Instance(module, { env: { twice: (n) => 2 * n } });
const bytes = new Uint8Array(exports.memory.buffer);
bytes[0] = 40;
const told = (work) => { try { return String(work()); } catch (error) { return `${error.name}: ${error.message}`; } };
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/fib") return new Response(exports.fib(20));
    if (path === "/count") return new Response(`${exports.count()} ${bytes[0]}`);
    if (path === "/again") return new Response((await WebAssembly.instantiate(module, { env: { twice: () => 1 } })).exports.both(20));
    if (path === "/both") return new Response(exports.both(20));
    if (path === "/deep") return new Response(told(() => exports.deep()));
    if (path === "/compile") return new Response(told(() => new WebAssembly.Module(new Uint8Array(8))));
    if (path === "/spin") exports.spin();
    return new Response("ok");
  },
};
"#;

fn function(locals: &[(u32, ValType)], write: impl FnOnce(&mut InstructionSink<'_>)) -> Function {
    let mut function = Function::new(locals.to_vec());
    write(&mut function.instructions());
    function
}

/// `twice` is imported; `fib`, `count` (of the calls, in the first byte of memory), `both`, `deep` and `spin` are exported.
fn math() -> String {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("env", "twice", EntityType::Function(0));
    let mut functions = FunctionSection::new();
    for ty in [0, 1, 0, 1, 1] {
        functions.function(ty);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    for (index, name) in ["fib", "count", "both", "deep", "spin"].iter().enumerate() {
        exports.export(name, ExportKind::Func, index as u32 + 1);
    }
    let at = wasm_encoder::MemArg { offset: 0, align: 0, memory_index: 0 };
    let mut code = CodeSection::new();
    code.function(&function(&[], |body| {
        body.local_get(0).i32_const(2).i32_lt_s().if_(BlockType::Result(ValType::I32)).local_get(0).else_();
        body.local_get(0)
            .i32_const(1)
            .i32_sub()
            .call(1)
            .local_get(0)
            .i32_const(2)
            .i32_sub()
            .call(1)
            .i32_add()
            .end()
            .end();
    }));
    code.function(&function(&[], |body| {
        body.i32_const(0).i32_const(0).i32_load8_u(at).i32_const(1).i32_add().i32_store8(at);
        body.i32_const(0).i32_load8_u(at).end();
    }));
    code.function(&function(&[], |body| {
        body.local_get(0).call(0).i32_const(2).i32_add().end();
    }));
    code.function(&function(&[], |body| {
        body.call(4).i32_const(1).i32_add().end();
    }));
    code.function(&function(&[], |body| {
        body.loop_(BlockType::Empty).br(0).end().i32_const(0).end();
    }));
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&exports).section(&code);
    String::from_utf8(module.finish()).expect("all bytes of so small a module are ASCII")
}

#[tokio::test]
async fn an_imported_wasm_file_runs_in_the_worker() {
    let config = "name = \"w\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\n[limits]\ncpu_ms = 500\n";
    let server = Server::project(&[("wrangler.toml", config), ("worker.js", WORKER), ("math.wasm", &math())], "").await;
    let first = server.get("/fib").await;
    assert_eq!(first.text(), "6765");
    assert_eq!(server.get("/fib").await.fuel(), first.fuel(), "one request, one price");
    // The instance is in the snapshot with its memory, and every request gets it anew.
    for _ in 0..2 {
        assert_eq!(server.get("/count").await.text(), "41 41");
    }
    assert_eq!(server.get("/both").await.text(), "42");
    assert_eq!(server.get("/again").await.text(), "3");
    assert_eq!(server.get("/deep").await.text(), "RangeError: Maximum call stack size exceeded");
    assert_eq!(
        server.get("/compile").await.text(),
        "CompileError: WebAssembly.Module(): Wasm code generation disallowed by embedder"
    );
    let spun = server.get("/spin").await;
    assert_eq!((spun.status.as_u16(), spun.header("x-glowplug-error")), (503, Some("1102")), "{}", spun.text());
    assert!(spun.text().contains("worker.js"), "the page names the place: {}", spun.text());
}
