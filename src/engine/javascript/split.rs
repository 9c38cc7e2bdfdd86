//! Takes the JavaScript engine's core module apart: code on one side, memory and mutable globals on the other.
//!
//! The code then *imports* its memory and mutable globals, so one compiled module serves every worker; what a worker adds
//! is an [`Image`] of memory alone. Of data, the code keeps the passive segments: what is in them is in no worker's memory
//! until the code copies it there.

use super::imports::{self, Import};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::ops::Range;
use wasm_encoder as enc;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{DataKind, ExternalKind, Operator, Parser, Payload, TypeRef};

/// Module name under which the code imports its memory and globals.
pub const SNAPSHOT: &str = "snapshot";
/// Import name of the memory.
pub const MEMORY: &str = "memory";

/// WebAssembly's page size in bytes.
pub const WASM_PAGE: usize = 65536;

/// Memory contents and mutable globals of an engine at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The whole linear memory; a multiple of [`WASM_PAGE`].
    pub memory: Vec<u8>,
    /// Values of the mutable `i32` globals, in order.
    pub globals: Vec<i32>,
}

/// The parts of an engine.
pub struct Parts {
    /// The code as a module that imports [`SNAPSHOT`].
    pub code: Vec<u8>,
    /// Its type, for the import in a worker component.
    pub code_type: enc::ModuleType,
    /// What it calls through its table, in the order of the table. None for an engine of an earlier version, which imports
    /// each function by itself: the workers that were made of it still run, but no more are made.
    pub imports: Option<Vec<Import>>,
    /// The state that the engine starts with.
    pub initial: Image,
}

/// Import name of the mutable global with this index.
pub fn global_name(index: usize) -> String {
    format!("global{index}")
}

/// The memory that the code imports: any size, since each snapshot has its own.
fn imported_memory() -> enc::MemoryType {
    enc::MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None }
}

/// A mutable `i32`, as imported and as exported by snapshots.
pub fn global_type() -> enc::GlobalType {
    enc::GlobalType { val_type: enc::ValType::I32, mutable: true, shared: false }
}

/// Splits the engine's core module.
pub fn split(wasm: &[u8]) -> Result<Parts> {
    let mut splitter = Splitter::default();
    for payload in Parser::new(0).parse_all(wasm) {
        splitter.payload(wasm, payload?)?;
    }
    splitter.finish()
}

#[derive(Default)]
struct Splitter {
    code: enc::Module,
    types: Vec<wasmparser::FuncType>,
    imports: Vec<Import>,
    /// Index of the table that imported functions are called through, for engines that do.
    table: Option<u32>,
    bodies: enc::CodeSection,
    /// Bodies still to come.
    bodies_left: u32,
    /// Type index of each function, imported ones first.
    functions: Vec<u32>,
    exports: Vec<(String, ExternalKind, u32)>,
    globals: Vec<i32>,
    immutable_globals: enc::GlobalSection,
    memory: Vec<u8>,
    imports_written: bool,
}

