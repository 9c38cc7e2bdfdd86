//! `glowplug serve`

mod listeners;
mod memory;
mod metrics;
mod preload;

use self::listeners::EdgeListeners;
use super::print;
use super::server_config::{AccessLogConfig, ServerConfig, Settings};
use super::signals::stopped;
use crate::admin::{self, AdminState, Readiness};
use crate::assets::Index;
use crate::cache::Cache;
use crate::edge::events;
use crate::edge::listener::{self, Bounds, Listening, Options, Places};
use crate::edge::{Data, Entry, Front, Gates, Identity, Mode, Recordings, Site, SiteOptions};
use crate::engine::code_cache::CodeCache;
use crate::engine::{Executor, ExecutorOptions, Metering, Room, Wasi};
use crate::host::LogLine;
use crate::host::egress::EgressPolicy;
use crate::ledger::Ledger;
use crate::rate_limit::Buckets;
use crate::recording::ReceiptKey;
use crate::registry::cron_runs::CronRun;
use crate::registry::{Registry, Scope, SealingKey};
use crate::storage::Storage;
use crate::telemetry::Telemetry;
use anyhow::{Context, Result};
use arc_swap::ArcSwapOption;
use clap::Args;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How often what has expired or is wanted no more is removed.
const HOUSEKEEPING: Duration = Duration::from_secs(600);
/// Connections to the admin API at a time.
const ADMIN_CONNECTIONS: usize = 256;
/// How long an admin client may take to send a request's head.
const ADMIN_HEAD: Duration = Duration::from_secs(10);

/// Whose the compiled code is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    /// This server's: what nothing names any more is removed.
    Own,
    /// Others' too.
    Shared,
}

/// Serve deployed workers, and the admin API that deploys them
#[derive(Debug, Args)]
pub struct Serve {
    /// File with settings; flags and environment come before it [default: glowplug-server.toml, if it is there]
    #[arg(long, env = "GLOWPLUG_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    /// `shared` is a code cache that others may use too; without one, code is kept with the data.
    pub async fn execute(self, shared: Option<PathBuf>) -> Result<ExitCode> {
        let config = ServerConfig::new(self.settings, self.config.as_deref())?;
        raise_descriptor_limit();
        let storage = Storage::open(&config.data)
            .with_context(|| format!("failed to open the data folder `{}`", config.data.display()))?;
        // Wrong addresses end the command before anything is served or printed.
        let edge = EdgeListeners::open(&config)?;
        let admin = listener::bind(config.admin, "--admin")?;
        let scraped = config.metrics.map(|address| listener::bind(address, "--metrics")).transpose()?;
        let registry = Registry::new(storage.clone(), SealingKey::load_or_create(&config.secret_key)?);
        registry.check_sealing_key().await?;
        let ledger = Ledger::open(storage.clone(), &config.data.join("ledger")).await;
        let ledger = Arc::new(ledger.context("failed to open the ledger")?);
        let site = site(&config, shared.as_deref(), &registry, &storage, &ledger)?;
        let changes = site.fleet.start().await.context("failed to read what is deployed")?;
        let follower = tokio::spawn({
            let site = site.clone();
            async move { site.fleet.follow(changes).await }
        });
        let accounting = tokio::spawn({
            let ledger = ledger.clone();
            async move { ledger.run().await }
        });
        let housekeeping = tokio::spawn(keep_house(
            site.clone(),
            storage.clone(),
            ledger.clone(),
            config.ledger_retention,
            if shared.is_some() { Code::Shared } else { Code::Own },
        ));

        let preload = preload::begin(&site, &ledger).await;
        let tidying = tokio::spawn(memory::keep_small(site.clone()));
        let clock = tokio::spawn(events::cron::follow(site.clone()));

        first_token(&registry).await?;
        let (ready, readiness) = watch::channel(Readiness::Ready);
        let urls = edge.urls()?;
        let public_url = urls[0].clone();
        if let Some(scraped) = &scraped {
            print::note(&format!("metrics on http://{}/metrics", scraped.local_addr()?));
        }
        for url in &urls[1..] {
            print::note(&format!("also on {url}"));
        }
        print::note(&format!("admin on http://{}", admin.local_addr()?));
        print::ready(&public_url);
        let admin = serve_admin(admin, state(&config, &site, &storage, &ledger, public_url, readiness));
        let admin = tokio::spawn(admin);
        let scraped = scraped.map(|listener| tokio::spawn(metrics::serve(listener, site.metrics.clone())));
        let reopening = tokio::spawn(metrics::reopen_logs(site.clone()));
        serve_edge(edge, &site, &config, ready).await?;
        admin.abort();
        reopening.abort();
        if let Some(scraped) = scraped {
            scraped.abort();
        }
        site.close_logs().await;
        clock.abort();
        preload.abort();
        tidying.abort();
        housekeeping.abort();
        accounting.abort();
        ledger.flush_or_say().await;
        site.cache.close().await;
        follower.abort();
        Ok(ExitCode::SUCCESS)
    }
}

