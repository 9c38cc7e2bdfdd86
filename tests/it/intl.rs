//! Intl: its data is in the engine, and in a worker's memory only as far as the worker asked for it.

use crate::node::component;
use crate::support::Server;
use glowplug::engine::javascript::ENGINE_WASM;

/// A piece of CLDR: the German name of a time zone.
const OF_THE_DATA: &[u8] = "Nordamerikanische Ostküsten".as_bytes();

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn a_worker_formats_for_locales_and_time_zones() {
    let server = Server::script(
        "const made = new Intl.DateTimeFormat('de', { dateStyle: 'full', timeStyle: 'full', timeZone: 'America/New_York' });
        export default { fetch(request) {
            const time = new Date(Date.UTC(2026, 6, 23, 14, 5));
            const locale = new URL(request.url).searchParams.get('locale');
            return Response.json([
                made.format(time),
                time.toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' }),
                (1234567.5).toLocaleString(locale),
                new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' }).format(-5),
                ['z', 'ö', 'o'].sort(new Intl.Collator(locale).compare).join(''),
                new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(1, 'day'),
                [...new Intl.Segmenter(locale, { granularity: 'word' }).segment('a b')].length,
            ]);
        } };",
    )
    .await;
    let zone = "Donnerstag, 23. Juli 2026 um 10:05:00 Nordamerikanische Ostküsten-Sommerzeit";
    for (locale, rest) in [
        ("en-US", serde_json::json!(["July 23, 2026", "1,234,567.5", "-€5.00", "oöz", "tomorrow", 3])),
        (
            "sv",
            serde_json::json!(["23 juli 2026", "1\u{a0}234\u{a0}567,5", "\u{2212}5,00\u{a0}€", "ozö", "i morgon", 3]),
        ),
    ] {
        let answer = server.get(&format!("/?locale={locale}")).await.json();
        assert_eq!(answer[0], zone, "a format made at the top level is in the snapshot");
        assert_eq!(answer.as_array().unwrap()[1..], rest.as_array().unwrap()[..], "{locale}");
    }
}

#[tokio::test]
async fn the_data_is_in_no_snapshot_but_that_of_a_worker_that_used_it() {
    assert!(contains(ENGINE_WASM, OF_THE_DATA), "the engine has the data");
    let hello = component(&[("index.js", "export default { fetch: () => new Response('hello') };")]).await;
    assert!(!contains(&hello, OF_THE_DATA), "a worker without Intl has it in its memory");
    let source = "const zone = new Intl.DateTimeFormat('de', { timeStyle: 'full', timeZone: 'America/New_York' });
        export default { fetch: () => new Response(zone.format(0)) };";
    let used = component(&[("index.js", source)]).await;
    assert!(contains(&used, OF_THE_DATA), "what was asked for at the top level is in the snapshot");
    assert!(used.len() < hello.len() + 500_000, "and little more: {} and {} bytes", used.len(), hello.len());
}
