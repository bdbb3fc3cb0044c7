#!/usr/bin/env python3
"""Debian's boto3 against S3 over the gate of the tests: what an SDK sends is understood, what it
gets back is what it expects. Usage: clients.py SERVE_FAKE, or clients.py URL ACCESS_KEY SECRET_KEY
against an empty store; ends with 77 (skipped) without boto3."""
import hashlib
import subprocess
import sys

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    sys.exit(77)

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NAMES = ["plain", "with space", "a+b&c=d%e", "発電所/計測.csv", "..", "../../etc/passwd", "a//b",
         "/leading", "trailing/", "é ü", "back\\slash", "q?x=1#f", "x" * 1024, "~tilde!*'()"]


def client(url, style="path", region="us-east-1", **more):
    # s3v4: unasked, boto3 presigns with Signature V2, which S3 itself takes of old buckets only
    config = botocore.config.Config(signature_version="s3v4", s3={"addressing_style": style, **more}, retries={"max_attempts": 1})
    return boto3.client("s3", endpoint_url=url, region_name=region, config=config,
                        aws_access_key_id=KEY, aws_secret_access_key=SECRET)


def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except botocore.exceptions.ClientError as error:
        got = error.response["Error"]["Code"]
        assert got == code, f"expected {code}, got {got}: {error}"
        return error.response
    raise AssertionError(f"expected {code}, got success")


def with_header(s3, operation, name, value, call):
    """Sends a header this boto3 has no parameter for, or would encode."""
    def add(params, **_):
        params["headers"][name] = value
    s3.meta.events.register(f"before-call.s3.{operation}", add)
    try:
        return call()
    finally:
        s3.meta.events.unregister(f"before-call.s3.{operation}", add)


