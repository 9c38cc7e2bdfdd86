//! Writes an [`Image`] as a module without functions: memory, globals, and the pages that are not zero.

use super::split::{Image, MEMORY, WASM_PAGE, global_name, global_type};
use wasm_encoder as enc;

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
}
