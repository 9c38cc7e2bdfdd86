//! QuickJS's opcodes, as far as functions are named by them.
//!
//! Most functions have no name of their own in bytecode: a method, or an arrow function that a variable holds, gets
//! its name when the function around it runs. So names are read from the opcodes that will give them.

use super::heap::{Bytecode, Heap};
use anyhow::{Context, Result, ensure};
use std::collections::HashMap;

/// Bytes of each opcode with its operands, by number (`quickjs-opcode.h`).
#[rustfmt::skip]
const SIZES: [u8; 252] = [
    1, 5, 5, 5, 5, 5, 1, 1, 1, 1, 1, 1, 2, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6, 5, 3, 1, 1, 1, 5,
    5, 5, 5, 1, 1, 6, 6, 6, 5, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1, 5, 5, 1, 1, 1, 1, 1, 2, 6,
    2, 6, 6, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 5, 1, 1, 1,
    1, 1, 1, 10, 10, 10, 10, 10, 10, 7, 7, 7, 5, 1, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 1, 3, 3, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3,
    2, 2, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 1, 1, 1, 1, 1, 1, 1, 1,
];

const PUSH_CONST: u8 = 2;
const FCLOSURE: u8 = 3;
const SET_NAME: u8 = 76;
const DEFINE_METHOD: u8 = 83;
const DEFINE_CLASS: u8 = 85;
const PUSH_CONST8: u8 = 196;
const FCLOSURE8: u8 = 197;

/// One opcode and its operands.
struct Opcode<'a> {
    number: u8,
    operands: &'a [u8],
}

impl Opcode<'_> {
    /// The constant that it pushes, or makes a closure of.
    fn constant(&self) -> Option<usize> {
        match (self.number, self.operands) {
            (PUSH_CONST8 | FCLOSURE8, [index]) => Some(usize::from(*index)),
            (PUSH_CONST | FCLOSURE, [a, b, c, d]) => usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok(),
            _ => None,
        }
    }

    /// The name that it gives to the value before it.
    fn name(&self) -> Option<u32> {
        match (self.number, self.operands) {
            (SET_NAME | DEFINE_METHOD | DEFINE_CLASS, [a, b, c, d, ..]) => Some(u32::from_le_bytes([*a, *b, *c, *d])),
            _ => None,
        }
    }
}

/// Names that functions get from the functions around them, by address.
pub fn given_names(heap: &Heap<'_>, functions: &[Bytecode]) -> Result<HashMap<u32, String>> {
    let mut names = HashMap::new();
    for function in functions {
        let mut constant = None;
        for opcode in opcodes(heap.code(function))
            .with_context(|| format!("the bytecode at {:#x} is not understood", function.code.start))?
        {
            let address = constant.and_then(|index| function.constants.get(index));
            if let (Some(address), Some(name)) = (address, opcode.name().and_then(|atom| heap.atom(atom))) {
                names.entry(*address).or_insert(name);
            }
            constant = opcode.constant();
        }
    }
    Ok(names)
}

/// Takes bytecode apart. It must end with an opcode's end: the sizes are those of another QuickJS otherwise.
fn opcodes(mut code: &[u8]) -> Result<Vec<Opcode<'_>>> {
    let mut opcodes = Vec::new();
    while let [number, rest @ ..] = code {
        let size = SIZES.get(usize::from(*number)).context("an opcode is not known")?;
        let operands = usize::from(*size) - 1;
        ensure!(*number != 0 && operands <= rest.len(), "an opcode is cut off");
        opcodes.push(Opcode { number: *number, operands: &rest[..operands] });
        code = &rest[operands..];
    }
    Ok(opcodes)
}
