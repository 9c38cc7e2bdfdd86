//! Uploads.

use super::super::blobs::LARGEST;
use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn put(api: &Api, digest: Digest, encoding: &str, body: impl Into<Body>) -> Answer {
    let request = api.request("PUT", &format!("/v1/blobs/{digest}")).header("content-encoding", encoding);
    api.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_blob_is_stored_once_plain_or_compressed() {
    let api = Api::new().await;
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let missing = async || {
        let body = json!({"digests": [one, two, two]});
        api.call("POST", "/v1/blobs/missing", body).await.expect(200).json()["missing"].as_array().unwrap().len()
    };
    assert_eq!(missing().await, 2);
    put(&api, one, "identity", "one").await.expect(201);
    assert_eq!(put(&api, one, "identity", "one").await.expect(200).json(), json!({"digest": one}));
    assert_eq!(missing().await, 1);
    put(&api, two, "gzip", gzip(b"two")).await.expect(201);
    assert_eq!(missing().await, 0);
    assert_eq!(api.data.get_blob(two).await.unwrap().as_deref(), Some(&b"two"[..]));
    put(&api, Digest::of(b""), "gzip", gzip(b"")).await.expect(201);
    assert_eq!(api.audit().await, [""; 0], "uploads that succeed are not in the log");
}

#[tokio::test]
async fn hostile_uploads_are_refused_and_nothing_is_stored() {
    let api = Api::new().await;
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let error = put(&api, one, "identity", "two").await.error();
    assert_eq!(error, format!("400 bad_request | the content's digest is {two}, not {one} as was said"));
    assert!(put(&api, one, "gzip", "one").await.error().starts_with("400 bad_request | the body is no gzip stream"));
    let cut = gzip(b"one");
    assert!(put(&api, one, "gzip", cut[..cut.len() - 1].to_vec()).await.error().contains("ends too early"));
    let br = put(&api, one, "br", "one").await;
    assert!(br.error().starts_with("415 unsupported_media_type | the body's encoding"), "{}", br.error());
    assert_eq!(br.header("accept-encoding"), "gzip");

    let bomb = gzip(&vec![0; LARGEST + 1]);
    assert!(bomb.len() < 1 << 20);
    let expected = "413 too_large | the blob has more than 67108864 bytes (64 MiB)";
    assert_eq!(put(&api, one, "gzip", bomb).await.error(), expected);
    // Without a length that says so beforehand.
    let chunk = Bytes::from(vec![0; 1 << 20]);
    let endless = futures_util::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
    assert_eq!(put(&api, one, "identity", Body::from_stream(endless)).await.error(), expected);
    let announced = api.request("PUT", &format!("/v1/blobs/{one}")).header("content-length", "104857600");
    assert_eq!(api.send(announced.body(Body::empty()).unwrap()).await.error(), expected);
    assert_eq!(api.data.blobs().await.unwrap(), []);
}

#[tokio::test]
async fn many_digests_can_be_asked_for_but_not_any_number() {
    let api = Api::new().await;
    let digests: Vec<_> = (0..100_001u32).map(|n| Digest::of(&n.to_le_bytes())).collect();
    api.blob(&7u32.to_le_bytes()).await;
    let body = json!({"digests": digests[..100_000]});
    let missing = api.call("POST", "/v1/blobs/missing", body).await.expect(200).json();
    assert_eq!(missing["missing"].as_array().unwrap().len(), 99_999);
    let error = api.call("POST", "/v1/blobs/missing", json!({"digests": digests})).await.error();
    assert!(error.contains("digests: invalid length 100001, expected a list of at most 100000"), "{error}");
    let error = api.call("POST", "/v1/blobs/missing", json!({"digests": ["x"]})).await.error();
    assert!(error.contains("digests[0]: a SHA-256 digest is 64"), "{error}");
}
