"""Datadog's own client, and its intake's other forms with requests."""

import json

import requests
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.content_encoding import ContentEncoding
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from kit import RECORDS, URL, Sink, flaky, message, record, same

sink = Sink(lambda request: (202, {"content-type": "application/json"}, b"{}"))
configuration = Configuration(host=URL, api_key={"apiKeyAuth": "0123456789abcdef0123456789abcdef"})
configuration.enable_retry = False
api = LogsApi(ApiClient(configuration))


def item(i):
    return {
        "ddsource": "app",
        "ddtags": f"env:prod,owner:canary{i}@example.org,client_ip:203.0.113.{i % 256},password:hunter2,team",
        "hostname": f"host{i}",
        "message": message(i),
        "service": "shop",
        "seq": str(i),
        "user.email": f"canary{i}@example.org",
    }


items = [item(i) for i in range(RECORDS)]
for coding in [None, ContentEncoding.GZIP, ContentEncoding.DEFLATE]:
    more = {"content_encoding": coding} if coding else {}
    for start in range(0, RECORDS, 500):
        api.submit_log(body=HTTPLog([HTTPLogItem(**i) for i in items[start : start + 500]]), **more)
    taken = sink.take()
    assert all(fields["dd-api-key"] == "0123456789abcdef0123456789abcdef" for _, _, fields, _ in taken)
    got = [log for _, _, _, body in taken for log in json.loads(body)]
    by_seq = lambda logs: [dict(sorted(log.items())) for log in sorted(logs, key=lambda log: int(log["seq"]))]
    same(by_seq(items), by_seq(got))
    for log in got:
        tags = log["ddtags"].split(",")
        assert (tags[0], tags[4], len(tags)) == ("env:prod", "team", 5), tags
        assert all(not tag.endswith(":") for tag in tags), tags

answer = requests.post(f"{URL}/api/v2/logs?ddtags=env:prod&hostname=203.0.113.1", json=record(1))
assert answer.status_code == 202
[(_, path, _, body)] = sink.take()
assert path == "/api/v2/logs?ddtags=env:prod&hostname=REDACTED-IP", path
same(record(1), json.loads(body))
answer = requests.post(f"{URL}/api/v2/logs", data="{", headers={"content-type": "application/json"})
assert answer.status_code == 400 and answer.json()["errors"][0]["status"] == "400", answer.text


def send(i):
    api.submit_log(body=HTTPLog([HTTPLogItem(**item(i))]))


flaky(sink, send, lambda request: [int(log["seq"]) for log in json.loads(request[3])])
