"""What the clients' tests share: records with canaries, a sink that keeps what it gets, comparison."""

import gzip
import json
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cramjam
import zstandard

RECORDS = 1000
PORT, SINK_PORT = int(sys.argv[1]), int(sys.argv[2])
URL = f"http://127.0.0.1:{PORT}"

# What must not be at the sink: one mark or more of each class.
MARKS = [
    "canary",  # e-mail, account
    "Canary",  # name
    "203.0.113.",  # IPv4
    "2001:db8::",  # IPv6
    "02:00:5e:10",  # MAC
    "490154203237518",  # IMEI
    "310150123456789",  # IMSI
    "6D92078A",  # IDFA
    "2025550143",  # phone
    "4111111111111111",  # card
    "11010519491231002X",  # national id
    "hunter2",  # password
    "1990-02-03",  # birthday
    "31.23075",  # coordinates
    "121.47075",
]


def message(i):
    return (
        f"seq={i} login from 203.0.113.{i % 256} and 2001:db8::{i % 256:x} as canary{i}@example.org, "
        f"mac 02:00:5e:10:00:{i % 256:02x}, phone +12025550143, card 4111111111111111"
    )


def record(i):
    """A structured record: canaries in texts, numbers, keys, lists and inside."""
    return {
        "seq": i,
        "level": "info",
        "message": message(i),
        "plain": 'a "quoted" text, naïve ☃ and \\ back',
        "ratio": 0.25,
        "ok": True,
        "none": None,
        "imei": 490154203237518,
        "user": {
            "email": f"canary{i}@example.org",
            "full_name": "Ada Canary",
            "username": f"canary_{i}",
            "birthday": "1990-02-03",
            "password": f"hunter2-{i}",
            "gps": {"lat": 31.23075, "lon": 121.47075},
            "devices": ["02:00:5e:10:00:01", {"imsi": "310150123456789"}, "fine"],
        },
        f"seen by canary{i}@example.org": 1,
        "nested": json.dumps({"password": "hunter2", "idfa": "6D92078A-8246-4BA4-AE5B-76104861E7DC"}),
        "id_number": "11010519491231002X",
    }


def marked(text):
    return any(mark in text for mark in MARKS)


def same(sent, got, where="", key=""):
    """The same structure and types; the same values where there was no canary, no canary where there was."""
    assert type(sent) is type(got) or {type(sent), type(got)} == {int, float}, (where, type(sent), type(got))
    if isinstance(sent, dict):
        assert len(sent) == len(got), (where, list(got))
        for (a, x), (b, y) in zip(sent.items(), got.items()):
            same(a, b, f"{where}.key")
            same(x, y, f"{where}.{a}", a)
    elif isinstance(sent, list):
        assert len(sent) == len(got), where
        for i, (x, y) in enumerate(zip(sent, got)):
            same(x, y, f"{where}[{i}]", key)
    elif marked(str(sent)):
        assert sent != got and not marked(str(got)), (where, got)
        if isinstance(sent, str) and sent.startswith("seq="):
            assert got.startswith(sent.split(" from ")[0] + " from "), (where, got)
    else:
        assert sent == got, (where, got)


def plain(body, coding):
    """A body without its content codings."""
    for name in reversed([name.strip() for name in (coding or "").split(",")]):
        if name == "gzip":
            body = gzip.decompress(body)
        elif name == "deflate":
            body = zlib.decompress(body)
        elif name == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        elif name == "snappy":
            body = bytes(cramjam.snappy.decompress_raw(body))
    return body


class Sink:
    """An HTTP server of this test; `answer(request)` gives status, fields and body."""

    def __init__(self, answer):
        sink = self
        self.requests, self.raw, self.turn, self.flaky = [], [], 0, False
        self.lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def body(self):
                if self.headers.get("transfer-encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("content-length") or 0))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def do(self):
                body = self.body()
                with sink.lock:
                    sink.turn += 1
                    turn = sink.turn % 3 if sink.flaky else 0
                    if turn == 1:
                        # Killed in the middle: it has read, and never answers.
                        self.close_connection = True
                        return
                    if turn == 2:
                        self.send_response(503)
                        self.send_header("content-length", "0")
                        self.end_headers()
                        return
                    sink.raw.append(body)
                    request = (self.command, self.path, self.headers, plain(body, self.headers.get("content-encoding")))
                    sink.requests.append(request)
                status, fields, text = answer(request)
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_HEAD = do

        self.server = ThreadingHTTPServer(("127.0.0.1", SINK_PORT), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self):
        """What has come since, and forgets it."""
        with self.lock:
            taken, self.requests = self.requests, []
        for command, path, fields, body in taken:
            assert not marked(path), path
            for name, value in fields.items():
                assert not marked(value), name
            assert not marked(body.decode("latin-1")), body
        return taken


def flaky(sink, send, seqs):
    """Sends one by one to a sink that dies, refuses and takes in turn: what was acknowledged is there,
    what the sink did not take was not acknowledged. `send` raises where the client sees a failure."""
    sink.take()
    sink.flaky, sink.turn = True, 0
    taken, refused = [], 0
    for i in range(60):
        try:
            send(i)
            taken.append(i)
        except Exception:
            refused += 1
    sink.flaky = False
    there = [seq for request in sink.take() for seq in seqs(request)]
    assert taken and refused, (taken, refused)
    assert set(taken) <= set(there), (taken, there)
    assert len(there) == len(set(there)) == len(taken), (taken, there)
