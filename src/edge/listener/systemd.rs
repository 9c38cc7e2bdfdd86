//! Sockets that systemd has opened for this process (`sd_listen_fds(3)`).
//!
//! ## Why
//! systemd keeps the socket open while the server restarts: clients that connect meanwhile wait, and none is refused.

use super::bind::Listening;
use anyhow::{Context, Result, bail};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use tokio::net::{TcpListener, UnixListener};

/// The first descriptor that is handed on.
const FIRST: RawFd = 3;

/// Sockets that were handed to this process and have not been taken yet.
pub struct Inherited(Vec<(String, OwnedFd)>);

impl Inherited {
    /// What the environment says was handed on; nothing if it is meant for another process.
    pub fn from_environment() -> Self {
        let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
        if number("LISTEN_PID") != Some(std::process::id()) {
            return Self(Vec::new());
        }
        let count = number("LISTEN_FDS").unwrap_or(0);
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let sockets = (0..count as RawFd).map(|index| {
            let name = names.next().filter(|name| !name.is_empty()).unwrap_or("unknown").to_owned();
            // SAFETY: the environment says that these descriptors are open and meant for this process, and they are taken once.
            (name, unsafe { OwnedFd::from_raw_fd(FIRST + index) })
        });
        let sockets: Vec<_> = sockets.collect();
        for (_, socket) in &sockets {
            // Programs that this one starts must not keep the sockets open.
            let _ = rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC);
        }
        Self(sockets)
    }

    /// Takes the sockets called `name`, or all.
    pub fn take(&mut self, name: Option<&str>) -> Result<Vec<Listening>> {
        let (taken, kept) =
            std::mem::take(&mut self.0).into_iter().partition(|(found, _)| name.is_none_or(|name| name == found));
        self.0 = kept;
        let taken: Vec<(String, OwnedFd)> = taken;
        if taken.is_empty() {
            let what = name.map_or_else(String::new, |name| format!(" called `{name}`"));
            bail!(
                "systemd has handed over no socket{what}\n\
                 hint: start the server by a `.socket` unit, whose `FileDescriptorName=` is the name"
            );
        }
        taken
            .into_iter()
            .map(|(name, socket)| adopt(socket).with_context(|| format!("systemd's socket `{name}`")))
            .collect()
    }
}

fn adopt(socket: OwnedFd) -> Result<Listening> {
    let family = rustix::net::getsockname(&socket).context("is no socket")?.address_family();
    if family == rustix::net::AddressFamily::UNIX {
        let listener = std::os::unix::net::UnixListener::from(socket);
        listener.set_nonblocking(true)?;
        Ok(Listening::Unix(UnixListener::from_std(listener)?, None))
    } else {
        let listener = std::net::TcpListener::from(socket);
        listener.set_nonblocking(true)?;
        Ok(Listening::Tcp(TcpListener::from_std(listener)?))
    }
}
