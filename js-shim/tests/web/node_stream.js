// node:stream and its parts.

import { Buffer } from 'node:buffer';
import stream, { Duplex, duplexPair, PassThrough, pipeline, Readable, Transform, Writable } from 'node:stream';
import { buffer, json, text } from 'node:stream/consumers';
import { finished, pipeline as piped } from 'node:stream/promises';
import * as web from 'node:stream/web';

const upper = () => new Transform({ transform(chunk, encoding, callback) { callback(null, String(chunk).toUpperCase()); } });

test('a readable is read by events and by iteration', async () => {
  const seen = [];
  const readable = Readable.from(['a', 'b']);
  readable.on('data', (chunk) => { seen.push(chunk); });
  await finished(readable);
  assert.deepEqual(seen, ['a', 'b']);
  const chunks = [];
  for await (const chunk of Readable.from([1, 2, 3]).map((x) => x * 2).filter((x) => x > 2)) chunks.push(chunk);
  assert.deepEqual(chunks, [4, 6]);
});

test('a pipeline ends, and fails with its first error', async () => {
  const written = [];
  const sink = () => new Writable({ write(chunk, encoding, callback) { written.push(String(chunk)); callback(); } });
  await piped(Readable.from(['a', 'b']), upper(), sink());
  assert.deepEqual(written, ['A', 'B']);
  const broken = new Transform({ transform(chunk, encoding, callback) { callback(new Error('broken')); } });
  await assert.rejects(piped(Readable.from(['a']), broken, sink()), 'Error', 'broken');
  const error = await new Promise((resolve) => { pipeline(Readable.from(['x']), new PassThrough(), sink(), resolve); });
  assert.equal(error, undefined);
});

test('pressure goes back to the writer', async () => {
  const slow = new Writable({ highWaterMark: 2, write(chunk, encoding, callback) { setTimeout(callback, 1); } });
  assert.equal(slow.write('a'), true);
  assert.equal(slow.write('b'), false);
  await new Promise((resolve) => { slow.once('drain', resolve); });
  slow.end();
  await finished(slow);
  assert.ok(slow.writableFinished);
});

test('destroy() and abort signals', async () => {
  const controller = new AbortController();
  const readable = new Readable({ read() {}, signal: controller.signal });
  const failed = new Promise((resolve) => { readable.on('error', resolve); });
  controller.abort();
  assert.equal((await failed).name, 'AbortError');
  const other = new Readable({ read() {} });
  other.destroy(new Error('gone'));
  await assert.rejects(finished(other), 'Error', 'gone');
});

test('consumers read all', async () => {
  assert.equal(await text(Readable.from(['a', 'ü'])), 'aü');
  assert.deepEqual(await json(Readable.from(['{"a"', ':1}'])), { a: 1 });
  assert.ok((await buffer(new Response('hi').body)).equals(Buffer.from('hi')));
});

test('web streams and back', async () => {
  assert.equal(await new Response(Readable.toWeb(Readable.from([Buffer.from('a'), Buffer.from('b')]))).text(), 'ab');
  assert.equal(await text(Readable.fromWeb(new Response('from the web').body)), 'from the web');
  const { readable, writable } = new TransformStream();
  const writing = piped(Readable.from(['x', 'y']), Writable.fromWeb(writable));
  const parts = [];
  for await (const part of readable) parts.push(String(part));
  await writing;
  assert.equal(parts.join(), 'x,y');
  const sink = new PassThrough();
  const writer = Writable.toWeb(sink).getWriter();
  await writer.write('abc');
  await writer.close();
  assert.equal(await text(sink), 'abc');
  assert.equal(web.ReadableStream, ReadableStream);
});

test('duplexes, pairs and the old names', async () => {
  const [left, right] = duplexPair();
  left.end('to the right');
  right.end('to the left');
  assert.deepEqual([await text(right), await text(left)], ['to the right', 'to the left']);
  const duplex = Duplex.from(async function* (source) { for await (const chunk of source) yield String(chunk).length; });
  duplex.end('four');
  const values = [];
  for await (const value of duplex) values.push(value);
  assert.deepEqual(values, [4]);
  assert.equal(stream.Stream, stream);
  assert.ok(new PassThrough() instanceof stream);
});
