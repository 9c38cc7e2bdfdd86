//! `[logging]`: the access log.

use crate::access_log::{AccessLog, Destination, Format};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Settings as they are written.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoggingSettings {
    /// Write the access log for programs: as `json` lines, or in Apache's `combined` format
    #[arg(long, env = "GLOWPLUG_ACCESS_LOG_FORMAT", value_name = "FORMAT")]
    access_log_format: Option<AccessLogFormat>,

    /// File for the access log, opened anew at SIGHUP and SIGUSR1 [default: stdout, for `--access-log-format`]
    #[arg(long, env = "GLOWPLUG_ACCESS_LOG_FILE", value_name = "FILE")]
    access_log_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AccessLogFormat {
    Json,
    Combined,
}

/// The access log as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLogConfig {
    format: Format,
    destination: Destination,
}

impl LoggingSettings {
    /// Paths in a file are meant from where the file is.
    pub(super) fn rebase(&mut self, folder: &Path) {
        if let Some(path) = &mut self.access_log_file {
            *path = folder.join(&*path);
        }
    }

    /// What holds of these flags and the file's settings. A file without a format is written as JSON.
    pub(super) fn over(self, file: Self) -> Option<AccessLogConfig> {
        let format = self.access_log_format.or(file.access_log_format);
        let path = self.access_log_file.or(file.access_log_file);
        if format.is_none() && path.is_none() {
            return None;
        }
        Some(AccessLogConfig {
            format: match format {
                Some(AccessLogFormat::Combined) => Format::Combined,
                Some(AccessLogFormat::Json) | None => Format::Json,
            },
            destination: path.map_or(Destination::Stdout, Destination::File),
        })
    }
}

impl AccessLogConfig {
    /// Opens the log.
    pub fn open(&self) -> Result<Arc<AccessLog>> {
        let log = AccessLog::open(self.destination.clone(), self.format).with_context(|| match &self.destination {
            Destination::Stdout => "failed to start the access log".to_owned(),
            Destination::File(path) => format!("failed to open the access log `{}`", path.display()),
        })?;
        Ok(Arc::new(log))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_before_the_file_and_nothing_said_means_no_log() {
        let file = |text| toml::from_str::<LoggingSettings>(text).unwrap();
        assert_eq!(LoggingSettings::default().over(file("")), None);
        let mut settings = file("access_log_format = \"combined\"\naccess_log_file = \"a.log\"");
        settings.rebase(Path::new("/etc"));
        let flags = LoggingSettings { access_log_format: Some(AccessLogFormat::Json), access_log_file: None };
        let config = flags.over(settings).unwrap();
        let destination = Destination::File("/etc/a.log".into());
        assert_eq!(config, AccessLogConfig { format: Format::Json, destination });
        assert!(toml::from_str::<LoggingSettings>("access_log_format = \"xml\"").is_err());
    }
}
