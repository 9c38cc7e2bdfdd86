//! Reads QuickJS's data structures in a snapshot: the functions that it holds as bytecode.
//!
//! The places of fields are those of quickjs-ng as the engine has it (32-bit addresses, values as 64-bit words, dumps
//! compiled in), from `quickjs.c`. A snapshot in which they do not fit together is refused: the list of all objects
//! must close on itself where the runtime has its head, the first atoms must be the words that they are in every
//! engine, and each function's parts must lie where they belong.

use anyhow::{Context, Result, ensure};
use std::ops::Range;

/// `JSMallocBlockHeader`, before each object: its kind is in the low bits of this byte.
const BLOCK_KIND: u32 = 5;
/// `JS_GC_OBJ_TYPE_FUNCTION_BYTECODE`
const FUNCTION_BYTECODE: u8 = 1;

/// `JSGCObjectHeader` is a `list_head`: the object before and the one behind.
const LIST_PREVIOUS: u32 = 0;
const LIST_NEXT: u32 = 4;

/// Fields of `JSFunctionBytecode`.
mod bytecode {
    pub const CODE: u32 = 12;
    pub const CODE_LENGTH: u32 = 16;
    pub const NAME: u32 = 20;
    pub const CONSTANT_COUNT: u32 = 44;
    pub const REALM: u32 = 48;
    pub const CONSTANTS: u32 = 52;
    pub const FILE: u32 = 56;
    pub const LINE: u32 = 60;
    pub const COLUMN: u32 = 64;
    pub const LINES_LENGTH: u32 = 72;
    pub const LINES: u32 = 76;
    /// Bytes of the structure, behind which its constants are.
    pub const SIZE: u32 = 88;
}

/// `JSContext.rt`
const CONTEXT_RUNTIME: u32 = 8;
/// `JSRuntime.atom_size`, `atom_array` and `gc_obj_list`
const RUNTIME_ATOM_COUNT: u32 = 556;
const RUNTIME_ATOMS: u32 = 568;
const RUNTIME_OBJECTS: u32 = 596;

/// `sizeof(JSString)`; its first word is the length, with the top bit for 16-bit characters.
const STRING_SIZE: u32 = 24;
const WIDE: u32 = 1 << 31;
/// Atoms with this bit are numbers.
const ATOM_NUMBER: u32 = 1 << 31;
/// What the first atoms are, from number 1 (`quickjs-atom.h`).
const FIRST_ATOMS: [&str; 3] = ["null", "false", "true"];

/// A function's bytecode, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytecode {
    /// Where its opcodes are.
    pub code: Range<u32>,
    /// Its name in the source, if it has one there.
    pub name: Option<String>,
    /// The script.
    pub file: Option<String>,
    /// Where it begins, from 1.
    pub line: u32,
    pub column: u32,
    /// The table from opcodes to places, as QuickJS encodes it.
    pub lines: Vec<u8>,
    /// Addresses of constants that may be functions, by their index.
    pub constants: Vec<u32>,
    /// Address of the structure.
    pub address: u32,
}

/// A snapshot's memory.
pub struct Heap<'a> {
    memory: &'a [u8],
    runtime: u32,
}

impl<'a> Heap<'a> {
    /// Finds the runtime: by any function's bytecode, from which the rest is reached.
    pub fn find(memory: &'a [u8]) -> Result<Self> {
        let mut heap = Self { memory, runtime: 0 };
        let end = u32::try_from(memory.len()).unwrap_or(u32::MAX).saturating_sub(bytecode::SIZE);
        let runtime = (8..end).step_by(8).find_map(|at| heap.runtime_of(at));
        heap.runtime = runtime.context("no function was found in the snapshot")?;
        for (index, word) in (1..).zip(FIRST_ATOMS) {
            let atom = heap.atom(index);
            ensure!(atom.as_deref() == Some(word), "atom {index} is {atom:?} and not `{word}`");
        }
        Ok(heap)
    }

    /// The runtime that the object at `at` belongs to, if it is a function's bytecode.
    fn runtime_of(&self, at: u32) -> Option<u32> {
        if self.byte(at.checked_sub(BLOCK_KIND)?)? & 0x7f != FUNCTION_BYTECODE {
            return None;
        }
        let (previous, next) = (self.word(at + LIST_PREVIOUS)?, self.word(at + LIST_NEXT)?);
        let linked = previous % 4 == 0
            && next % 4 == 0
            && self.word(previous.checked_add(LIST_NEXT)?)? == at
            && self.word(next.checked_add(LIST_PREVIOUS)?)? == at;
        let code = self.word(at + bytecode::CODE)?;
        if !linked || code < at + bytecode::SIZE - 4 {
            return None;
        }
        let runtime = self.word(self.word(at + bytecode::REALM)?.checked_add(CONTEXT_RUNTIME)?)?;
        self.objects(runtime).ok().map(|_| runtime)
    }

