//! Where to listen, as it is written in settings.

use anyhow::{Result, bail};
use serde::Deserialize;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Address {
    /// `127.0.0.1:8787`
    Tcp(SocketAddr),
    /// `unix:/run/glowplug.sock`
    Unix(PathBuf),
    /// `systemd`, all sockets that systemd has opened, or `systemd:NAME`, those of this name.
    Systemd(Option<String>),
}

impl FromStr for Address {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            if path.is_empty() {
                bail!("`unix:` has no path\nhint: write it as `unix:/run/glowplug.sock`");
            }
            return Ok(Self::Unix(path.into()));
        }
        match text.split_once(':') {
            None if text == "systemd" => return Ok(Self::Systemd(None)),
            Some(("systemd", name)) if !name.is_empty() => return Ok(Self::Systemd(Some(name.to_owned()))),
            _ => {}
        }
        match text.parse() {
            Ok(address) => Ok(Self::Tcp(address)),
            Err(_) => bail!(
                "`{text}` is no address to listen on\n\
                 hint: write `127.0.0.1:8787`, `[::]:443`, `unix:/run/glowplug.sock`, `systemd` or `systemd:NAME`"
            ),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Systemd(None) => f.write_str("systemd"),
            Self::Systemd(Some(name)) => write!(f, "systemd:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for text in ["127.0.0.1:80", "[::1]:443", "unix:/run/a.sock", "systemd", "systemd:web"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for text in ["", "80", "localhost:80", "unix:", "systemd:", "127.0.0.1"] {
            assert!(text.parse::<Address>().unwrap_err().to_string().contains("hint: "), "{text}");
        }
    }
}