fn site(
    config: &ServerConfig,
    shared: Option<&Path>,
    registry: &Registry,
    storage: &Storage,
    ledger: &Arc<Ledger>,
) -> Result<Arc<Site>> {
    let executor = Executor::new(ExecutorOptions {
        cache: CodeCache::in_dir(shared.unwrap_or(&config.data.join("code")))?,
        egress: if config.private_egress { EgressPolicy::Any } else { EgressPolicy::PublicOnly },
        metering: Metering::Fuel,
        wasi: if config.experimental_wasi_03 { Wasi::Experimental } else { Wasi::Stable },
        room: Room::Server,
    })?;
    let access_log = config.access_log;
    let geo = config.clients.geo()?;
    let telemetry = config.telemetry.as_ref().map(Telemetry::new).transpose().context("failed to set up telemetry")?;
    let for_programs = config.access_log_for_programs.as_ref().map(AccessLogConfig::open).transpose()?;
    let receipts = Arc::new(ReceiptKey::load_or_create(&config.data.join("receipt.key"))?);
    let recordings = match config.record_sample {
        Some(every) => Some(Recordings::new(&config.record_to, every, Some(receipts.clone()))?),
        None => None,
    };
    let site = Site::new(SiteOptions {
        executor: Arc::new(executor),
        registry: registry.clone(),
        data: Data::Open(storage.clone()),
        mode: if config.server_timing { Mode::ServeWithCost } else { Mode::Serve },
        entry: Entry::Routes,
        base_domain: Some(config.base_domain.clone()),
        routes: config.routes.clone(),
        loaded_versions: config.loaded_versions,
        cache: Cache::open(config.cache.clone()).context("failed to open the cache")?,
        log: Arc::new(|line| console(&line)),
        requests: Arc::new(move |line| {
            if access_log {
                print::request(&line);
            }
        }),
        recordings,
        receipts: Some(receipts),
        ledger: Some(ledger.clone()),
        front: Front {
            identity: Identity {
                proxies: config.clients.proxies.clone(),
                families: Some(config.clients.families),
                geo: ArcSwapOption::new(geo.map(Arc::new)),
            },
            gates: Arc::new(Gates::new(config.limits.in_flight)),
            loops: Some(config.limits.loops),
            rate_limit: config.limits.rate_limit.clone(),
            access_log: for_programs,
            compression: config.compression.clone(),
            tells_request_id: true,
            telemetry,
            buckets: Buckets::default(),
        },
    });
    metrics::add_gauges(&site);
    Ok(site)
}

/// Workers' output is for `glowplug tail`; whoever asks for it has it in the server's log too.
fn console(line: &LogLine) {
    tracing::debug!(target: "glowplug::console", request_id = %line.request_id, level = line.level_name(), "{}", line.text);
}

/// A server without a token gets one that may do everything; it is shown this once.
async fn first_token(registry: &Registry) -> Result<()> {
    if !registry.tokens().await?.is_empty() {
        return Ok(());
    }
    let text = registry.create_token("admin", [Scope::Admin].into(), None).await?.value.text;
    print::note("this is the first start; keep the admin token, it is not shown again:");
    print::note(&format!("token {text}"));
    Ok(())
}

