//! Reading a module's sections, and hiding two exports among them.
//!
//! ## Why
//!
//! The interpreter keeps imports and exports without their order and runs the start function in one piece, without a look at
//! the worker's fuel. So the start section becomes an export that is called like any other; a second one gives away where
//! the instance's functions are, for the names that the JavaScript API gives them.

use std::ops::Range;

use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

const EXPORT_SECTION: u8 = 7;
const HEADER_BYTES: usize = 8;

/// What the interpreter is told and what it does not tell.
pub struct Binary {
    pub bytes: Vec<u8>,
    /// Module, name and kind of each import, in order.
    pub imports: Vec<(String, String, ExternalKind)>,
    /// Name and index of each export, in order.
    pub exports: Vec<(String, ExternalKind, u32)>,
    pub imported_functions: u32,
    pub functions: u32,
    /// Names of the hidden exports.
    pub start: Option<String>,
    pub first_function: Option<String>,
}

struct Section {
    id: u8,
    content: Range<usize>,
}

/// Reads a module, be it valid or not; none where it is not even made of sections.
pub fn read(wasm: &[u8]) -> Option<Binary> {
    let mut sections = Vec::new();
    let mut binary = Binary {
        bytes: Vec::new(),
        imports: Vec::new(),
        exports: Vec::new(),
        imported_functions: 0,
        functions: 0,
        start: None,
        first_function: None,
    };
    let mut start = None;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        match &payload {
            Payload::ImportSection(imports) => {
                for import in imports.clone() {
                    let import = import.ok()?;
                    let kind = kind_of(&import.ty);
                    binary.imported_functions += u32::from(kind == ExternalKind::Func);
                    binary.imports.push((import.module.to_owned(), import.name.to_owned(), kind));
                }
            }
            Payload::FunctionSection(functions) => binary.functions = functions.count(),
            Payload::ExportSection(exports) => {
                for export in exports.clone() {
                    let export = export.ok()?;
                    binary.exports.push((export.name.to_owned(), export.kind, export.index));
                }
            }
            Payload::StartSection { func, .. } => {
                start = Some(*func);
                continue;
            }
            _ => {}
        }
        if let Some((id, content)) = payload.as_section() {
            sections.push(Section { id, content });
        }
    }
    let mut hidden = Vec::new();
    if let Some(function) = start {
        let name = binary.unused_name("start");
        hidden.push((name.clone(), function));
        binary.start = Some(name);
    }
    if binary.functions > 0 {
        let name = binary.unused_name("first");
        hidden.push((name.clone(), binary.imported_functions));
        binary.first_function = Some(name);
    }
    binary.bytes = rewrite(wasm, &sections, &binary, &hidden)?;
    Some(binary)
}

fn kind_of(ty: &TypeRef) -> ExternalKind {
    match ty {
        TypeRef::Func(_) => ExternalKind::Func,
        TypeRef::Table(_) => ExternalKind::Table,
        TypeRef::Memory(_) => ExternalKind::Memory,
        TypeRef::Global(_) => ExternalKind::Global,
        TypeRef::Tag(_) => ExternalKind::Tag,
    }
}

impl Binary {
    /// A name that no export has.
    fn unused_name(&self, word: &str) -> String {
        let mut name = format!("\0{word}");
        while self.exports.iter().any(|(other, ..)| *other == name) {
            name.insert(0, '\0');
        }
        name
    }
}

fn rewrite(wasm: &[u8], sections: &[Section], binary: &Binary, hidden: &[(String, u32)]) -> Option<Vec<u8>> {
    let mut out = wasm.get(..HEADER_BYTES)?.to_vec();
    out.reserve(wasm.len());
    let mut exports_written = false;
    for section in sections {
        let comes_after = section.id > EXPORT_SECTION && !is_before_exports(section.id);
        if (section.id == EXPORT_SECTION || comes_after) && !exports_written {
            write_exports(&mut out, binary, hidden)?;
            exports_written = true;
        }
        if section.id != EXPORT_SECTION {
            let content = wasm.get(section.content.clone())?;
            out.push(section.id);
            write_number(&mut out, u32::try_from(content.len()).ok()?);
            out.extend_from_slice(content);
        }
    }
    if !exports_written {
        write_exports(&mut out, binary, hidden)?;
    }
    Some(out)
}

/// The tag section has a high number and comes early.
fn is_before_exports(section: u8) -> bool {
    const TAG_SECTION: u8 = 13;
    section == TAG_SECTION
}

fn write_exports(out: &mut Vec<u8>, binary: &Binary, hidden: &[(String, u32)]) -> Option<()> {
    let mut content = Vec::new();
    write_number(&mut content, u32::try_from(binary.exports.len() + hidden.len()).ok()?);
    let own = binary.exports.iter().map(|(name, kind, index)| (name, *kind, *index));
    for (name, kind, index) in own.chain(hidden.iter().map(|(name, index)| (name, ExternalKind::Func, *index))) {
        write_number(&mut content, u32::try_from(name.len()).ok()?);
        content.extend_from_slice(name.as_bytes());
        content.push(match kind {
            ExternalKind::Func => 0,
            ExternalKind::Table => 1,
            ExternalKind::Memory => 2,
            ExternalKind::Global => 3,
            ExternalKind::Tag => 4,
        });
        write_number(&mut content, index);
    }
    out.push(EXPORT_SECTION);
    write_number(out, u32::try_from(content.len()).ok()?);
    out.append(&mut content);
    Some(())
}

/// LEB128.
fn write_number(out: &mut Vec<u8>, mut number: u32) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}
