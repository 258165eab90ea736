"""Writes rison.json: values as encoded by `prison`, the oracle of `links/rison.rs`.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install prison
    /tmp/venv/bin/python function/testdata/rison.py > function/testdata/rison.json

`prison` sorts the keys of objects, as `serde_json` does here.
"""

import json

import prison

VALUES = [
    None, True, False, 0, -7, 1.5, "", "a", "a b", "it's", "!", "don't!", "0a", "-x", "a-b", "@timestamp", "$x",
    "a:b", "(a)", "a,b", "*", "logs-*", "2018-12-08T15:00:00.000Z", "absolute", 'message:("Fatal" OR "a \\"b\\"")',
    "é会😀", "a/b?c=d&e#f+g%h", [], ["a", 1, [True, None]], {}, {"a": {"b": ["c", "@d"]}, "e f": "g", "": 1},
    {"time": {"from": "2018-12-08T15:00:00.000Z", "mode": "absolute", "to": "2018-12-09T14:59:59.999Z"}},
    {"columns": ["_source"], "query": {"language": "lucene", "query": 'level:"It\'s !"'}, "sort": ["@timestamp", "desc"]},
]

print(json.dumps([[value, prison.dumps(value)] for value in VALUES], indent=0, ensure_ascii=False))
