use super::heap::Heap;
use super::instrument::instrument;
use crate::engine::javascript::ENGINE_WASM;
use wasmparser::{Parser, Payload, Validator};

#[test]
fn the_engine_with_hooks_is_valid_and_has_its_tables_and_memory_unchanged() {
    let hooked = instrument(ENGINE_WASM).unwrap();
    Validator::new().validate_all(&hooked).unwrap();
    assert_eq!(sections(&hooked), sections(ENGINE_WASM));
}

/// What a snapshot depends on: memory, tables, globals and data.
fn sections(wasm: &[u8]) -> Vec<&[u8]> {
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let range = match payload.unwrap() {
            Payload::TableSection(reader) => reader.range(),
            Payload::MemorySection(reader) => reader.range(),
            Payload::GlobalSection(reader) => reader.range(),
            Payload::DataSection(reader) => reader.range(),
            _ => continue,
        };
        sections.push(&wasm[range]);
    }
    sections
}

#[test]
fn a_module_without_an_interpreter_is_refused() {
    let error = instrument(&wasm_encoder::Module::new().finish()).unwrap_err();
    assert!(error.to_string().contains("0 functions that look like its interpreter"), "{error}");
}

#[test]
fn a_memory_without_quickjs_is_refused() {
    let error = Heap::find(&vec![1; 1 << 20]).err().unwrap();
    assert!(error.to_string().contains("no function"), "{error}");
}
