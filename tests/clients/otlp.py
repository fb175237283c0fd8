"""The OpenTelemetry SDK over HTTP and over gRPC, and messages with every kind of value: otlp.py PORT SINK [grpc]"""

import gzip
import sys
import time

import grpc
import requests
from google.protobuf import json_format
from kit import PORT, RECORDS, SHAPES, URL, Sink, hidden, keyed, killed, killed_amid, message, open_, record, shape, small
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from otlp_kit import Collector, check_sdk, request, resource, seqs, singly, value

GRPC = len(sys.argv) > 3 and sys.argv[3] == "grpc"
if GRPC:
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

NOTES = {f"x-note-{i}": open_(canary, i) for i, canary in enumerate(SHAPES)}


def sdk(compression):
    """The SDK's own exporter, one export a record."""
    options = {"insecure": True, "endpoint": f"127.0.0.1:{PORT}"} if GRPC else {"endpoint": f"{URL}/v1/logs"}
    exporter = OTLPLogExporter(headers={"api-key": "of-the-client", **NOTES}, compression=compression, **options)
    provider = LoggerProvider(resource=Resource.create(resource(0, open_)))
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    logger = provider.get_logger("scope", "1.0")
    for i in range(RECORDS):
        logger.emit(
            LogRecord(
                timestamp=time.time_ns(),
                severity_number=SeverityNumber.INFO,
                severity_text="INFO",
                body=record(i) if i % 2 else message(i),
                attributes={"seq": i, "user": keyed(i), f"of {shape(i)}": True},
            )
        )
    provider.shutdown()


class Told(LogRecordExporter):
    """The SDK's exporter, and how its last export ended. It tries again for as long as it has time."""

    def __init__(self):
        options = {"insecure": True, "endpoint": f"127.0.0.1:{PORT}"} if GRPC else {"endpoint": f"{URL}/v1/logs"}
        self.exporter, self.told = OTLPLogExporter(timeout=5, **options), None

    def export(self, batch):
        self.told = self.exporter.export(batch)
        return self.told

    def force_flush(self, timeout_millis=10_000):
        return True

    def shutdown(self):
        self.exporter.shutdown()


def sdk_through_a_kill(sink, seqs):
    """The SDK's batches."""
    exporter, provider = Told(), LoggerProvider()
    batches = BatchLogRecordProcessor(exporter, schedule_delay_millis=3_600_000, max_export_batch_size=100)
    provider.add_log_record_processor(batches)
    logger = provider.get_logger("scope")

    def send(numbers):
        exporter.told = None
        for i in numbers:
            logger.emit(LogRecord(timestamp=time.time_ns(), body=small(i)))
        batches.force_flush()
        assert exporter.told is LogRecordExportResult.SUCCESS, exporter.told

    killed(sink, send, seqs, tries_again=True, batch=50)
    provider.shutdown()


def check_fields(fields):
    assert fields["api-key"] == "of-the-client"
    for i, canary in enumerate(SHAPES):
        assert fields[f"x-note-{i}"] == canary["becomes"], fields[f"x-note-{i}"]


def numbered(want, sent):
    """In JSON, keys of an object that became the same get a number."""
    for of, before in zip(want.resource_logs, sent.resource_logs):
        both = [(of.resource.attributes, before.resource.attributes)]
        both += [(a.scope.attributes, b.scope.attributes) for a, b in zip(of.scope_logs, before.scope_logs)]
        for hidden_ones, open_ones in both:
            given = {}
            for one, other in zip(hidden_ones, open_ones):
                if one.key != other.key:
                    names = given.setdefault(one.key, [])
                    if other.key not in names:
                        names.append(other.key)
                    number = names.index(other.key) + 1
                    one.key += f"-{number}" if number > 1 else ""
    return want


