//! Puts hooks into the JavaScript engine's module, where the interpreter enters a function, leaves it and fetches an
//! opcode.
//!
//! QuickJS has one function that runs bytecode, and the compiler gave it one dispatch: a `br_table` over all opcodes,
//! right behind the load of the opcode's byte. Both are found by their shape, since the engine has no names. Nothing
//! else of the module changes but the numbers of its functions: memory, tables and globals stay as they are, so that
//! a snapshot of the one engine runs on the other.

use crate::host::profile::{AT, ENTER, INTERFACE, LEAVE, WIT};
use anyhow::{Context, Result, ensure};
use std::convert::Infallible;
use wasm_encoder as enc;
use wasm_encoder::reencode::{Error as ReencodeError, Reencode, utils};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef, ValType};
use wit_component::StringEncoding;

/// Imported functions that the hooks add.
const HOOKS: u32 = 3;
/// Opcodes that the interpreter's dispatch has at least; no other dispatch of the engine looks like it.
const OPCODES: u32 = 200;
/// Parameters of the interpreter: the context, three values, the number of arguments, the arguments, flags.
const PARAMETERS: [ValType; 7] =
    [ValType::I32, ValType::I64, ValType::I64, ValType::I64, ValType::I32, ValType::I32, ValType::I32];

/// The engine's core module with hooks, and what to import declared for wit-component.
pub fn instrument(wasm: &[u8]) -> Result<Vec<u8>> {
    let interpreter = Interpreter::find(wasm)?;
    let mut rewriter = Rewriter { interpreter, next_function: 0 };
    let mut module = enc::Module::new();
    utils::parse_core_module(&mut rewriter, &mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow::anyhow!("failed to rewrite the JavaScript engine: {error}"))?;
    let mut module = module.finish();
    let mut world = wit_component::metadata::Bindgen::default();
    let package = world.resolve.push_source("profile.wit", WIT).context("the profile's interface is not understood")?;
    let id = world.resolve.select_world(&[package], None)?;
    wit_component::embed_component_metadata(&mut module, &world.resolve, id, StringEncoding::UTF8)?;
    Ok(module)
}

/// Where in the module JavaScript runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Interpreter {
    /// Its index among the functions that the module defines.
    defined: u32,
    /// Imported functions of the module.
    imports: u32,
    /// Types of the module.
    types: u32,
    dispatch: Dispatch,
}

/// The fetch of an opcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dispatch {
    /// Which operator of the function puts the opcode's address on the stack.
    operator: usize,
    /// The local that holds the address.
    local: u32,
}

impl Interpreter {
    fn find(wasm: &[u8]) -> Result<Self> {
        let (mut types, mut imports, mut functions) = (Vec::new(), 0, Vec::new());
        let mut found = Vec::new();
        let mut defined = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(reader) => {
                    types = reader.into_iter_err_on_gc_types().collect::<Result<Vec<_>, _>>()?;
                }
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        imports += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(reader) => functions = reader.into_iter().collect::<Result<Vec<_>, _>>()?,
                Payload::CodeSectionEntry(body) => {
                    let ty = functions.get(defined as usize).and_then(|ty| types.get(*ty as usize));
                    if ty.is_some_and(|ty| ty.params() == PARAMETERS && ty.results() == [ValType::I64])
                        && let Some(dispatch) = Dispatch::find(&body)?
                    {
                        found.push((defined, dispatch));
                    }
                    defined += 1;
                }
                _ => {}
            }
        }
        ensure!(
            found.len() == 1,
            "the JavaScript engine has {} functions that look like its interpreter instead of one",
            found.len()
        );
        let (defined, dispatch) = found[0];
        Ok(Self { defined, imports, types: u32::try_from(types.len())?, dispatch })
    }
}

impl Dispatch {
    /// `local.get PC; i32.load8_u; local.tee OPCODE; i32.const -1; i32.add; br_table`, once in the function.
    fn find(body: &FunctionBody<'_>) -> Result<Option<Self>> {
        let mut last: [Option<Operator<'_>>; 5] = Default::default();
        let mut found = None;
        for (index, operator) in body.get_operators_reader()?.into_iter().enumerate() {
            let operator = operator?;
            if let Operator::BrTable { targets } = &operator
                && targets.len() >= OPCODES
                && let [
                    Some(Operator::LocalGet { local_index: local }),
                    Some(Operator::I32Load8U { memarg }),
                    Some(Operator::LocalTee { .. }),
                    Some(Operator::I32Const { value: -1 }),
                    Some(Operator::I32Add),
                ] = &last
                && memarg.offset == 0
            {
                ensure!(found.is_none(), "the JavaScript engine's interpreter dispatches in more than one place");
                found = Some(Self { operator: index - last.len(), local: *local });
            }
            last.rotate_left(1);
            last[4] = Some(operator);
        }
        Ok(found)
    }
}

struct Rewriter {
    interpreter: Interpreter,
    /// Index of the next function whose body comes.
    next_function: u32,
}

impl Rewriter {
    /// Index of the hook with this place among the hooks.
    fn hook(&self, place: u32) -> u32 {
        self.interpreter.imports + place
    }

    /// The interpreter's body with hooks. A block around it takes the branches that would leave the function, so that
    /// all ways but `return` lead past its end; blocks cost no fuel.
    fn instrumented(&mut self, body: &FunctionBody<'_>) -> Result<enc::Function, ReencodeError<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(body)?;
        function.instruction(&enc::Instruction::Call(self.hook(ENTER.place)));
        function.instruction(&enc::Instruction::Block(enc::BlockType::Result(enc::ValType::I64)));
        let mut reader = body.get_operators_reader()?;
        let mut index = 0;
        while !reader.eof() {
            let operator = reader.read()?;
            if index == self.interpreter.dispatch.operator {
                function.instruction(&enc::Instruction::LocalGet(self.interpreter.dispatch.local));
                function.instruction(&enc::Instruction::Call(self.hook(AT.place)));
            }
            if matches!(operator, Operator::Return) {
                function.instruction(&enc::Instruction::Call(self.hook(LEAVE.place)));
            }
            function.instruction(&self.instruction(operator)?);
            index += 1;
        }
        function.instruction(&enc::Instruction::Call(self.hook(LEAVE.place)));
        function.instruction(&enc::Instruction::End);
        Ok(function)
    }
}

impl Reencode for Rewriter {
    type Error = Infallible;

    /// The hooks come behind the other imported functions.
    fn function_index(&mut self, function: u32) -> Result<u32, ReencodeError<Infallible>> {
        Ok(if function < self.interpreter.imports { function } else { function + HOOKS })
    }

    fn parse_type_section(
        &mut self,
        types: &mut enc::TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), ReencodeError<Infallible>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        types.ty().function([enc::ValType::I32], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut enc::ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), ReencodeError<Infallible>> {
        utils::parse_import_section(self, imports, section)?;
        for (place, hook) in [ENTER, LEAVE, AT].into_iter().enumerate() {
            debug_assert_eq!(place as u32, hook.place);
            let ty = self.interpreter.types + u32::from(hook == AT);
            imports.import(INTERFACE, hook.name, enc::EntityType::Function(ty));
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut enc::CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), ReencodeError<Infallible>> {
        let function = self.next_function;
        self.next_function += 1;
        if function != self.interpreter.defined {
            return utils::parse_function_body(self, code, body);
        }
        code.function(&self.instrumented(&body)?);
        Ok(())
    }
}
