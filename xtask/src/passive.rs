//! Puts data into a core module that its memory does not hold: a passive data segment.
//!
//! ## Why
//!
//! What a linker places lies in memory from the beginning, and the memory of the JavaScript engine is what each worker's
//! snapshot is made of. A passive segment belongs to the code, of which there is one for all workers. No
//! compiler emits one, so the module has a function that stands for `memory.init`, and here it becomes that.

use anyhow::{Context, Result, bail, ensure};
use wasm_encoder as enc;
use wasmparser::{DataKind, ExternalKind, Operator, Parser, Payload, TypeRef};

/// The exported function `(to, offset, length)` whose body is replaced. The export goes.
pub const READ: &str = "glowplug_data_read";

/// Add `data` as segment 0 and let [`READ`] copy from it.
pub fn embed(module: &[u8], data: &[u8]) -> Result<Vec<u8>> {
    let mut embedder = Embedder {
        out: enc::Module::new(),
        data,
        imported: 0,
        read: None,
        code: enc::CodeSection::new(),
        left: 0,
        seen: 0,
    };
    for payload in Parser::new(0).parse_all(module) {
        embedder.payload(module, payload?)?;
    }
    ensure!(embedder.read.is_some(), "the module does not export `{READ}`");
    Ok(embedder.out.finish())
}

struct Embedder<'a> {
    out: enc::Module,
    data: &'a [u8],
    /// Number of imported functions, which come first in the index space.
    imported: u32,
    /// Index of [`READ`].
    read: Option<u32>,
    code: enc::CodeSection,
    /// Bodies still to come, and bodies seen.
    left: u32,
    seen: u32,
}

impl Embedder<'_> {
    fn payload(&mut self, module: &[u8], payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::ImportSection(reader) => {
                let range = reader.range();
                for import in reader.into_imports() {
                    self.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
                self.copy(enc::SectionId::Import, &module[range]);
            }
            Payload::ExportSection(reader) => self.exports(reader)?,
            Payload::DataCountSection { .. } => {}
            Payload::CodeSectionStart { count, .. } => self.left = count,
            Payload::CodeSectionEntry(body) => self.body(&body, &module[body.range()])?,
            Payload::DataSection(reader) => self.segments(reader)?,
            Payload::Version { .. } | Payload::End(_) => {}
            other => {
                let (id, range) = other.as_section().context("the module has a part that is not expected")?;
                self.out.section(&enc::RawSection { id, data: &module[range] });
            }
        }
        Ok(())
    }

    fn copy(&mut self, id: enc::SectionId, data: &[u8]) {
        self.out.section(&enc::RawSection { id: id as u8, data });
    }

    fn exports(&mut self, reader: wasmparser::ExportSectionReader<'_>) -> Result<()> {
        let mut exports = enc::ExportSection::new();
        for export in reader {
            let export = export?;
            if export.name == READ {
                self.read = Some(export.index);
                continue;
            }
            let kind = match export.kind {
                ExternalKind::Func => enc::ExportKind::Func,
                ExternalKind::Table => enc::ExportKind::Table,
                ExternalKind::Memory => enc::ExportKind::Memory,
                ExternalKind::Global => enc::ExportKind::Global,
                other => bail!("the module exports `{}`, a {other:?}", export.name),
            };
            exports.export(export.name, kind, export.index);
        }
        self.out.section(&exports);
        Ok(())
    }

    fn body(&mut self, body: &wasmparser::FunctionBody<'_>, bytes: &[u8]) -> Result<()> {
        if self.read == Some(self.imported + self.seen) {
            let mut read = enc::Function::new([]);
            read.instructions().local_get(0).local_get(1).local_get(2).memory_init(0, 0).end();
            self.code.function(&read);
        } else {
            // an index of another segment would have to be moved
            let mut operators = body.get_operators_reader()?;
            while !operators.eof() {
                let is_passive = matches!(operators.read()?, Operator::MemoryInit { .. } | Operator::DataDrop { .. });
                ensure!(!is_passive, "the module uses passive data already");
            }
            self.code.raw(bytes);
        }
        self.seen += 1;
        self.left -= 1;
        Ok(())
    }

    fn segments(&mut self, reader: wasmparser::DataSectionReader<'_>) -> Result<()> {
        ensure!(self.left == 0 && self.seen > 0, "the module has data ahead of its code");
        self.out.section(&enc::DataCountSection { count: reader.count() + 1 });
        self.out.section(&self.code);
        let mut segments = enc::DataSection::new();
        segments.passive(self.data.iter().copied());
        for segment in reader {
            let segment = segment?;
            let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else {
                bail!("the module has a passive data segment already");
            };
            let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                bail!("a data segment's place is no constant");
            };
            segments.active(0, &enc::ConstExpr::i32_const(value), segment.data.iter().copied());
        }
        self.out.section(&segments);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(export: &str) -> Vec<u8> {
        let mut types = enc::TypeSection::new();
        types.ty().function([enc::ValType::I32; 3], []);
        let mut functions = enc::FunctionSection::new();
        functions.function(0).function(0);
        let mut memories = enc::MemorySection::new();
        memories.memory(enc::MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = enc::ExportSection::new();
        exports.export("other", enc::ExportKind::Func, 0).export(export, enc::ExportKind::Func, 1);
        let mut code = enc::CodeSection::new();
        for _ in 0..2 {
            let mut body = enc::Function::new([]);
            body.instructions().nop().end();
            code.function(&body);
        }
        let mut data = enc::DataSection::new();
        data.active(0, &enc::ConstExpr::i32_const(16), *b"active");
        let mut module = enc::Module::new();
        module.section(&types).section(&functions).section(&memories).section(&exports).section(&code).section(&data);
        module.finish()
    }

    #[test]
    fn the_function_reads_the_segment() {
        let wasm = embed(&sample(READ), b"passive").unwrap();
        wasmparser::Validator::new().validate_all(&wasm).unwrap();
        let mut segments = Vec::new();
        let mut initialising = Vec::new();
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            match payload.unwrap() {
                Payload::DataSection(reader) => {
                    segments.extend(reader.into_iter().map(|data| data.unwrap().data.to_vec()));
                }
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().unwrap();
                    let found = operators
                        .into_iter()
                        .any(|op| matches!(op.unwrap(), Operator::MemoryInit { data_index: 0, mem: 0 }));
                    initialising.push(found);
                }
                Payload::ExportSection(reader) => {
                    exports.extend(reader.into_iter().map(|export| export.unwrap().name.to_owned()));
                }
                _ => {}
            }
        }
        assert_eq!(segments, [b"passive".to_vec(), b"active".to_vec()]);
        assert_eq!(initialising, [false, true]);
        assert_eq!(exports, ["other"]);
    }

    #[test]
    fn a_module_without_the_function_is_refused() {
        assert!(embed(&sample("something_else"), b"passive").is_err());
    }
}
