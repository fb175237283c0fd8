"""Splunk's HTTP Event Collector, as its own documentation has it sent with requests."""

import gzip
import json
import re

import requests
from kit import RECORDS, SHAPES, URL, Sink, hidden, killed, message, open_, record, same, shape, small

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


def events(spell):
    return [
        {
            "time": 1700000000 + i / 1000,
            "host": shape(i, spell),
            "source": f"app of {shape(i + 1, spell)}",
            "sourcetype": "_json",
            "index": "main",
            "event": record(i, spell) if i % 2 else message(i, spell),
            "fields": {"seq": str(i), "owner": shape(i + 2, spell), "region": "eu", f"by {shape(i + 3, spell)}": "x"},
        }
        for i in range(RECORDS)
    ]


for joint, coding in [("", None), ("\n", "gzip"), ("\r\n\r\n", None)]:
    body = joint.join(json.dumps(event) for event in events(open_)).encode()
    fields = {"x-splunk-request-channel": CHANNEL}
    if coding:
        body, fields["content-encoding"] = gzip.compress(body), coding
    answer = session.post(f"{URL}/services/collector/event", data=body, headers=fields)
    assert answer.json() == {"text": "Success", "code": 0, "ackId": 7}
    [(_, _, fields, got)] = sink.take()
    assert fields["x-splunk-request-channel"] == CHANNEL
    assert fields["authorization"] == session.headers["authorization"]
    same(events(hidden), values(got.decode()))

texts = "\n".join(message(i) for i in range(RECORDS))
for i, canary in enumerate(SHAPES):
    params = {"channel": CHANNEL, "host": open_(canary, i), "source": "x"}
    answer = session.post(f"{URL}/services/collector/raw", params=params, data=texts)
    assert answer.status_code == 200
    [(_, path, _, got)] = sink.take()
    want = requests.Request("GET", "http://x/services/collector/raw", params={**params, "host": canary["becomes"]})
    same(requests.utils.unquote(want.prepare().path_url), requests.utils.unquote(path))
    same("\n".join(message(i, hidden) for i in range(RECORDS)), got.decode())

answer = session.post(f"{URL}/services/collector", data="{broken")
assert answer.status_code == 400 and answer.json()["code"] == 6, answer.text


def send(numbers):
    events = "".join(json.dumps({"event": small(i)}) for i in numbers)
    session.post(f"{URL}/services/collector", data=events).raise_for_status()


seqs = lambda request: [value["event"]["seq"] for value in values(request[3].decode())]
killed(sink, lambda i: send([i]), seqs)
killed(sink, send, seqs, batch=50)