def over_http():
    sink = Sink(lambda request: (200, {"content-type": request[2]["content-type"]}, b""))
    post = lambda body, kind, **more: requests.post(f"{URL}/v1/logs", data=body, headers={"content-type": kind, **more})
    from opentelemetry.exporter.otlp.proto.http import Compression

    for compression in [Compression.NoCompression, Compression.Gzip, Compression.Deflate]:
        sdk(compression)
        taken = sink.take()
        for _, _, fields, _ in taken:
            check_fields(fields)
        check_sdk([ExportLogsServiceRequest.FromString(body) for _, _, _, body in taken], lambda i: keyed(i, hidden))

    def pop():
        (_, _, _, body) = sink.requests.pop()
        return body

    assert post(request().SerializeToString(), "application/x-protobuf").status_code == 200
    assert ExportLogsServiceRequest.FromString(pop()) == request(spell=hidden)
    for snake in [False, True]:
        text = json_format.MessageToJson(request(), preserving_proto_field_name=snake)
        body = gzip.compress(text.encode())
        assert post(body, "application/json", **{"content-encoding": "gzip"}).status_code == 200
        assert json_format.Parse(pop(), ExportLogsServiceRequest()) == numbered(request(spell=hidden), request())
    # Nothing to hide: the same bytes.
    clean = ExportLogsServiceRequest()
    clean.resource_logs.add().scope_logs.add().log_records.add(body=value({"a": [1, -2, 0.5, b"\x00\xff", "x", None]}), trace_id=b"x" * 16)
    assert post(clean.SerializeToString(), "application/x-protobuf").status_code == 200
    assert pop() == clean.SerializeToString()
    # Fields of a later version, with text in them, are left out; numbers stay.
    later = clean.SerializeToString() + b"\xa2\x06\x06canary" + b"\xa8\x06\x07"
    assert post(later, "application/x-protobuf").status_code == 200
    assert pop() == clean.SerializeToString() + b"\xa8\x06\x07"
    # An id that is none is a text.
    odd = ExportLogsServiceRequest()
    odd.resource_logs.add().scope_logs.add().log_records.add(trace_id=b"canary@example.org")
    assert post(odd.SerializeToString(), "application/x-protobuf").status_code == 200
    assert b"canary" not in pop()
    refused = post(b"\xff", "application/x-protobuf")
    assert refused.status_code == 400 and refused.content.startswith(b"\x08\x03\x12"), refused.content
    refused = post("{", "application/json")
    assert refused.status_code == 400 and refused.json()["code"] == 3, refused.text
    assert post(b"x", "text/plain").status_code == 415

    def send(i):
        post(singly(i).SerializeToString(), "application/x-protobuf").raise_for_status()

    read = lambda request: seqs(ExportLogsServiceRequest.FromString(request[3]))
    killed(sink, send, read)
    sdk_through_a_kill(sink, read)


def over_grpc():
    collector = Collector()
    for compression in [grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate]:
        collector.metadata = []
        sdk(compression)
        check_sdk(collector.take(), lambda i: keyed(i, hidden))
        for metadata in collector.metadata:
            check_fields(metadata)
    channel = grpc.insecure_channel(f"127.0.0.1:{PORT}", options=[("grpc.max_reconnect_backoff_ms", 100)])
    stub = LogsServiceStub(channel)
    metadata = [("x-user-bin", b"canary@example.org"), ("x-fine-bin", b"\x00\x01fine"), ("authorization", "Bearer x")]
    for compression in [grpc.Compression.NoCompression, grpc.Compression.Gzip]:
        collector.got, collector.metadata = [], []
        _, call = stub.Export.with_call(request(), metadata=metadata, compression=compression, timeout=60)
        assert dict(call.trailing_metadata())["x-trailer"] == "of-the-sink"
        assert collector.got == [request(spell=hidden)]
        assert collector.metadata[0]["x-fine-bin"] == b"\x00\x01fine" and "x-user-bin" not in collector.metadata[0]

    def fails(call, code):
        try:
            call()
        except grpc.RpcError as error:
            assert error.code() == code, error
            return
        raise AssertionError(f"no {code}")

    # The sink's own status, another service, too much.
    for code in [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAUTHENTICATED]:
        collector.says = code
        fails(lambda: stub.Export(request(2), timeout=60), code)
    collector.says = None
    fails(lambda: TraceServiceStub(channel).Export(ExportTraceServiceRequest(), timeout=60), grpc.StatusCode.UNIMPLEMENTED)
    large = ExportLogsServiceRequest()
    large.resource_logs.add().scope_logs.add().log_records.add(body=value("x" * (17 << 20)))
    fails(lambda: stub.Export(large, timeout=60), grpc.StatusCode.RESOURCE_EXHAUSTED)
    fails(lambda: stub.Export(large, timeout=60, compression=grpc.Compression.Gzip), grpc.StatusCode.RESOURCE_EXHAUSTED)
    collector.got = []
    send = lambda i: stub.Export(singly(i), timeout=60)
    killed(collector, send, seqs)
    sdk_through_a_kill(collector, seqs)
    killed_amid(collector, send, seqs)


over_grpc() if GRPC else over_http()