    /// Addresses of all objects that the runtime knows.
    fn objects(&self, runtime: u32) -> Result<Vec<u32>> {
        let head = runtime.checked_add(RUNTIME_OBJECTS).context("the runtime lies outside the memory")?;
        let most = self.memory.len() / 16;
        let mut objects = Vec::new();
        let mut at = head;
        loop {
            let next = self.word(at + LIST_NEXT).context("the list of objects leads out of the memory")?;
            ensure!(next >= 8 && self.word(next) == Some(at), "the list of objects is broken at {at:#x}");
            if next == head {
                return Ok(objects);
            }
            ensure!(objects.len() < most, "the list of objects does not end");
            objects.push(next);
            at = next;
        }
    }

    /// All functions, in the order of their addresses.
    pub fn functions(&self) -> Result<Vec<Bytecode>> {
        let mut functions = Vec::new();
        for object in self.objects(self.runtime)? {
            if self.byte(object - BLOCK_KIND).is_some_and(|kind| kind & 0x7f == FUNCTION_BYTECODE) {
                functions.push(self.function(object).with_context(|| format!("a function at {object:#x} is broken"))?);
            }
        }
        ensure!(!functions.is_empty(), "there are no functions");
        functions.sort_by_key(|function| function.code.start);
        for pair in functions.windows(2) {
            ensure!(pair[0].code.end <= pair[1].code.start, "two functions overlap at {:#x}", pair[1].code.start);
        }
        Ok(functions)
    }

    fn function(&self, at: u32) -> Result<Bytecode> {
        let field = |offset| self.word(at + offset).context("it leads out of the memory");
        let (start, length) = (field(bytecode::CODE)?, field(bytecode::CODE_LENGTH)?);
        self.bytes(start, length).context("its opcodes lie outside the memory")?;
        let count = field(bytecode::CONSTANT_COUNT)?;
        let constants = match count {
            0 => Vec::new(),
            _ => {
                let first = field(bytecode::CONSTANTS)?;
                ensure!(first == at + bytecode::SIZE, "its constants are not behind it");
                let words = self.bytes(first, count.checked_mul(8).context("it has too many constants")?);
                let words = words.context("its constants lie outside the memory")?;
                words.chunks_exact(8).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
            }
        };
        let lines = match field(bytecode::LINES_LENGTH)? {
            0 => Vec::new(),
            length => self.bytes(field(bytecode::LINES)?, length).context("its lines lie outside the memory")?.to_vec(),
        };
        Ok(Bytecode {
            code: start..start + length,
            name: self.atom(field(bytecode::NAME)?).filter(|name| !name.is_empty()),
            file: self.atom(field(bytecode::FILE)?),
            line: field(bytecode::LINE)?,
            column: field(bytecode::COLUMN)?,
            lines,
            constants,
            address: at,
        })
    }

    /// The text of an atom, if it is one.
    pub fn atom(&self, atom: u32) -> Option<String> {
        if atom & ATOM_NUMBER != 0 {
            return Some((atom & !ATOM_NUMBER).to_string());
        }
        let count = self.word(self.runtime.checked_add(RUNTIME_ATOM_COUNT)?)?;
        let atoms = self.word(self.runtime.checked_add(RUNTIME_ATOMS)?)?;
        if atom == 0 || atom >= count {
            return None;
        }
        let string = self.word(atoms.checked_add(atom.checked_mul(4)?)?)?;
        // Free places in the table are odd.
        if string % 2 != 0 {
            return None;
        }
        let length = self.word(string)?;
        let text = string.checked_add(STRING_SIZE)?;
        if length & WIDE == 0 {
            // Latin-1: each byte is a character.
            return Some(self.bytes(text, length)?.iter().map(|byte| char::from(*byte)).collect());
        }
        let units = self.bytes(text, (length & !WIDE).checked_mul(2)?)?;
        let units: Vec<u16> = units.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        Some(String::from_utf16_lossy(&units))
    }

    /// Opcodes of a function.
    pub fn code(&self, function: &Bytecode) -> &'a [u8] {
        self.bytes(function.code.start, function.code.end - function.code.start).unwrap_or_default()
    }

    fn bytes(&self, at: u32, length: u32) -> Option<&'a [u8]> {
        self.memory.get(at as usize..(at as usize).checked_add(length as usize)?)
    }

    fn byte(&self, at: u32) -> Option<u8> {
        self.memory.get(at as usize).copied()
    }

    fn word(&self, at: u32) -> Option<u32> {
        let bytes = self.bytes(at, 4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}
