"""winston-loki, which sends protobuf in snappy without saying so, and pino-loki."""

import json

import cramjam
from kit import MARKS, RECORDS, URL, Node, Sink, hidden, keyed, killed, open_, record, same, shape, small
from push import PushRequest

sink = Sink(lambda request: (204, {}, b""))


def labels(spell):
    return {"app": "shop", **{f"by{i}": shape(i, spell) for i in range(20)}, **keyed(0, spell)}


def metadata(i, spell):
    return {"owner": shape(i + 1, spell), "seq": str(i), **keyed(i, spell)}


def line(i):
    return {"record": record(i), "meta": metadata(i, open_)}


def entries(requests):
    """Labels, line and metadata of each entry."""
    for _, _, fields, body in requests:
        if fields["content-type"] == "application/json":
            for stream in json.loads(body)["streams"]:
                for _, line, *metadata in stream["values"]:
                    yield stream["stream"], line, metadata
        else:
            assert fields["content-encoding"] is None and fields["content-type"] == "application/x-protobuf", fields
            for stream in PushRequest.FromString(bytes(cramjam.snappy.decompress_raw(body))).streams:
                pairs = [pair.split("=", 1) for pair in stream.labels.strip("{}").split('",')]
                names = {key.strip(): value.strip('"') for key, value in pairs}
                for entry in stream.entries:
                    yield names, entry.line, [{pair.name: pair.value for pair in entry.structuredMetadata}]


def parsed(client, line):
    """The record of a line: winston-loki writes the message in front of the rest, pino-loki everything as JSON."""
    if client == "pino":
        got = json.loads(line)
        text = got.pop("msg")
    else:
        text, _, rest = line.partition(' {"')
        got = json.loads('{"' + rest)
    got.pop("time", None), got.pop("level", None)
    return text, got


for client in ["winston", "winston-json", "pino"]:
    node = Node("loki.mjs", client, URL)
    node.say(labels(open_), *[line(i) for i in range(RECORDS)])
    said = node.finish()
    assert set(said) == {"ack"}, (client, said)
    # Snappy hides the marks from `take`, not from what follows.
    seen = set()
    for names, text, more in entries(sink.take()):
        everything = (json.dumps(names) + text + json.dumps(more)).lower()
        assert not any(mark in everything for mark in MARKS), everything
        names.pop("level", None)
        same(sorted(labels(hidden).items()), sorted(names.items()))
        text, got = parsed(client, text)
        want = record(got["seq"], hidden)
        same(want.pop("message"), text)
        want.pop("level")
        if client == "pino":
            want["meta"] = metadata(got["seq"], hidden)
            same([want["meta"]], more)
        same(want, got)
        seen.add(got["seq"])
    assert seen == set(range(RECORDS)), (client, len(seen))
    node = Node("loki.mjs", client, URL, "singly")
    node.say(labels(open_))

    def send(i):
        node.say({"record": {"message": f"seq={i}", **small(i)}, "meta": {"seq": str(i)}})
        said = node.hear()
        assert said == "ack", said

    killed(sink, send, lambda request: [parsed(client, text)[1]["seq"] for _, text, _ in entries([request])])
    node.finish()
