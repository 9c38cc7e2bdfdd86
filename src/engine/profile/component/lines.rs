//! Source files and lines of code, from DWARF's line table (sections `.debug_line`, versions 2 to 5).
//!
//! ## Why
//! wasmtime can look lines up itself, but only in the module that runs, and the rewritten code is at other places than
//! the tables say.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use wasmparser::BinaryReader;

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub file: String,
    pub line: u32,
}

/// The sections that lines are read from.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sections<'a> {
    pub line: &'a [u8],
    pub line_str: &'a [u8],
    pub str: &'a [u8],
}

/// Lines by address: an offset in the code section.
#[derive(Debug, Default)]
pub(super) struct LineTable {
    /// In the order of addresses.
    rows: Vec<Row>,
    files: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    address: u64,
    /// Index in `files`; none where a sequence ends.
    file: Option<usize>,
    line: u32,
}

type Read<T> = wasmparser::Result<T>;

impl LineTable {
    /// Reads what is there. A unit that cannot be read is left out: lines are an aid.
    pub fn parse(sections: Sections<'_>) -> Self {
        let mut table = Self::default();
        let mut reader = BinaryReader::new(sections.line, 0);
        while !reader.eof() {
            let unit = reader.read_u32().and_then(|length| reader.read_bytes(length as usize));
            let Ok(unit) = unit else { break };
            let _ = table.unit(unit, sections);
        }
        table.rows.sort_by_key(|row| (row.address, row.file.is_some()));
        table
    }

    /// The line that the code at `address` came from.
    pub fn at(&self, address: u64) -> Option<Place> {
        let after = self.rows.partition_point(|row| row.address <= address);
        self.place(self.rows.get(after.checked_sub(1)?)?)
    }

    /// The first line of the code from `start` to `end`.
    pub fn first_in(&self, start: u64, end: u64) -> Option<Place> {
        let first = self.rows.partition_point(|row| row.address < start);
        let mut rows = self.rows[first..].iter().take_while(|row| row.address < end);
        rows.find_map(|row| self.place(row))
    }

    fn place(&self, row: &Row) -> Option<Place> {
        // Line 0 is how compilers say that code has no line.
        (row.line > 0).then_some(Place { file: self.files.get(row.file?)?.clone(), line: row.line })
    }

    fn unit(&mut self, unit: &[u8], sections: Sections<'_>) -> Read<()> {
        let mut reader = BinaryReader::new(unit, 0);
        let header = Header::read(&mut reader, sections)?;
        let mut known = HashMap::new();
        for (number, name) in header.files.iter().enumerate() {
            known.insert(number as u64 + header.first_file, self.files.len());
            self.files.push(name.clone());
        }
        let mut program = Program { header: &header, registers: Registers::default(), sequence: Vec::new() };
        while !reader.eof() {
            if program.step(&mut reader)? == Step::SequenceEnd {
                self.keep(std::mem::take(&mut program.sequence), &known);
                program.registers = Registers::default();
            }
        }
        Ok(())
    }

    /// Keeps a sequence unless it is of a function that the linker dropped: such ones are put at address 0 or at the
    /// last addresses there are.
    fn keep(&mut self, sequence: Vec<(u64, u64, u32)>, known: &HashMap<u64, usize>) {
        let dropped = sequence.first().is_none_or(|(address, ..)| *address == 0 || *address >= u64::from(u32::MAX - 1));
        let Some((last, rest)) = sequence.split_last().filter(|_| !dropped) else { return };
        self.rows.extend(rest.iter().map(|(address, file, line)| Row {
            address: *address,
            file: known.get(file).copied(),
            line: *line,
        }));
        self.rows.push(Row { address: last.0, file: None, line: 0 });
    }
}

/// The head of one unit's table.
struct Header {
    opcode_base: u8,
    line_base: i8,
    line_range: u8,
    minimum_instruction: u8,
    /// Operands of each standard opcode.
    operands: Vec<u8>,
    files: Vec<String>,
    /// Number of the first file.
    first_file: u64,
}

