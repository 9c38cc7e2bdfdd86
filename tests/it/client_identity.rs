//! Who a client is, over real sockets: what it says of itself is not believed, what trusted proxies say is.

use crate::node::Node;
use crate::support::project;
use http::Method;
use http_body_util::Full;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ECHO: &str = "export default { fetch(request) {
    return Response.json({ url: request.url, cf: request.cf, headers: Object.fromEntries(request.headers) });
} };";

async fn node(settings: &str) -> (Node, tempfile::TempDir) {
    let dir = project(&[("glowplug-server.toml", settings)]);
    let path = dir.path().join("glowplug-server.toml");
    let node = Node::start_with(&["--config", path.to_str().unwrap()]).await;
    node.deploy_script("echo", ECHO).await;
    (node, dir)
}

async fn echo(node: &Node, lines: &[(&str, &str)]) -> Value {
    let mut request = node.to("echo", Method::GET, "/path");
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    node.send(request.body(Full::default()).unwrap()).await.json()
}

const SAID: [(&str, &str); 7] = [
    ("cf-connecting-ip", "6.6.6.6"),
    ("cf-worker", "evil.example"),
    ("x-real-ip", "6.6.6.6"),
    ("x-forwarded-for", "203.0.113.9"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "evil.example"),
    ("glowplug-client-ip", "6.6.6.6"),
];