impl Splitter {
    fn payload(&mut self, wasm: &[u8], payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::TypeSection(reader) => {
                let range = reader.range();
                for ty in reader.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
                self.copy(enc::SectionId::Type, wasm, range);
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import?;
                    let TypeRef::Func(ty) = import.ty else {
                        bail!("the engine imports `{}.{}`, which is no function", import.module, import.name);
                    };
                    let signature = self.types.get(ty as usize).context("an imported function has no type")?;
                    self.imports.push(Import::new(import.module, import.name, ty, signature)?);
                    self.functions.push(ty);
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.functions.push(ty?);
                }
                // What is imported must be known before the import section is written, and comes later in the file.
                let ahead = Ahead::look(wasm)?;
                self.globals = ahead.globals;
                self.table = ahead.table;
                self.write_imports();
                self.write_functions();
            }
            Payload::TableSection(reader) => {
                let mut tables = enc::TableSection::new();
                RoundtripReencoder.parse_table_section(&mut tables, reader).map_err(unreadable)?;
                if self.table.is_some() {
                    tables.table(imports::table_type(self.imports.len()));
                }
                self.code.section(&tables);
            }
            Payload::MemorySection(reader) => {
                ensure!(reader.count() == 1, "the engine has {} memories instead of one", reader.count());
                for memory in reader {
                    let pages = usize::try_from(memory?.initial).context("the engine's memory is too large")?;
                    self.memory = vec![0; pages * WASM_PAGE];
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader.into_iter().skip(self.globals.len()) {
                    let global = global?;
                    ensure!(!global.ty.mutable, "the engine's mutable globals do not come first");
                    self.immutable_globals.global(
                        enc::GlobalType { mutable: false, ..global_type() },
                        &enc::ConstExpr::i32_const(constant(&global.init_expr)?),
                    );
                }
                self.code.section(&self.immutable_globals);
            }
            Payload::ExportSection(reader) => {
                for export in reader.clone() {
                    let export = export?;
                    self.exports.push((export.name.to_owned(), export.kind, export.index));
                }
                let mut exports = enc::ExportSection::new();
                RoundtripReencoder.parse_export_section(&mut exports, reader).map_err(unreadable)?;
                if let Some(table) = self.table {
                    exports.export(imports::TABLE, enc::ExportKind::Table, table);
                }
                self.code.section(&exports);
            }
            Payload::DataSection(reader) => {
                let mut passive = enc::DataSection::new();
                let mut has_active = false;
                for data in reader {
                    let data = data?;
                    let DataKind::Active { memory_index, offset_expr } = data.kind else {
                        ensure!(!has_active, "the engine's passive data segments do not come first");
                        passive.passive(data.data.iter().copied());
                        continue;
                    };
                    ensure!(memory_index == 0, "a data segment is of another memory");
                    has_active = true;
                    let start = constant(&offset_expr)? as u32 as usize;
                    self.memory
                        .get_mut(start..start + data.data.len())
                        .context("a data segment lies outside the engine's memory")?
                        .copy_from_slice(data.data);
                }
                if !passive.is_empty() {
                    self.code.section(&passive);
                }
            }
            Payload::StartSection { .. } => bail!("the engine has a start function"),
            Payload::DataCountSection { .. } | Payload::CustomSection(_) => {}
            Payload::CodeSectionStart { count, .. } => {
                let passive = passive_segments(wasm)?;
                if passive > 0 {
                    self.code.section(&enc::DataCountSection { count: passive });
                }
                self.bodies_left = count;
                if let Some(table) = self.table {
                    for (index, import) in (0..).zip(&self.imports) {
                        self.bodies.function(&import.trampoline(table, index));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.bodies.raw(body.as_bytes());
                self.bodies_left -= 1;
                if self.bodies_left == 0 {
                    self.code.section(&self.bodies);
                }
            }
            Payload::ElementSection(reader) => self.copy(enc::SectionId::Element, wasm, reader.range()),
            Payload::Version { .. } | Payload::End(_) => {}
            other => bail!("the engine has a section that is not expected: {other:?}"),
        }
        Ok(())
    }

    fn copy(&mut self, id: enc::SectionId, wasm: &[u8], range: Range<usize>) {
        self.code.section(&enc::RawSection { id: id as u8, data: &wasm[range] });
    }

    fn write_imports(&mut self) {
        let mut section = enc::ImportSection::new();
        for import in self.directly_imported() {
            section.import(&import.module, &import.name, enc::EntityType::Function(import.ty));
        }
        section.import(SNAPSHOT, MEMORY, imported_memory());
        for index in 0..self.globals.len() {
            section.import(SNAPSHOT, &global_name(index), global_type());
        }
        self.code.section(&section);
        self.imports_written = true;
    }

    /// Imported functions that stay imports.
    fn directly_imported(&self) -> &[Import] {
        if self.table.is_some() { &[] } else { &self.imports }
    }

    /// Types of the functions: those that were imported and no longer are come first, as they did.
    fn write_functions(&mut self) {
        let mut section = enc::FunctionSection::new();
        for ty in &self.functions[self.directly_imported().len()..] {
            section.function(*ty);
        }
        self.code.section(&section);
    }

    fn finish(self) -> Result<Parts> {
        ensure!(self.imports_written, "the engine has no functions");
        let code_type = self.code_type()?;
        let initial = Image { memory: self.memory, globals: self.globals };
        let imports = self.table.is_some().then_some(self.imports);
        Ok(Parts { code: self.code.finish(), code_type, imports, initial })
    }

    /// The code's type: what it imports, and the functions, memory and table it exports.
    fn code_type(&self) -> Result<enc::ModuleType> {
        let mut ty = enc::ModuleType::new();
        for function in &self.types {
            let (params, results) = (val_types(function.params())?, val_types(function.results())?);
            ty.ty().function(params, results);
        }
        for import in self.directly_imported() {
            ty.import(&import.module, &import.name, enc::EntityType::Function(import.ty));
        }
        ty.import(SNAPSHOT, MEMORY, enc::EntityType::Memory(imported_memory()));
        for index in 0..self.globals.len() {
            ty.import(SNAPSHOT, &global_name(index), enc::EntityType::Global(global_type()));
        }
        for (name, kind, index) in &self.exports {
            match kind {
                ExternalKind::Func => {
                    let function =
                        self.functions.get(*index as usize).context("an export of the engine names no function")?;
                    ty.export(name, enc::EntityType::Function(*function));
                }
                ExternalKind::Memory => {
                    ty.export(name, enc::EntityType::Memory(imported_memory()));
                }
                // Nothing of a worker component uses other exports.
                _ => {}
            }
        }
        if self.table.is_some() {
            ty.export(imports::TABLE, enc::EntityType::Table(imports::table_type(self.imports.len())));
        }
        Ok(ty)
    }
}

fn unreadable(error: enc::reencode::Error) -> anyhow::Error {
    anyhow!("a section of the engine is not understood: {error}")
}

/// The types as they are written.
pub(super) fn val_types(types: &[wasmparser::ValType]) -> Result<Vec<enc::ValType>> {
    types
        .iter()
        .map(|ty| enc::ValType::try_from(*ty).ok().context("the engine uses a type that is not expected"))
        .collect()
}

/// What must be known of the engine before its first part is written.
#[derive(Default)]
struct Ahead {
    /// Initial values of the mutable globals, which must come before the others.
    globals: Vec<i32>,
    /// Index of the table that imported functions are called through.
    table: Option<u32>,
}

impl Ahead {
    fn look(wasm: &[u8]) -> Result<Self> {
        let mut ahead = Self::default();
        let mut tables = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TableSection(reader) => tables = reader.count(),
                Payload::GlobalSection(reader) => {
                    for global in reader {
                        let global = global?;
                        if !global.ty.mutable {
                            break;
                        }
                        ahead.globals.push(constant(&global.init_expr)?);
                    }
                }
                Payload::CustomSection(section) if section.name() == imports::SECTION => ahead.table = Some(tables),
                _ => {}
            }
        }
        ensure!(ahead.table != Some(0), "the engine has no table");
        Ok(ahead)
    }
}

