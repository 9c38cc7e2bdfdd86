//! `[clients]` and `[proxies]`: who clients are, and what workers are told of them.

use crate::clients::{Families, Geo, Proxies};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// `[clients]` as it is written.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientsSettings {
    /// Names that workers are told of clients by.
    #[arg(skip)]
    headers: Option<Vec<Family>>,

    /// Database of places in MaxMind's format, for `request.cf`: GeoLite2-City and its like
    #[arg(long, env = "GLOWPLUG_GEO_DATABASE", value_name = "FILE")]
    geo_database: Option<PathBuf>,

    /// Database of networks in MaxMind's format: GeoLite2-ASN and its like
    #[arg(long, env = "GLOWPLUG_ASN_DATABASE", value_name = "FILE")]
    asn_database: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Family {
    Workers,
    Glowplug,
    Forwarded,
}

/// `[proxies]` as it is written.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProxiesSettings {
    /// Address or network of a proxy that is believed in who its clients are; may be repeated
    #[arg(long = "trusted-proxy", env = "GLOWPLUG_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NET")]
    trusted: Vec<String>,

    /// Header that holds the client's address alone.
    #[arg(skip)]
    client_header: Option<String>,

    /// Whether the host that they say was asked for is believed too.
    #[arg(skip)]
    host: Option<bool>,
}

/// What is known of clients, and told.
#[derive(Debug, Clone)]
pub struct ClientsConfig {
    pub proxies: Proxies,
    pub families: Families,
    geo_database: Option<PathBuf>,
    asn_database: Option<PathBuf>,
}

impl ClientsConfig {
    /// Reads the databases, if there are any.
    pub fn geo(&self) -> Result<Option<Geo>> {
        if self.geo_database.is_none() && self.asn_database.is_none() {
            return Ok(None);
        }
        Ok(Some(Geo::open(self.geo_database.as_deref(), self.asn_database.as_deref())?))
    }
}

impl ClientsSettings {
    /// Paths in a file are meant from where the file is.
    pub(super) fn rebase(&mut self, folder: &Path) {
        for path in [&mut self.geo_database, &mut self.asn_database].into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }

    /// What holds of these flags, the file's settings, and those of proxies.
    pub(super) fn over(self, file: Self, proxies: Proxies) -> ClientsConfig {
        let has = |family| file.headers.as_ref().is_none_or(|families| families.contains(&family));
        ClientsConfig {
            proxies,
            families: Families {
                workers: has(Family::Workers),
                glowplug: has(Family::Glowplug),
                forwarded: has(Family::Forwarded),
            },
            geo_database: self.geo_database.or(file.geo_database),
            asn_database: self.asn_database.or(file.asn_database),
        }
    }
}

impl ProxiesSettings {
    /// What holds of these flags and the file's settings.
    pub(super) fn over(self, file: Self) -> Result<Proxies> {
        let trusted = if self.trusted.is_empty() { file.trusted } else { self.trusted };
        let client_header = file.client_header.map(|name| {
            let header = name.parse().map_err(|_| anyhow!("`{}` is no header's name", name.escape_debug()));
            header.context("`client_header` in `[proxies]` is wrong")
        });
        Ok(Proxies {
            trusted: trusted.iter().map(|text| network(text.trim())).collect::<Result<_>>()?,
            client_header: client_header.transpose()?,
            host: file.host.unwrap_or(false),
        })
    }
}

/// A network, or an address alone.
fn network(text: &str) -> Result<IpNet> {
    let single = text.parse::<IpAddr>().map(IpNet::from);
    single.or_else(|_| text.parse::<IpNet>()).map_err(|_| {
        let shown = text.escape_debug();
        anyhow!("`{shown}` is no address and no network\nhint: write trusted proxies as `10.0.0.1` or `10.0.0.0/8`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_families_are_read_and_mistakes_told() {
        let proxies = |text| toml::from_str::<ProxiesSettings>(text).unwrap();
        let held =
            ProxiesSettings::default().over(proxies("trusted = [\"10.0.0.0/8\", \"::1\"]\nhost = true")).unwrap();
        assert_eq!(held.trusted.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.0/8", "::1/128"]);
        let wrong = ProxiesSettings::default().over(proxies("trusted = [\"10.0.0.0/40\"]")).unwrap_err();
        assert!(wrong.to_string().contains("`10.0.0.0/40`"), "{wrong}");
        let clients: ClientsSettings = toml::from_str("headers = [\"workers\"]").unwrap();
        let families = ClientsSettings::default().over(clients, held).families;
        assert_eq!(families, Families { workers: true, glowplug: false, forwarded: false });
    }
}
