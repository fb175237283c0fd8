"""Python requests with JSON, NDJSON, text and forms, plain and coded."""

import gzip
import json
import urllib.parse

import requests
import zstandard
from kit import RECORDS, URL, Sink, flaky, marked, message, record, same

sink = Sink(lambda request: (202, {"x-taken": "yes"}, b"thanks"))
session = requests.Session()
session.headers["authorization"] = "Bearer of-the-client"
records = [record(i) for i in range(RECORDS)]


def post(body, kind, **fields):
    answer = session.post(f"{URL}/in?from=203.0.113.9&level=info", data=body, headers={"content-type": kind, **fields})
    assert (answer.status_code, answer.content, answer.headers["x-taken"]) == (202, b"thanks", "yes")
    [(_, path, fields, body)] = sink.take()
    assert path == "/in?from=REDACTED-IP&level=info", path
    assert fields["authorization"] == "Bearer of-the-client"
    return body


whole = json.dumps(records, indent=1).encode()
same(records, json.loads(post(whole, "application/json")))
same(records, json.loads(post(gzip.compress(whole), "application/json", **{"content-encoding": "gzip"})))
lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()
for coding, code in [("identity", bytes), ("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)]:
    body = post(code(lines), "application/x-ndjson", **{"content-encoding": coding})
    same(records, [json.loads(line) for line in body.decode().splitlines()])
# A generator goes chunked.
body = post((line + b"\n" for line in lines.splitlines()), "application/x-ndjson")
same(records, [json.loads(line) for line in body.decode().splitlines()])
texts = [message(i) for i in range(RECORDS)]
same(texts, post("\n".join(texts), "text/plain").decode().split("\n"))
form = {f"field{i}": message(i) if i % 2 else f"a b+c {i}" for i in range(RECORDS)}
body = post(urllib.parse.urlencode(form), "application/x-www-form-urlencoded")
same(form, dict(urllib.parse.parse_qsl(body.decode())))
assert not marked(body.decode())


def send(i):
    session.post(f"{URL}/in", json=record(i)).raise_for_status()


flaky(sink, send, lambda request: [json.loads(request[3])["seq"]])
