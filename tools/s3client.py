"""S3, just enough of it for tools/sample, tools/s3 and tools/demo: one kept-alive connection, requests with Signature V4.

Source: AWS Signature Version 4 signing process (docs.aws.amazon.com, "Authenticating Requests")."""
import datetime
import hashlib
import hmac
import http.client
import re
import time
import urllib.parse


class Client:
    """One kept-alive connection."""

    def __init__(self, endpoint, access_key, secret_key, region="us-east-1"):
        url = urllib.parse.urlsplit(endpoint)
        if url.scheme not in ("http", "https") or not url.netloc:
            raise ValueError(f'an endpoint is http://ADDR:PORT, not "{endpoint}"')
        self.connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self.host, self.connection = url.netloc, None
        self.access_key, self.secret_key, self.region = access_key, secret_key, region

    def signed(self, method, path, query, headers, body):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        headers = {"host": self.host, "x-amz-date": now, "x-amz-content-sha256": digest, **headers}
        names = ";".join(sorted(headers))
        request = "\n".join([method, path, query, *(f"{n}:{headers[n]}" for n in sorted(headers)), "", names, digest])
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
        key = ("AWS4" + self.secret_key).encode()
        for word in [now[:8], self.region, "s3", "aws4_request", to_sign]:
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, "
                                    f"Signature={key.hex()}")
        return headers

    def ask(self, method, path, query=None, headers=None, body=b""):
        """Status, headers, body bytes. A connection that broke is opened again, a busy store asked again."""
        path = urllib.parse.quote(path, safe="/~")
        query = "&".join(f"{urllib.parse.quote(k, safe='~')}={urllib.parse.quote(v, safe='~')}"
                         for k, v in sorted((query or {}).items()))
        for attempt in range(5):
            try:
                if self.connection is None:
                    self.connection = self.connect(self.host, timeout=60)
                self.connection.request(method, path + ("?" + query if query else ""), body,
                                        self.signed(method, path, query, headers or {}, body))
                reply = self.connection.getresponse()
                got = reply.read()
                if reply.status not in (500, 503) or attempt == 4:
                    return reply.status, reply.headers, got
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt == 4:
                    raise
            time.sleep(0.2 * 2 ** attempt)


def message(body):
    """What an error reply says, for a person."""
    text = body.decode(errors="replace")
    found = re.search(r"<Message>(.*?)</Message>", text, re.S)
    return (found.group(1) if found else text.strip()).replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
