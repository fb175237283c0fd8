"""The OpenTelemetry SDK for JavaScript, over HTTP (protobuf and JSON) and over gRPC: otlp_npm.py PORT SINK [grpc]"""

import os
import sys

from google.protobuf import json_format
from kit import PORT, RECORDS, SHAPES, URL, Node, Sink, hidden, keyed, killed, message, open_, record, shape, small
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from otlp_kit import Collector, check_sdk, resource, seqs

GRPC = len(sys.argv) > 3 and sys.argv[3] == "grpc"
HEAD = {
    "headers": {"api-key": "of-the-client", **{f"x-note-{i}": open_(canary, i) for i, canary in enumerate(SHAPES)}},
    "resource": resource(0, open_),
}


def line(i):
    return {"body": record(i) if i % 2 else message(i), "attributes": {"seq": i, "user": keyed(i), f"of {shape(i)}": True}}


def check(fields, got):
    for one in fields:
        assert one["api-key"] == "of-the-client"
        for i, canary in enumerate(SHAPES):
            assert one[f"x-note-{i}"] == canary["becomes"], one[f"x-note-{i}"]
    check_sdk(got, lambda i: keyed(i, hidden))


def all_of_them(kind, url, compression):
    node = Node("otlp.mjs", kind, url, compression)
    node.say(HEAD, *map(line, range(RECORDS)))
    assert node.finish() == ["ack"] * RECORDS


def one_by_one(sink, kind, url, seqs):
    os.environ["TIMEOUT"] = "5000"
    node = Node("otlp.mjs", kind, url, "none")
    node.say(HEAD)

    def send(i):
        node.say({"body": small(i), "attributes": {}})
        said = node.hear()
        assert said == "ack", said

    killed(sink, send, seqs, tries_again=True)
    node.finish()
    del os.environ["TIMEOUT"]


def read(request):
    _, _, fields, body = request
    if fields["content-type"] == "application/json":
        return json_format.Parse(body, ExportLogsServiceRequest())
    return ExportLogsServiceRequest.FromString(body)


if GRPC:
    collector, url = Collector(), f"http://127.0.0.1:{PORT}"
    for compression in ["none", "gzip"]:
        collector.metadata = []
        all_of_them("grpc", url, compression)
        check(collector.metadata, collector.take())
    one_by_one(collector, "grpc", url, seqs)
else:
    sink = Sink(lambda request: (200, {"content-type": request[2]["content-type"]}, b""))
    for kind in ["proto", "json"]:
        for compression in ["none", "gzip"]:
            all_of_them(kind, f"{URL}/v1/logs", compression)
            taken = sink.take()
            check([fields for _, _, fields, _ in taken], [read(request) for request in taken])
        one_by_one(sink, kind, f"{URL}/v1/logs", lambda request: seqs(read(request)))
