//! The engine calls the host through a table, so that its module imports no functions.
//!
//! ## Why
//! wasmtime finds the imports of a module that is itself imported, as the shared engine is, by name in each request.
//! Where the engine's module imports a function, its code has one of the same index here, which calls what is in the table
//! [`TABLE`]; a module of the worker's component fills it ([`filler`]), and what that imports is found when the component is
//! compiled.

use super::split::val_types;
use anyhow::Result;
use wasm_encoder as enc;

/// Name of the table: the code exports it, and [`filler`] imports it.
pub const TABLE: &str = "imports";

/// Custom section of engines whose functions are imported through a table. Earlier ones import each by itself.
pub const SECTION: &str = "glowplug:imports-table";

/// A function that the engine imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub module: String,
    pub name: String,
    /// Index of its type in the engine.
    pub ty: u32,
    params: Vec<enc::ValType>,
    results: Vec<enc::ValType>,
}

impl Import {
    /// The import of this name.
    pub fn new(module: &str, name: &str, ty: u32, signature: &wasmparser::FuncType) -> Result<Self> {
        Ok(Self {
            module: module.to_owned(),
            name: name.to_owned(),
            ty,
            params: val_types(signature.params())?,
            results: val_types(signature.results())?,
        })
    }

    /// The function in its place: it calls what is in `table` at `index`.
    pub fn trampoline(&self, table: u32, index: u32) -> enc::Function {
        let mut body = enc::Function::new([]);
        for (param, _) in (0..).zip(&self.params) {
            body.instructions().local_get(param);
        }
        body.instructions().i32_const(index as i32).call_indirect(table, self.ty).end();
        body
    }
}

/// Type of the table for this many functions.
pub fn table_type(imports: usize) -> enc::TableType {
    let size = imports as u64;
    enc::TableType {
        element_type: enc::RefType::FUNCREF,
        table64: false,
        minimum: size,
        maximum: Some(size),
        shared: false,
    }
}

/// Name of the function at this place of the table, as [`filler`] imports it.
pub fn place(index: usize) -> String {
    index.to_string()
}

/// A module that fills the table with functions: it imports them, and the table, from a module without a name.
pub fn filler(imports: &[Import]) -> enc::Module {
    let mut types = enc::TypeSection::new();
    let mut section = enc::ImportSection::new();
    section.import("", TABLE, table_type(imports.len()));
    for (index, import) in imports.iter().enumerate() {
        types.ty().function(import.params.iter().copied(), import.results.iter().copied());
        section.import("", &place(index), enc::EntityType::Function(index as u32));
    }
    let mut elements = enc::ElementSection::new();
    let functions: Vec<_> = (0..imports.len() as u32).collect();
    elements.active(None, &enc::ConstExpr::i32_const(0), enc::Elements::Functions(functions.into()));
    let mut module = enc::Module::new();
    module.section(&types).section(&section).section(&elements);
    module
}
