//! The blob: an index of keys, sorted, and the payloads they stand for.
//!
//! `js-shim/src/web/intl/data.rs` reads it. All numbers are little-endian:
//!
//! ```text
//! u32 number of entries
//! per entry: u64 key, u32 offset from the blob's beginning, u32 length
//! payloads
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};
use icu_provider::DynamicDataMarker;
use icu_provider::prelude::*;
use serde::Serialize;

use crate::select;

/// What is to be written.
#[derive(Default)]
pub struct Blob {
    entries: BTreeMap<u64, u32>,
    payloads: Vec<Vec<u8>>,
    known: HashMap<Vec<u8>, u32>,
    /// Locales that any data is for.
    pub locales: BTreeSet<String>,
    /// Bytes of new payloads and of entries by marker, for the report.
    pub sizes: BTreeMap<String, (usize, usize)>,
}

/// The key of an entry: FNV-1a of its parts, each ended by a zero byte.
pub fn key(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.iter().chain(&[0]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

impl Blob {
    /// Adds an entry; equal payloads are kept once.
    pub fn add(&mut self, group: &str, key: u64, payload: Vec<u8>) -> Result<()> {
        let next = u32::try_from(self.payloads.len())?;
        let sizes = self.sizes.entry(group.to_owned()).or_default();
        sizes.1 += 1;
        let index = match self.known.get(&payload) {
            Some(index) => *index,
            None => {
                sizes.0 += payload.len();
                self.known.insert(payload.clone(), next);
                self.payloads.push(payload);
                next
            }
        };
        ensure!(self.entries.insert(key, index).is_none(), "two entries of `{group}` have the same key");
        Ok(())
    }

    /// The blob's bytes.
    pub fn finish(&self) -> Result<Vec<u8>> {
        let mut bytes = u32::try_from(self.entries.len())?.to_le_bytes().to_vec();
        let mut offset = 4 + 16 * self.entries.len();
        let mut offsets = Vec::new();
        for payload in &self.payloads {
            offsets.push(u32::try_from(offset)?);
            offset += payload.len();
        }
        for (key, index) in &self.entries {
            let index = *index as usize;
            bytes.extend(key.to_le_bytes());
            bytes.extend(offsets[index].to_le_bytes());
            bytes.extend(u32::try_from(self.payloads[index].len())?.to_le_bytes());
        }
        bytes.extend(self.payloads.concat());
        Ok(bytes)
    }
}

/// Adds all of a marker's data that is selected. Data with a checksum has it in front.
pub fn export<M, P>(provider: &P, blob: &mut Blob) -> Result<()>
where
    M: DataMarker,
    P: IterableDataProvider<M>,
    for<'a> <M::DataStruct as yoke::Yokeable<'a>>::Output: Serialize,
    M: DynamicDataMarker,
{
    let name = M::INFO.id.name();
    let id = M::INFO.id.hashed().to_bytes();
    for data in provider.iter_ids()? {
        let data = data.as_borrowed();
        if !select::wanted(name, data.locale, data.marker_attributes) {
            continue;
        }
        if !data.locale.is_unknown() {
            blob.locales.insert(data.locale.to_string());
        }
        // asked for by its beginning, the script's name
        let attributes = match data.marker_attributes.as_str() {
            model if name == "SegmenterLstmAutoV1" => &model[..=model.find('_').context("a model without a script")?],
            attributes => attributes,
        };
        let response = provider.load(DataRequest { id: data, ..Default::default() })?;
        let mut payload = Vec::new();
        if M::INFO.has_checksum {
            let checksum = response.metadata.checksum.with_context(|| format!("`{name}` has no checksum"))?;
            payload.extend(checksum.to_le_bytes());
        }
        payload.extend(postcard::to_allocvec(response.payload.get())?);
        let key = key(&[&id, data.locale.to_string().as_bytes(), attributes.as_bytes()]);
        blob.add(name, key, payload)?;
    }
    Ok(())
}
