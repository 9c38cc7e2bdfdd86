// node:buffer, node:string_decoder.

import bufferModule, { Buffer, isAscii, isUtf8, transcode } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

test('a buffer from text in each encoding', () => {
  const hex = (text, encoding) => Buffer.from(text, encoding).toString('hex');
  assert.equal(hex('grün €𝄞'), '6772c3bc6e20e282acf09d849e');
  assert.equal(hex('\ud800a'), 'efbfbd61');
  assert.equal(hex('grün', 'latin1'), '6772fc6e');
  assert.equal(hex('é€', 'ascii'), 'e9ac');
  assert.equal(hex('a€', 'utf16le'), '6100ac20');
  assert.equal(hex('6162zz63', 'hex'), '6162');
  assert.equal(hex('616', 'hex'), '61');
  assert.equal(hex('aGk=', 'base64'), '6869');
  assert.equal(hex('aGk', 'base64'), '6869');
  assert.equal(hex(' a G\nk-_ ', 'base64'), '68693efc'.slice(0, 6));
  assert.equal(hex('-_-_', 'base64url'), 'fbffbf');
  assert.equal(hex('aGk=aGk=', 'base64'), '6869');
  assert.throws(() => Buffer.from('a', 'utf9'), 'TypeError', 'Unknown encoding: utf9');
});

test('a buffer to text in each encoding', () => {
  const buffer = Buffer.from([0xef, 0xbb, 0xbf, 0x67, 0xc3, 0xbc, 0xff]);
  assert.equal(buffer.toString(), '\ufeffgü\ufffd');
  assert.equal(buffer.toString('latin1', 3), 'gÃ¼ÿ');
  assert.equal(buffer.toString('ascii', 3, 5), 'gC');
  assert.equal(buffer.toString('base64'), '77u/Z8O8/w==');
  assert.equal(buffer.toString('base64url'), '77u_Z8O8_w');
  assert.equal(buffer.toString('hex', 5), 'bcff');
  assert.equal(Buffer.from([0x61, 0, 0, 0xd8, 0x62]).toString('utf16le'), 'a\ud800');
  assert.equal(buffer.toString('utf8', 4, 4), '');
  assert.deepEqual(JSON.parse(JSON.stringify(Buffer.from('hi'))), { type: 'Buffer', data: [104, 105] });
});

test('write() does not split characters', () => {
  const buffer = Buffer.alloc(6);
  assert.equal(buffer.write('a€€'), 4);
  assert.equal(buffer.toString('hex'), '61e282ac0000');
  assert.equal(buffer.write('xy', 4), 2);
  assert.equal(buffer.write('ff', 1, 1, 'hex'), 1);
  assert.equal(buffer.write('zz', 'latin1'), 2);
  assert.equal(buffer.toString('hex'), '7a7a82ac7879');
  assert.throws(() => buffer.write('a', 7), 'RangeError');
  assert.equal(Buffer.alloc(5, 'ab').toString(), 'ababa');
  assert.equal(Buffer.alloc(3, 'ff', 'hex').toString('hex'), 'ffffff');
});

test('lengths, comparison and search', () => {
  assert.equal(Buffer.byteLength('grün'), 5);
  assert.equal(Buffer.byteLength('aGk=', 'base64'), 2);
  assert.equal(Buffer.byteLength(new Uint16Array(2)), 4);
  assert.equal(Buffer.compare(Buffer.from('a'), Buffer.from('b')), -1);
  assert.equal(Buffer.from('hello').indexOf('l', -2), 3);
  assert.equal(Buffer.from('hello').includes(Buffer.from('ell')), true);
  assert.equal(Buffer.concat([Buffer.from('a'), Buffer.from('bc')], 2).toString(), 'ab');
  assert.equal(Buffer.from('x').equals(new Uint8Array([120])), true);
  assert.equal(Buffer.isBuffer(new Uint8Array(1)), false);
  assert.equal(Buffer.isEncoding('UTF-8'), true);
  assert.equal(Buffer.isEncoding('utf-9'), false);
});

test('numbers are read and written', () => {
  const buffer = Buffer.alloc(8);
  buffer.writeUInt32BE(0xdeadbeef, 0);
  buffer.writeInt16LE(-2, 4);
  assert.equal(buffer.toString('hex'), 'deadbeeffeff0000');
  assert.equal(buffer.readUInt32LE(0), 0xefbeadde);
  assert.equal(buffer.readInt16LE(4), -2);
  buffer.writeDoubleBE(1.5, 0);
  assert.equal(buffer.readDoubleBE(0), 1.5);
  buffer.writeBigInt64LE(-5n);
  assert.equal(buffer.readBigInt64LE(), -5n);
  assert.equal(buffer.readUIntBE(0, 3), 0xfbffff);
  assert.throws(() => buffer.readUInt8(8), 'RangeError');
});

test('slices share memory, and buffers are bytes', () => {
  const buffer = Buffer.from('hello');
  buffer.subarray(1, 3)[0] = 0x61;
  assert.equal(buffer.toString(), 'hallo');
  assert.ok(buffer.slice(0, 2) instanceof Buffer);
  assert.ok(buffer instanceof Uint8Array);
  const { buffer: memory, byteOffset } = Buffer.from(new Uint8Array([1, 2, 3]).buffer, 1, 1);
  assert.deepEqual([memory.byteLength, byteOffset], [3, 1]);
});

test('isUtf8, isAscii, transcode', () => {
  assert.deepEqual([isUtf8(Buffer.from('ü')), isUtf8(Buffer.from([0xff])), isAscii(Buffer.from('u')), isAscii(Buffer.from('ü'))], [true, false, true, false]);
  assert.equal(transcode(Buffer.from('€'), 'utf8', 'latin1').toString(), '?');
  assert.equal(transcode(Buffer.from('ü'), 'utf8', 'ucs2').toString('hex'), 'fc00');
  assert.ok(bufferModule.constants.MAX_LENGTH > 2 ** 30);
});

test('StringDecoder keeps what is not complete', () => {
  const decoder = new StringDecoder('utf8');
  assert.equal(decoder.write(Buffer.from([0xe2, 0x82])), '');
  assert.equal(decoder.write(Buffer.from([0xac, 0x61])), '€a');
  assert.equal(decoder.end(Buffer.from([0xe2])), '\ufffd');
  const base64 = new StringDecoder('base64');
  assert.equal(base64.write(Buffer.from('ab')) + base64.end(Buffer.from('c')), 'YWJj');
});