#[tokio::test]
async fn a_worker_is_told_the_truth_by_every_name_it_may_know() {
    let (node, _dir) = node("").await;
    let seen = echo(&node, &SAID).await;
    let headers = &seen["headers"];
    for (name, value) in [
        ("cf-connecting-ip", "127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "http"),
        ("cf-visitor", r#"{"scheme":"http"}"#),
        ("glowplug-client-ip", "127.0.0.1"),
    ] {
        assert_eq!(headers[name], value, "{name} in {headers}");
    }
    assert_eq!((&headers["cf-worker"], &headers["x-forwarded-host"]), (&Value::Null, &Value::Null));
    let ray = headers["cf-ray"].as_str().unwrap();
    assert_eq!(ray.strip_suffix("-GLW"), headers["glowplug-request-id"].as_str());
    assert!(seen["url"].as_str().unwrap().starts_with("http://echo.localhost"), "{seen}");
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let (node, _dir) =
        node("[proxies]\ntrusted = [\"127.0.0.0/8\"]\n[clients]\nheaders = [\"workers\", \"forwarded\"]").await;
    let seen = echo(&node, &SAID).await;
    let headers = &seen["headers"];
    assert_eq!(headers["cf-connecting-ip"], "203.0.113.9");
    assert_eq!(headers["x-forwarded-for"], "203.0.113.9, 127.0.0.1");
    assert_eq!((&headers["x-forwarded-proto"], &headers["cf-worker"]), (&"https".into(), &Value::Null));
    assert_eq!(headers["glowplug-client-ip"], Value::Null, "of the names that are not asked for there is none");
    assert!(
        seen["url"].as_str().unwrap().starts_with("https://echo.localhost"),
        "the host is the client's word: {seen}"
    );
    let standard = echo(&node, &[("forwarded", "for=\"[2001:db8::7]:80\";proto=https")]).await;
    assert_eq!(standard["headers"]["cf-connecting-ip"], "2001:db8::7");
}

#[tokio::test]
async fn a_proxys_own_header_and_its_host_are_believed_if_that_is_set() {
    let settings = "[proxies]\ntrusted = [\"127.0.0.1\"]\nclient_header = \"CF-Connecting-IP\"\nhost = true";
    let (node, _dir) = node(settings).await;
    let host = echo(&node, &[]).await["headers"]["host"].as_str().unwrap_or_default().to_owned();
    let request = node.to("nobody", Method::GET, "/path").header("cf-connecting-ip", "203.0.113.5");
    let port = node.base.rsplit(':').next().unwrap();
    let request = request.header("x-forwarded-host", format!("echo.localhost:{port}"));
    let seen = node.send(request.body(Full::default()).unwrap()).await.json();
    assert_eq!(seen["headers"]["cf-connecting-ip"], "203.0.113.5", "{host}");
    assert!(seen["url"].as_str().unwrap().starts_with("http://echo.localhost"), "{seen}");
}

#[tokio::test]
async fn places_come_from_a_database() {
    let dir = tempfile::tempdir().unwrap();
    let (places, networks) = (dir.path().join("city.mmdb"), dir.path().join("asn.mmdb"));
    let names = |name: &str| {
        Data::Map(BTreeMap::from([("names", Data::Map(BTreeMap::from([("en", Data::Text(name.into()))])))]))
    };
    let with_code = |key: &'static str, code: &str, name: &str| match names(name) {
        Data::Map(mut map) => {
            map.insert(key, Data::Text(code.into()));
            Data::Map(map)
        }
        other => other,
    };
    let place = Data::Map(BTreeMap::from([
        ("city", names("Wellington")),
        ("continent", with_code("code", "OC", "Oceania")),
        ("country", with_code("iso_code", "NZ", "New Zealand")),
        ("subdivisions", Data::List(vec![with_code("iso_code", "WGN", "Wellington Region")])),
        ("postal", Data::Map(BTreeMap::from([("code", Data::Text("6011".into()))]))),
        (
            "location",
            Data::Map(BTreeMap::from([
                ("latitude", Data::Double(-41.28664)),
                ("longitude", Data::Double(174.77557)),
                ("time_zone", Data::Text("Pacific/Auckland".into())),
            ])),
        ),
    ]));
    let network = Data::Map(BTreeMap::from([
        ("autonomous_system_number", Data::Number(64500)),
        ("autonomous_system_organization", Data::Text("Example Net".into())),
    ]));
    std::fs::write(&places, database("GeoLite2-City", &place)).unwrap();
    std::fs::write(&networks, database("GeoLite2-ASN", &network)).unwrap();
    let node = Node::start_with(&[
        "--geo-database",
        places.to_str().unwrap(),
        "--asn-database",
        networks.to_str().unwrap(),
        "--trusted-proxy",
        "127.0.0.1",
    ])
    .await;
    node.deploy_script("echo", ECHO).await;
    let seen = echo(&node, &[("x-forwarded-for", "203.0.113.9")]).await;
    let expected = json!({
        "httpProtocol": "HTTP/1.1", "country": "NZ", "continent": "OC", "city": "Wellington",
        "region": "Wellington Region", "regionCode": "WGN", "postalCode": "6011", "latitude": "-41.28664",
        "longitude": "174.77557", "timezone": "Pacific/Auckland", "asn": 64500, "asOrganization": "Example Net",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(seen["cf"][name], *value, "{name} in {}", seen["cf"]);
    }
    assert_eq!((&seen["headers"]["cf-ipcountry"], &seen["headers"]["glowplug-country"]), (&"NZ".into(), &"NZ".into()));
    let elsewhere = echo(&node, &[("x-forwarded-for", "198.51.100.1")]).await;
    assert_eq!((&elsewhere["cf"]["country"], &elsewhere["headers"]["cf-ipcountry"]), (&Value::Null, &Value::Null));
}

/// A value of MaxMind's format.
enum Data {
    Text(String),
    Number(u32),
    Short(u16),
    Long(u64),
    Double(f64),
    Map(BTreeMap<&'static str, Data>),
    List(Vec<Data>),
}

impl Data {
    fn write(&self, bytes: &mut Vec<u8>) {
        // Type in the upper three bits and size in the others; extended types say theirs in the next byte.
        let control = |bytes: &mut Vec<u8>, kind: u8, size: usize| match size {
            0..29 => bytes.push(kind << 5 | size as u8),
            _ => bytes.extend([kind << 5 | 29, (size - 29) as u8]),
        };
        match self {
            Self::Text(text) => {
                control(bytes, 2, text.len());
                bytes.extend(text.as_bytes());
            }
            Self::Double(number) => {
                control(bytes, 3, 8);
                bytes.extend(number.to_be_bytes());
            }
            Self::Number(number) => {
                control(bytes, 6, 4);
                bytes.extend(number.to_be_bytes());
            }
            Self::Short(number) => {
                control(bytes, 5, 2);
                bytes.extend(number.to_be_bytes());
            }
            Self::Long(number) => {
                bytes.extend([8, 9 - 7]);
                bytes.extend(number.to_be_bytes());
            }
            Self::Map(map) => {
                control(bytes, 7, map.len());
                for (key, value) in map {
                    Self::Text((*key).into()).write(bytes);
                    value.write(bytes);
                }
            }
            Self::List(list) => {
                bytes.extend([list.len() as u8, 11 - 7]);
                list.iter().for_each(|value| value.write(bytes));
            }
        }
    }
}

/// A database for IPv4 in which 203.0.113.0/24 has `data` and nothing else has any.
fn database(kind: &str, data: &Data) -> Vec<u8> {
    const BITS: u32 = 24;
    let network = u32::from_be_bytes([203, 0, 113, 0]);
    let mut bytes = Vec::new();
    for bit in 0..BITS {
        // To the next node, or past the tree and its 16 bytes of zeros to the first value; or to nothing.
        let on = if bit + 1 < BITS { bit + 1 } else { BITS + 16 };
        let mut records = [BITS, BITS];
        records[(network >> (31 - bit) & 1) as usize] = on;
        for record in records {
            bytes.extend(&record.to_be_bytes()[1..]);
        }
    }
    bytes.extend([0; 16]);
    data.write(&mut bytes);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = Data::Map(BTreeMap::from([
        ("binary_format_major_version", Data::Short(2)),
        ("binary_format_minor_version", Data::Short(0)),
        ("build_epoch", Data::Long(1_700_000_000)),
        ("database_type", Data::Text(kind.into())),
        ("description", Data::Map(BTreeMap::from([("en", Data::Text("test".into()))]))),
        ("ip_version", Data::Short(4)),
        ("languages", Data::List(vec![Data::Text("en".into())])),
        ("node_count", Data::Number(BITS)),
        ("record_size", Data::Short(24)),
    ]));
    metadata.write(&mut bytes);
    bytes
}
