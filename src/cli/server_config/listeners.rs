//! `listen`, `listen_tls` and `[[listeners]]`: where workers are served.

use crate::edge::listener::{Address, Trusted};
use serde::{Deserialize, Deserializer};
use std::net::SocketAddr;
use std::num::NonZeroU16;

/// Where workers are served when nothing is said.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8787);

/// One of `[[listeners]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    address: Address,
    #[serde(default)]
    tls: bool,
    #[serde(default)]
    http3: bool,
    proxy_protocol_from: Option<Trusted>,
    redirect_to_https: Option<NonZeroU16>,
}

/// A listener as it is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    pub address: Address,
    /// The setting that it is from.
    pub setting: &'static str,
    pub tls: bool,
    /// Whether HTTP/3 is spoken at the same address.
    pub http3: bool,
    /// Those that say whose connection it is, by the PROXY protocol.
    pub proxies: Option<Trusted>,
    /// The port of HTTPS that requests are sent to.
    pub redirect_to: Option<u16>,
}

impl Listener {
    fn at(address: Address, setting: &'static str, tls: bool) -> Self {
        Self { address, setting, tls, http3: tls, proxies: None, redirect_to: None }
    }

    /// All listeners: the addresses of `listen` and `listen_tls`, and those with tables of their own.
    pub fn all(listen: Option<Vec<Address>>, listen_tls: Option<Vec<Address>>, tables: Vec<Table>) -> Vec<Self> {
        let listen = match listen {
            Some(listen) => listen,
            None if tables.is_empty() && listen_tls.is_none() => vec![Address::Tcp(USUAL)],
            None => Vec::new(),
        };
        let plain = listen.into_iter().map(|address| Self::at(address, "--listen", false));
        let encrypted = listen_tls.into_iter().flatten().map(|address| Self::at(address, "--listen-tls", true));
        let tables = tables.into_iter().map(|table| Self {
            http3: table.http3,
            proxies: table.proxy_protocol_from,
            redirect_to: table.redirect_to_https.map(NonZeroU16::get),
            ..Self::at(table.address, "address", table.tls)
        });
        plain.chain(encrypted).chain(tables).collect()
    }

    /// Where it is for a client.
    pub fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

/// Reads one address, or a list of them.
pub fn one_or_many<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Vec<Address>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        One(String),
        Many(Vec<String>),
    }
    let texts = match Form::deserialize(value)? {
        Form::One(text) => vec![text],
        Form::Many(texts) => texts,
    };
    let addresses = texts.iter().map(|text| text.parse::<Address>()).collect::<Result<_, _>>();
    addresses.map(Some).map_err(|error| serde::de::Error::custom(format!("{error:#}")))
}
