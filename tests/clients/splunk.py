"""Splunk's HTTP Event Collector, as its own documentation has it sent with requests."""

import gzip
import json
import re

import requests
from kit import RECORDS, URL, Sink, flaky, marked, message, record, same

CHANNEL = "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"
sink = Sink(lambda request: (200, {"content-type": "application/json"}, b'{"text":"Success","code":0,"ackId":7}'))
session = requests.Session()
session.headers["authorization"] = "Splunk 12345678-1234-1234-1234-1234567890AB"


def values(text):
    """JSON values back to back."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at = re.compile(r"\s*").match(text, at).end()
    return found


events = [
    {
        "time": 1700000000 + i / 1000,
        "host": f"203.0.113.{i % 256}",
        "source": "app",
        "sourcetype": "_json",
        "index": "main",
        "event": record(i) if i % 2 else message(i),
        "fields": {"seq": str(i), "owner": f"canary{i}@example.org", "region": "eu"},
    }
    for i in range(RECORDS)
]
for joint, coding in [("", None), ("\n", "gzip"), ("\r\n\r\n", None)]:
    body = joint.join(json.dumps(event) for event in events).encode()
    fields = {"x-splunk-request-channel": CHANNEL}
    if coding:
        body, fields["content-encoding"] = gzip.compress(body), coding
    answer = session.post(f"{URL}/services/collector/event", data=body, headers=fields)
    assert answer.json() == {"text": "Success", "code": 0, "ackId": 7}
    [(_, _, fields, got)] = sink.take()
    assert fields["x-splunk-request-channel"] == CHANNEL
    assert fields["authorization"] == session.headers["authorization"]
    same(events, values(got.decode()))

texts = [message(i) for i in range(RECORDS)]
answer = session.post(f"{URL}/services/collector/raw?channel={CHANNEL}&host=203.0.113.1", data="\n".join(texts))
assert answer.status_code == 200
[(_, path, _, got)] = sink.take()
assert path == f"/services/collector/raw?channel={CHANNEL}&host=REDACTED-IP", path
same(texts, got.decode().split("\n"))

answer = session.post(f"{URL}/services/collector", data="{broken")
assert answer.status_code == 400 and answer.json()["code"] == 6, answer.text


def send(i):
    session.post(f"{URL}/services/collector", json={"event": record(i)}).raise_for_status()


flaky(sink, send, lambda request: [value["event"]["seq"] for value in values(request[3].decode())])
