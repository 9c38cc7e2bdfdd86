//! The sockets that workers are served on, and what comes before them.

use super::super::server_config::{Connections, Listener, ServerConfig};
use super::super::watch::FileWatcher;
use crate::edge::https::Https;
use crate::edge::listener::{self, Inherited, Listening, Options};
use crate::edge::tls::Tls;
use crate::edge::tls::acme::Acme;
use crate::edge::{Site, h3};
use anyhow::{Context, Result, bail};
use futures_util::future::{OptionFuture, join_all};
use http::HeaderValue;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

/// A file that could not be read may be half written: it is tried again after this long.
const AGAIN: Duration = Duration::from_secs(2);

/// Sockets that are open.
pub struct EdgeListeners {
    sockets: Vec<Socket>,
    tls: Option<Arc<Tls>>,
    acme: Option<Acme>,
}

struct Socket {
    listening: Listening,
    listener: Listener,
    https: Arc<Https>,
    /// Where HTTP/3 is spoken.
    udp: Option<UdpSocket>,
}

impl EdgeListeners {
    /// Opens the sockets and reads the certificates.
    pub fn open(config: &ServerConfig) -> Result<Self> {
        let tls = match config.listeners.iter().any(|listener| listener.tls) {
            true if config.tls.options.certificates.is_empty() && config.acme.is_none() => bail!(
                "there is a listener for TLS, but no certificate\n\
                 hint: give one with `--tls-certificate FILE --tls-key FILE`, or in `[tls]` or `[acme]` of the settings' file"
            ),
            true => Some(Tls::new(config.tls.options.clone())?),
            false => None,
        };
        let acme = match (&config.acme, &tls) {
            (Some(options), Some(tls)) => Some(Acme::new(options.clone(), tls.clone())?),
            (Some(_), None) => {
                bail!("`[acme]` is given, but there is no listener for TLS\nhint: give one with `--listen-tls`")
            }
            (None, _) => None,
        };
        let mut inherited = Inherited::from_environment();
        let mut sockets = Vec::new();
        for listener in &config.listeners {
            if listener.http3 && !listener.tls {
                bail!(
                    "the listener on `{}` has `http3` without `tls`\nhint: HTTP/3 is always encrypted",
                    listener.address
                );
            }
            for listening in Listening::open(&listener.address, listener.setting, &mut inherited)? {
                let udp = match listening.tcp_address().filter(|_| listener.http3) {
                    Some(address) => Some(h3::bind(address)?),
                    None => None,
                };
                let https = Https {
                    redirect_to: listener.redirect_to,
                    strict_transport: config.tls.strict_transport.clone(),
                    challenges: tls.as_ref().filter(|_| acme.is_some()).map(|tls| tls.challenges()),
                    alternative: udp.as_ref().map(alternative).transpose()?,
                };
                sockets.push(Socket { listening, listener: listener.clone(), https: Arc::new(https), udp });
            }
        }
        if sockets.is_empty() {
            bail!("there is no address to serve workers on\nhint: give one with `--listen`, or leave `listen` out");
        }
        Ok(Self { sockets, tls, acme })
    }

    /// Where they are, as a client names them; at least one.
    pub fn urls(&self) -> Result<Vec<String>> {
        self.sockets.iter().map(|socket| socket.listening.url(socket.listener.scheme())).collect()
    }

    /// Serves on all until `stop` has a time.
    pub async fn serve(self, site: &Arc<Site>, connections: Connections, stop: watch::Receiver<Option<Instant>>) {
        let places = connections.places();
        super::metrics::add_connections(&site.metrics, &places);
        let serving = self.sockets.into_iter().map(|socket| {
            let Socket { listening, listener, https, udp } = socket;
            let handler = {
                let site = site.clone();
                move |request| https.clone().answer(site.clone(), request)
            };
            let stop = || {
                let mut stop = stop.clone();
                async move {
                    let _ = stop.wait_for(Option::is_some).await;
                }
            };
            let tls = self.tls.clone().filter(|_| listener.tls);
            let options = Options {
                proxies: listener.proxies,
                tls: tls.clone(),
                ..Options::new(connections.bounds, places.clone())
            };
            let http3 = udp.zip(tls).map(|(udp, tls)| h3::serve(udp, tls, handler.clone(), stop(), options.clone()));
            let tcp = listener::serve(listening, handler, stop(), options);
            async move {
                tokio::join!(tcp, OptionFuture::from(http3));
            }
        });
        let reloading = self.tls.clone().map(|tls| tokio::spawn(reload(tls)));
        let ordering = self.acme.map(|acme| tokio::spawn(acme.run()));
        join_all(serving).await;
        for task in reloading.into_iter().chain(ordering) {
            task.abort();
        }
    }
}

/// `Alt-Svc` for HTTP/3 on this socket, for a day.
fn alternative(socket: &UdpSocket) -> Result<HeaderValue> {
    Ok(HeaderValue::try_from(format!("h3=\":{}\"; ma=86400", socket.local_addr()?.port()))?)
}

/// Reads certificates again when their files change, and when SIGHUP says so.
async fn reload(tls: Arc<Tls>) {
    let prepared = || -> Result<_> {
        let mut watcher = FileWatcher::new()?;
        watcher.watch(tls.files())?;
        Ok((watcher, signal(SignalKind::hangup()).context("failed to listen for SIGHUP")?))
    };
    let (mut watcher, mut hangup) = match prepared() {
        Ok(prepared) => prepared,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "changed certificates need a restart");
            return;
        }
    };
    let mut failed = false;
    loop {
        tokio::select! {
            () = watcher.changed() => {}
            _ = hangup.recv() => {}
            () = tokio::time::sleep(AGAIN), if failed => {}
        }
        match tls.reload() {
            Ok(()) => tracing::info!("certificates were read again"),
            Err(error) if failed => tracing::debug!(error = format!("{error:#}"), "the certificates are still wrong"),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the certificates stay as they are");
                failed = true;
                continue;
            }
        }
        failed = false;
    }
}
