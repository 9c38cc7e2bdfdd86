"""Asks for all that is in requests.txt and prints what came as a line of JSON."""

import hashlib
import json
import os
from pathlib import Path
from urllib.parse import urljoin

URL = os.environ["EDGE_URL"]
CA = os.environ["EDGE_CA"]
SOCKET = os.environ.get("EDGE_SOCKET")
BODY_FILE = os.environ["EDGE_BODY"]
BODY = Path(BODY_FILE).read_bytes()
PATIENCE = 60
PROTOCOLS = {
    # As curl has it.
    "1": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2", "3": "HTTP/3",
    # As Python's libraries have it.
    "11": "HTTP/1.1", "20": "HTTP/2", "30": "HTTP/3",
}


def requests():
    """Name, method, URL and body of each request."""
    for line in Path(__file__).with_name("requests.txt").read_text().splitlines():
        name, method, path = line.split()
        yield name, method, URL + path, BODY if method == "POST" else None


def answer(status, version, headers, body):
    """`version` is what the client takes the protocol for, if it says; `headers` are pairs."""
    headers = [(name.lower(), value) for name, value in headers]
    first = dict(reversed(headers))
    return {
        "status": status,
        "version": PROTOCOLS[str(version)] if version else None,
        "protocol": first.get("x-protocol"),
        "path": first.get("x-path"),
        "encoding": first.get("content-encoding"),
        "received": first.get("x-sha256"),
        "location": first.get("location"),
        "cookies": sorted(value.split(";")[0] for name, value in headers if name == "set-cookie"),
        "sha256": hashlib.sha256(body).hexdigest(),
        "text": body.decode("latin-1") if len(body) < 4096 else None,
    }


def following(ask):
    """`ask` of a client that leaves redirects to its user."""

    def follow(method, url, body):
        answered = ask(method, url, body)
        return ask(method, urljoin(url, answered["location"]), body) if answered["status"] == 302 else answered

    return follow


def report(version, answers, websocket=None):
    print(json.dumps({"version": version, "answers": answers, "websocket": websocket}))


def observe(version, ask):
    report(version, {name: ask(method, url, body) for name, method, url, body in requests()})


async def observe_async(version, ask, websocket=None):
    answers = {name: await ask(method, url, body) for name, method, url, body in requests()}
    report(version, answers, await websocket() if websocket else None)
