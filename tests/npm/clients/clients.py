"""Clients written in Python: clients.py NAME"""

import asyncio
import http.client
import ssl
import sys
import urllib.request
from importlib.metadata import version
from urllib.parse import urlsplit

from observe import CA, PATIENCE, URL, answer, following, observe, observe_async

PYTHON = sys.version.split()[0]


def tls():
    return ssl.create_default_context(cafile=CA)


def http_client():
    """One connection for all requests."""
    connection = http.client.HTTPSConnection(urlsplit(URL).netloc, context=tls(), timeout=PATIENCE)

    def ask(method, url, body):
        url = urlsplit(url)
        connection.request(method, url.path + (f"?{url.query}" if url.query else ""), body)
        response = connection.getresponse()
        return answer(response.status, response.version, response.getheaders(), response.read())

    observe(PYTHON, following(ask))


def urllib_request():
    def ask(method, url, body):
        request = urllib.request.Request(url, body, method=method)
        with urllib.request.urlopen(request, context=tls(), timeout=PATIENCE) as response:
            return answer(response.status, response.version, response.headers.items(), response.read())

    observe(PYTHON, ask)


def requests():
    import requests

    session = requests.Session()

    def ask(method, url, body):
        # An environment that names another authority would come before the session's.
        response = session.request(method, url, data=body, allow_redirects=True, verify=CA, timeout=PATIENCE)
        return answer(response.status_code, response.raw.version, response.raw.headers.items(), response.content)

    observe(requests.__version__, ask)


def urllib3():
    import urllib3

    pool = urllib3.PoolManager(ca_certs=CA, headers=urllib3.make_headers(accept_encoding=True, user_agent="python-urllib3"))

    def ask(method, url, body):
        response = pool.request(method, url, body=body, timeout=PATIENCE)
        return answer(response.status, response.version, response.headers.items(), response.data)

    observe(urllib3.__version__, ask)


def httpx(http2):
    import httpx

    client = httpx.Client(http2=http2, verify=tls(), follow_redirects=True, timeout=PATIENCE)

    def ask(method, url, body):
        response = client.request(method, url, content=body)
        return answer(response.status_code, response.http_version.removeprefix("HTTP/"), response.headers.multi_items(), response.content)

    observe(httpx.__version__, ask)


async def aiohttp():
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls())) as session:

        async def ask(method, url, body):
            async with session.request(method, url, data=body, allow_redirects=True) as response:
                spoken = f"{response.version.major}.{response.version.minor}"
                return answer(response.status, spoken, response.headers.items(), await response.read())

        async def websocket():
            async with session.ws_connect(URL + "/socket") as socket:
                await socket.send_str("hello")
                return await socket.receive_str(timeout=PATIENCE)

        await observe_async(aiohttp.__version__, ask, websocket)


def niquests(spoken):
    import niquests

    port = urlsplit(URL).port
    others = {f"disable_http{other}": other != spoken for other in (1, 2, 3)}
    session = niquests.Session(**others, disable_ipv6=True, quic_cache_layer={("localhost", port): ("localhost", port)} if spoken == 3 else None)

    def ask(method, url, body):
        response = session.request(method, url, data=body, allow_redirects=True, verify=CA, timeout=PATIENCE)
        return answer(response.status_code, response.http_version, response.raw.headers.items(), response.content)

    observe(niquests.__version__, ask)


def curl_cffi(browser, spoken):
    """Shakes hands as a browser does."""
    import curl_cffi

    session = curl_cffi.Session(impersonate=browser, http_version=spoken, verify=CA)
    versions = {curl_cffi.CurlHttpVersion.V1_1: "1.1", curl_cffi.CurlHttpVersion.V2_0: "2", curl_cffi.CurlHttpVersion.V3: "3"}

    def ask(method, url, body):
        response = session.request(method, url, data=body, allow_redirects=True, timeout=PATIENCE)
        return answer(response.status_code, versions[response.http_version], response.headers.multi_items(), response.content)

    observe(curl_cffi.__version__, ask)


async def aioquic():
    """HTTP/3 by its frames, on one connection."""
    from aioquic.asyncio.client import connect
    from aioquic.asyncio.protocol import QuicConnectionProtocol
    from aioquic.h3.connection import H3Connection
    from aioquic.h3.events import DataReceived, HeadersReceived
    from aioquic.quic.configuration import QuicConfiguration

    class Connection(H3Connection):
        def _check_content_length(self, _stream):
            """aioquic's own check does not know that an answer to HEAD has a length and no body (RFC 9110, 8.6)."""

    class Http3(QuicConnectionProtocol):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.http = Connection(self._quic)
            self.streams = {}

        def quic_event_received(self, event):
            for received in self.http.handle_event(event):
                headers, body, ended = self.streams.get(received.stream_id, ([], bytearray(), None))
                if isinstance(received, HeadersReceived):
                    headers.extend((name.decode(), value.decode()) for name, value in received.headers)
                elif isinstance(received, DataReceived):
                    body.extend(received.data)
                if ended and received.stream_ended:
                    ended.set()

        async def ask(self, method, url, body):
            url = urlsplit(url)
            head = {":method": method, ":scheme": "https", ":authority": url.netloc, "user-agent": "aioquic"}
            head[":path"] = url.path + (f"?{url.query}" if url.query else "")
            stream = self._quic.get_next_available_stream_id()
            headers, received, ended = self.streams[stream] = ([], bytearray(), asyncio.Event())
            head = sorted((name.encode(), value.encode()) for name, value in head.items())
            self.http.send_headers(stream, head, end_stream=not body)
            if body:
                self.http.send_data(stream, body, end_stream=True)
            self.transmit()
            await asyncio.wait_for(ended.wait(), PATIENCE)
            answered = answer(int(dict(headers)[":status"]), 3, headers, bytes(received))
            if answered["status"] == 302:
                return await self.ask(method, URL + answered["location"], body)
            return answered

    url = urlsplit(URL)
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], cafile=CA, server_name=url.hostname)
    # Of a name's addresses it tries the first, which may be ::1.
    async with connect("127.0.0.1", url.port, configuration=configuration, create_protocol=Http3) as client:
        await observe_async(version("aioquic"), client.ask)


CLIENTS = {
    "http.client": http_client,
    "urllib": urllib_request,
    "requests": requests,
    "urllib3": urllib3,
    "httpx": lambda: httpx(False),
    "httpx-h2": lambda: httpx(True),
    "aiohttp": lambda: asyncio.run(aiohttp()),
    "niquests": lambda: niquests(1),
    "niquests-h2": lambda: niquests(2),
    "niquests-h3": lambda: niquests(3),
    "aioquic": lambda: asyncio.run(aioquic()),
    "chrome": lambda: curl_cffi("chrome", "v2tls"),
    "firefox": lambda: curl_cffi("firefox", "v2tls"),
    "safari": lambda: curl_cffi("safari", "v2tls"),
    "chrome-h3": lambda: curl_cffi("chrome", "v3only"),
}
CLIENTS[sys.argv[1]]()
