"""Lets only signed requests through to a search server, as Amazon's search services do; botocore is the judge.

Usage: gate.py UPSTREAM SERVICE REGION SECRET TOKEN

The signature is computed again from the request as it arrived, by botocore and with what the request says that it has
signed. Refusals have Amazon's words as documented or reported; the access key tells who asks.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

UPSTREAM, SERVICE, REGION, SECRET, TOKEN = sys.argv[1:]
ROLE = "arn:aws:iam::123456789012:role/digest"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/([\w-]+)/(\w+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)
MISMATCH = {
    "message": "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method."
}


def denied(who):
    return {"Message": f"User: {who} is not authorized to perform: es:ESHttpPost"}


def unmapped():
    reason = f"no permissions for [indices:data/read/search] and User [name={ROLE}, backend_roles=[{ROLE}]]"
    cause = {"type": "security_exception", "reason": reason}
    return {"error": {"root_cause": [cause], **cause}, "status": 403}


class Gate(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        refusal = self.refusal(body)
        if refusal:
            status, answer = refusal
            self.answer(status, "application/json", json.dumps(answer).encode())
        else:
            self.answer(*self.passed_on(body))

    do_GET = do_POST = do

    def refusal(self, body):
        """Status and body, or None for who may come in."""
        signed = AUTHORIZATION.fullmatch(self.headers.get("authorization", ""))
        if not signed:
            return 403, denied("anonymous")
        key, date, region, service, names, signature = signed.groups()
        names = names.split(";")
        given = {name: self.headers[name] for name in names if name in self.headers}
        if SERVICE == "aoss" and "x-amz-content-sha256" not in names:
            return 400, {"message": "x-amz-content-sha256 header must be signed in SigV4"}
        if not {"host", "x-amz-date"} <= given.keys() or (region, service) != (REGION, SERVICE):
            return 403, MISMATCH
        if given.get("x-amz-content-sha256", hashlib.sha256(body).hexdigest()) != hashlib.sha256(body).hexdigest():
            return 403, MISMATCH
        stamp = given["x-amz-date"]
        age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.strptime(
            stamp + "+0000", "%Y%m%dT%H%M%SZ%z"
        )
        if abs(age.total_seconds()) > 300 or not stamp.startswith(date):
            return 403, {"message": "Signature expired"}
        if self.headers.get("x-amz-security-token") != TOKEN or "x-amz-security-token" not in names:
            return 403, {"message": "The security token included in the request is invalid."}
        auth = SigV4Auth(Credentials(key, SECRET, TOKEN), service, region)
        request = AWSRequest(self.command, f"http://{self.headers['host']}{self.path}", given, body)
        request.context["timestamp"] = stamp
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        if not hmac.compare_digest(expected, signature):
            return 403, MISMATCH
        if key == "AKIDWITHOUTPERMISSION":
            return 403, denied(ROLE)
        if key == "AKIDWITHOUTROLE":
            return 403, unmapped()
        return None

    def passed_on(self, body):
        upstream = http.client.HTTPConnection(urlsplit(UPSTREAM).netloc, timeout=60)
        headers = {"content-type": self.headers["content-type"]} if body else {}
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        body = answer.read()
        upstream.close()
        return answer.status, answer.headers["content-type"], body

    def answer(self, status, content_type, body):
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