def buckets(s3):
    s3.create_bucket(Bucket="test")
    s3.create_bucket(Bucket="test")  # one's own again
    assert "test" in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    s3.head_bucket(Bucket="test")
    assert s3.get_bucket_location(Bucket="test")["LocationConstraint"] is None
    refused("404", s3.head_bucket, Bucket="nowhere")
    refused("NoSuchBucket", s3.list_objects_v2, Bucket="nowhere")
    refused("InvalidBucketName", s3.create_bucket, Bucket="a..b")
    refused("InvalidLocationConstraint", s3.create_bucket, Bucket="elsewhere",
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for code, call in [("NoSuchBucketPolicy", s3.get_bucket_policy), ("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration),
                       ("NoSuchCORSConfiguration", s3.get_bucket_cors), ("NoSuchWebsiteConfiguration", s3.get_bucket_website),
                       ("ServerSideEncryptionConfigurationNotFoundError", s3.get_bucket_encryption),
                       ("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration),
                       ("ReplicationConfigurationNotFoundError", s3.get_bucket_replication),
                       ("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block),
                       ("NoSuchTagSet", s3.get_bucket_tagging)]:
        refused(code, call, Bucket="test")
    assert s3.get_bucket_acl(Bucket="test")["Grants"][0]["Permission"] == "FULL_CONTROL"
    refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket="test", ACL="public-read")
    refused("NotImplemented", s3.put_bucket_policy, Bucket="test", Policy="{}")
    s3.put_bucket_tagging(Bucket="test", Tagging={"TagSet": [{"Key": "k", "Value": "v & w"}]})
    assert s3.get_bucket_tagging(Bucket="test")["TagSet"] == [{"Key": "k", "Value": "v & w"}]
    s3.delete_bucket_tagging(Bucket="test")
    s3.delete_bucket_policy(Bucket="test")


def objects(s3):
    for number, name in enumerate(NAMES):
        body = f"{name} {number}".encode()
        put = s3.put_object(Bucket="test", Key=name, Body=body, Metadata={"a": "b", "c": "two  words"},
                            ContentType="text/plain", CacheControl="no-store", Tagging="k=v&l=m")
        got = s3.get_object(Bucket="test", Key=name)
        assert got["Body"].read() == body, name
        assert got["ETag"] == put["ETag"] == '"' + hashlib.md5(body).hexdigest() + '"'
        assert got["Metadata"]["a"] == "b" and got["ContentType"] == "text/plain" and got["CacheControl"] == "no-store"
        assert got["TagCount"] == 2 and got["ResponseMetadata"]["HTTPHeaders"]["x-azekura-decision"] == "allow"
    listed = [o["Key"] for o in s3.list_objects_v2(Bucket="test")["Contents"]]
    assert sorted(listed, key=str.encode) == sorted(NAMES, key=str.encode)
    assert listed == sorted(listed, key=str.encode)
    assert [o["Key"] for o in s3.list_objects(Bucket="test")["Contents"]] == listed
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="test", PaginationConfig={"PageSize": 3})
    assert [o["Key"] for page in pages for o in page["Contents"]] == listed
    pages = s3.get_paginator("list_objects").paginate(Bucket="test", Delimiter="/", PaginationConfig={"PageSize": 2})
    prefixes = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
    assert "../" in prefixes and "a/" in prefixes and "/" in prefixes, prefixes
    refused("NoSuchKey", s3.get_object, Bucket="test", Key="missing")
    refused("404", s3.head_object, Bucket="test", Key="missing")
    big = bytes(range(256)) * 4096
    s3.put_object(Bucket="test", Key="big", Body=big)
    got = s3.get_object(Bucket="test", Key="big", Range="bytes=1000-1999")
    assert got["Body"].read() == big[1000:2000] and got["ContentRange"] == f"bytes 1000-1999/{len(big)}"
    assert s3.get_object(Bucket="test", Key="big", Range="bytes=-5")["Body"].read() == big[-5:]
    refused("InvalidRange", s3.get_object, Bucket="test", Key="big", Range=f"bytes={len(big)}-")
    etag = s3.head_object(Bucket="test", Key="big")["ETag"]
    refused("304", s3.get_object, Bucket="test", Key="big", IfNoneMatch=etag)
    refused("PreconditionFailed", s3.get_object, Bucket="test", Key="big", IfMatch='"x"')
    s3.put_object(Bucket="test", Key="empty", Body=b"")
    assert s3.get_object(Bucket="test", Key="empty")["Body"].read() == b""
    got = s3.get_object(Bucket="test", Key="big", ResponseContentType="x/y", ResponseContentDisposition="inline")
    assert got["ContentType"] == "x/y" and got["ContentDisposition"] == "inline"
    refused("BadDigest", s3.put_object, Bucket="test", Key="bad", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    refused("InvalidDigest", s3.put_object, Bucket="test", Key="bad", Body=b"x", ContentMD5="nonsense")
    refused("AccessControlListNotSupported", s3.put_object, Bucket="test", Key="bad", Body=b"x", ACL="public-read")
    refused("InvalidStorageClass", s3.put_object, Bucket="test", Key="bad", Body=b"x", StorageClass="GLACIER")
    refused("NotImplemented", s3.put_object, Bucket="test", Key="bad", Body=b"x", ServerSideEncryption="aws:kms")
    refused("MetadataTooLarge", s3.put_object, Bucket="test", Key="bad", Body=b"x", Metadata={"m": "x" * 2049})
    refused("NotImplemented", s3.restore_object, Bucket="test", Key="big", RestoreRequest={"Days": 1})
    refused("404", s3.head_object, Bucket="test", Key="bad")
    attributes = s3.get_object_attributes(Bucket="test", Key="big", ObjectAttributes=["ETag", "ObjectSize", "StorageClass"])
    assert attributes["ObjectSize"] == len(big) and attributes["ETag"] == etag.strip('"')
    assert s3.get_object_acl(Bucket="test", Key="big")["Owner"]["ID"] == "root"


def checksums(s3):
    for algorithm in ["CRC32", "CRC32C", "SHA1", "SHA256"]:
        try:
            put = s3.put_object(Bucket="test", Key=algorithm, Body=b"123456789", ChecksumAlgorithm=algorithm)
        except botocore.exceptions.MissingDependencyException:
            continue  # awscrt
        got = s3.get_object(Bucket="test", Key=algorithm, ChecksumMode="ENABLED")
        assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"], algorithm
        assert got["Body"].read() == b"123456789"
    headers = s3.put_object(Bucket="test", Key="c", Body=b"123456789", ChecksumCRC32="y/Q5Jg==")["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-checksum-type"] == "FULL_OBJECT"
    refused("BadDigest", s3.put_object, Bucket="test", Key="c", Body=b"12345678", ChecksumCRC32="y/Q5Jg==")


def copies(s3):
    s3.put_object(Bucket="test", Key="from é+%", Body=b"source", Metadata={"a": "b"}, Tagging="k=v")
    s3.copy_object(Bucket="test", Key="to", CopySource={"Bucket": "test", "Key": "from é+%"})
    got = s3.get_object(Bucket="test", Key="to")
    assert got["Body"].read() == b"source" and got["Metadata"] == {"a": "b"} and got["TagCount"] == 1
    s3.copy_object(Bucket="test", Key="to", CopySource="test/to", MetadataDirective="REPLACE", Metadata={"n": "m"})
    assert s3.head_object(Bucket="test", Key="to")["Metadata"] == {"n": "m"}
    refused("InvalidRequest", s3.copy_object, Bucket="test", Key="to", CopySource="test/to")
    refused("NoSuchKey", s3.copy_object, Bucket="test", Key="to", CopySource="test/missing")
    for source in ("test/any%.txt", "test/%", "test/", "/", "test", "//k", "test/%00"):
        refused("InvalidArgument", with_header, s3, "CopyObject", "x-amz-copy-source", source,
                lambda: s3.copy_object(Bucket="test", Key="to", CopySource="test/from"))
    refused("PreconditionFailed", s3.copy_object, Bucket="test", Key="to", CopySource="test/big", CopySourceIfMatch='"x"')


def uploads(s3):
    parts = [b"a" * (5 << 20), b"b" * (5 << 20), b"c" * 100]
    upload = s3.create_multipart_upload(Bucket="test", Key="multi", Metadata={"m": "p"})["UploadId"]
    claims = []
    for number, part in enumerate(parts, 1):
        put = s3.upload_part(Bucket="test", Key="multi", UploadId=upload, PartNumber=number, Body=part)
        claims.append({"PartNumber": number, "ETag": put["ETag"]})
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket="test")["Uploads"]] == [upload]
    listed = s3.list_parts(Bucket="test", Key="multi", UploadId=upload)["Parts"]
    assert [p["Size"] for p in listed] == [len(p) for p in parts]
    refused("InvalidPartOrder", s3.complete_multipart_upload, Bucket="test", Key="multi", UploadId=upload, MultipartUpload={"Parts": claims[::-1]})
    refused("InvalidPart", s3.complete_multipart_upload, Bucket="test", Key="multi", UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"' + "0" * 32 + '"'}]})
    for _ in range(2):  # a lost reply, asked again
        done = s3.complete_multipart_upload(Bucket="test", Key="multi", UploadId=upload, MultipartUpload={"Parts": claims})
        expected = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in parts)).hexdigest() + "-3"
        assert done["ETag"] == f'"{expected}"', done["ETag"]
    assert s3.get_object(Bucket="test", Key="multi")["Body"].read() == b"".join(parts)
    second = s3.get_object(Bucket="test", Key="multi", PartNumber=2)
    assert second["Body"].read() == parts[1] and second["PartsCount"] == 3
    attributes = s3.get_object_attributes(Bucket="test", Key="multi", ObjectAttributes=["ObjectParts"], MaxParts=2, PartNumberMarker=1)["ObjectParts"]
    assert [(p["PartNumber"], p["Size"]) for p in attributes["Parts"]] == [(2, len(parts[1])), (3, len(parts[2]))]
    assert attributes["TotalPartsCount"] == 3 and not attributes["IsTruncated"], attributes
    refused("NoSuchUpload", s3.upload_part, Bucket="test", Key="multi", UploadId="x", PartNumber=1, Body=b"")
    upload = s3.create_multipart_upload(Bucket="test", Key="copied")["UploadId"]
    result = s3.upload_part_copy(Bucket="test", Key="copied", UploadId=upload, PartNumber=1, CopySource="test/big", CopySourceRange="bytes=10-19")
    s3.complete_multipart_upload(Bucket="test", Key="copied", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": result["CopyPartResult"]["ETag"]}]})
    assert s3.get_object(Bucket="test", Key="copied")["Body"].read() == bytes(range(10, 20))
    # what was asked of Create holds for each part, is listed with the upload, and is said of the whole
    made = s3.create_multipart_upload(Bucket="test", Key="sealed", ServerSideEncryption="AES256", ChecksumAlgorithm="SHA256")
    upload = made["UploadId"]
    assert made["ServerSideEncryption"] == "AES256"
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket="test", Prefix="sealed")["Uploads"]] == [upload]
    part = s3.upload_part(Bucket="test", Key="sealed", UploadId=upload, PartNumber=1, Body=b"sealed", ChecksumAlgorithm="SHA256")
    assert part["ServerSideEncryption"] == "AES256"
    s3.complete_multipart_upload(Bucket="test", Key="sealed", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]})
    rows = s3.get_object_attributes(Bucket="test", Key="sealed", ObjectAttributes=["ObjectParts", "Checksum"])
    assert rows["ObjectParts"]["Parts"][0]["ChecksumSHA256"] == part["ChecksumSHA256"], rows
    assert s3.head_object(Bucket="test", Key="sealed")["Metadata"] == {}
    upload = s3.create_multipart_upload(Bucket="test", Key="gone")["UploadId"]
    refused("InvalidArgument", s3.upload_part_copy, Bucket="test", Key="gone", UploadId=upload, PartNumber=1, CopySource="test/empty", CopySourceRange="bytes=0-1")
    s3.abort_multipart_upload(Bucket="test", Key="gone", UploadId=upload)
    refused("NoSuchUpload", s3.list_parts, Bucket="test", Key="gone", UploadId=upload)


