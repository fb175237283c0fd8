"""OTLP's messages with every kind of value, what must become of them, and a collector."""

import threading
from concurrent import futures

import grpc
from kit import RECORDS, SHAPES, SINK_PORT, hidden, keyed, marked, message, open_, record, shape, small
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceServicer, add_LogsServiceServicer_to_server
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList


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


def plain(of):
    """An AnyValue as Python has it."""
    match of.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [plain(x) for x in of.array_value.values]
        case "kvlist_value":
            return attributes(of.kvlist_value.values)
        case kind:
            return getattr(of, kind)


def attributes(of):
    return {pair.key: plain(pair.value) for pair in of}


BODIES = [
    message,
    record,
    lambda i, spell: [message(i, spell), i, {"password": spell(SHAPES[2], i)}] if spell is open_ else [message(i, spell), i, {"password": "REDACTED-SECRET"}],
    lambda i, spell: message(i, spell).encode(),
    lambda i, _: i,
    lambda i, _: i / 4,
    lambda i, _: True,
]


def resource(i, spell):
    return {"service.name": "shop", "owners": [shape(i, spell), "x"], f"by {shape(i + 1, spell)}": "x", **keyed(i, spell)}


def details(i, spell):
    numbers = {"imei": 490154203237518, "lat": 31.23075, "lon": 121.47075} if spell is open_ else {"imei": 0, "lat": 0.0, "lon": 0.0}
    return {"seq": i, "log": record(i, spell), "raw": message(i, spell).encode(), "ratio": 0.5, f"of {shape(i, spell)}": 1, **numbers}


def request(count=RECORDS, spell=open_):
    made = ExportLogsServiceRequest()
    for k in range(len(SHAPES)):
        of = made.resource_logs.add(schema_url="https://opentelemetry.io/schemas/1.30.0")
        of.resource.attributes.extend(pairs(resource(k, spell)))
        scope = of.scope_logs.add()
        scope.scope.name, scope.scope.version = f"scope of {shape(k, spell)}", "1.2.3"
        scope.scope.attributes.extend(pairs({"owner": shape(k + 1, spell), f"by {shape(k + 2, spell)}": 1, **keyed(k, spell)}))
        for i in range(k, count, len(SHAPES)):
            one = scope.log_records.add(
                time_unix_nano=1700000000000000000 + i,
                observed_time_unix_nano=1700000000490154203,
                severity_number=9,
                severity_text="INFO",
                body=value(BODIES[i % len(BODIES)](i, spell)),
                trace_id=b"canarycanary1234" if i % 2 else b"",
                span_id=b"canary12" if i % 2 else b"",
                flags=1,
                dropped_attributes_count=2,
                event_name=f"login of {shape(i + 3, spell)}",
            )
            one.attributes.extend(pairs(details(i, spell)))
    return made


def clean(got):
    assert not marked(got.SerializeToString().decode("latin-1")), got
    return got


def check_sdk(got, user):
    """What an SDK sent, a record a request: the record of `kit` as body and as attribute."""
    seen = []
    for one in got:
        for of in clean(one).resource_logs:
            names = attributes(of.resource.attributes)
            have = {key: names[key] for key in resource(0, hidden)}
            assert have == resource(0, hidden), names
            for scope in of.scope_logs:
                for entry in scope.log_records:
                    have = attributes(entry.attributes)
                    i = have["seq"]
                    want = {"seq": i, "user": user(i), f"of {shape(i, hidden)}": True}
                    assert have == want, (want, have)
                    assert plain(entry.body) == (record(i, hidden) if i % 2 else message(i, hidden)), (i, entry.body)
                    assert entry.severity_text == "INFO"
                    seen.append(i)
    assert sorted(seen) == list(range(RECORDS)), len(seen)


class Collector(LogsServiceServicer):
    """A server of gRPC that keeps what it gets. `next` says what it does once: refuse, be killed, or say nothing."""

    def __init__(self):
        self.got, self.metadata, self.says, self.next = [], [], None, None
        self.early, self.returned = False, threading.Event()
        self.start()

    def start(self):
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        add_LogsServiceServicer_to_server(self, self.server)
        assert self.server.add_insecure_port(f"127.0.0.1:{SINK_PORT}") == SINK_PORT
        self.server.start()

    def kill(self):
        self.server.stop(None)

    def Export(self, request, context):
        does, self.next = self.next, None
        if self.says or does == "refuse":
            context.abort(self.says or grpc.StatusCode.UNAVAILABLE, "of the sink")
        if does == "say nothing":
            # Until its own client gives up.
            gave_up = threading.Event()
            context.add_callback(gave_up.set)
            assert gave_up.wait(60)
            return ExportLogsServiceResponse()
        if does != "die":
            self.got.append(request)
            self.metadata.append(dict(context.invocation_metadata()))
        if does in ("die", "die with it"):
            self.server.stop(None)
            # It is not to be answered.
            self.returned.wait(60)
        if does == "hold":
            self.early |= self.returned.wait(0.2)
        context.set_trailing_metadata([("x-trailer", "of-the-sink")])
        return ExportLogsServiceResponse()

    def take(self):
        taken, self.got = self.got, []
        return [clean(one) for one in taken]


def singly(i):
    one = ExportLogsServiceRequest()
    one.resource_logs.add().scope_logs.add().log_records.add(body=value(small(i)))
    return one


def seqs(got):
    return [plain(entry.body)["seq"] for of in got.resource_logs for scope in of.scope_logs for entry in scope.log_records]
