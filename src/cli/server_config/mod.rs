//! Settings of `glowplug serve`: flags and environment first, then the file, then defaults.
//!
//! A table of the file has a module here: `Table` is what is written, and a type beside it what holds.

mod acme;
mod cache;
mod clients;
mod compression;
mod connections;
mod limits;
mod listeners;
mod logging;
mod metrics;
mod routes;
mod tls;
mod tracing;

pub use self::clients::ClientsConfig;
pub use self::connections::Connections;
pub use self::limits::LimitsConfig;
pub use self::listeners::Listener;
pub use self::logging::AccessLogConfig;
pub use self::tls::TlsConfig;

use self::cache::CacheSettings;
use self::clients::{ClientsSettings, ProxiesSettings};
use self::compression::CompressionSettings;
use self::limits::LimitsSettings;
use self::logging::LoggingSettings;
use self::metrics::MetricsSettings;
use self::tracing::TracingSettings;
use crate::cache::Settings as CacheBounds;
use crate::compression::Compression;
use crate::edge::listener::Address;
use crate::edge::tls::acme::AcmeOptions;
use crate::registry::OriginRoutes;
use crate::telemetry::TelemetryOptions;
use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file that is read when none is named and it is there.
const USUAL_FILE: &str = "glowplug-server.toml";

/// Settings as they are written: each flag has a key of the same name in the file, with `_` for `-`.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Folder for everything that is kept; made on the first start
    #[arg(long, env = "GLOWPLUG_DATA", value_name = "DIR")]
    data: Option<PathBuf>,

    /// Address that workers are served on, or several: `IP:PORT`, `unix:PATH`, `systemd` or `systemd:NAME` [default:
    /// 127.0.0.1:8787]
    #[arg(long, env = "GLOWPLUG_LISTEN", value_name = "ADDR", value_delimiter = ',')]
    #[serde(deserialize_with = "listeners::one_or_many")]
    listen: Option<Vec<Address>>,

    /// Address that workers are served on by TLS, or several
    #[arg(long, env = "GLOWPLUG_LISTEN_TLS", value_name = "ADDR", value_delimiter = ',')]
    #[serde(deserialize_with = "listeners::one_or_many")]
    listen_tls: Option<Vec<Address>>,

    /// Address of the admin API [default: 127.0.0.1:8788]
    #[arg(long, env = "GLOWPLUG_ADMIN", value_name = "ADDR")]
    admin: Option<SocketAddr>,

    /// Domain below which each worker is reached by its name [default: localhost]
    #[arg(long, env = "GLOWPLUG_BASE_DOMAIN", value_name = "DOMAIN")]
    base_domain: Option<String>,

    /// File with the key that secrets are sealed with; made on the first start [default: DATA/secret.key]
    #[arg(long, env = "GLOWPLUG_SECRET_KEY", value_name = "FILE")]
    secret_key: Option<PathBuf>,

    /// Versions that are kept loaded [default: 1000]
    #[arg(long, env = "GLOWPLUG_LOADED_VERSIONS", value_name = "N")]
    loaded_versions: Option<NonZeroUsize>,

    /// Seconds that requests under way may take after the signal to stop [default: 30]
    #[arg(long, env = "GLOWPLUG_DRAIN_SECONDS", value_name = "SECONDS")]
    drain_seconds: Option<u64>,

    /// Let workers reach loopback, private and link-local addresses too
    #[arg(long, env = "GLOWPLUG_PRIVATE_EGRESS", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    private_egress: Option<bool>,

    /// Log a line for each request
    #[arg(long, env = "GLOWPLUG_ACCESS_LOG", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    access_log: Option<bool>,

    /// Days that the ledger keeps what invocations used [default: 90]
    #[arg(long, env = "GLOWPLUG_LEDGER_RETENTION_DAYS", value_name = "DAYS")]
    ledger_retention_days: Option<NonZeroU32>,

    /// Tell in each response what it cost, in `Server-Timing`
    #[arg(long, env = "GLOWPLUG_SERVER_TIMING", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    server_timing: Option<bool>,

    /// Record one in N invocations, to be replayed; a recording holds all that the worker saw
    #[arg(long, env = "GLOWPLUG_RECORD_SAMPLE", value_name = "N")]
    record_sample: Option<NonZeroU64>,

    /// Folder for recordings [default: DATA/recordings]
    #[arg(long, env = "GLOWPLUG_RECORD_TO", value_name = "DIR")]
    record_to: Option<PathBuf>,

    /// Serve components for WASI 0.3 too
    #[arg(long, env = "GLOWPLUG_EXPERIMENTAL_WASI_03", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    experimental_wasi_03: Option<bool>,

    #[command(flatten)]
    cache: CacheSettings,

    #[command(flatten)]
    logging: LoggingSettings,

    #[command(flatten)]
    metrics: MetricsSettings,

    #[command(flatten)]
    compression: CompressionSettings,

    #[command(flatten)]
    #[serde(skip)]
    tls_flags: tls::Flags,

    #[command(flatten)]
    limits: LimitsSettings,

    #[command(flatten)]
    clients: ClientsSettings,

    #[command(flatten)]
    proxies: ProxiesSettings,

    #[command(flatten)]
    tracing: TracingSettings,

    #[arg(skip)]
    tls: tls::Table,

    #[arg(skip)]
    acme: acme::Table,

    #[arg(skip)]
    listeners: Vec<listeners::Table>,

    #[arg(skip)]
    connections: connections::Table,

    #[arg(skip)]
    route: Vec<routes::Table>,
}