impl Header {
    fn read(reader: &mut BinaryReader<'_>, sections: Sections<'_>) -> Read<Self> {
        let version = u16::from_le_bytes([reader.read_u8()?, reader.read_u8()?]);
        if version >= 5 {
            reader.read_bytes(2)?; // address size, segment selector size
        }
        let length = reader.read_u32()? as usize;
        let mut head = BinaryReader::new(reader.read_bytes(length)?, 0);
        let minimum_instruction = head.read_u8()?;
        if version >= 4 {
            head.read_u8()?; // operations per instruction: WebAssembly has no bundles
        }
        head.read_u8()?; // whether rows begin as statements
        let line_base = i8::from_le_bytes([head.read_u8()?]);
        let line_range = head.read_u8()?.max(1);
        let opcode_base = head.read_u8()?;
        let operands = head.read_bytes(usize::from(opcode_base).saturating_sub(1))?.to_vec();
        let (files, first_file) =
            if version >= 5 { (names_5(&mut head, sections)?, 0) } else { (names_4(&mut head)?, 1) };
        Ok(Self { opcode_base, line_base, line_range, minimum_instruction, operands, files, first_file })
    }
}

/// Directories and files as versions 2 to 4 have them.
fn names_4(head: &mut BinaryReader<'_>) -> Read<Vec<String>> {
    let mut directories = vec![String::new()];
    loop {
        let name = c_string(head)?;
        if name.is_empty() {
            break;
        }
        directories.push(name);
    }
    let mut files = Vec::new();
    loop {
        let name = c_string(head)?;
        if name.is_empty() {
            return Ok(files);
        }
        let directory = head.read_var_u64()?;
        head.read_var_u64()?; // time
        head.read_var_u64()?; // size
        files.push(joined(&directories, directory, &name));
    }
}

/// The same for version 5, where each table says of which fields its entries are made.
fn names_5(head: &mut BinaryReader<'_>, sections: Sections<'_>) -> Read<Vec<String>> {
    let directories: Vec<String> = entries(head, sections)?.into_iter().map(|(name, _)| name).collect();
    let files = entries(head, sections)?;
    Ok(files.into_iter().map(|(name, directory)| joined(&directories, directory, &name)).collect())
}

fn entries(head: &mut BinaryReader<'_>, sections: Sections<'_>) -> Read<Vec<(String, u64)>> {
    const PATH: u64 = 1;
    const DIRECTORY: u64 = 2;
    let mut format = Vec::new();
    for _ in 0..head.read_u8()? {
        format.push((head.read_var_u64()?, head.read_var_u64()?));
    }
    let mut found = Vec::new();
    for _ in 0..head.read_var_u64()? {
        let mut entry = (String::new(), 0);
        for (content, form) in &format {
            match (content, field(head, *form, sections)?) {
                (&PATH, Field::Text(text)) => entry.0 = text,
                (&DIRECTORY, Field::Number(number)) => entry.1 = number,
                _ => {}
            }
        }
        found.push(entry);
    }
    Ok(found)
}

enum Field {
    Text(String),
    Number(u64),
    Other,
}

fn field(head: &mut BinaryReader<'_>, form: u64, sections: Sections<'_>) -> Read<Field> {
    Ok(match form {
        0x08 => Field::Text(c_string(head)?),
        0x0e => Field::Text(text_at(sections.str, head.read_u32()?)),
        0x1f => Field::Text(text_at(sections.line_str, head.read_u32()?)),
        0x0b => Field::Number(u64::from(head.read_u8()?)),
        0x05 => Field::Number(u64::from(u16::from_le_bytes([head.read_u8()?, head.read_u8()?]))),
        0x06 => Field::Number(u64::from(head.read_u32()?)),
        0x0f => Field::Number(head.read_var_u64()?),
        // MD5 sums.
        0x1e => head.read_bytes(16).map(|_| Field::Other)?,
        // Of unknown length: what follows cannot be read.
        _ => head.read_bytes(head.bytes_remaining() + 1).map(|_| Field::Other)?,
    })
}

