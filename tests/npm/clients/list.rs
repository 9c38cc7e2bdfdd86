//! The clients, and what each should see.

use super::edge::Over;

/// A client in one of its protocols.
pub struct Client {
    /// As the table in `docs/serving.md` has it.
    pub name: &'static str,
    /// The program and its arguments, run among the scripts.
    pub command: &'static str,
    pub protocol: &'static str,
    pub over: Over,
    /// A part of the `User-Agent` that it sends.
    pub agent: &'static str,
    /// How a long text comes, by its `Accept-Encoding`; none where it asks for none or does not show it.
    pub encoding: Option<&'static str>,
    pub websocket: bool,
}

const H10: &str = "HTTP/1.0";
const H11: &str = "HTTP/1.1";
const H2: &str = "HTTP/2";
const H3: &str = "HTTP/3";

/// A client over TLS, without WebSockets.
const fn tls(
    name: &'static str,
    command: &'static str,
    protocol: &'static str,
    agent: &'static str,
    encoding: Option<&'static str>,
) -> Client {
    Client { name, command, protocol, over: Over::Tls, agent, encoding, websocket: false }
}

impl Client {
    const fn over(self, over: Over) -> Self {
        Self { over, ..self }
    }

    const fn with_websocket(self) -> Self {
        Self { websocket: true, ..self }
    }
}

pub const CLIENTS: &[Client] = &[
    tls("curl", "python3 programs.py curl --http1.0", H10, "curl/", None),
    tls("curl", "python3 programs.py curl --http1.1 --compressed", H11, "curl/", Some("zstd")),
    tls("curl", "python3 programs.py curl --http2 --compressed", H2, "curl/", Some("zstd")),
    tls("curl", "python3 programs.py curl --http2-prior-knowledge", H2, "curl/", None).over(Over::Plain),
    // Asks for an upgrade that is not there, and stays with what it has.
    tls("curl", "python3 programs.py curl --http2", H11, "curl/", None).over(Over::Plain),
    tls("curl", "python3 programs.py curl", H11, "curl/", None).over(Over::Unix),
    tls("wget", "python3 programs.py wget --compression=auto", H11, "Wget/", Some("gzip")),
    tls("openssl s_client", "python3 programs.py openssl", H11, "by-hand", None),
    tls("nghttp", "python3 programs.py nghttp", H2, "nghttp2/", Some("gzip")),
    tls("HTTP::Tiny", "perl clients.pl HTTP::Tiny", H11, "HTTP-Tiny/", None),
    tls("LWP", "perl clients.pl LWP", H11, "libwww-perl/", Some("gzip")),
    tls("http.client", "python3 clients.py http.client", H11, "", None),
    tls("urllib.request", "python3 clients.py urllib", H11, "Python-urllib/", None),
    tls("requests", "python3 clients.py requests", H11, "python-requests/", Some("zstd")),
    tls("urllib3", "python3 clients.py urllib3", H11, "python-urllib3", Some("zstd")),
    tls("httpx", "python3 clients.py httpx", H11, "python-httpx/", Some("zstd")),
    tls("httpx", "python3 clients.py httpx-h2", H2, "python-httpx/", Some("zstd")),
    tls("aiohttp", "python3 clients.py aiohttp", H11, "aiohttp/", Some("zstd")).with_websocket(),
    tls("niquests", "python3 clients.py niquests", H11, "niquests/", Some("zstd")),
    tls("niquests", "python3 clients.py niquests-h2", H2, "niquests/", Some("zstd")),
    tls("niquests", "python3 clients.py niquests-h3", H3, "niquests/", Some("zstd")),
    tls("aioquic", "python3 clients.py aioquic", H3, "aioquic", None),
    tls("curl as Chrome", "python3 clients.py chrome", H2, "Chrome/", Some("zstd")),
    tls("curl as Chrome", "python3 clients.py chrome-h3", H3, "Chrome/", Some("zstd")),
    tls("curl as Firefox", "python3 clients.py firefox", H2, "Firefox/", Some("zstd")),
    tls("curl as Safari", "python3 clients.py safari", H2, "Safari/", Some("zstd")),
    tls("Node.js fetch", "node clients.mjs fetch", H11, "node", Some("br")),
    tls("Node.js 24 fetch", "node24 clients.mjs fetch", H11, "node", Some("br")).with_websocket(),
    tls("node:https", "node clients.mjs https", H11, "", None),
    tls("node:http2", "node clients.mjs http2", H2, "", None),
    tls("undici", "node clients.mjs undici", H2, "undici", Some("br")).with_websocket(),
    tls("axios", "node clients.mjs axios", H11, "axios/", None),
    tls("got", "node clients.mjs got", H2, "got ", None),
    tls("node-fetch", "node clients.mjs node-fetch", H11, "node-fetch", Some("br")),
    tls("ky", "node clients.mjs ky", H11, "node", Some("br")),
    tls("superagent", "node clients.mjs superagent", H11, "", Some("gzip")),
    tls("superagent", "node clients.mjs superagent-h2", H2, "", Some("gzip")),
    tls("Deno fetch", "deno run --allow-all --no-lock clients.mjs fetch", H2, "Deno/", Some("br")).with_websocket(),
    tls("Bun fetch", "bun clients.mjs fetch", H11, "Bun/", Some("zstd")).with_websocket(),
    tls("Java HttpClient", "java Clients.java HTTP_1_1", H11, "Java-http-client/", None),
    tls("Java HttpClient", "java Clients.java HTTP_2", H2, "Java-http-client/", None),
    tls("Chromium", "node browser.mjs http/1.1", H11, "HeadlessChrome/", Some("zstd")).with_websocket(),
    tls("Chromium", "node browser.mjs h2", H2, "HeadlessChrome/", Some("zstd")).with_websocket(),
    tls("Chromium", "node browser.mjs h3", H3, "HeadlessChrome/", Some("zstd")).with_websocket(),
];
