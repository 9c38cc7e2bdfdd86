//! `data/intl.blob`: CLDR and the time zone database, of which a worker's memory holds only what it asked for.
//!
//! In the engine the blob is a passive data segment, which belongs to the code and so to all workers;
//! `cargo xtask engine` puts it there. `intl-data/` writes the blob and describes its form.

use icu_locale::DataLocale;
use icu_locale::fallback::{LocaleFallbackIterator, LocaleFallbacker};
use icu_provider::buf::{BufferFormat, BufferMarker, DeserializingBufferProvider};
use icu_provider::prelude::*;

/// Copies `length` bytes of the blob from `offset` on to `to`.
///
/// What is written here is replaced: xtask makes the body one `memory.init`.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
#[inline(never)]
unsafe extern "C" fn glowplug_data_read(to: *mut u8, offset: u32, length: u32) {
    // the compiler must take it for a function that reads and writes memory
    std::hint::black_box((to, offset, length));
}

#[cfg(target_arch = "wasm32")]
fn read_into(to: &mut Vec<u8>, offset: u32, length: u32) {
    to.resize(length as usize, 0);
    // SAFETY: `to` has room for `length` bytes; outside the blob `memory.init` traps.
    unsafe { glowplug_data_read(to.as_mut_ptr(), offset, length) };
    std::hint::black_box(to);
}

#[cfg(not(target_arch = "wasm32"))]
fn read_into(to: &mut Vec<u8>, offset: u32, length: u32) {
    static BLOB: &[u8] = include_bytes!("../../../data/intl.blob");
    to.clear();
    to.extend_from_slice(&BLOB[offset as usize..][..length as usize]);
}

const HEADER: u32 = 4;
const ENTRY: u32 = 16;

/// The key of an entry: FNV-1a of its parts, each ended by a zero byte.
fn key(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.iter().chain(&[0]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

fn number<const N: usize>(bytes: &[u8], from: usize) -> [u8; N] {
    bytes.get(from..from + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
}

/// The payload of the entry with this key.
fn find(key: u64) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    read_into(&mut buffer, 0, HEADER);
    let (mut low, mut high) = (0, u32::from_le_bytes(number(&buffer, 0)));
    while low < high {
        let middle = low.midpoint(high);
        read_into(&mut buffer, HEADER + middle * ENTRY, ENTRY);
        let found = u64::from_le_bytes(number(&buffer, 0));
        if found == key {
            let offset = u32::from_le_bytes(number(&buffer, 8));
            let length = u32::from_le_bytes(number(&buffer, 12));
            read_into(&mut buffer, offset, length);
            return Some(buffer);
        }
        if found < key {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    None
}

/// An entry that is no data of ICU4X: a time zone's rules (`tz`), a list of names (`list`).
pub fn named(group: &str, name: &str) -> Option<Vec<u8>> {
    find(key(&[group.as_bytes(), name.as_bytes()]))
}

/// The blob as a data provider, without the way from a locale to its parents.
struct Blob;

impl Blob {
    fn get(
        marker: DataMarkerInfo,
        locale: &DataLocale,
        attributes: &DataMarkerAttributes,
    ) -> Option<DataResponse<BufferMarker>> {
        let id = marker.id.hashed().to_bytes();
        let mut payload = find(key(&[&id, locale.to_string().as_bytes(), attributes.as_bytes()]))?;
        let mut metadata = DataResponseMetadata::default();
        metadata.buffer_format = Some(BufferFormat::Postcard1);
        if marker.has_checksum {
            metadata.checksum = Some(u64::from_le_bytes(number(&payload, 0)));
            payload.drain(..8);
        }
        Some(DataResponse { metadata, payload: DataPayload::from_owned_buffer(payload.into_boxed_slice()) })
    }
}

impl DynamicDataProvider<BufferMarker> for Blob {
    fn load_data(&self, marker: DataMarkerInfo, request: DataRequest) -> Result<DataResponse<BufferMarker>, DataError> {
        Self::get(marker, request.id.locale, request.id.marker_attributes)
            .ok_or_else(|| DataErrorKind::IdentifierNotFound.into_error().with_marker(marker))
    }
}

/// The blob as a data provider: what a locale lacks comes from its parents.
pub struct Data {
    fallbacker: LocaleFallbacker,
}

impl DynamicDataProvider<BufferMarker> for Data {
    fn load_data(&self, marker: DataMarkerInfo, request: DataRequest) -> Result<DataResponse<BufferMarker>, DataError> {
        if marker.is_singleton {
            return Blob.load_data(marker, request);
        }
        let fallbacker = self.fallbacker.for_config(marker.fallback_config);
        let mut locales: LocaleFallbackIterator<'_> = fallbacker.fallback_for(*request.id.locale);
        loop {
            if let Some(mut response) = Blob::get(marker, locales.get(), request.id.marker_attributes) {
                response.metadata.locale = Some(*locales.get());
                return Ok(response);
            }
            if locales.get().is_unknown() {
                return Err(DataErrorKind::IdentifierNotFound.into_error().with_marker(marker));
            }
            locales.step();
        }
    }
}

thread_local! {
    // Never given back, as the formatters of a worker's top level live as long as the worker.
    static DATA: std::cell::OnceCell<&'static Data> = const { std::cell::OnceCell::new() };
}

/// The data, as buffers.
pub fn data() -> Result<&'static Data, DataError> {
    DATA.with(|cell| {
        if let Some(data) = cell.get() {
            return Ok(*data);
        }
        let fallbacker = LocaleFallbacker::try_new_with_buffer_provider(&Blob)?;
        Ok(*cell.get_or_init(|| Box::leak(Box::new(Data { fallbacker }))))
    })
}

/// The data, as the structs of ICU4X.
pub fn structs() -> Result<DeserializingBufferProvider<'static, Data>, DataError> {
    Ok(data()?.as_deserializing())
}

/// Loads one struct.
pub fn load<M>(locale: &DataLocale, attributes: &str) -> Result<DataPayload<M>, DataError>
where
    M: DataMarker,
    DeserializingBufferProvider<'static, Data>: DataProvider<M>,
{
    Ok(load_response(locale, attributes)?.payload)
}

/// Loads one struct, with the locale that it was found in.
pub fn load_response<M>(locale: &DataLocale, attributes: &str) -> Result<DataResponse<M>, DataError>
where
    M: DataMarker,
    DeserializingBufferProvider<'static, Data>: DataProvider<M>,
{
    let attributes =
        DataMarkerAttributes::try_from_str(attributes).map_err(|_| DataErrorKind::InvalidRequest.into_error())?;
    let id = DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, locale);
    structs()?.load(DataRequest { id, ..Default::default() })
}
