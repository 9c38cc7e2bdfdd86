//! What the places on a component's stack are called.

use super::demangle::demangled;
use super::lines::{LineTable, Place, Sections};
use super::rewrite::{Body, CoreModule};
use crate::meter::profile::Frame;
use anyhow::Result;
use std::collections::HashMap;
use wasmparser::{BinaryReader, ExternalKind, KnownCustom, Name, Parser, Payload, TypeRef};

/// Names and lines of all core modules of a component.
#[derive(Debug)]
pub struct Symbols {
    modules: Vec<Module>,
}

/// A place in the rewritten component's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    /// Position of the core module in the component; none for code that wasmtime made itself.
    pub module: Option<u32>,
    pub function: u32,
    /// Where in the rewritten function the call under way is; none for the innermost function.
    pub call: Option<u32>,
}

#[derive(Debug)]
struct Module {
    /// The author's bytes.
    wasm: Vec<u8>,
    bodies: Vec<Body>,
    /// What each imported function is called.
    imports: Vec<String>,
    names: HashMap<u32, String>,
    lines: LineTable,
    /// Where the code section's content begins.
    code_start: usize,
}

impl Symbols {
    pub(super) fn new(modules: Vec<CoreModule<'_>>) -> Result<Self> {
        let modules = modules.into_iter().map(|CoreModule { wasm, bodies }| Module::read(wasm, bodies));
        Ok(Self { modules: modules.collect::<Result<_>>()? })
    }

    /// The frame of a place. `caller` is the place that called it.
    pub(super) fn frame(&self, place: Spot, caller: Option<Spot>) -> Frame {
        let Some(module) = self.module(place) else { return Frame::named("[adapter]") };
        let function = match module.names.get(&place.function) {
            Some(name) => name.clone(),
            // Code that has no name and is called as an import is the way to it.
            None => match caller.and_then(|caller| self.called_import(caller)) {
                Some(import) => import.to_owned(),
                None => format!("wasm-function[{}]", place.function),
            },
        };
        let found = module.line(place);
        Frame { function, file: found.as_ref().map(|place| place.file.clone()), line: found.map(|place| place.line) }
    }

    /// What the host was asked to do when the innermost places of the stack are these, the innermost last.
    pub(super) fn host_call(&self, stack: &[Spot]) -> Frame {
        // Calls that need memory go through a module of trampolines: then the caller's caller has the name.
        let import = stack.iter().rev().take(2).find_map(|place| self.called_import(*place));
        Frame::named(import.map_or_else(|| "[host]".to_owned(), |name| format!("[host] {name}")))
    }

    fn module(&self, place: Spot) -> Option<&Module> {
        self.modules.get(place.module? as usize)
    }

    /// The import that is called at a place.
    fn called_import(&self, place: Spot) -> Option<&str> {
        let module = self.module(place)?;
        let offset = module.body(place.function)?.original_offset(place.call? as usize);
        let mut reader = BinaryReader::new(module.wasm.get(offset..)?, offset);
        let called = match (reader.read_u8().ok()?, reader.read_var_u32().ok()?) {
            (CALL, function) => function,
            _ => return None,
        };
        module.imports.get(called as usize).map(String::as_str)
    }
}

const CALL: u8 = 0x10;

impl Module {
    fn read(wasm: &[u8], bodies: Vec<Body>) -> Result<Self> {
        let mut module = Self {
            wasm: wasm.to_vec(),
            bodies,
            imports: Vec::new(),
            names: HashMap::new(),
            lines: LineTable::default(),
            code_start: 0,
        };
        let mut debug = Sections::default();
        let mut exported = HashMap::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(_) | TypeRef::FuncExact(_) = import.ty {
                            module.imports.push(format!("{} {}", import.module, import.name));
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            exported.entry(export.index).or_insert_with(|| export.name.to_owned());
                        }
                    }
                }
                Payload::CodeSectionStart { range, .. } => module.code_start = range.start,
                Payload::CustomSection(section) => match (section.name(), section.as_known()) {
                    (".debug_line", _) => debug.line = section.data(),
                    (".debug_line_str", _) => debug.line_str = section.data(),
                    (".debug_str", _) => debug.str = section.data(),
                    (_, KnownCustom::Name(names)) => module.read_names(names),
                    _ => {}
                },
                _ => {}
            }
        }
        module.lines = LineTable::parse(debug);
        for (function, name) in exported {
            // Numbers are what trampolines are exported by.
            if name.parse::<u32>().is_err() {
                module.names.entry(function).or_insert(name);
            }
        }
        Ok(module)
    }

    /// Names are an aid: a section that cannot be read gives fewer.
    fn read_names(&mut self, names: wasmparser::NameSectionReader<'_>) {
        for name in names.into_iter().flatten() {
            if let Name::Function(functions) = name {
                let functions = functions.into_iter().flatten();
                self.names.extend(functions.map(|naming| (naming.index, demangled(naming.name))));
            }
        }
    }

    fn body(&self, function: u32) -> Option<&Body> {
        self.bodies.get((function as usize).checked_sub(self.imports.len())?)
    }

    /// The line of the call under way, or the line where the innermost function begins. A call inlined from another file
    /// is told as the function's beginning: a function has one file.
    fn line(&self, spot: Spot) -> Option<Place> {
        let body = self.body(spot.function)?;
        let address = |offset: usize| offset.saturating_sub(self.code_start) as u64;
        let begins = self.lines.first_in(address(body.original.start), address(body.original.end))?;
        let call = spot.call.and_then(|call| self.lines.at(address(body.original_offset(call as usize))));
        Some(call.filter(|call| call.file == begins.file).unwrap_or(begins))
    }
}
