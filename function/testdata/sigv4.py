"""Writes sigv4.json: requests as signed by botocore, the oracle of `sigv4.rs`.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install botocore
    /tmp/venv/bin/python function/testdata/sigv4.py > function/testdata/sigv4.json

`SigV4Auth` encodes the path as sent once more, as all services but S3 want it.
"""

import datetime
import hashlib
import json
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2018, 12, 10, 1, 15, 0, tzinfo=datetime.timezone.utc)
KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TOKEN = "FwoGZXIvYXdzEBYaDH+/session=="
SEARCH = '{"query":{"match_phrase":{"message":"致命的 *"}}}'
DOMAIN = "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com"

CASES = [
    ("es", "ap-northeast-1", None, f"{DOMAIN}/app/_search", SEARCH, {}),
    ("es", "ap-northeast-1", TOKEN, f"{DOMAIN}/app-%2A,web/_search?ignore_unavailable=true", SEARCH, {}),
    ("es", "ap-northeast-1", TOKEN, f"{DOMAIN}/%3Clogs-%7Bnow%2Fd%7D%3E,a%25b/_search", SEARCH, {}),
    ("es", "ap-northeast-1", TOKEN, f"{DOMAIN}/base//..%2Fx/%E3%83%AD%E3%82%B0/_search", "", {}),
    ("es", "us-east-1", TOKEN, "http://127.0.0.1:9200/a-%2A/_search?ignore_unavailable=true", SEARCH, {}),
    ("aoss", "us-east-2", TOKEN, "https://x.us-east-2.aoss.amazonaws.com/app-%2A/_search", SEARCH, {}),
    ("ssm", "eu-west-1", TOKEN, "https://ssm.eu-west-1.amazonaws.com/", '{"Name":"/a"}',
     {"x-amz-target": "AmazonSSM.GetParameter"}),
]


def signed(service, region, token, url, body, extra):
    headers = {"content-type": "application/json", **extra}
    sent = dict(headers, **{"x-amz-content-sha256": hashlib.sha256(body.encode()).hexdigest()})
    request = AWSRequest(method="POST", url=url, data=body, headers=sent)
    with mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: NOW.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(Credentials(*KEY, token), service, region).add_auth(request)
    return {
        "service": service, "region": region, "key": KEY, "token": token, "time": int(NOW.timestamp()),
        "url": url, "body": body, "headers": headers, "authorization": request.headers["Authorization"],
    }


print(json.dumps([signed(*case) for case in CASES], indent=1, ensure_ascii=False))
