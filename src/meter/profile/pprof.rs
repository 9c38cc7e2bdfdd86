//! Files for `pprof`: a gzipped message of `profile.proto`.
//!
//! ## Why
//! The messages are few and have not changed in years, so they are written here and not generated.

use super::{Frame, Profile};
use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use std::collections::HashMap;
use std::io::Write;

/// `perftools.profiles.Profile`, as far as it is used here.
#[derive(Clone, PartialEq, Message)]
pub(super) struct File {
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    pub string_table: Vec<String>,
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    pub period: i64,
    #[prost(int64, repeated, tag = "13")]
    pub comment: Vec<i64>,
}

/// What a figure counts. All names are places in the table of strings.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueType {
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// A stack and its figure.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Sample {
    /// Innermost first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
}

/// A place in the program.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Location {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Line {
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    #[prost(int64, tag = "2")]
    pub line: i64,
}

/// A function of a file.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Function {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(int64, tag = "2")]
    pub name: i64,
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    #[prost(int64, tag = "4")]
    pub filename: i64,
}

/// The profile as a file for `pprof`; `comment` is shown with it.
pub fn write(profile: &Profile, comment: &str) -> Result<Vec<u8>> {
    let mut writer = Writer::default();
    // The first string is the empty one.
    writer.text("");
    let fuel = ValueType { r#type: writer.text("fuel"), unit: writer.text("count") };
    writer.file.sample_type.push(fuel.clone());
    writer.file.period_type = Some(fuel);
    writer.file.period = 1;
    let comment = writer.text(comment);
    writer.file.comment.push(comment);
    for (stack, fuel) in profile.samples() {
        let location_id = stack.iter().rev().map(|frame| writer.location(frame)).collect();
        let fuel = i64::try_from(fuel).context("there is more fuel than a pprof file can hold")?;
        writer.file.sample.push(Sample { location_id, value: vec![fuel] });
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&writer.file.encode_to_vec()).and_then(|()| gzip.finish()).context("failed to compress the profile")
}

#[derive(Default)]
struct Writer {
    file: File,
    texts: HashMap<String, i64>,
    functions: HashMap<(String, Option<String>), u64>,
    locations: HashMap<Frame, u64>,
}

impl Writer {
    fn text(&mut self, text: &str) -> i64 {
        if let Some(place) = self.texts.get(text) {
            return *place;
        }
        let place = self.file.string_table.len() as i64;
        self.file.string_table.push(text.to_owned());
        self.texts.insert(text.to_owned(), place);
        place
    }

    fn location(&mut self, frame: &Frame) -> u64 {
        if let Some(id) = self.locations.get(frame) {
            return *id;
        }
        let line = Line { function_id: self.function(frame), line: i64::from(frame.line.unwrap_or_default()) };
        let id = self.file.location.len() as u64 + 1;
        self.file.location.push(Location { id, line: vec![line] });
        self.locations.insert(frame.clone(), id);
        id
    }

    fn function(&mut self, frame: &Frame) -> u64 {
        let key = (frame.function.clone(), frame.file.clone());
        if let Some(id) = self.functions.get(&key) {
            return *id;
        }
        let name = self.text(&frame.function);
        let filename = self.text(frame.file.as_deref().unwrap_or_default());
        let id = self.file.function.len() as u64 + 1;
        self.file.function.push(Function { id, name, system_name: name, filename });
        self.functions.insert(key, id);
        id
    }
}