/// Settings as they hold.
#[derive(Debug)]
pub struct ServerConfig {
    pub data: PathBuf,
    pub listeners: Vec<Listener>,
    pub connections: Connections,
    pub tls: TlsConfig,
    /// Certificates that are ordered, if any are.
    pub acme: Option<AcmeOptions>,
    pub admin: SocketAddr,
    pub base_domain: String,
    /// Routes to origins that come before those that are deployed.
    pub routes: OriginRoutes,
    pub secret_key: PathBuf,
    pub loaded_versions: NonZeroUsize,
    pub private_egress: bool,
    pub access_log: bool,
    pub ledger_retention: Duration,
    pub server_timing: bool,
    /// One in so many invocations is recorded.
    pub record_sample: Option<NonZeroU64>,
    pub record_to: PathBuf,
    pub experimental_wasi_03: bool,
    /// The access log for programs, if it is written.
    pub access_log_for_programs: Option<AccessLogConfig>,
    /// Where `/metrics` is served without a token.
    pub metrics: Option<SocketAddr>,
    /// How responses are compressed, if they are.
    pub compression: Option<Compression>,
    pub cache: CacheBounds,
    pub limits: LimitsConfig,
    pub clients: ClientsConfig,
    /// Where traces and logs are sent, if they are.
    pub telemetry: Option<TelemetryOptions>,
}

