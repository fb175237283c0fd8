"""What the clients' tests share: records with canaries, a sink that keeps what it gets and can be killed, comparison."""

import gzip
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time
import zlib
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cramjam
import zstandard

RECORDS = 1000
PORT, SINK_PORT = int(sys.argv[1]), int(sys.argv[2])
URL = f"http://127.0.0.1:{PORT}"

# What must not be at the sink, and what stands there instead. Those without a key are known by their shape, wherever
# they stand.
CANARIES = json.loads(pathlib.Path(__file__).with_name("canaries.json").read_text())
SHAPES = [canary for canary in CANARIES if "key" not in canary]
KEYED = [canary for canary in CANARIES if "key" in canary]
assert len({canary["class"] for canary in SHAPES}) >= 10
MARKS = sorted({canary.get("mark", canary["text"]).lower() for canary in CANARIES})


def open_(canary, i):
    return canary["text"].replace("#", str(i))


def hidden(canary, i):
    return canary["becomes"]


def shape(i, spell=open_):
    """One canary after the other: each stands in each place once in a while."""
    return spell(SHAPES[i % len(SHAPES)], i)


def keyed(i, spell=open_):
    return {canary["key"]: spell(canary, i) for canary in KEYED}


def message(i, spell=open_):
    pairs = " ".join(f"{key}={value}" for key, value in keyed(i, spell).items())
    return f"seq={i}; login " + " | ".join(spell(canary, i) for canary in SHAPES) + f" {pairs} level=info"


def record(i, spell=open_):
    """A structured record: canaries in texts, numbers, keys, lists and inside."""
    return {
        "seq": i,
        "level": "info",
        "message": message(i, spell),
        "plain": 'a "quoted" text, naïve ☃ and \\ back',
        "ratio": 0.25,
        "ok": True,
        "none": None,
        "imei": 490154203237518 if spell is open_ else 0,
        "user": {
            **keyed(i, spell),
            "gps": {"lat": 31.23075, "lon": 121.47075} if spell is open_ else {"lat": 0.0, "lon": 0.0},
            "devices": [shape(i + 1, spell), {"deep": shape(i + 2, spell)}, "fine"],
        },
        f"seen by {shape(i, spell)}": 1,
        "nested": json.dumps({"password": spell(KEYED[0], i), "note": shape(i + 3, spell)}),
        "tags": [spell(canary, i) for canary in SHAPES],
    }


def small(i):
    """What the tests of a sink that is killed send: they are about how many come through."""
    return {"seq": i, "by": shape(i), **keyed(i)}


def marked(text):
    text = text.lower()
    return any(mark in text for mark in MARKS)


def same(want, got, where=""):
    """The same structure, types and values, and says where they differ."""
    assert type(want) is type(got), (where, want, got)
    if isinstance(want, dict):
        assert list(want) == list(got), (where, list(want), list(got))
        for key, value in want.items():
            same(value, got[key], f"{where}.{key}")
    elif isinstance(want, list):
        assert len(want) == len(got), where
        for i, (x, y) in enumerate(zip(want, got)):
            same(x, y, f"{where}[{i}]")
    else:
        assert want == got, (where, want, got)


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


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *args):
        self.open, self.killed = set(), False
        super().__init__(*args)

    def process_request(self, request, address):
        self.open.add(request)
        super().process_request(request, address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)


class Sink:
    """An HTTP server of this test; `answer(request)` gives status, fields and body."""

    def __init__(self, answer):
        sink = self
        self.requests, self.next, self.early = [], None, False
        self.lock, self.returned = threading.Lock(), threading.Event()

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
                    # What a connection brings that has not ended yet comes to nobody.
                    if self.server.killed:
                        self.close_connection = True
                        return
                    does, sink.next = sink.next, None
                    if does not in ("die", "refuse"):
                        request = (self.command, self.path, self.headers, plain(body, self.headers.get("content-encoding")))
                        sink.requests.append(request)
                if does in ("die", "die with it"):
                    self.close_connection = True
                    sink.kill()
                    return
                if does == "hold":
                    # Whoever was told already was told too early.
                    sink.early |= sink.returned.wait(0.2)
                status, fields, text = (503, {}, b"") if does == "refuse" else answer(request)
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_HEAD = do

        self.handler = Handler
        self.start()

    def start(self):
        self.server = Server(("127.0.0.1", SINK_PORT), self.handler)
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def kill(self):
        """What others see of a process that is killed: nobody listens, all connections end in the middle."""
        with self.lock:
            self.server.killed = True
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.server.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def take(self):
        """What has come since, and forgets it."""
        with self.lock:
            taken, self.requests = self.requests, []
        for command, path, fields, body in taken:
            assert not marked(path), path
            for name, value in fields.items():
                assert not marked(value) and not marked(name), name
            assert not marked(body.decode("latin-1")), body
        return taken


