//! From addresses of bytecode to functions and lines.

use super::heap::{Bytecode, Heap};
use super::opcodes;
use crate::engine::javascript::split::Image;
use crate::meter::profile::Frame;
use crate::source_map::{self, SourceMap};
use anyhow::{Context, Result};
use std::ops::Range;
use std::sync::Arc;

/// Parameters of QuickJS's table from opcodes to lines (`PC2LINE_*`): a byte of this or more has both steps in it.
const LINES_FIRST: u8 = 1;
const LINES_RANGE: u8 = 5;
const LINES_BASE: i32 = -1;

/// All functions of a worker.
pub struct Symbols {
    functions: Vec<Function>,
    /// Maps the script's places to the author's.
    map: Option<Arc<SourceMap>>,
}

struct Function {
    code: Range<u32>,
    name: Option<String>,
    file: Option<String>,
    /// Places from here on, by offset of the opcode. The first is where the function begins.
    places: Vec<(u32, Place)>,
}

/// A line and column of the script, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: u32,
    column: u32,
}

impl Symbols {
    /// Reads the functions in a snapshot. `map` leads from the script to the author's files.
    pub fn read(image: &Image, map: Option<Arc<SourceMap>>) -> Result<Self> {
        let heap = Heap::find(&image.memory)?;
        let bytecode = heap.functions()?;
        let mut names = opcodes::given_names(&heap, &bytecode)?;
        let functions = bytecode.into_iter().map(|function| {
            let given = names.remove(&function.address);
            Function::read(function, given)
        });
        Ok(Self { functions: functions.collect::<Result<_>>()?, map })
    }

    /// Addresses of all functions' bytecode, in order.
    pub fn ranges(&self) -> Arc<[Range<u32>]> {
        self.functions.iter().map(|function| function.code.clone()).collect()
    }

    /// Gives the frames of addresses.
    pub fn frames(&self) -> impl Fn(u32) -> Option<Frame> + '_ {
        let places = self.map.as_ref().map(|map| map.places());
        move |pc| {
            let index = self.functions.partition_point(|function| function.code.end <= pc);
            let function = self.functions.get(index).filter(|function| function.code.contains(&pc))?;
            let file = function.file.clone();
            if function.is_internal() {
                // The runtime's own script has few lines, and its places say nothing.
                let name = function.name.clone().unwrap_or_else(|| "(anonymous)".to_owned());
                return Some(Frame { function: name, file, line: None });
            }
            let author = |place: Place| places.as_ref().and_then(|places| places(place.line, place.column));
            let line = |place: Place| author(place).map_or(place.line, |place| place.line);
            let place = function.place(pc - function.code.start);
            let name = match &function.name {
                Some(name) => name.clone(),
                None => format!("(anonymous:{})", line(function.places[0].1)),
            };
            let file = author(place).map(|place| place.file).or(file);
            Some(Frame { function: name, file, line: Some(line(place)) })
        }
    }
}

impl Function {
    fn read(function: Bytecode, given: Option<String>) -> Result<Self> {
        let places = places(&function)
            .with_context(|| format!("the lines of the bytecode at {:#x} are not understood", function.code.start))?;
        let name = function.name.or(given).filter(|name| !name.is_empty());
        Ok(Self { code: function.code, name, file: function.file, places })
    }

    /// It is the runtime's and not the author's.
    fn is_internal(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.starts_with(source_map::INTERNAL_PREFIX))
    }

    /// The place of the opcode at `offset`.
    fn place(&self, offset: u32) -> Place {
        let behind = self.places.partition_point(|(first, _)| *first <= offset);
        self.places[behind.saturating_sub(1)].1
    }
}

/// Decodes QuickJS's table from opcodes to places: steps of the offset, the line and the column.
fn places(function: &Bytecode) -> Result<Vec<(u32, Place)>> {
    let (mut offset, mut line, mut column) = (0u32, function.line, function.column);
    let mut places = vec![(0, Place { line, column })];
    let mut table = function.lines.as_slice();
    while let [step, rest @ ..] = table {
        table = rest;
        let lines = match step.checked_sub(LINES_FIRST) {
            None => {
                offset = offset.wrapping_add(leb(&mut table)?);
                signed(leb(&mut table)?)
            }
            Some(step) => {
                offset = offset.wrapping_add(u32::from(step / LINES_RANGE));
                i32::from(step % LINES_RANGE) + LINES_BASE
            }
        };
        line = line.wrapping_add_signed(lines);
        column = column.wrapping_add_signed(signed(leb(&mut table)?));
        places.push((offset, Place { line, column }));
    }
    Ok(places)
}

/// An unsigned number of seven bits a byte, the lowest first.
fn leb(bytes: &mut &[u8]) -> Result<u32> {
    let mut value = 0u32;
    for shift in (0..35).step_by(7) {
        let [byte, rest @ ..] = *bytes else { break };
        *bytes = rest;
        value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    anyhow::bail!("a number in it does not end")
}

/// The sign is the lowest bit.
fn signed(value: u32) -> i32 {
    (value >> 1) as i32 ^ -((value & 1) as i32)
}
