"""The OpenTelemetry SDK over gRPC to a sink that says nothing once: the client is told that time ran out, a code under
which OTLP's clients send again ("OTLP/gRPC Response", "Failures")."""

import grpc
from kit import PORT, hidden, record
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from otlp_kit import Collector, plain, seqs, singly

collector = Collector()
stub = LogsServiceStub(grpc.insecure_channel(f"127.0.0.1:{PORT}"))
collector.next = "say nothing"
try:
    stub.Export(singly(0), timeout=60)
    raise SystemExit("accepted what the sink did not accept")
except grpc.RpcError as error:
    # Its own time was sixty seconds: this is scrubd's word.
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
    assert "answer_timeout_secs" in error.details(), error
assert collector.take() == []
stub.Export(singly(1), timeout=60)
assert [seqs(one) for one in collector.take()] == [[1]]

# The SDK's own exporter sends again, and the record is there once.
collector.next = "say nothing"
provider = LoggerProvider()
exporter = OTLPLogExporter(insecure=True, endpoint=f"127.0.0.1:{PORT}", timeout=60)
provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
provider.get_logger("scope").emit(LogRecord(body=record(2)))
provider.shutdown()
(got,) = collector.take()
assert collector.next is None
(of,) = got.resource_logs
assert plain(of.scope_logs[0].log_records[0].body) == record(2, hidden)
