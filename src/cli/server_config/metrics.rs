//! `[metrics]`: figures for Prometheus.

use clap::Args;
use serde::Deserialize;
use std::net::SocketAddr;

/// Settings as they are written.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsSettings {
    /// Address that `/metrics` is served on without a token, besides the admin API, which wants one
    #[arg(id = "metrics", long = "metrics", env = "GLOWPLUG_METRICS", value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl MetricsSettings {
    /// What holds of these flags and the file's settings.
    pub(super) fn over(self, file: Self) -> Option<SocketAddr> {
        self.listen.or(file.listen)
    }
}
