//! `WebAssembly.Module`: from bytes to what the interpreter runs.

use std::rc::Rc;

use rquickjs::{Array, ArrayBuffer, Class, Ctx, JsLifetime, Result, TypedArray, class::Trace};
use wasmi::{Engine, ExternType, Module};
use wasmparser::ExternalKind;

use super::super::convert::{Usv, bytes_of};
use super::binary::{self, Binary};
use super::error::compile_error;
use super::state::state;

/// V8's words, which Workers show.
const DISALLOWED: &str = "Wasm code generation disallowed by embedder";

/// One thing that a module imports.
pub struct Import {
    module: String,
    name: String,
    kind: ExternalKind,
    /// Of a global, the type of its value.
    value: Option<&'static str>,
    /// Its place among the interpreter's imports, which are sorted by kind.
    pub place: usize,
}

/// A module and what the interpreter does not keep of it.
pub struct CompiledModule {
    pub module: Module,
    /// The imports in the module's order.
    pub imports: Vec<Import>,
    pub exports: Vec<(String, ExternalKind, u32)>,
    pub imported_functions: u32,
    pub functions: u32,
    pub start: Option<String>,
    pub first_function: Option<String>,
}

impl CompiledModule {
    /// Validates and translates a module; the error says what is wrong with it.
    pub fn new(engine: &Engine, wasm: &[u8]) -> std::result::Result<CompiledModule, String> {
        let read = binary::read(wasm);
        // The start section is taken out, so nothing would be said of a bad one.
        if read.as_ref().is_none_or(|binary| binary.start.is_some()) {
            Module::validate(engine, wasm).map_err(|error| error.to_string())?;
        }
        let Some(Binary { bytes, imports, exports, imported_functions, functions, start, first_function }) = read
        else {
            return Err("the module's sections cannot be read".to_owned());
        };
        let module = Module::new(engine, bytes).map_err(|error| error.to_string())?;
        let imports = place_imports(&module, imports).ok_or("the module's imports cannot be read")?;
        Ok(CompiledModule { module, imports, exports, imported_functions, functions, start, first_function })
    }
}

/// What a `WebAssembly.Module` wraps.
#[derive(Clone, Trace, JsLifetime)]
#[rquickjs::class]
pub struct WasmModule {
    #[qjs(skip_trace)]
    pub compiled: Rc<CompiledModule>,
}

#[rquickjs::methods(rename_all = "camelCase")]
impl WasmModule {
    /// `[module, name, kind, type]` of each import; the type is that of a global's value.
    fn imports<'js>(&self, ctx: Ctx<'js>) -> Result<Array<'js>> {
        let list = Array::new(ctx.clone())?;
        for (index, import) in self.compiled.imports.iter().enumerate() {
            let row = Array::new(ctx.clone())?;
            row.set(0, import.module.as_str())?;
            row.set(1, import.name.as_str())?;
            row.set(2, kind_name(import.kind))?;
            row.set(3, import.value)?;
            list.set(index, row)?;
        }
        Ok(list)
    }

    /// `[name, kind]` of each export.
    fn exports<'js>(&self, ctx: Ctx<'js>) -> Result<Array<'js>> {
        let list = Array::new(ctx.clone())?;
        for (index, (name, kind, _)) in self.compiled.exports.iter().enumerate() {
            let pair = Array::new(ctx.clone())?;
            pair.set(0, name.as_str())?;
            pair.set(1, kind_name(*kind))?;
            list.set(index, pair)?;
        }
        Ok(list)
    }

    /// Copies of the sections of that name.
    fn custom_sections<'js>(&self, ctx: Ctx<'js>, name: Usv) -> Result<Vec<ArrayBuffer<'js>>> {
        let sections = self.compiled.module.custom_sections().filter(|section| section.name() == name.0);
        sections.map(|section| ArrayBuffer::new_copy(ctx.clone(), section.data())).collect()
    }
}

/// Finds each import among the interpreter's.
fn place_imports(module: &Module, imports: Vec<(String, String, ExternalKind)>) -> Option<Vec<Import>> {
    let mut places: Vec<(usize, ExternType)> = module.imports().map(|import| import.ty().clone()).enumerate().collect();
    let mut placed = Vec::with_capacity(imports.len());
    for (module, name, kind) in imports {
        // The first that is left of its kind: the interpreter keeps the order of each kind.
        let found = places.iter().position(|(_, ty)| kind_of(ty) == kind)?;
        let (place, ty) = places.remove(found);
        let value = ty.global().map(|ty| super::value::type_name(ty.content()));
        placed.push(Import { module, name, kind, value, place });
    }
    Some(placed)
}

fn kind_of(ty: &ExternType) -> ExternalKind {
    match ty {
        ExternType::Func(_) => ExternalKind::Func,
        ExternType::Table(_) => ExternalKind::Table,
        ExternType::Memory(_) => ExternalKind::Memory,
        ExternType::Global(_) => ExternalKind::Global,
    }
}

fn kind_name(kind: ExternalKind) -> &'static str {
    match kind {
        ExternalKind::Func => "function",
        ExternalKind::Table => "table",
        ExternalKind::Memory => "memory",
        ExternalKind::Global => "global",
        ExternalKind::Tag => "tag",
    }
}

/// Throws where the worker may not compile; `what` names the function it called.
pub fn may_compile(ctx: Ctx<'_>, what: String) -> Result<()> {
    if state(&ctx)?.may_compile() {
        return Ok(());
    }
    Err(compile_error(&ctx, &format!("{what}: {DISALLOWED}")))
}

pub fn validate<'js>(ctx: Ctx<'js>, bytes: TypedArray<'js, u8>) -> Result<bool> {
    let state = state(&ctx)?;
    Ok(Module::validate(&state.interpreter().engine, bytes_of(&bytes)).is_ok())
}

pub fn compile<'js>(ctx: Ctx<'js>, bytes: TypedArray<'js, u8>, what: String) -> Result<Class<'js, WasmModule>> {
    may_compile(ctx.clone(), what.clone())?;
    let compiled = CompiledModule::new(&state(&ctx)?.interpreter().engine, bytes_of(&bytes));
    match compiled {
        Ok(compiled) => Class::instance(ctx, WasmModule { compiled: Rc::new(compiled) }),
        Err(message) => Err(compile_error(&ctx, &format!("{what}: {message}"))),
    }
}
