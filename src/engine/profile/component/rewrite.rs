//! Puts a check after every call, without changing what anything costs.
//!
//! All that is not a core module's code is copied byte for byte.

use anyhow::{Context, Result};
use std::ops::Range;
use wasm_encoder::Encode;
use wasmparser::{BinaryReader, CodeSectionReader, FunctionBody, Operator};

/// `loop`, no results, `end`: compiled code checks the epoch at its head, and both cost nothing.
const CHECK: [u8; 3] = [0x03, 0x40, 0x0b];

/// Length of the magic number and version that begin a module or component.
const PREAMBLE: usize = 8;

const CUSTOM_SECTION: u8 = 0;
const CODE_SECTION: u8 = 10;
const COMPONENT_MODULE_SECTION: u8 = 1;
const COMPONENT_COMPONENT_SECTION: u8 = 4;

/// Where a function's body was, and what was put into it.
#[derive(Debug)]
pub(super) struct Body {
    /// Its bytes in the author's module, from the module's start.
    pub original: Range<usize>,
    /// The checks that were put into it, in order.
    checks: Vec<Check>,
}

#[derive(Debug, Clone, Copy)]
struct Check {
    /// Where it is, from the start of the rewritten body.
    at: usize,
    /// Where the author's module has the operator that it follows.
    follows: usize,
}

impl Body {
    /// The place in the author's module of a place in the rewritten body, counted from its start; of a check, the call
    /// that it follows.
    pub fn original_offset(&self, rewritten: usize) -> usize {
        let before = self.checks.partition_point(|check| check.at < rewritten);
        if let Some(check) = self.checks.get(before).filter(|check| check.at == rewritten) {
            return check.follows;
        }
        (rewritten + self.original.start).saturating_sub(before * CHECK.len())
    }
}

/// A core module of the component.
pub(super) struct CoreModule<'a> {
    /// The author's bytes.
    pub wasm: &'a [u8],
    /// Its functions' bodies, in order.
    pub bodies: Vec<Body>,
}

/// A component with checks, and what was in it.
pub(super) struct Rewritten<'a> {
    pub wasm: Vec<u8>,
    /// In the order of the file. wasmtime knows each by its position here, which is the rewritten module's name.
    pub modules: Vec<CoreModule<'a>>,
}

/// Rewrites every core module in a component.
pub(super) fn component(wasm: &[u8]) -> Result<Rewritten<'_>> {
    let mut modules = Vec::new();
    let wasm = nested(wasm, &mut modules)?;
    Ok(Rewritten { wasm, modules })
}

fn nested<'a>(wasm: &'a [u8], modules: &mut Vec<CoreModule<'a>>) -> Result<Vec<u8>> {
    let mut out = preamble(wasm)?;
    for section in sections(wasm) {
        let (id, content) = section?;
        let bytes = &wasm[content];
        match id {
            COMPONENT_MODULE_SECTION => {
                let number = modules.len();
                let (rewritten, bodies) = module(bytes, number)?;
                modules.push(CoreModule { wasm: bytes, bodies });
                put_section(&mut out, id, &rewritten);
            }
            COMPONENT_COMPONENT_SECTION => {
                let rewritten = nested(bytes, modules)?;
                put_section(&mut out, id, &rewritten);
            }
            _ => put_section(&mut out, id, bytes),
        }
    }
    Ok(out)
}

/// Rewrites a core module, which gets `number` for its name. Its custom sections describe code that is no longer there.
pub(super) fn module(wasm: &[u8], number: usize) -> Result<(Vec<u8>, Vec<Body>)> {
    let mut out = preamble(wasm)?;
    let mut bodies = Vec::new();
    for section in sections(wasm) {
        let (id, content) = section?;
        match id {
            CUSTOM_SECTION => {}
            CODE_SECTION => {
                let (code, found) = code_section(wasm, content)?;
                put_section(&mut out, id, &code);
                bodies = found;
            }
            _ => put_section(&mut out, id, &wasm[content]),
        }
    }
    let mut names = wasm_encoder::NameSection::new();
    names.module(&number.to_string());
    wasm_encoder::Section::append_to(&names, &mut out);
    Ok((out, bodies))
}

fn code_section(wasm: &[u8], content: Range<usize>) -> Result<(Vec<u8>, Vec<Body>)> {
    let reader = CodeSectionReader::new(BinaryReader::new(&wasm[content.clone()], content.start))?;
    let mut out = Vec::with_capacity(content.len() * 5 / 4);
    let mut bodies = Vec::new();
    reader.count().encode(&mut out);
    for body in reader {
        let body = body?;
        let (bytes, checks) = function(wasm, &body)?;
        bytes.encode(&mut out);
        bodies.push(Body { original: body.range(), checks });
    }
    Ok((out, bodies))
}

/// A function's bytes with checks, and where in them these are.
fn function(wasm: &[u8], body: &FunctionBody<'_>) -> Result<(Vec<u8>, Vec<Check>)> {
    let range = body.range();
    let mut out = Vec::with_capacity(range.len() * 5 / 4);
    let mut checks = Vec::new();
    let mut copied = range.start;
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let (operator, follows) = operators.read_with_offset()?;
        if matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::CallRef { .. }) {
            let end = operators.original_position();
            out.extend_from_slice(&wasm[copied..end]);
            checks.push(Check { at: out.len(), follows });
            out.extend(CHECK);
            copied = end;
        }
    }
    out.extend_from_slice(&wasm[copied..range.end]);
    Ok((out, checks))
}

fn preamble(wasm: &[u8]) -> Result<Vec<u8>> {
    Ok(wasm.get(..PREAMBLE).context("the WebAssembly file is damaged or truncated")?.to_vec())
}

fn put_section(out: &mut Vec<u8>, id: u8, content: &[u8]) {
    out.push(id);
    content.encode(out);
}

/// The sections of a module or component: id, and where the content is.
pub(super) fn sections(wasm: &[u8]) -> impl Iterator<Item = Result<(u8, Range<usize>)>> + '_ {
    let mut reader = BinaryReader::new(wasm.get(PREAMBLE..).unwrap_or_default(), PREAMBLE);
    std::iter::from_fn(move || {
        if reader.eof() {
            return None;
        }
        let section = reader.read_u8().and_then(|id| {
            let size = reader.read_var_u32()? as usize;
            let start = reader.original_position();
            reader.read_bytes(size)?;
            Ok((id, start..start + size))
        });
        Some(section.context("the WebAssembly file is damaged or truncated"))
    })
}
