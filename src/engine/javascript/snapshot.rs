//! Writes an [`Image`] as a module without functions (memory, globals, and the pages that are not zero) and reads it
//! back.

use super::split::{self, Image, MEMORY, WASM_PAGE, global_name, global_type};
use anyhow::{Context, Result, bail, ensure};
use wasm_encoder as enc;
use wasmparser::{DataKind, Parser, Payload};

/// Granularity at which zero memory is left out: the operating system's page.
const PAGE: usize = 4096;

/// The snapshot module of `image`.
pub fn encode(image: &Image) -> Vec<u8> {
    let mut module = enc::Module::new();
    let mut memories = enc::MemorySection::new();
    memories.memory(enc::MemoryType {
        minimum: (image.memory.len() / WASM_PAGE) as u64,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = enc::GlobalSection::new();
    let mut exports = enc::ExportSection::new();
    exports.export(MEMORY, enc::ExportKind::Memory, 0);
    for (index, value) in image.globals.iter().enumerate() {
        globals.global(global_type(), &enc::ConstExpr::i32_const(*value));
        exports.export(&global_name(index), enc::ExportKind::Global, index as u32);
    }
    let mut data = enc::DataSection::new();
    for (start, bytes) in runs(&image.memory) {
        data.active(0, &enc::ConstExpr::i32_const(start as i32), bytes.iter().copied());
    }
    module.section(&memories).section(&globals).section(&exports).section(&data);
    module.finish()
}

/// The image in a worker's component: its one core module that has data and no imports.
pub fn of_component(component: &[u8]) -> Result<Image> {
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::ModuleSection { unchecked_range, .. } = payload? {
            let module = component.get(unchecked_range).context("the component is truncated")?;
            if let Some(image) = decode(module)? {
                return Ok(image);
            }
        }
    }
    bail!("the component has no snapshot: it was not made from JavaScript by glowplug")
}

/// The image that [`encode`] wrote as `module`; none if it is a module of another kind.
fn decode(module: &[u8]) -> Result<Option<Image>> {
    let mut image = Image { memory: Vec::new(), globals: Vec::new() };
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(_) | Payload::FunctionSection(_) => return Ok(None),
            Payload::MemorySection(reader) => {
                for memory in reader {
                    let pages = usize::try_from(memory?.initial).context("the snapshot's memory is too large")?;
                    ensure!(pages <= u32::MAX as usize / WASM_PAGE, "the snapshot's memory is too large");
                    image.memory = vec![0; pages * WASM_PAGE];
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    image.globals.push(split::constant(&global?.init_expr)?);
                }
            }
            Payload::DataSection(reader) => {
                for data in reader {
                    let data = data?;
                    let DataKind::Active { memory_index: 0, offset_expr } = data.kind else {
                        bail!("the snapshot has a passive data segment");
                    };
                    let start = split::constant(&offset_expr)? as u32 as usize;
                    image
                        .memory
                        .get_mut(start..start + data.data.len())
                        .context("a data segment lies outside the snapshot's memory")?
                        .copy_from_slice(data.data);
                }
            }
            _ => {}
        }
    }
    Ok((!image.memory.is_empty()).then_some(image))
}

/// Pages that are not all zero.
pub fn used_pages(image: &Image) -> usize {
    image.memory.chunks(PAGE).filter(|page| !is_zero(page)).count()
}

/// Runs of pages that are not all zero, each with its offset.
fn runs(memory: &[u8]) -> Vec<(usize, &[u8])> {
    let mut runs = Vec::new();
    let mut start = None;
    for (index, page) in memory.chunks(PAGE).enumerate() {
        let offset = index * PAGE;
        match (is_zero(page), start) {
            (false, None) => start = Some(offset),
            (true, Some(from)) => {
                runs.push((from, &memory[from..offset]));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        runs.push((from, &memory[from..]));
    }
    runs
}

fn is_zero(page: &[u8]) -> bool {
    page.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_pages_are_left_out() {
        let mut memory = vec![0; WASM_PAGE];
        memory[PAGE] = 1;
        memory[2 * PAGE + 7] = 2;
        memory[WASM_PAGE - 1] = 3;
        let found: Vec<_> = runs(&memory).into_iter().map(|(start, run)| (start, run.len())).collect();
        assert_eq!(found, [(PAGE, 2 * PAGE), (WASM_PAGE - PAGE, PAGE)]);
        assert_eq!(used_pages(&Image { memory, globals: vec![] }), 3);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut memory = vec![0; 3 * WASM_PAGE];
        memory[PAGE + 5] = 1;
        memory[2 * WASM_PAGE + 3] = 2;
        let image = Image { memory, globals: vec![7, -1] };
        assert_eq!(decode(&encode(&image)).unwrap(), Some(image));
    }
}
