"""winston-loki, which sends protobuf in snappy without saying so, and pino-loki."""

import json
import pathlib
import subprocess

import cramjam
from kit import MARKS, RECORDS, URL, Sink, record, same
from push import PushRequest

sink = Sink(lambda request: (204, {}, b""))
script = str(pathlib.Path(__file__).with_name("loki.mjs"))
records = [record(i) for i in range(RECORDS)]


def send(client):
    lines = "".join(json.dumps(r) + "\n" for r in records)
    subprocess.run(["node", script, client, URL], input=lines, text=True, check=True)
    taken, sink.requests = sink.requests, []
    return taken


def entries(requests):
    """Labels as text, line and metadata of each entry."""
    for _, _, fields, body in requests:
        if fields["content-type"] == "application/json":
            for stream in json.loads(body)["streams"]:
                for _, line, *metadata in stream["values"]:
                    yield json.dumps(stream["stream"]), line, metadata
        else:
            assert fields["content-encoding"] is None and fields["content-type"] == "application/x-protobuf", fields
            for stream in PushRequest.FromString(bytes(cramjam.snappy.decompress_raw(body))).streams:
                for entry in stream.entries:
                    yield stream.labels, entry.line, [{pair.name: pair.value for pair in entry.structuredMetadata}]


for client in ["winston", "winston-json", "pino"]:
    seen = set()
    for labels, line, metadata in entries(send(client)):
        everything = labels + line + json.dumps(metadata)
        assert not any(mark in everything for mark in MARKS), everything
        assert "shop" in labels and "REDACTED-EMAIL" in labels, labels
        # winston-loki writes the message in front of the rest, pino-loki everything as JSON.
        got = json.loads(line if client == "pino" else line[line.index(" {") + 1 :])
        start = f"seq={got['seq']} login from REDACTED-IP and REDACTED-IP as REDACTED-EMAIL"
        assert (got["msg"] if client == "pino" else line).startswith(start), line
        if client == "pino":
            assert metadata == [{"user": "REDACTED-EMAIL", "seq": str(got["seq"])}], metadata
        # What the loggers put there themselves.
        own = ("level", "message", "msg", "time", "meta")
        strip = lambda record: {key: value for key, value in record.items() if key not in own}
        same(strip(records[got["seq"]]), strip(got))
        seen.add(got["seq"])
    assert seen == set(range(RECORDS)), (client, len(seen))