def killed(sink, send, seqs, tries_again=False, batch=1):
    """Sends all records, one by one or so many at a time, to a sink that refuses a request, is killed while it has
    another half, is away, comes back, and is killed when it has one and has not said so. `send` gets a number, or
    numbers, and raises where the client sees a failure. What was acknowledged is there, once, and acknowledged after the
    sink did; what the sink did not take was not acknowledged, and is there once it is sent again. A client that
    `tries_again` may hide the refusal."""
    sink.take()
    sends = [[i] for i in range(RECORDS)] if batch == 1 else [[*range(i, i + batch)] for i in range(0, RECORDS, batch)]
    count = len(sends)
    refused, dies, dies_late = count * 2 // 5, count // 2, count * 3 // 4
    does = {3: "hold", 4: "hold", 5: "hold", refused: "refuse", dies: "die", dies_late: "die with it"}

    def tell(n):
        try:
            send(sends[n] if batch > 1 else n)
            return True
        except Exception:
            return False

    failed = []
    for n in range(count):
        if n in (dies + 2, dies_late + 2):
            sink.start()
        sink.next = does.get(n)
        sink.returned.clear()
        if not tell(n):
            failed.append(n)
        sink.returned.set()
    assert not sink.early
    want = [refused, dies, dies + 1, dies_late, dies_late + 1]
    assert failed == want or tries_again and failed == want[1:], failed
    there = sorted(seq for request in sink.take() for seq in seqs(request))
    gone = {seq for n in failed if n != dies_late for seq in sends[n]}
    taken = [seq for seq in range(RECORDS) if seq not in gone]
    assert there == taken, (set(taken) ^ set(there), len(there))
    # Whoever sees a failure has the records yet.
    assert all(tell(n) for n in failed)
    there = sorted(seq for request in sink.take() for seq in seqs(request))
    assert there == sorted(seq for n in failed for seq in sends[n]), there


def killed_amid(sink, send, seqs, clients=8):
    """All records from several clients at once, each of which sends again what failed, to a sink that is killed twice at
    any moment: whatever was acknowledged is there."""
    sink.take()
    failures, left = [], list(range(RECORDS))
    lock = threading.Lock()

    def client():
        while True:
            with lock:
                if not left:
                    return
                i = left.pop()
            try:
                send(i)
            except Exception:
                with lock:
                    failures.append(i)
                    left.append(i)

    with futures.ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(client) for _ in range(clients)]
        for share in (3, 2):
            while len(left) > RECORDS - RECORDS // share:
                time.sleep(0.001)
            sink.kill()
            before = len(failures)
            while len(failures) < before + clients:
                time.sleep(0.001)
            sink.start()
        for one in running:
            one.result()
    there = {seq for request in sink.take() for seq in seqs(request)}
    assert len(failures) >= 2 * clients
    assert there == set(range(RECORDS)), set(range(RECORDS)) - there


class Node:
    """A client of npm: lines of JSON in, lines out."""

    def __init__(self, script, *args):
        script = pathlib.Path(__file__).with_name(script)
        self.process = subprocess.Popen(["node", script, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, *values):
        self.process.stdin.write("".join(json.dumps(value) + "\n" for value in values))
        self.process.stdin.flush()

    def hear(self):
        return self.process.stdout.readline().strip()

    def finish(self):
        """All that it says until it ends, well."""
        said, _ = self.process.communicate()
        assert self.process.returncode == 0, self.process.returncode
        return said.split("\n")[:-1]