def versions(s3):
    s3.create_bucket(Bucket="versioned")
    assert "Status" not in s3.get_bucket_versioning(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket="versioned")["Status"] == "Enabled"
    ids = [s3.put_object(Bucket="versioned", Key="k", Body=b)["VersionId"] for b in (b"1", b"2", b"3")]
    assert s3.get_object(Bucket="versioned", Key="k", VersionId=ids[0])["Body"].read() == b"1"
    marker = s3.delete_object(Bucket="versioned", Key="k")
    assert marker["DeleteMarker"]
    response = refused("NoSuchKey", s3.get_object, Bucket="versioned", Key="k")
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    refused("MethodNotAllowed", s3.get_object, Bucket="versioned", Key="k", VersionId=marker["VersionId"])
    pages = s3.get_paginator("list_object_versions").paginate(Bucket="versioned", PaginationConfig={"PageSize": 1})
    seen = [v["VersionId"] for page in pages for v in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert seen == [marker["VersionId"]] + ids[::-1], seen
    assert s3.delete_object(Bucket="versioned", Key="k", VersionId=marker["VersionId"])["DeleteMarker"]
    assert s3.get_object(Bucket="versioned", Key="k")["Body"].read() == b"3"
    refused("InvalidArgument", s3.get_object, Bucket="versioned", Key="k", VersionId="")


def tags_and_deletes(s3):
    s3.put_object_tagging(Bucket="test", Key="plain", Tagging={"TagSet": [{"Key": "x", "Value": "<y>"}]})
    assert s3.get_object_tagging(Bucket="test", Key="plain")["TagSet"] == [{"Key": "x", "Value": "<y>"}]
    refused("InvalidTag", s3.put_object_tagging, Bucket="test", Key="plain", Tagging={"TagSet": [{"Key": "x", "Value": ""}] * 2})
    s3.delete_object_tagging(Bucket="test", Key="plain")
    assert s3.get_object_tagging(Bucket="test", Key="plain")["TagSet"] == []
    def again():
        s3.put_object(Bucket="test", Key="plain", Body=b"")
    refused("PreconditionFailed", with_header, s3, "PutObject", "If-None-Match", "*", again)
    refused("PreconditionFailed", with_header, s3, "PutObject", "If-Match", '"' + "0" * 32 + '"', again)
    with_header(s3, "PutObject", "If-Match", s3.head_object(Bucket="test", Key="plain")["ETag"], again)
    refused("BucketNotEmpty", s3.delete_bucket, Bucket="test")
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket="test")["Contents"]]
    result = s3.delete_objects(Bucket="test", Delete={"Objects": [{"Key": k} for k in keys]})
    assert sorted(d["Key"] for d in result["Deleted"]) == sorted(keys)
    s3.delete_bucket(Bucket="test")