/// How many passive data segments there are.
fn passive_segments(wasm: &[u8]) -> Result<u32> {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::DataSection(reader) = payload? {
            for data in reader {
                count += u32::from(matches!(data?.kind, DataKind::Passive));
            }
        }
    }
    Ok(count)
}

/// The value of an `i32.const` expression.
pub(super) fn constant(expression: &wasmparser::ConstExpr<'_>) -> Result<i32> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value),
        other => bail!("the engine has an initial value that is no `i32.const`: {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An engine with a function that copies from a passive segment, which has the index `passive`.
    fn engine(passive: u32) -> Vec<u8> {
        let mut types = enc::TypeSection::new();
        types.ty().function([], []);
        let mut functions = enc::FunctionSection::new();
        functions.function(0);
        let mut memories = enc::MemorySection::new();
        memories.memory(imported_memory());
        let mut globals = enc::GlobalSection::new();
        globals.global(global_type(), &enc::ConstExpr::i32_const(7));
        let mut code = enc::CodeSection::new();
        let mut body = enc::Function::new([]);
        body.instructions().i32_const(0).i32_const(0).i32_const(4).memory_init(0, passive).end();
        code.function(&body);
        let mut data = enc::DataSection::new();
        for index in 0..2 {
            if index == passive {
                data.passive(*b"code");
            } else {
                data.active(0, &enc::ConstExpr::i32_const(16), *b"static");
            }
        }
        let mut module = enc::Module::new();
        module.section(&types).section(&functions).section(&memories).section(&globals);
        module.section(&enc::DataCountSection { count: 2 }).section(&code).section(&data);
        module.finish()
    }

    #[test]
    fn passive_data_stays_with_the_code() {
        let parts = split(&engine(0)).unwrap();
        wasmparser::Validator::new().validate_all(&parts.code).unwrap();
        assert!(parts.code.windows(4).any(|bytes| bytes == b"code"));
        assert!(!parts.code.windows(6).any(|bytes| bytes == b"static"));
        assert_eq!(parts.initial.memory[16..22], *b"static");
        assert!(!parts.initial.memory.windows(4).any(|bytes| bytes == b"code"));
        assert_eq!(parts.initial.globals, [7]);
    }

    /// An engine that calls `host.add` from the function `run`, with the section `custom`.
    fn importing(custom: &str) -> Vec<u8> {
        let mut types = enc::TypeSection::new();
        types.ty().function([enc::ValType::I32, enc::ValType::I32], [enc::ValType::I32]);
        types.ty().function([], [enc::ValType::I32]);
        let mut imports = enc::ImportSection::new();
        imports.import("host", "add", enc::EntityType::Function(0));
        let mut functions = enc::FunctionSection::new();
        functions.function(1);
        let mut tables = enc::TableSection::new();
        tables.table(imports::table_type(2));
        let mut memories = enc::MemorySection::new();
        memories.memory(imported_memory());
        let mut globals = enc::GlobalSection::new();
        globals.global(global_type(), &enc::ConstExpr::i32_const(7));
        let mut exports = enc::ExportSection::new();
        exports.export("run", enc::ExportKind::Func, 1);
        let mut code = enc::CodeSection::new();
        let mut body = enc::Function::new([]);
        body.instructions().i32_const(40).i32_const(2).call(0).end();
        code.function(&body);
        let mut module = enc::Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
        module.section(&globals).section(&exports).section(&code);
        module.section(&enc::CustomSection { name: custom.into(), data: [1].as_slice().into() });
        module.finish()
    }

    #[test]
    fn functions_are_imported_through_a_table() {
        let parts = split(&importing(imports::SECTION)).unwrap();
        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, &parts.code).unwrap();
        assert!(
            module.imports().all(|import| import.ty().func().is_none()),
            "{:?}",
            module.imports().collect::<Vec<_>>()
        );
        let mut store = wasmtime::Store::new(&engine, ());
        let mut linker = wasmtime::Linker::new(&engine);
        let memory = wasmtime::Memory::new(&mut store, wasmtime::MemoryType::new(1, None)).unwrap();
        linker.define(&mut store, SNAPSHOT, MEMORY, memory).unwrap();
        let ty = wasmtime::GlobalType::new(wasmtime::ValType::I32, wasmtime::Mutability::Var);
        let global = wasmtime::Global::new(&mut store, ty, wasmtime::Val::I32(7)).unwrap();
        linker.define(&mut store, SNAPSHOT, &global_name(0), global).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
        assert!(run.call(&mut store, ()).is_err(), "its table is empty");

        let filler = wasmtime::Module::new(&engine, imports::filler(&parts.imports.unwrap()).finish()).unwrap();
        let table = instance.get_table(&mut store, imports::TABLE).unwrap();
        linker.define(&mut store, "", imports::TABLE, table).unwrap();
        linker.func_wrap("", &imports::place(0), |a: i32, b: i32| a + b).unwrap();
        linker.instantiate(&mut store, &filler).unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap(), 42);
    }

    #[test]
    fn an_engine_of_an_earlier_version_imports_each_function() {
        let parts = split(&importing("something else")).unwrap();
        wasmparser::Validator::new().validate_all(&parts.code).unwrap();
        assert!(parts.imports.is_none());
        let module = wasmtime::Module::new(&wasmtime::Engine::default(), &parts.code).unwrap();
        let first = module.imports().next().unwrap();
        assert_eq!((first.module(), first.name()), ("host", "add"));
    }

    #[test]
    fn passive_data_behind_active_data_is_refused() {
        // its index would change
        assert!(split(&engine(1)).is_err());
    }
}
