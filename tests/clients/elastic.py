"""The clients of Elasticsearch and of OpenSearch: their bulk helpers and single documents."""

import json

import elasticsearch
import elasticsearch.helpers
import opensearchpy
import opensearchpy.helpers
import requests
from kit import RECORDS, URL, Sink, hidden, killed, record, same, small

FIELDS = {"x-elastic-product": "Elasticsearch", "content-type": "application/json"}


def answer(request):
    command, path, _, body = request
    if not path.split("?")[0].endswith("_bulk"):
        return 200 if command != "POST" else 201, FIELDS, b'{"result":"created","version":{"number":"9.0.0","distribution":"opensearch"}}'
    items, lines = [], iter(body.splitlines())
    for line in lines:
        (name, words), = json.loads(line).items()
        if name != "delete":
            next(lines)
        items.append({name: {"_index": words.get("_index"), "_id": words.get("_id"), "status": 201}})
    return 200, FIELDS, json.dumps({"errors": False, "items": items}).encode()


sink = Sink(answer)
records = [record(i) for i in range(RECORDS)]
want = [record(i, hidden) for i in range(RECORDS)]


def actions():
    for i, source in enumerate(records):
        if i % 5 == 4:
            yield {"_op_type": "update", "_index": "logs-a", "_id": f"id-{i}", "doc": source}
        else:
            yield {"_op_type": "index" if i % 5 else "create", "_index": "logs-a", "_id": f"id-{i}", "_source": source}
    yield {"_op_type": "delete", "_index": "logs-a", "_id": "id-0"}


def documents(requests):
    """Ids and sources, in the order in which they came."""
    for _, _, _, body in requests:
        lines = iter(body.decode().splitlines())
        for line in lines:
            (name, words), = json.loads(line).items()
            source = None if name == "delete" else json.loads(next(lines))
            yield words["_index"], words["_id"], source["doc"] if name == "update" else source


def check(client, helpers, **options):
    count, errors = helpers.bulk(client, actions(), chunk_size=300, **options)
    assert (count, errors) == (RECORDS + 1, []), errors
    got = list(documents(sink.take()))
    assert [(index, id) for index, id, _ in got] == [("logs-a", f"id-{i}") for i in [*range(RECORDS), 0]]
    same(want, [source for _, _, source in got[:-1]])
    client.index(index="logs-b", id="one", **({"document": records[7]} if helpers is elasticsearch.helpers else {"body": records[7]}))
    [(command, path, _, body)] = sink.take()
    assert (command, path) == ("PUT", "/logs-b/_doc/one")
    same(want[7], json.loads(body))


# A debug build on a busy machine may take longer than they wait by default.
elastic = elasticsearch.Elasticsearch(URL, api_key="id-of:key", max_retries=0, retry_on_timeout=False, request_timeout=60)
assert elastic.info()["result"] == "created"
sink.take()
check(elastic, elasticsearch.helpers)
check(elasticsearch.Elasticsearch(URL, http_compress=True, max_retries=0, request_timeout=60), elasticsearch.helpers)
check(opensearchpy.OpenSearch(URL, http_compress=True, max_retries=0, timeout=60), opensearchpy.helpers)

for body in ['{"index":{"secret":"x"}}\n{}\n', '{"index":{"_index":{"a":1}}}\n{}\n', "nothing\n"]:
    refused = requests.post(f"{URL}/_bulk", data=body, headers={"content-type": "application/x-ndjson"})
    assert refused.status_code == 400 and refused.json()["error"]["type"] == "illegal_argument_exception", refused.text
assert sink.take() == []


opensearch = opensearchpy.OpenSearch(URL, max_retries=0, timeout=60)
for send in [
    lambda i: elastic.index(index="logs-c", document=small(i)),
    lambda i: opensearch.index(index="logs-c", body=small(i)),
]:
    killed(sink, send, lambda request: [json.loads(request[3])["seq"]])
for client, helpers in [(elastic, elasticsearch.helpers), (opensearch, opensearchpy.helpers)]:
    send = lambda numbers: helpers.bulk(client, [{"_index": "logs-d", "_source": small(i)} for i in numbers])
    seqs = lambda request: [json.loads(line)["seq"] for line in request[3].splitlines()[1::2]]
    killed(sink, send, seqs, batch=50)
