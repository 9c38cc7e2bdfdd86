//! `[compression]`: responses in a form that takes fewer bytes.

use crate::compression::{Coding, Compression};
use clap::Args;
use serde::Deserialize;

/// Settings as they are written.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CompressionSettings {
    /// Compress responses for clients that take it [default: true]
    #[arg(
        id = "compression",
        long = "compression",
        env = "GLOWPLUG_COMPRESSION",
        num_args = 0..=1,
        default_missing_value = "true",
        value_name = "BOOL"
    )]
    enabled: Option<bool>,

    /// Codings that may be used, the preferred ones first.
    #[arg(skip)]
    codings: Option<Vec<CodingName>>,

    /// Bytes that a body must have at least.
    #[arg(skip)]
    minimum_bytes: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CodingName {
    Zstd,
    Br,
    Gzip,
}

impl CompressionSettings {
    /// What holds of these flags and the file's settings; none if responses are not compressed.
    pub(super) fn over(self, file: Self) -> Option<Compression> {
        if !self.enabled.or(file.enabled).unwrap_or(true) {
            return None;
        }
        let usual = Compression::default();
        let codings = file.codings.map(|names| {
            names.into_iter().map(|name| match name {
                CodingName::Zstd => Coding::Zstd,
                CodingName::Br => Coding::Brotli,
                CodingName::Gzip => Coding::Gzip,
            })
        });
        Some(Compression {
            codings: codings.map_or(usual.codings, Iterator::collect),
            minimum: file.minimum_bytes.unwrap_or(usual.minimum),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_on_unless_it_is_switched_off() {
        let file = |text| toml::from_str::<CompressionSettings>(text).unwrap();
        assert_eq!(CompressionSettings::default().over(file("")), Some(Compression::default()));
        assert_eq!(CompressionSettings::default().over(file("enabled = false")), None);
        let on = CompressionSettings { enabled: Some(true), ..CompressionSettings::default() };
        let settings = on.over(file("enabled = false\ncodings = [\"gzip\"]\nminimum_bytes = 9"));
        assert_eq!(settings, Some(Compression { codings: vec![Coding::Gzip], minimum: 9 }));
    }
}
