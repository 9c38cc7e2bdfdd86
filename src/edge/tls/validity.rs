//! From when until when a certificate is valid.

use super::der::take;
use anyhow::{Context, Result};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;

/// Beginning and end.
pub fn of(certificate: &[u8]) -> Result<(Timestamp, Timestamp)> {
    find(certificate).context("the certificate's time of validity cannot be read")
}

fn find(mut certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (_, mut signed) = take(&mut certificate)?;
    let (_, mut fields) = take(&mut signed)?;
    if fields.first() == Some(&VERSION) {
        take(&mut fields)?;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        take(&mut fields)?;
    }
    let (_, mut validity) = take(&mut fields)?;
    Some((time(take(&mut validity)?)?, time(take(&mut validity)?)?))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` (RFC 5280, 4.1.2.5).
fn time((tag, text): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        UTC_TIME if *text.as_bytes().first()? < b'5' => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => text.to_owned(),
    };
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_certificate_are_read() {
        let mut params = rcgen::CertificateParams::new(["a.test".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2024, 2, 29);
        params.not_after = rcgen::date_time_ymd(2051, 1, 2);
        let certificate = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        let (begin, end) = of(certificate.der()).unwrap();
        assert_eq!(begin.to_string(), "2024-02-29T00:00:00Z");
        assert_eq!(end.to_string(), "2051-01-02T00:00:00Z");
        for length in 0..certificate.der().len().min(200) {
            let _ = of(&certificate.der()[..length]);
        }
    }
}