def refusals(s3, url):
    refused("AccessDenied", s3.put_object, Bucket="refused-here", Key="k", Body=b"x" * 100000)
    head = refused("403", s3.head_object, Bucket="refused-here", Key="k")["ResponseMetadata"]["HTTPHeaders"]
    assert head["x-azekura-decision"] == "refuse" and head["x-azekura-clauses"] == "test/refuses"
    assert head["x-azekura-receipt"].startswith("test#")
    response = refused("AccessDenied", s3.list_objects_v2, Bucket="refused-here")
    assert "test/refuses" in response["Error"]["Message"]
    wrong = client(url, region="eu-north-1")
    response = refused("AuthorizationHeaderMalformed", wrong.list_buckets)
    assert response["Error"]["Region"] == "us-east-1"


def presigned(s3):
    import urllib.error
    import urllib.request
    s3.create_bucket(Bucket="signed")
    url = s3.generate_presigned_url("put_object", {"Bucket": "signed", "Key": "a b+c", "Metadata": {"m": "v"}}, 60)
    request = urllib.request.Request(url, data=b"by url", method="PUT", headers={"x-amz-meta-m": "v", "Content-Type": "text/x"})
    urllib.request.urlopen(request)
    url = s3.generate_presigned_url("get_object", {"Bucket": "signed", "Key": "a b+c"}, 60)
    with urllib.request.urlopen(url) as reply:
        assert reply.read() == b"by url" and reply.headers["x-amz-meta-m"] == "v" and reply.headers["Content-Type"] == "text/x"
    try:
        urllib.request.urlopen(url + "0")
    except urllib.error.HTTPError as error:
        assert error.code in (400, 403)
    else:
        raise AssertionError("a changed signature was taken")


STEPS = (buckets, objects, checksums, copies, uploads, versions, tags_and_deletes, presigned)


def run(url, steps):
    s3 = client(url, payload_signing_enabled=True)
    for step in steps:
        step(s3)
        print("ok", step.__name__)
    if KEY == "AKIAIOSFODNN7EXAMPLE":
        refusals(s3, url)
        print("ok refusals")


def main():
    global KEY, SECRET
    if len(sys.argv) == 4:
        KEY, SECRET = sys.argv[2:]
        run(sys.argv[1], STEPS)
        return
    server = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        run("http://" + server.stdout.readline().strip(), STEPS)
    finally:
        server.stdin.close()
        code = server.wait(timeout=20)
    sys.exit(code)


main()
