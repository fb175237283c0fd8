"""Python requests with JSON, NDJSON, text and forms, plain and coded."""

import gzip
import json
import urllib.parse

import requests
import zstandard
from kit import RECORDS, SHAPES, URL, Sink, hidden, killed, killed_amid, message, open_, record, same, shape, small

sink = Sink(lambda request: (202, {"x-taken": "yes"}, b"thanks"))
session = requests.Session()
session.headers["authorization"] = "Bearer of-the-client"
records = [record(i) for i in range(RECORDS)]
want = [record(i, hidden) for i in range(RECORDS)]


def query(spell):
    pairs = [(f"q{i}", spell(canary, i)) for i, canary in enumerate(SHAPES)]
    return urllib.parse.urlencode([*pairs, ("level", "info")])


def post(body, kind, **fields):
    marks = {f"x-note-{i}": open_(canary, i) for i, canary in enumerate(SHAPES)}
    answer = session.post(f"{URL}/in?{query(open_)}", data=body, headers={"content-type": kind, **marks, **fields})
    assert (answer.status_code, answer.content, answer.headers["x-taken"]) == (202, b"thanks", "yes")
    [(_, path, fields, body)] = sink.take()
    same(urllib.parse.parse_qsl(query(hidden)), urllib.parse.parse_qsl(path.removeprefix("/in?")))
    assert fields["authorization"] == "Bearer of-the-client"
    for i, canary in enumerate(SHAPES):
        assert fields[f"x-note-{i}"] == canary["becomes"], fields[f"x-note-{i}"]
    return body


whole = json.dumps(records, indent=1).encode()
same(want, json.loads(post(whole, "application/json")))
same(want, json.loads(post(gzip.compress(whole), "application/json", **{"content-encoding": "gzip"})))
lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()
for coding, code in [("identity", bytes), ("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)]:
    body = post(code(lines), "application/x-ndjson", **{"content-encoding": coding})
    same(want, [json.loads(line) for line in body.decode().splitlines()])
# A generator goes chunked.
body = post((line + b"\n" for line in lines.splitlines()), "application/x-ndjson")
same(want, [json.loads(line) for line in body.decode().splitlines()])
texts = "\n".join(message(i) for i in range(RECORDS))
same("\n".join(message(i, hidden) for i in range(RECORDS)), post(texts, "text/plain").decode())


def form(spell):
    return {f"field{i} {shape(i, spell)}": message(i, spell) if i % 2 else f"a b+c {i}" for i in range(RECORDS)}


body = post(urllib.parse.urlencode(form(open_)), "application/x-www-form-urlencoded")
same(form(hidden), dict(urllib.parse.parse_qsl(body.decode())))


def send(i):
    session.post(f"{URL}/in", json=small(i)).raise_for_status()


# Numbers that RFC 8259 has not, and Python has.
odd = lambda spell: json.dumps({"x": float("nan"), "y": [float("inf"), float("-inf")], "password": float("nan"), "by": shape(0, spell)})
same(odd(hidden), post(odd(open_), "application/json").decode())

seqs = lambda request: [json.loads(request[3])["seq"]]
killed(sink, send, seqs)
killed_amid(sink, send, seqs)
