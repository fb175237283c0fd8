"""python-logging-loki, and Loki's protobuf with requests: snappy that is said and that is not. The sink is this test's,
and reads strictly: no server of the API is in Debian, on PyPI or npm."""

import json
import logging

import cramjam
import requests
from kit import RECORDS, SHAPES, URL, Sink, hidden, keyed, killed, message, open_, record, same, shape, small
from logging_loki import emitter
from push import PushRequest

sink = Sink(lambda request: (204, {}, b""))

def labels(i, spell):
    return {"app": "shop", "owner": shape(i, spell), **keyed(i, spell)}


def line(i, spell=open_):
    return message(i, spell) if i % 2 else json.dumps(record(i, spell))


# python-logging-loki: one request a record.
loki = emitter.LokiEmitterV1(f"{URL}/loki/api/v1/push", tags={"app": "shop"}, auth=("tenant", "key"))
for i in range(RECORDS):
    made = logging.makeLogRecord({"name": "shop", "levelname": "INFO", "tags": labels(i, open_)})
    loki(made, line(i))
taken = sink.take()
assert len(taken) == RECORDS
for i, (_, _, fields, body) in enumerate(taken):
    assert fields["authorization"] == "Basic dGVuYW50OmtleQ=="
    (stream,) = json.loads(body)["streams"]
    ((time, text),) = stream["values"]
    assert len(time) == 19 and time.isdigit()
    want = {**labels(i, hidden), "severity": "info", "logger": "shop"}
    same(sorted(want.items()), sorted(stream["stream"].items()))
    same(line(i, hidden), text)


def metadata(i, spell):
    return {"seq": str(i), "owner": shape(i + 1, spell), **keyed(i, spell)}


def streams(spell):
    """JSON with structured metadata."""
    return [
        {
            "stream": labels(k, spell),
            "values": [[str(1700000000000000000 + i), line(i, spell), metadata(i, spell)] for i in range(k, RECORDS, len(SHAPES))],
        }
        for k in range(len(SHAPES))
    ]


answer = requests.post(f"{URL}/loki/api/v1/push", json={"streams": streams(open_)}, headers={"x-scope-orgid": "tenant-1"})
assert answer.status_code == 204, answer.text
[(_, _, fields, body)] = sink.take()
assert fields["x-scope-orgid"] == "tenant-1"
same({"streams": streams(hidden)}, json.loads(body))


def push(spell):
    request = PushRequest()
    for k, stream in enumerate(streams(spell)):
        pairs = ", ".join(f'{key}="{value}"' for key, value in stream["stream"].items())
        # The hash of labels that are others now is none.
        made = request.streams.add(labels=f'{{path="a\\"b\\\\c", {pairs}}}', hash=k + 1 if spell is open_ else 0)
        for time, text, names in stream["values"]:
            entry = made.entries.add(line=text)
            entry.timestamp.seconds, entry.timestamp.nanos = int(time) // 10**9, 490154203
            for name, value in names.items():
                entry.structuredMetadata.add(name=name, value=value)
    return request


def send_push(request, said):
    fields = {"content-type": "application/x-protobuf"}
    if said:
        fields["content-encoding"] = "snappy"
    body = bytes(cramjam.snappy.compress_raw(request.SerializeToString()))
    requests.post(f"{URL}/loki/api/v1/push", data=body, headers=fields).raise_for_status()


for said in [True, False]:
    send_push(push(open_), said)
    (_, _, fields, body) = sink.requests.pop()
    assert fields["content-encoding"] == ("snappy" if said else None)
    got = PushRequest.FromString(body if said else bytes(cramjam.snappy.decompress_raw(body)))
    want = push(hidden)
    for a, b in zip(want.streams, got.streams, strict=True):
        assert (a.labels, a.hash) == (b.labels, b.hash), (a.labels, b.labels)
        for x, y in zip(a.entries, b.entries, strict=True):
            assert x == y, (x, y)

# Nothing to hide: the same bytes.
request = PushRequest()
request.streams.add(labels='{a="b"}', hash=7).entries.add(line="nothing").timestamp.seconds = 5
send_push(request, False)
(_, _, _, body) = sink.requests.pop()
assert bytes(cramjam.snappy.decompress_raw(body)) == request.SerializeToString()
answer = requests.post(f"{URL}/loki/api/v1/push", data=b"\xff\xff", headers={"content-type": "application/x-protobuf"})
assert answer.status_code == 400, answer.text


def send(i):
    loki(logging.makeLogRecord({"name": "shop", "levelname": "INFO"}), json.dumps(small(i)))


killed(sink, send, lambda request: [json.loads(json.loads(request[3])["streams"][0]["values"][0][1])["seq"]])


def send(i):
    request = PushRequest()
    request.streams.add(labels='{app="shop"}').entries.add(line=json.dumps(small(i)))
    send_push(request, i % 2)


def seqs(request):
    body = request[3] if request[2]["content-encoding"] else bytes(cramjam.snappy.decompress_raw(request[3]))
    return [json.loads(PushRequest.FromString(body).streams[0].entries[0].line)["seq"]]


killed(sink, send, seqs)