fn state(
    config: &ServerConfig,
    site: &Arc<Site>,
    storage: &Storage,
    ledger: &Arc<Ledger>,
    public_url: String,
    ready: watch::Receiver<Readiness>,
) -> AdminState {
    AdminState {
        registry: site.fleet.registry().clone(),
        data: storage.clone(),
        cache: site.cache.clone(),
        tail: site.tail.clone(),
        ledger: ledger.clone(),
        executor: site.executor.clone(),
        applied: site.fleet.applied(),
        routes: {
            let site = site.clone();
            Arc::new(move || site.fleet.routes())
        },
        base_domain: Some(config.base_domain.clone()),
        public_url,
        ready,
        receipt_key: site.receipt_key(),
        metrics: site.metrics.clone(),
        trigger: {
            let site = site.clone();
            Arc::new(move |trigger| Box::pin(run_trigger(site.clone(), trigger)))
        },
    }
}

async fn run_trigger(site: Arc<Site>, trigger: admin::Trigger) -> Result<CronRun, admin::TriggerError> {
    let admin::Trigger { worker, cron, time } = trigger;
    let run = events::cron::trigger(&site, &worker, cron, time).await;
    run.map_err(|error| match error {
        events::cron::TriggerError::NotFound(why) => admin::TriggerError::NotFound(why),
        events::cron::TriggerError::Failed(why) => admin::TriggerError::Failed(why),
    })
}

async fn serve_admin(listener: TcpListener, state: AdminState) {
    let router = admin::router(state);
    let bounds = Bounds { head: ADMIN_HEAD, drain: Duration::ZERO, ..Bounds::default() };
    let options = Options::new(bounds, Places::new(ADMIN_CONNECTIONS, usize::MAX));
    let handler = move |request| admin::answer(router.clone(), request);
    listener::serve(Listening::Tcp(listener), handler, std::future::pending(), options).await;
}

/// Serves until a signal says to stop; then requests under way and work after their responses have their time.
async fn serve_edge(
    edge: EdgeListeners,
    site: &Arc<Site>,
    config: &ServerConfig,
    ready: watch::Sender<Readiness>,
) -> Result<()> {
    let stop = async {
        stopped().await;
        ready.send_replace(Readiness::Stopping);
        site.close_websockets();
    };
    let (stopping, when) = watch::channel(None);
    let stop = async {
        stop.await;
        stopping.send_replace(Some(tokio::time::Instant::now()));
    };
    tokio::join!(stop, edge.serve(site, config.connections, when.clone()));
    let _ = tokio::time::timeout(config.connections.bounds.drain, site.websockets_closed()).await;
    let since = when.borrow().unwrap_or_else(tokio::time::Instant::now);
    if tokio::time::timeout_at(since + config.connections.bounds.drain, site.executor.idle()).await.is_err() {
        tracing::warn!("work after responses was still under way when the time to finish it was over");
    }
    site.recorded().await;
    Ok(())
}

/// Removes what has expired and what nothing names any more.
async fn keep_house(site: Arc<Site>, storage: Storage, ledger: Arc<Ledger>, kept: Duration, code: Code) {
    let mut tick = tokio::time::interval(HOUSEKEEPING);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick comes at once, when there is better to do.
    tick.tick().await;
    loop {
        tick.tick().await;
        if let Err(error) = storage.sweep().await {
            tracing::warn!(%error, "failed to remove expired entries");
        }
        if let Err(error) = site.fleet.registry().sweep().await {
            tracing::warn!(%error, "failed to remove what is kept no longer");
        }
        if let Err(error) = ledger.sweep(kept).await {
            tracing::warn!(%error, "failed to tidy the ledger");
        }
        if let Err(error) = collect_garbage(&site, code).await {
            tracing::warn!(error = format!("{error:#}"), "failed to remove what nothing names any more");
        }
    }
}

async fn collect_garbage(site: &Site, code: Code) -> Result<()> {
    let registry = site.fleet.registry();
    let files = |index: &[u8]| match Index::parse(index) {
        Ok(index) => Ok(index.digests().into_iter().collect()),
        Err(error) => Err(error.to_string()),
    };
    let garbage = registry.garbage(files).await?;
    registry.remove_garbage(&garbage).await?;
    if code == Code::Shared {
        return Ok(());
    }
    let kept: HashSet<_> = registry.storage().blobs().await?.into_iter().collect();
    site.executor.retain(|digest| kept.contains(&digest))
}

/// Each connection takes a file descriptor, and the usual soft limit of 1,024 is there for programs that use `select`.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
}
