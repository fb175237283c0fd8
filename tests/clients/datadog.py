"""Datadog's own client, and its intake's other forms with requests. The sink is this test's: nobody but Datadog has a
server of it."""

import json

import requests
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.content_encoding import ContentEncoding
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from kit import RECORDS, SHAPES, URL, Sink, hidden, keyed, killed, message, open_, record, same, shape, small

sink = Sink(lambda request: (202, {"content-type": "application/json"}, b"{}"))
configuration = Configuration(host=URL, api_key={"apiKeyAuth": "0123456789abcdef0123456789abcdef"})
configuration.enable_retry = False
api = LogsApi(ApiClient(configuration))


def item(i, spell=open_):
    """Tags are cut at commas, so that the one canary with a comma has no place in them."""
    tags = [f"k{n}:{spell(canary, i)}" for n, canary in enumerate(SHAPES) if "," not in canary["text"]]
    tags += [f"{key}:{value}" for key, value in keyed(i, spell).items()]
    return {
        "ddsource": "app",
        "ddtags": ",".join(["env:prod", *tags, "team"]),
        "hostname": shape(i, spell),
        "message": message(i, spell),
        "service": "shop",
        "seq": str(i),
        "note": shape(i + 1, spell),
        "nested": json.dumps(record(i, spell)),
    }


items = [item(i) for i in range(RECORDS)]
by_seq = lambda logs: [dict(sorted(log.items())) for log in sorted(logs, key=lambda log: int(log["seq"]))]
for coding in [None, ContentEncoding.GZIP, ContentEncoding.DEFLATE]:
    more = {"content_encoding": coding} if coding else {}
    for start in range(0, RECORDS, 500):
        api.submit_log(body=HTTPLog([HTTPLogItem(**i) for i in items[start : start + 500]]), **more)
    taken = sink.take()
    assert all(fields["dd-api-key"] == "0123456789abcdef0123456789abcdef" for _, _, fields, _ in taken)
    got = [log for _, _, _, body in taken for log in json.loads(body)]
    same(by_seq([item(i, hidden) for i in range(RECORDS)]), by_seq(got))

for i, canary in enumerate(SHAPES):
    params = {"ddtags": f"env:prod,by:{open_(canary, i)}", "hostname": open_(canary, i)}
    answer = requests.post(f"{URL}/api/v2/logs", params=params, json=record(i))
    assert answer.status_code == 202
    [(_, path, _, body)] = sink.take()
    want = canary["becomes"]
    same(f"/api/v2/logs?ddtags=env:prod,by:{want}&hostname={want}", requests.utils.unquote(path))
    same(record(i, hidden), json.loads(body))
answer = requests.post(f"{URL}/api/v2/logs", data="{", headers={"content-type": "application/json"})
assert answer.status_code == 400 and answer.json()["errors"][0]["status"] == "400", answer.text


def send(numbers):
    api.submit_log(body=HTTPLog([HTTPLogItem(message=json.dumps(small(i)), seq=str(i)) for i in numbers]))


killed(sink, send, lambda request: [int(log["seq"]) for log in json.loads(request[3])], batch=50)
