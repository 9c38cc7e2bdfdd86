"""Programs of the command line: programs.py NAME [FLAG...]"""

import http.client
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import observe
from observe import BODY_FILE, CA, PATIENCE, SOCKET, answer, following


def run(command, **options):
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, **options)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout, done.stderr


def version(command, pattern=r"\d+(\.\d+)+"):
    return re.search(pattern, run(command)[0].decode()).group()


def head(text):
    """The headers of the last answer in `text`."""
    lines = [line.strip() for line in re.split(r"HTTP/[\d.]+ \d+", text)[-1].splitlines()]
    return [tuple(line.split(": ", 1)) for line in lines if ": " in line]


def curl(flags):
    over = ["--unix-socket", SOCKET] if SOCKET else []
    # curl 7.88 cannot use such a connection twice, whatever the server.
    over += [] if "--http2-prior-knowledge" in flags else ["-L"]

    def ask(method, url, body):
        with tempfile.TemporaryDirectory() as folder:
            heads, out = Path(folder, "heads"), Path(folder, "body")
            command = ["curl", "-sS", "--cacert", CA, "-D", heads, "-o", out, "-w", "%{response_code} %{http_version}"]
            command += ["--head"] if method == "HEAD" else []
            command += ["--data-binary", f"@{BODY_FILE}"] if body else []
            status, spoken = run(command + over + flags + [url])[0].decode().split()
            # Of a HEAD, curl writes the head where a body would go.
            body = out.read_bytes() if method != "HEAD" and out.exists() else b""
            return answer(int(status), spoken, head(heads.read_text()), body)

    observe.observe(version(["curl", "--version"]), following(ask))


def wget(flags):
    def ask(method, url, body):
        command = ["wget", "-nv", "-S", "-O", "-", f"--ca-certificate={CA}", f"--method={method}"]
        command += [f"--body-file={BODY_FILE}"] if body else []
        out, heads = run(command + flags + [url])
        heads = heads.decode()
        spoken, status = re.findall(r"HTTP/([\d.]+) (\d+)", heads)[-1]
        return answer(int(status), spoken, head(heads), out)

    observe.observe(version(["wget", "--version"]), ask)


def openssl(flags):
    """HTTP/1.1 by hand."""

    class Socket:
        def __init__(self, data):
            self.data = data

        def makefile(self, _mode):
            return io.BytesIO(self.data)

    def ask(method, url, body):
        url = urlsplit(url)
        target = url.path + (f"?{url.query}" if url.query else "")
        request = f"{method} {target} HTTP/1.1\r\nHost: {url.netloc}\r\nUser-Agent: by-hand\r\nConnection: close\r\n"
        request += f"Content-Length: {len(body)}\r\n\r\n" if body else "\r\n"
        command = ["openssl", "s_client", "-quiet", "-verify_quiet", "-verify_return_error", "-CAfile", CA]
        command += ["-servername", url.hostname, "-verify_hostname", url.hostname, "-alpn", "http/1.1", "-connect", url.netloc]
        out = run(command + flags, input=request.encode() + (body or b""))[0]
        response = http.client.HTTPResponse(Socket(out), method=method)
        response.begin()
        return answer(response.status, response.version, response.getheaders(), response.read())

    observe.observe(version(["openssl", "version"]), following(ask))


def nghttp(flags):
    """Shows either the head or the body, so each request is made twice. It has no flag for an authority to trust."""

    def ask(method, url, body):
        command = ["nghttp", "--no-verify-peer", "-H", f":method: {method}"] + (["-d", BODY_FILE] if body else []) + flags
        said = run(command + ["-nv", url])[0].decode()
        received = re.findall(r"recv \(stream_id=\d+\) (:?[\w-]+): (.*)", said)
        spoken = re.search(r"negotiated protocol: h(\d)", said).group(1)
        return answer(int(dict(received)[":status"]), spoken, received, run(command + [url])[0])

    observe.observe(version(["nghttp", "--version"]), following(ask))


{"curl": curl, "wget": wget, "openssl": openssl, "nghttp": nghttp}[sys.argv[1]](sys.argv[2:])
