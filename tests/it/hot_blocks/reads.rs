//! Makes an engine note which pages of its memory it reads: before each load it puts a one into a map with a byte for each page.

use std::convert::Infallible;

use wasm_encoder as enc;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef};

/// Pages that the map has room for.
pub const PAGES: usize = 1 << 17;
/// The engine's function that gives the map's address (`js-shim/src/heap/spread.rs`).
const MAP: &str = "glowplug_pages_read";

/// The engine that notes, and the address of its map.
pub fn note(wasm: &[u8]) -> (Vec<u8>, usize) {
    let mut rewriter = Rewriter::of(wasm);
    let mut module = enc::Module::new();
    utils::parse_core_module(&mut rewriter, &mut module, Parser::new(0), wasm).expect("the engine can be rewritten");
    (module.finish(), rewriter.map as usize)
}

struct Rewriter {
    map: u32,
    /// How many parameters each function has that the module defines.
    parameters: Vec<u32>,
    next: usize,
}

impl Rewriter {
    fn of(wasm: &[u8]) -> Self {
        let (mut types, mut parameters, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        let (mut imported, mut exported) = (0, None);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::TypeSection(reader) => {
                    types.extend(reader.into_iter_err_on_gc_types().map(|ty| ty.unwrap().params().len() as u32));
                }
                Payload::ImportSection(reader) => {
                    let functions =
                        reader.into_imports().filter(|import| matches!(import.as_ref().unwrap().ty, TypeRef::Func(_)));
                    imported = functions.count();
                }
                Payload::FunctionSection(reader) => {
                    parameters.extend(reader.into_iter().map(|ty| types[ty.unwrap() as usize]));
                }
                Payload::ExportSection(reader) => {
                    let mut exports = reader.into_iter().map(Result::unwrap);
                    exported = exports.find(|export| export.name == MAP && export.kind == ExternalKind::Func);
                }
                Payload::CodeSectionEntry(body) => bodies.push(body),
                _ => {}
            }
        }
        let function = exported.expect("the engine has a map").index as usize - imported;
        let first = bodies[function].get_operators_reader().unwrap().read().unwrap();
        let Operator::I32Const { value: map } = first else { panic!("the map's address is no constant: {first:?}") };
        Self { map: map as u32, parameters, next: 0 }
    }

    /// Notes the page of the address that is in `scratch`.
    fn note(&self, function: &mut enc::Function, scratch: u32, offset: u64) {
        let map = enc::MemArg { offset: self.map.into(), align: 0, memory_index: 0 };
        let mut instructions = function.instructions();
        instructions.local_get(scratch).i32_const(offset as i32).i32_add().i32_const(12).i32_shr_u();
        instructions.i32_const(1).i32_store8(map);
    }
}

impl Reencode for Rewriter {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut enc::CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut address = self.parameters[self.next];
        self.next += 1;
        let mut locals = Vec::new();
        for local in body.get_locals_reader()? {
            let (count, ty) = local?;
            address += count;
            locals.push((count, self.val_type(ty)?));
        }
        locals.push((2, enc::ValType::I32));
        let length = address + 1;
        let mut function = enc::Function::new(locals);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let operator = reader.read()?;
            if let Operator::MemoryCopy { .. } = operator {
                function.instructions().local_set(length).local_tee(address);
                self.note(&mut function, address, 0);
                function.instructions().local_get(length);
            } else if let Some(offset) = load(&operator) {
                function.instructions().local_tee(address);
                self.note(&mut function, address, offset);
            }
            function.instruction(&self.instruction(operator)?);
        }
        code.function(&function);
        Ok(())
    }
}

/// What is added to the address of a load.
fn load(operator: &Operator<'_>) -> Option<u64> {
    use Operator::*;
    match operator {
        I32Load { memarg }
        | I64Load { memarg }
        | F32Load { memarg }
        | F64Load { memarg }
        | I32Load8S { memarg }
        | I32Load8U { memarg }
        | I32Load16S { memarg }
        | I32Load16U { memarg }
        | I64Load8S { memarg }
        | I64Load8U { memarg }
        | I64Load16S { memarg }
        | I64Load16U { memarg }
        | I64Load32S { memarg }
        | I64Load32U { memarg }
        | V128Load { memarg } => Some(memarg.offset),
        _ => None,
    }
}
