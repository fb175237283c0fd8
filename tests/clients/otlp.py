"""The OpenTelemetry SDK over HTTP and over gRPC, and messages with every kind of value."""

import gzip
import json
import sys
import time
from concurrent import futures

import grpc
import requests
from google.protobuf import json_format
from kit import MARKS, RECORDS, PORT, SINK_PORT, URL, Sink, flaky, marked, message, record
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import (
    LogsServiceServicer,
    LogsServiceStub,
    add_LogsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry._logs import LogRecord, SeverityNumber

GRPC = len(sys.argv) > 3 and sys.argv[3] == "grpc"
if GRPC:
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter


def value(of):
    if isinstance(of, bool):
        return AnyValue(bool_value=of)
    if isinstance(of, int):
        return AnyValue(int_value=of)
    if isinstance(of, float):
        return AnyValue(double_value=of)
    if isinstance(of, str):
        return AnyValue(string_value=of)
    if isinstance(of, bytes):
        return AnyValue(bytes_value=of)
    if isinstance(of, list):
        return AnyValue(array_value=ArrayValue(values=[value(x) for x in of]))
    if isinstance(of, dict):
        return AnyValue(kvlist_value=KeyValueList(values=pairs(of)))
    return AnyValue()


def pairs(of):
    return [KeyValue(key=key, value=value(x)) for key, x in of.items()]


BODIES = [
    message,
    record,
    lambda i: [message(i), i, {"password": "hunter2"}],
    lambda i: message(i).encode(),
    lambda i: i,
    lambda i: i / 4,
    lambda i: True,
]


def request(count=RECORDS):
    made = ExportLogsServiceRequest()
    for k in range(2):
        resource = made.resource_logs.add(schema_url="https://opentelemetry.io/schemas/1.30.0")
        resource.resource.attributes.extend(pairs({"service.name": "shop", "host.ip": [f"203.0.113.{k}"], "host.mac": "02:00:5e:10:00:01"}))
        scope = resource.scope_logs.add()
        scope.scope.name, scope.scope.version = "scope of canary@example.org", "1.2.3"
        scope.scope.attributes.extend(pairs({"owner": "canary@example.org"}))
        for i in range(count // 2):
            one = scope.log_records.add(
                time_unix_nano=1700000000000000000 + i,
                observed_time_unix_nano=1700000000490154203,
                severity_number=9,
                severity_text="INFO",
                body=value(BODIES[i % len(BODIES)](i)),
                trace_id=b"canarycanary1234" if i % 2 else b"",
                span_id=b"canary12" if i % 2 else b"",
                flags=1,
                dropped_attributes_count=2,
                event_name="login",
            )
            one.attributes.extend(pairs({"seq": i, "log": record(i), "raw": message(i).encode(), "imei": 490154203237518, "ratio": 0.5, "lat": 31.23075, "lon": 121.47075}))
    return made


def compare(sent, got):
    """Field by field: ids, times and numbers equal, texts as `kit.same` has it."""
    assert sent.DESCRIPTOR.full_name == got.DESCRIPTOR.full_name
    a, b = sent.ListFields(), got.ListFields()
    # A number that became zero is still there, since it is one of a choice.
    assert [field.name for field, _ in a] == [field.name for field, _ in b], (a, b)
    for (field, x), (_, y) in zip(a, b):
        if field.name in ("trace_id", "span_id"):
            assert x == y
            continue
        many = getattr(field, "is_repeated", None)
        many = field.label == field.LABEL_REPEATED if many is None else many
        xs, ys = (x, y) if many else ([x], [y])
        assert len(xs) == len(ys), field.name
        for x, y in zip(xs, ys):
            if field.message_type:
                compare(x, y)
            elif isinstance(x, (str, bytes)):
                text = (lambda v: v.decode("latin-1")) if isinstance(x, bytes) else str
                x, y = text(x), text(y)
                assert (x != y and not marked(y)) if marked(x) else x == y, (field.name, x, y)
                if x.startswith("seq="):
                    assert y.startswith(x.split(" from ")[0] + " from ")
            elif marked(repr(x)) and not field.name.endswith("nano"):
                assert y == 0, (field.name, y)
            else:
                assert x == y, (field.name, x, y)


def sdk(compression):
    """The SDK's own exporter, one export a record."""
    options = {"insecure": True, "endpoint": f"127.0.0.1:{PORT}"} if GRPC else {"endpoint": f"{URL}/v1/logs"}
    exporter = OTLPLogExporter(headers={"x-note": "203.0.113.5", "api-key": "of-the-client"}, compression=compression, **options)
    provider = LoggerProvider(resource=Resource.create({"service.name": "shop", "host.ip": "203.0.113.9"}))
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    logger = provider.get_logger("scope", "1.0")
    for i in range(RECORDS):
        logger.emit(LogRecord(timestamp=time.time_ns(), severity_number=SeverityNumber.INFO, severity_text="INFO", body=message(i), attributes={"seq": i, "user": record(i)["user"], "tags": ["canary@example.org", "fine"]}))
    provider.shutdown()


def check_sdk(got):
    """What the SDK sent, as it came."""
    records = []
    for one in got:
        assert not any(mark.encode() in one.SerializeToString() for mark in MARKS)
        for resource in one.resource_logs:
            names = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            assert names["service.name"] == "shop" and names["host.ip"] == "REDACTED-IP", names
            records += [record for scope in resource.scope_logs for record in scope.log_records]
    assert len(records) == RECORDS
    for i, one in enumerate(records):
        assert one.body.string_value.startswith(f"seq={i} login from REDACTED-IP and REDACTED-IP as REDACTED-EMAIL"), one
        attributes = {pair.key: pair.value for pair in one.attributes}
        assert attributes["seq"].int_value == i
        assert [v.string_value for v in attributes["tags"].array_value.values] == ["REDACTED-EMAIL", "fine"]


def over_http():
    sink = Sink(lambda request: (200, {"content-type": request[2]["content-type"]}, b""))
    post = lambda body, kind, **more: requests.post(f"{URL}/v1/logs", data=body, headers={"content-type": kind, **more})
    from opentelemetry.exporter.otlp.proto.http import Compression

    for compression in [Compression.NoCompression, Compression.Gzip, Compression.Deflate]:
        sdk(compression)
        taken = [one for one in sink.requests]
        sink.requests.clear()
        assert all(fields["api-key"] == "of-the-client" and fields["x-note"] == "REDACTED-IP" for _, _, fields, _ in taken)
        check_sdk([ExportLogsServiceRequest.FromString(body) for _, _, _, body in taken])

    def pop():
        (_, _, _, body) = sink.requests.pop()
        return body

    assert post(request().SerializeToString(), "application/x-protobuf").status_code == 200
    compare(request(), ExportLogsServiceRequest.FromString(pop()))
    text = json_format.MessageToJson(request())
    for snake in [False, True]:
        text = json_format.MessageToJson(request(), preserving_proto_field_name=snake)
        body = gzip.compress(text.encode())
        assert post(body, "application/json", **{"content-encoding": "gzip"}).status_code == 200
        compare(request(), json_format.Parse(pop(), ExportLogsServiceRequest()))
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
        one = ExportLogsServiceRequest()
        one.resource_logs.add().scope_logs.add().log_records.add(body=value(i))
        post(one.SerializeToString(), "application/x-protobuf").raise_for_status()

    seqs = lambda request: [ExportLogsServiceRequest.FromString(request[3]).resource_logs[0].scope_logs[0].log_records[0].body.int_value]
    flaky(sink, send, seqs)


class Servicer(LogsServiceServicer):
    def __init__(self):
        self.got, self.metadata, self.says = [], [], None

    def Export(self, request, context):
        if self.says:
            context.abort(self.says, "of the sink")
        self.got.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        context.set_trailing_metadata([("x-trailer", "of-the-sink")])
        return ExportLogsServiceResponse()


def over_grpc():
    servicer = Servicer()
    start = lambda: grpc.server(futures.ThreadPoolExecutor(4))
    server = start()
    add_LogsServiceServicer_to_server(servicer, server)
    server.add_insecure_port(f"127.0.0.1:{SINK_PORT}")
    server.start()
    for compression in [grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate]:
        servicer.got, servicer.metadata = [], []
        sdk(compression)
        check_sdk(servicer.got)
        for metadata in servicer.metadata:
            assert metadata["api-key"] == "of-the-client" and metadata["x-note"] == "REDACTED-IP", metadata
    channel = grpc.insecure_channel(f"127.0.0.1:{PORT}")
    stub = LogsServiceStub(channel)
    metadata = [("x-user-bin", b"canary@example.org"), ("x-fine-bin", b"\x00\x01fine"), ("authorization", "Bearer x")]
    for compression in [grpc.Compression.NoCompression, grpc.Compression.Gzip]:
        servicer.got, servicer.metadata = [], []
        _, call = stub.Export.with_call(request(), metadata=metadata, compression=compression, timeout=60)
        assert dict(call.trailing_metadata())["x-trailer"] == "of-the-sink"
        compare(request(), servicer.got[0])
        assert servicer.metadata[0]["x-fine-bin"] == b"\x00\x01fine" and "x-user-bin" not in servicer.metadata[0]

    def fails(call, code):
        try:
            call()
        except grpc.RpcError as error:
            assert error.code() == code, error
            return
        raise AssertionError(f"no {code}")

    # The sink's own status, another service, a sink that is not there.
    for code in [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAUTHENTICATED]:
        servicer.says = code
        fails(lambda: stub.Export(request(2), timeout=60), code)
    servicer.says = None
    fails(lambda: TraceServiceStub(channel).Export(ExportTraceServiceRequest(), timeout=60), grpc.StatusCode.UNIMPLEMENTED)
    large = ExportLogsServiceRequest()
    large.resource_logs.add().scope_logs.add().log_records.add(body=value("x" * (17 << 20)))
    fails(lambda: stub.Export(large, timeout=60), grpc.StatusCode.RESOURCE_EXHAUSTED)
    fails(lambda: stub.Export(large, timeout=60, compression=grpc.Compression.Gzip), grpc.StatusCode.RESOURCE_EXHAUSTED)
    # Killed in the middle: what was acknowledged is there.
    taken, servicer.got = [], []
    for i in range(60):
        if i == 30:
            server.stop(None).wait()
        one = ExportLogsServiceRequest()
        one.resource_logs.add().scope_logs.add().log_records.add(body=value(i))
        try:
            stub.Export(one, timeout=60)
            taken.append(i)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
    there = [one.resource_logs[0].scope_logs[0].log_records[0].body.int_value for one in servicer.got]
    assert taken == there == list(range(30)), (taken, there)


over_grpc() if GRPC else over_http()
