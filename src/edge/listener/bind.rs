//! Opens listening sockets.

use super::address::Address;
use super::systemd::Inherited;
use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, TcpSocket, UnixListener};

/// Connections the kernel queues before they are accepted.
const BACKLOG: u32 = 1024;

/// A socket that connections are accepted from.
pub enum Listening {
    Tcp(TcpListener),
    /// The file is removed in the end, if it is ours.
    Unix(UnixListener, Option<SocketFile>),
}

/// The file of a Unix socket.
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Listening {
    /// Opens what `address` names; `flag` is the one that sets it. Sockets that systemd has opened are taken from `inherited`.
    pub fn open(address: &Address, flag: &str, inherited: &mut Inherited) -> Result<Vec<Self>> {
        Ok(match address {
            Address::Tcp(address) => vec![Self::Tcp(bind(*address, flag)?)],
            Address::Unix(path) => vec![bind_unix(path)?],
            Address::Systemd(name) => inherited.take(name.as_deref())?,
        })
    }

    /// How a client names it: `http://ADDRESS`, or the path of a Unix socket.
    pub fn url(&self, scheme: &str) -> Result<String> {
        Ok(match self {
            Self::Tcp(listener) => format!("{scheme}://{}", listener.local_addr()?),
            Self::Unix(listener, _) => {
                let address = listener.local_addr()?;
                format!("unix:{}", address.as_pathname().unwrap_or(Path::new("(no name)")).display())
            }
        })
    }

    /// Its address, if it is one of TCP.
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(..) => None,
        }
    }
}

/// Opens a socket of TCP. `flag` is the one that sets the address.
pub fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restarted server must not wait for the last one's connections to time out.
    socket.set_reuseaddr(true)?;
    match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {} on {} is in use by another program\nhint: choose another with `{flag}`, or port 0 for any free one",
            address.port(),
            address.ip()
        ),
        Err(error) => Err(error).with_context(|| format!("failed to listen on {address}")),
    }
}

/// Opens a Unix socket. One that nobody listens on any more is replaced.
fn bind_unix(path: &Path) -> Result<Listening> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let is_socket = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
            if !is_socket {
                bail!("`{}` is there already and is no socket\nhint: choose another path", path.display());
            }
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                bail!("the socket `{}` is in use by another program\nhint: choose another path", path.display());
            }
            std::fs::remove_file(path)
                .with_context(|| format!("failed to remove the old socket `{}`", path.display()))?;
            UnixListener::bind(path)
        }
        bound => bound,
    };
    let listener = listener.with_context(|| format!("failed to listen on `{}`", path.display()))?;
    Ok(Listening::Unix(listener, Some(SocketFile(path.to_owned()))))
}