impl ServerConfig {
    /// What holds of `flags` and the file: `file`, or the usual one if it is there.
    pub fn new(flags: Settings, file: Option<&Path>) -> Result<Self> {
        let usual = Path::new(USUAL_FILE);
        let file = match file {
            Some(path) => read(path)?,
            None if usual.exists() => read(usual)?,
            None => Settings::default(),
        };
        let Some(data) = flags.data.or(file.data) else {
            bail!(
                "no folder is given for the server's data\n\
                 hint: give one with `--data DIR`, `GLOWPLUG_DATA`, or `data` in `{USUAL_FILE}`"
            );
        };
        let base_domain = flags.base_domain.or(file.base_domain).unwrap_or_else(|| "localhost".to_owned());
        check_domain(&base_domain)?;
        let secret_key = flags.secret_key.or(file.secret_key).unwrap_or_else(|| data.join("secret.key"));
        let acme = acme::options(file.acme, &data)?;
        let listen_tls = flags.listen_tls.or(file.listen_tls);
        let listeners = Listener::all(flags.listen.or(file.listen), listen_tls, file.listeners);
        let drain = Duration::from_secs(flags.drain_seconds.or(file.drain_seconds).unwrap_or(30));
        Ok(Self {
            tls: TlsConfig::new(flags.tls_flags, file.tls, acme.is_some())?,
            acme,
            listeners,
            connections: Connections::new(&file.connections, drain),
            admin: flags.admin.or(file.admin).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8788))),
            base_domain,
            routes: routes::routes(file.route)?,
            secret_key,
            loaded_versions: flags
                .loaded_versions
                .or(file.loaded_versions)
                .unwrap_or(NonZeroUsize::new(1000).expect("1000 is not zero")),
            private_egress: flags.private_egress.or(file.private_egress).unwrap_or(false),
            access_log: flags.access_log.or(file.access_log).unwrap_or(false),
            ledger_retention: days(flags.ledger_retention_days.or(file.ledger_retention_days)),
            server_timing: flags.server_timing.or(file.server_timing).unwrap_or(false),
            record_sample: flags.record_sample.or(file.record_sample),
            record_to: flags.record_to.or(file.record_to).unwrap_or_else(|| data.join("recordings")),
            experimental_wasi_03: flags.experimental_wasi_03.or(file.experimental_wasi_03).unwrap_or(false),
            access_log_for_programs: flags.logging.over(file.logging),
            metrics: flags.metrics.over(file.metrics),
            compression: flags.compression.over(file.compression),
            cache: file.cache.overridden_by(flags.cache).checked(&data),
            limits: flags.limits.over(file.limits),
            telemetry: flags.tracing.over(file.tracing, |name| std::env::var(name).ok())?,
            clients: flags.clients.over(file.clients, flags.proxies.over(file.proxies)?),
            data,
        })
    }
}

/// How long the ledger's rows are kept.
fn days(setting: Option<NonZeroU32>) -> Duration {
    Duration::from_secs(setting.map_or(90, |days| u64::from(days.get())) * 86_400)
}

fn read(path: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let mut settings: Settings =
        toml::from_str(&text).with_context(|| format!("failed to read the settings in `{}`", path.display()))?;
    // Paths in a file are meant from where the file is.
    let folder = path.parent().unwrap_or(Path::new(""));
    for path in [&mut settings.data, &mut settings.secret_key, &mut settings.record_to, &mut settings.cache.folder]
        .into_iter()
        .flatten()
    {
        *path = folder.join(&*path);
    }
    settings.logging.rebase(folder);
    settings.tls.rebase(folder);
    settings.acme.rebase(folder);
    settings.clients.rebase(folder);
    Ok(settings)
}

fn check_domain(domain: &str) -> Result<()> {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    if !domain.split('.').all(label) {
        bail!(
            "the base domain `{domain}` is no domain name\n\
             hint: write it in lower case without scheme, port or `*`, such as `workers.example.com`"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn settings(text: &str) -> Result<ServerConfig> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("glowplug-server.toml");
        std::fs::write(&file, text)?;
        let flags = Settings { listen: Some(vec!["127.0.0.1:1".parse()?]), ..Settings::default() };
        ServerConfig::new(flags, Some(&file)).inspect(|config| assert!(config.data.starts_with(dir.path())))
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_defaults() {
        let config = settings("data = \"state\"\nlisten = \"127.0.0.1:2\"\nadmin = \"127.0.0.1:3\"").unwrap();
        assert_eq!(config.listeners.len(), 1);
        assert_eq!(config.listeners[0].address, "127.0.0.1:1".parse().unwrap());
        assert_eq!(config.admin.port(), 3);
        assert_eq!(config.secret_key, config.data.join("secret.key"));
        assert_eq!(config.base_domain, "localhost");
    }

    #[test]
    fn what_is_wrong_in_the_file_is_told_with_its_place() {
        let text = |text| format!("{:#}", settings(text).unwrap_err());
        let unknown = text("data = \"state\"\nlissen = \"127.0.0.1:2\"");
        assert!(unknown.contains("line 2") && unknown.contains("lissen") && unknown.contains("listen"), "{unknown}");
        assert!(text("listen = \"127.0.0.1:2\"").contains("--data DIR"));
        assert!(text("data = \"state\"\nlisten = [\"port 80\"]").contains("`port 80` is no address"));
        assert!(text("data = \"state\"\nbase_domain = \"*.Example.com\"").contains("`*.Example.com`"));
    }
}
