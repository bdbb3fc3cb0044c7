// The newest minio client with its defaults: minio.mjs ENDPOINT BUCKET SOURCE TARGET
// Keys come from the environment. Every file of SOURCE goes in under its name and comes back.
import { createReadStream, createWriteStream, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import assert from "node:assert";
import * as Minio from "minio";

const [endpoint, bucket, source, target] = process.argv.slice(2);
const url = new URL(endpoint);
const client = new Minio.Client({
  endPoint: url.hostname,
  port: Number(url.port),
  useSSL: url.protocol === "https:",
  accessKey: process.env.AWS_ACCESS_KEY_ID,
  secretKey: process.env.AWS_SECRET_ACCESS_KEY,
});

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((d) => d.isFile())
  .map((d) => relative(source, join(d.parentPath ?? d.path, d.name)));

async function each(names, work) {
  const rest = [...names];
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let name; (name = rest.pop()) !== undefined; ) await work(name);
  }));
}

assert.strictEqual(await client.bucketExists(bucket), false);
await client.makeBucket(bucket);
assert.strictEqual(await client.bucketExists(bucket), true);
await each(files, (name) => {
  const path = join(source, name);
  const { size } = statSync(path);
  // An empty stream of untold length is an upload without parts to this client, which no S3 completes.
  if (size % 2 === 0) return client.fPutObject(bucket, name, path);
  return client.putObject(bucket, name, createReadStream(path));
});

const listed = [];
for await (const object of client.listObjectsV2(bucket, "", true)) listed.push(object.name);
assert.deepStrictEqual([...listed].sort(), [...files].sort(), "the listing names every file");

await each(files, async (name) => {
  const path = join(target, name);
  mkdirSync(dirname(path), { recursive: true });
  await pipeline(await client.getObject(bucket, name), createWriteStream(path));
});

const reply = await fetch(await client.presignedGetObject(bucket, files[0], 60));
assert.strictEqual(reply.status, 200);
await client.copyObject(bucket, "copy of one", `/${bucket}/${encodeURIComponent(files[0])}`);
await client.removeObjects(bucket, ["copy of one", files[0]]);
await assert.rejects(client.statObject(bucket, files[0]), /Not Found/);
console.log(`${files.length} files`);
