//! The journal: what is counted is in a file before its client is answered, until it is in the store.
//!
//! A segment is a file `NUMBER.log`: a mark, then records. Each record is its length (16 bits), the CRC-32 of what
//! follows, and that: a tag, and numbers as in [`bytes`](super::bytes). A series is defined before the first invocation
//! of it, in the same write.
//!
//! ## Why
//! One `write` puts a record into the system's page cache, which outlives the process however it ends. To sync each one
//! would cost a hundred times as much and guard against power loss only. A write that was cut short leaves a record
//! whose length or checksum is wrong, and nothing is ever written after one.

use super::batch::{Batch, BudgetId, Minute, Series, SeriesId};
use super::bytes::{Reader, put, put_text};
use super::tally::{Work, code_of, outcome_of};
use crate::meter::Outcome;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Begins every segment; the last byte is the format's version.
const MARK: &[u8; 8] = b"glowled\x01";
/// Length and checksum.
const HEAD: usize = 6;
const DEFINE: u8 = 1;
const COUNT: u8 = 2;

/// One invocation, as it is written down.
pub(super) struct Record<'a> {
    pub id: SeriesId,
    pub series: &'a Series,
    pub minute: Minute,
    pub outcome: Outcome,
    pub work: &'a Work,
    /// What its fuel is taken from.
    pub budgets: &'a [BudgetId],
}

/// A segment that is being written.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    path: PathBuf,
    /// Bytes that are whole records.
    length: u64,
    /// The series that are defined in it.
    defined: HashSet<SeriesId>,
    /// What could not be written whole could not be taken back either.
    is_broken: bool,
    buffer: Vec<u8>,
}

impl Segment {
    /// A new segment in `folder`. One of the same number that is there is done with, and replaced.
    pub fn create(folder: &Path, number: u64) -> io::Result<Self> {
        let path = folder.join(format!("{number:016}.log"));
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        if let Err(cause) = file.write_all(MARK) {
            drop(file);
            // What stays is an empty segment.
            let _ = fs::remove_file(&path);
            return Err(cause);
        }
        let length = MARK.len() as u64;
        Ok(Self { file, path, length, defined: HashSet::new(), is_broken: false, buffer: Vec::with_capacity(512) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// Writes a record down. On an error the segment is as it was before.
    pub fn append(&mut self, record: &Record<'_>) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier record was cut short"));
        }
        self.buffer.clear();
        if !self.defined.contains(&record.id) {
            frame(&mut self.buffer, |bytes| {
                bytes.push(DEFINE);
                put(bytes, record.id.into());
                put_text(bytes, &record.series.worker);
                put_text(bytes, &record.series.version);
                put_text(bytes, &record.series.route);
            })?;
        }
        frame(&mut self.buffer, |bytes| encode_count(bytes, record))?;
        self.write()?;
        self.defined.insert(record.id);
        Ok(())
    }

    /// Writes the buffer with one call of the system, or takes back what was written of it.
    fn write(&mut self) -> io::Result<()> {
        let written = loop {
            match self.file.write(&self.buffer) {
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                written => break written,
            }
        };
        let cause = match written {
            Ok(written) if written == self.buffer.len() => {
                self.length += written as u64;
                return Ok(());
            }
            Ok(_) => io::Error::from(ErrorKind::StorageFull),
            Err(cause) => cause,
        };
        let restored = self.file.set_len(self.length);
        let restored = restored.and_then(|()| io::Seek::seek(&mut self.file, io::SeekFrom::Start(self.length)));
        self.is_broken = restored.is_err();
        Err(cause)
    }
}

/// Appends a record with the content that `fill` writes.
fn frame(buffer: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
    let start = buffer.len();
    buffer.extend([0; HEAD]);
    fill(buffer);
    let content = &buffer[start + HEAD..];
    // Names and patterns have limits far below this.
    let length = u16::try_from(content.len()).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
    let checksum = crc32fast::hash(content);
    buffer[start..start + 2].copy_from_slice(&length.to_le_bytes());
    buffer[start + 2..start + HEAD].copy_from_slice(&checksum.to_le_bytes());
    Ok(())
}

fn encode_count(bytes: &mut Vec<u8>, record: &Record<'_>) {
    let Work { fuel, bytes_in, bytes_out, subrequests, wall, memory } = *record.work;
    bytes.push(COUNT);
    bytes.push(code_of(record.outcome));
    for number in [record.id.into(), record.minute.into(), fuel, bytes_in, bytes_out, subrequests, wall, memory] {
        put(bytes, number);
    }
    record.budgets.iter().for_each(|budget| bytes.extend(budget.to_le_bytes()));
}

/// The segments in a folder with their numbers, the oldest first.
pub(super) fn segments(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".log")?.parse().ok());
        found.extend(number.map(|number| (number, path)));
    }
    found.sort();
    Ok(found)
}

/// What a segment says.
pub(super) struct Replayed {
    pub batch: Batch,
    /// Bytes at its end that are no whole record.
    pub torn: usize,
}

/// Reads a segment up to the first record that is not whole.
pub(super) fn replay(path: &Path) -> io::Result<Replayed> {
    let bytes = fs::read(path)?;
    let mut batch = Batch::default();
    let Some(mut rest) = bytes.strip_prefix(MARK) else { return Ok(Replayed { batch, torn: bytes.len() }) };
    let mut ids = HashMap::new();
    while let Some((content, after)) = whole_record(rest)
        && apply(content, &mut batch, &mut ids).is_some()
    {
        rest = after;
    }
    Ok(Replayed { batch, torn: rest.len() })
}

/// The content of the first record, and what comes after it.
fn whole_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let length = u16::from_le_bytes([head[0], head[1]]);
    let checksum = u32::from_le_bytes([head[2], head[3], head[4], head[5]]);
    let (content, rest) = rest.split_at_checked(length.into())?;
    // Nothing has no checksum: zeros are what a file system may put at the end of a file that it lost the end of.
    (length > 0 && crc32fast::hash(content) == checksum).then_some((content, rest))
}

/// Does again what a record says. `ids` has the batch's numbers by those of the segment.
fn apply(content: &[u8], batch: &mut Batch, ids: &mut HashMap<u64, SeriesId>) -> Option<()> {
    let mut reader = Reader(content);
    match reader.byte()? {
        DEFINE => {
            let number = reader.number()?;
            let (worker, version, route) = (reader.text()?, reader.text()?, reader.text()?);
            let series = Series { worker: worker.into(), version: version.into(), route: route.into() };
            ids.insert(number, batch.id(&series));
        }
        COUNT => {
            let outcome = outcome_of(reader.byte()?)?;
            let id = *ids.get(&reader.number()?)?;
            let minute = Minute::try_from(reader.number()?).ok()?;
            let mut number = || reader.number();
            let (fuel, bytes_in, bytes_out) = (number()?, number()?, number()?);
            let (subrequests, wall, memory) = (number()?, number()?, number()?);
            let work = Work { fuel, bytes_in, bytes_out, subrequests, wall, memory };
            let mut budgets = Vec::new();
            while !reader.is_empty() {
                budgets.push(u64::from_le_bytes(reader.take(8)?.try_into().ok()?));
            }
            batch.add(id, minute, outcome, &work, &budgets);
        }
        _ => return None,
    }
    Some(())
}

/// The folder for segments, made if need be.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