fn text_at(section: &[u8], offset: u32) -> String {
    let rest = section.get(offset as usize..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    String::from_utf8_lossy(&rest[..end]).into_owned()
}

fn c_string(reader: &mut BinaryReader<'_>) -> Read<String> {
    let mut bytes = Vec::new();
    loop {
        match reader.read_u8()? {
            0 => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            byte => bytes.push(byte),
        }
    }
}

fn joined(directories: &[String], directory: u64, name: &str) -> String {
    let directory = usize::try_from(directory).ok().and_then(|index| directories.get(index));
    match directory {
        Some(directory) if !directory.is_empty() && !name.starts_with('/') => format!("{directory}/{name}"),
        _ => name.to_owned(),
    }
}

#[derive(Clone, Copy)]
struct Registers {
    address: u64,
    file: u64,
    line: u32,
}

impl Default for Registers {
    fn default() -> Self {
        Self { address: 0, file: 1, line: 1 }
    }
}

#[derive(PartialEq, Eq)]
enum Step {
    Going,
    SequenceEnd,
}

/// The machine whose program the table is.
struct Program<'a> {
    header: &'a Header,
    registers: Registers,
    /// Address, file and line of each row so far.
    sequence: Vec<(u64, u64, u32)>,
}

impl Program<'_> {
    fn step(&mut self, reader: &mut BinaryReader<'_>) -> Read<Step> {
        let opcode = reader.read_u8()?;
        if opcode >= self.header.opcode_base {
            self.special(opcode);
            return Ok(Step::Going);
        }
        match opcode {
            0 => return self.extended(reader),
            1 => self.row(),
            2 => self.advance(reader.read_var_u64()?),
            3 => {
                let by = reader.read_var_i64()?;
                self.advance_line(by);
            }
            4 => self.registers.file = reader.read_var_u64()?,
            8 => self.advance(u64::from((255 - self.header.opcode_base) / self.header.line_range)),
            9 => {
                let by = u16::from_le_bytes([reader.read_u8()?, reader.read_u8()?]);
                self.registers.address = self.registers.address.wrapping_add(u64::from(by));
            }
            other => {
                let operands = self.header.operands.get(usize::from(other) - 1).copied().unwrap_or(0);
                for _ in 0..operands {
                    reader.read_var_u64()?;
                }
            }
        }
        Ok(Step::Going)
    }

    fn extended(&mut self, reader: &mut BinaryReader<'_>) -> Read<Step> {
        let length = reader.read_var_u64()? as usize;
        let bytes = reader.read_bytes(length)?;
        match bytes.split_first() {
            Some((1, _)) => {
                self.row();
                return Ok(Step::SequenceEnd);
            }
            Some((2, address)) => {
                let low = address.iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte));
                self.registers.address = low;
            }
            _ => {}
        }
        Ok(Step::Going)
    }

    fn special(&mut self, opcode: u8) {
        let adjusted = opcode - self.header.opcode_base;
        self.advance(u64::from(adjusted / self.header.line_range));
        self.advance_line(i64::from(self.header.line_base) + i64::from(adjusted % self.header.line_range));
        self.row();
    }

    fn advance_line(&mut self, by: i64) {
        let line = i64::from(self.registers.line).saturating_add(by);
        self.registers.line = u32::try_from(line).unwrap_or(0);
    }

    fn advance(&mut self, by: u64) {
        let by = by.wrapping_mul(u64::from(self.header.minimum_instruction));
        self.registers.address = self.registers.address.wrapping_add(by);
    }

    fn row(&mut self) {
        let Registers { address, file, line } = self.registers;
        self.sequence.push((address, file, line));
    }
}
