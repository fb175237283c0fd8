"""Loki's `PushRequest`."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# `pkg/push/push.proto` of Loki, the part that clients send.
file = descriptor_pb2.FileDescriptorProto(name="push.proto", package="logproto", syntax="proto3")
TYPES = {"string": 9, "int64": 3, "int32": 5, "uint64": 4}
for name, fields in {
    "Timestamp": [("seconds", 1, "int64", 0), ("nanos", 2, "int32", 0)],
    "LabelPair": [("name", 1, "string", 0), ("value", 2, "string", 0)],
    "Entry": [("timestamp", 1, "Timestamp", 0), ("line", 2, "string", 0), ("structuredMetadata", 3, "LabelPair", 1)],
    "Stream": [("labels", 1, "string", 0), ("entries", 2, "Entry", 1), ("hash", 3, "uint64", 0)],
    "PushRequest": [("streams", 1, "Stream", 1)],
}.items():
    message_type = file.message_type.add(name=name)
    for field, number, kind, repeated in fields:
        added = message_type.field.add(name=field, number=number, label=3 if repeated else 1)
        if kind in TYPES:
            added.type = TYPES[kind]
        else:
            added.type, added.type_name = 11, f".logproto.{kind}"
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
PushRequest = message_factory.GetMessageClass(pool.FindMessageTypeByName("logproto.PushRequest"))
