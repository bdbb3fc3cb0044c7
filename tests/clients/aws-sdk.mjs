// The newest @aws-sdk/client-s3 with its defaults: aws-sdk.mjs ENDPOINT BUCKET SOURCE TARGET
// Keys come from the environment. Every file of SOURCE goes in under its name and comes back to
// TARGET: as buffers, as file streams (aws-chunked with a trailer, no Content-Length), and by
// lib-storage where the length cannot be known or is large.
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import assert from "node:assert";
import {
  CreateBucketCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command,
  PutObjectCommand, S3Client, paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const [endpoint, Bucket, source, target] = process.argv.slice(2);
const s3 = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true });
const LARGE = 16 << 20;

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((d) => d.isFile())
  .map((d) => relative(source, join(d.parentPath ?? d.path, d.name)));

async function each(names, work) {
  const rest = [...names];
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let name; (name = rest.pop()) !== undefined; ) await work(name);
  }));
}

await s3.send(new CreateBucketCommand({ Bucket }));
let streams = 0;
await each(files, async (Key) => {
  const path = join(source, Key);
  const bytes = readFileSync(path);
  if (bytes.length > LARGE || bytes.length % 5 === 3) {
    await new Upload({ client: s3, params: { Bucket, Key, Body: createReadStream(path).pipe(new PassThrough()) } }).done();
  } else if (bytes.length % 2 === 1) {
    streams++;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: createReadStream(path) }));
  } else {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: bytes }));
  }
});

const listed = [];
for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) listed.push(...(page.Contents ?? []).map((o) => o.Key));
assert.deepStrictEqual([...listed].sort(), [...files].sort(), "the listing names every file");

await each(files, async (Key) => {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const path = join(target, Key);
  mkdirSync(dirname(path), { recursive: true });
  await pipeline(got.Body, createWriteStream(path)); // the SDK checks the checksum on the way
});

const one = files[0];
const head = await s3.send(new HeadObjectCommand({ Bucket, Key: one, ChecksumMode: "ENABLED" }));
assert.ok(head.ChecksumCRC32 || head.ChecksumCRC64NVME, "a checksum comes back");
const gone = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: one }] } }));
assert.strictEqual(gone.Deleted.length, 1);
assert.strictEqual((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: one }))).Contents?.some((o) => o.Key === one) ?? false, false);
assert.ok(existsSync(join(target, one)) && streams > 0);
console.log(`${files.length} files, ${streams} of them streams`);
