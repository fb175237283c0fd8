"""python-logging-loki, and Loki's protobuf with requests: snappy that is said and that is not."""

import json
import logging

import cramjam
import requests
from kit import RECORDS, URL, Sink, flaky, message, record, same
from logging_loki import emitter
from push import PushRequest

sink = Sink(lambda request: (204, {}, b""))

# python-logging-loki: one request a record.
loki = emitter.LokiEmitterV1(f"{URL}/loki/api/v1/push", tags={"app": "shop", "owner": "canary@example.org"}, auth=("tenant", "key"))
for i in range(RECORDS):
    made = logging.makeLogRecord({"name": "shop", "levelname": "INFO", "tags": {"client": f"203.0.113.{i % 256}"}})
    line = message(i) if i % 2 else json.dumps(record(i))
    loki(made, line)
taken = sink.take()
assert len(taken) == RECORDS
for i, (_, _, fields, body) in enumerate(taken):
    assert fields["authorization"] == "Basic dGVuYW50OmtleQ=="
    (stream,) = json.loads(body)["streams"]
    labels, ((time, line),) = stream["stream"], stream["values"]
    assert len(time) == 19 and time.isdigit()
    assert labels == {"app": "shop", "owner": "REDACTED-EMAIL", "client": "REDACTED-IP", "severity": "info", "logger": "shop"}, labels
    if i % 2:
        same(message(i), line)
    else:
        same(record(i), json.loads(line))

# JSON with structured metadata.
streams = [
    {
        "stream": {"job": "x", "host": f"203.0.113.{k}"},
        "values": [[str(1700000000000000000 + i), message(i), {"seq": str(i), "user": f"canary{i}@example.org", "password": "hunter2"}] for i in range(500)],
    }
    for k in range(2)
]
answer = requests.post(f"{URL}/loki/api/v1/push", json={"streams": streams}, headers={"x-scope-orgid": "tenant-1"})
assert answer.status_code == 204, answer.text
[(_, _, fields, body)] = sink.take()
assert fields["x-scope-orgid"] == "tenant-1"
same({"streams": streams}, json.loads(body))


def push():
    request = PushRequest()
    for k in range(2):
        stream = request.streams.add(labels=f'{{job="x", path="a\\"b\\\\c", host="203.0.113.{k}"}}', hash=k + 1)
        for i in range(500):
            entry = stream.entries.add(line=message(i) if i % 2 else json.dumps(record(i)))
            entry.timestamp.seconds, entry.timestamp.nanos = 1700000000 + i, 490154203
            entry.structuredMetadata.add(name="seq", value=str(i))
            entry.structuredMetadata.add(name="user", value=f"canary{i}@example.org")
            entry.structuredMetadata.add(name="password", value="hunter2")
    return request


def send_push(request, said):
    fields = {"content-type": "application/x-protobuf"}
    if said:
        fields["content-encoding"] = "snappy"
    body = bytes(cramjam.snappy.compress_raw(request.SerializeToString()))
    requests.post(f"{URL}/loki/api/v1/push", data=body, headers=fields).raise_for_status()


for said in [True, False]:
    send_push(push(), said)
    (_, _, fields, body) = sink.requests.pop()
    assert fields["content-encoding"] == ("snappy" if said else None)
    got = PushRequest.FromString(body if said else bytes(cramjam.snappy.decompress_raw(body)))
    for a, b in zip(push().streams, got.streams, strict=True):
        assert b.labels == '{job="x", path="a\\"b\\\\c", host="REDACTED-IP"}', b.labels
        assert b.hash == 0
        for x, y in zip(a.entries, b.entries, strict=True):
            assert x.timestamp == y.timestamp
            (same(x.line, y.line) if x.line.startswith("seq") else same(json.loads(x.line), json.loads(y.line)))
            pairs = lambda entry: [[pair.name, pair.value] for pair in entry.structuredMetadata]
            assert pairs(y) == [["seq", pairs(x)[0][1]], ["user", "REDACTED-EMAIL"], ["password", "REDACTED-SECRET"]], pairs(y)

# Nothing to hide: the same bytes.
request = PushRequest()
request.streams.add(labels='{a="b"}', hash=7).entries.add(line="nothing").timestamp.seconds = 5
send_push(request, False)
(_, _, _, body) = sink.requests.pop()
assert bytes(cramjam.snappy.decompress_raw(body)) == request.SerializeToString()
answer = requests.post(f"{URL}/loki/api/v1/push", data=b"\xff\xff", headers={"content-type": "application/x-protobuf"})
assert answer.status_code == 400, answer.text


def send(i):
    loki(logging.makeLogRecord({"name": "shop", "levelname": "INFO"}), json.dumps({"seq": i}))


flaky(sink, send, lambda request: [json.loads(json.loads(request[3])["streams"][0]["values"][0][1])["seq"]])
