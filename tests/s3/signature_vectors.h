/* Made by tests/s3/signature_vectors.py with botocore; do not edit. */
/* clang-format off */
static const struct {
    const char *name, *head;
} botocore_vectors[] = {
    {"list the service",
     "GET / HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=d7ad0afcbf337f15f65556a71b3331b37b07d59352885c9e415d4eb0153a7f91\r\n"
     "\r\n"},
    {"a plain key",
     "GET /grid-telemetry/2026/11/21/feeder-7.json HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=b0f74774c6b8e125087643f5354afcee0848b3ef7d3e7c427a21380ebca6204e\r\n"
     "\r\n"},
    {"spaces and plus",
     "GET /b-ucket/a%20b%2Bc%26d%3De.txt HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=bbeb7277959bceba7ab65e86488790ca41dbcaea1671c9602a3aaeb1fa7505bf\r\n"
     "\r\n"},
    {"Japanese",
     "PUT /b-ucket/%E7%99%BA%E9%9B%BB%E6%89%80/%E8%A8%88%E6%B8%AC%201.csv HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "Content-Type: text/csv\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=93ad68db71b24ae7926953f60f6a4ae2bb295cab22594942ea6bf14fd4e31ac0\r\n"
     "\r\n"},
    {"dots stay",
     "GET /b-ucket/a/../b/./c HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=22304fb3b941d5b2432d2198087ef645dbe7d69931808b5c0c19b5005127c30c\r\n"
     "\r\n"},
    {"double slash stays",
     "GET /b-ucket//a//b HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=f2f2a19bade5a90e25d862d5ddce030ffea2de023e055a40499f72e1ead13c53\r\n"
     "\r\n"},
    {"percent in the key",
     "GET /b-ucket/100%2525.txt HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=97e99129e4d7e747a42abe76691cac1c32ecfddc4353a837d3338bf3c7af3b10\r\n"
     "\r\n"},
    {"every printable",
     "GET /b-ucket/%21%22%23%24%26%27%28%29%2A%2C-./09%3A%3B%3C%3D%3E%3F%40AZ%5B%5C%5D%5E_%60az%7B%7C%7D~ HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=a8f811a7f12e859c9428e2d8000f4d2255afdd7ecc826a1d15760b2e4c100e10\r\n"
     "\r\n"},
    {"query sorted",
     "GET /b-ucket?prefix=a%2Fb+c%2B&list-type=2&delimiter=%2F&max-keys=7 HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=3ed5c156ca6284f575a880f1969e153eadb086350d626fb034c1182e4e083dfd\r\n"
     "\r\n"},
    {"query without value",
     "GET /b-ucket?uploads= HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=d3c1ee85b2a89f7acee71757a16fe189091cccd863e17134312e2e12a0ac15c8\r\n"
     "\r\n"},
    {"query beyond ASCII",
     "GET /b-ucket?prefix=%C3%A9~&marker=~ HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=c0219ca9b89b4d4d0d7979ffbd85e6320cb7ae57e14b4db53cc0c340b8a4aeb3\r\n"
     "\r\n"},
    {"metadata with blanks",
     "PUT /b-ucket/k HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "x-amz-meta-a:   one   two \r\n"
     "x-amz-meta-B: three\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: 230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-a;x-amz-meta-b, Signature=ecd4c8c70c4adf5322598a99209c52aea4520c315950a0b92e2708842d11fdf3\r\n"
     "\r\n"},
    {"range and conditions",
     "GET /b-ucket/k HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "Range: bytes=0-9\r\n"
     "If-Match: \"abc\"\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;if-match;range;x-amz-content-sha256;x-amz-date, Signature=6652c57271f88eb12b05ce3d9f350e59163c7719007ae12ea47c7014f5fd7bdb\r\n"
     "\r\n"},
    {"copy source",
     "PUT /b-ucket/k HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "x-amz-copy-source: /other/a%20b?versionId=3\r\n"
     "X-Amz-Date: 20261121T080910Z\r\n"
     "X-Amz-Content-SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
     "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-copy-source;x-amz-date, Signature=0ae81fcc8dcc4531f1a2fe3790b7ac2967e43383b28d5ca2e6a5855e4011f4ad\r\n"
     "\r\n"},
    {"presigned",
     "GET /b-ucket/a%20b%2Bc.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261121%2Fap-northeast-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T080910Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=b6cf7b07623ec90a75c4f941f3ab57ef108afe55c9a5bc6e5ed75ca392ff32f1 HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "\r\n"},
    {"presigned with parameters",
     "GET /b-ucket/k?response-content-type=text%2Fplain%3B%20charset%3Dutf-8&versionId=null&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261121%2Fap-northeast-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T080910Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=1395d236a6b268d51be47e0cf46e4bf42e01fbb01677ba4970c5151f992a8528 HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "\r\n"},
    {"presigned put",
     "PUT /b-ucket/%E7%99%BA%E9%9B%BB%E6%89%80?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261121%2Fap-northeast-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T080910Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host%3Bx-amz-meta-a&X-Amz-Signature=03a578e63b1a9a528e8c078cd9b8810667da8dc1f4f26ab857269e20f5ca418e HTTP/1.1\r\n"
     "Host: s3.example.test:9000\r\n"
     "x-amz-meta-a: b\r\n"
     "\r\n"},
};
