//! Where an address is, from databases in MaxMind's format.

use maxminddb::{MaxMindDbError, Reader, geoip2};
use serde::Serialize;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// What is read for each address.
pub struct Geo {
    /// Countries and cities.
    places: Option<Reader<Vec<u8>>>,
    /// Autonomous systems.
    networks: Option<Reader<Vec<u8>>>,
}

/// A database that cannot be used.
#[derive(Debug)]
pub struct GeoError {
    path: PathBuf,
    why: MaxMindDbError,
}

impl fmt::Display for GeoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the database `{}` cannot be used: {}\nhint: it must be in MaxMind's format",
            self.path.display(),
            self.why
        )
    }
}

impl std::error::Error for GeoError {}

/// What is known of an address, by the names of `request.cf`. Numbers of places are strings there.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(rename = "isEUCountry", skip_serializing_if = "Option::is_none")]
    pub is_eu_country: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metro_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_organization: Option<String>,
}

impl Geo {
    /// Reads the databases into memory. Fails on files that are missing or of another format.
    pub fn open(places: Option<&Path>, networks: Option<&Path>) -> Result<Self, GeoError> {
        let open = |path: &Path| Reader::open_readfile(path).map_err(|why| GeoError { path: path.to_owned(), why });
        Ok(Self { places: places.map(open).transpose()?, networks: networks.map(open).transpose()? })
    }

    /// The country of an address alone: two letters of ISO 3166.
    pub fn country(&self, address: IpAddr) -> Option<String> {
        let found = self.places.as_ref()?.lookup(address).ok()?.decode::<geoip2::Country<'_>>().ok()??;
        found.country.iso_code.map(str::to_owned)
    }

    /// Everything that is known of an address. What is damaged is taken for what is not there.
    pub fn place(&self, address: IpAddr) -> Place {
        let mut place = Place::default();
        let found = self.places.as_ref().and_then(|reader| reader.lookup(address).ok());
        if let Some(Ok(Some(found))) = found.map(|found| found.decode::<geoip2::City<'_>>()) {
            let text = |text: Option<&str>| text.map(str::to_owned);
            place.country = text(found.country.iso_code);
            place.is_eu_country = found.country.is_in_european_union.filter(|is| *is).map(|_| "1");
            place.continent = text(found.continent.code);
            place.city = text(found.city.names.english);
            place.postal_code = text(found.postal.code);
            place.metro_code = found.location.metro_code.map(|code| code.to_string());
            place.latitude = found.location.latitude.map(|degrees| format!("{degrees:.5}"));
            place.longitude = found.location.longitude.map(|degrees| format!("{degrees:.5}"));
            place.timezone = text(found.location.time_zone);
            if let Some(region) = found.subdivisions.first() {
                place.region = text(region.names.english);
                place.region_code = text(region.iso_code);
            }
        }
        let found = self.networks.as_ref().and_then(|reader| reader.lookup(address).ok());
        if let Some(Ok(Some(found))) = found.map(|found| found.decode::<geoip2::Asn<'_>>()) {
            place.asn = found.autonomous_system_number;
            place.as_organization = found.autonomous_system_organization.map(str::to_owned);
        }
        place
    }
}
