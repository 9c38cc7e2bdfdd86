// TextEncoder, TextDecoder, atob, btoa.

test('TextEncoder writes UTF-8', () => {
  const encoder = new TextEncoder();
  assert.deepEqual([...encoder.encode('a€😀')], [97, 226, 130, 172, 240, 159, 152, 128]);
  assert.deepEqual([...encoder.encode('\ud800x')], [239, 191, 189, 120]);
  assert.equal(encoder.encode().length, 0);
  assert.equal(encoder.encoding, 'utf-8');
  const room = new Uint8Array(5);
  assert.deepEqual(encoder.encodeInto('a😀b', room), { read: 3, written: 5 });
  assert.deepEqual(encoder.encodeInto('€€', room), { read: 1, written: 3 });
  assert.deepEqual([...room], [226, 130, 172, 152, 128]);
  assert.throws(() => encoder.encodeInto('a', []), 'TypeError');
  assert.equal(encoder.encode('\0a').length, 2);
});

test('TextDecoder reads UTF-8', () => {
  const decode = (bytes, options) => new TextDecoder('utf-8', options).decode(new Uint8Array(bytes));
  assert.equal(decode([226, 130, 172]), '€');
  assert.equal(decode([0xef, 0xbb, 0xbf, 97]), 'a');
  assert.equal(decode([0xef, 0xbb, 0xbf, 97], { ignoreBOM: true }), '\ufeffa');
  assert.equal(decode([255, 97]), '\ufffda');
  assert.throws(() => decode([255], { fatal: true }), 'TypeError', /not valid utf-8/);
  assert.equal(new TextDecoder().decode(), '');
  assert.equal(new TextDecoder().decode(new Uint8Array([0, 97, 0]).subarray(1)), 'a\0');
  assert.equal(new TextDecoder().decode(new Uint8Array([97]).buffer), 'a');
  assert.equal(new TextDecoder().decode(new Uint16Array([0x6161])), 'aa');
  assert.throws(() => new TextDecoder().decode('text'), 'TypeError');
});

test('TextDecoder keeps state between chunks', () => {
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(new Uint8Array([226, 130]), { stream: true }), '');
  assert.equal(decoder.decode(new Uint8Array([172]), { stream: true }), '€');
  assert.equal(decoder.decode(new Uint8Array([226]), { stream: true }), '');
  assert.equal(decoder.decode(), '\ufffd');
  assert.equal(decoder.decode(new Uint8Array([97])), 'a');
  const fatal = new TextDecoder('utf8', { fatal: true });
  fatal.decode(new Uint8Array([226]), { stream: true });
  assert.throws(() => fatal.decode(), 'TypeError');
  assert.equal(fatal.decode(new Uint8Array([97])), 'a');
});

test('TextDecoder knows the labels', () => {
  assert.equal(new TextDecoder('latin1').encoding, 'windows-1252');
  assert.equal(new TextDecoder(' UTF-16 ').encoding, 'utf-16le');
  assert.equal(new TextDecoder('shift_jis').decode(new Uint8Array([0x83, 0x65])), 'テ');
  assert.equal(new TextDecoder('utf-16le').decode(new Uint8Array([97, 0, 0x3d, 0xd8])), 'a\ufffd');
  assert.throws(() => new TextDecoder('nonsense'), 'RangeError', /not an encoding label/);
  assert.throws(() => new TextDecoder('replacement'), 'RangeError');
});

test('the streams encode and decode across chunks', async () => {
  const collect = async (stream) => {
    const all = [];
    for await (const chunk of stream) all.push(chunk);
    return all;
  };
  const text = ReadableStream.from(['a\ud83d', '\ude00b']);
  const chunks = await collect(text.pipeThrough(new TextEncoderStream()));
  assert.deepEqual(chunks.map((chunk) => [...chunk]), [[97], [240, 159, 152, 128, 98]]);
  const bytes = ReadableStream.from([new Uint8Array([240, 159]), new Uint8Array([152, 128])]);
  assert.deepEqual(await collect(bytes.pipeThrough(new TextDecoderStream())), ['😀']);
});

test('atob and btoa', () => {
  assert.equal(btoa('\xff\0a'), '/wBh');
  assert.equal(atob(' /wB h\n'), '\xff\0a');
  assert.equal(atob('YQ'), 'a');
  assert.equal(btoa(null), 'bnVsbA==');
  assert.throws(() => btoa('€'), 'InvalidCharacterError');
  assert.throws(() => atob('a'), 'InvalidCharacterError');
  assert.throws(() => atob('*'), 'InvalidCharacterError');
  assert.throws(() => atob(), 'TypeError');
});

test('arguments are converted in the order of the IDL, and refused where it says so', () => {
  assert.throws(() => new TextEncoder().encodeInto('a'), 'TypeError', /needs 2 arguments/);
  assert.throws(() => new TextEncoder().encodeInto(Symbol('a'), new Uint8Array(1)), 'TypeError');
  assert.throws(() => new TextEncoder().encode(Symbol('a')), 'TypeError');
  assert.throws(() => new TextDecoder('utf-8', 1), 'TypeError');
  assert.throws(() => new TextDecoder().decode(null), 'TypeError');
  assert.throws(() => new TextDecoder().decode(new Uint8Array(1), 1), 'TypeError');
  assert.throws(() => new TextDecoderStream('nonsense'), 'RangeError', /TextDecoderStream: "nonsense"/);
  assert.throws(() => Object.getOwnPropertyDescriptor(TextEncoder.prototype, 'encoding').get.call({}), 'TypeError');
});

test('shared memory is decoded and written to', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  assert.deepEqual(new TextEncoder().encodeInto('héé', shared), { read: 2, written: 3 });
  assert.equal(new TextDecoder().decode(shared.subarray(0, 3)), 'hé');
  assert.equal(new TextDecoder().decode(shared.buffer, { stream: true }), 'hé\0');
});

test('the streams refuse what is no text, and what is no bytes', async () => {
  const through = async (stream, chunk) => {
    for await (const _ of ReadableStream.from([chunk]).pipeThrough(stream)) return;
  };
  await assert.rejects(through(new TextEncoderStream(), Symbol('a')), 'TypeError');
  for (const chunk of ['a', undefined, null, 1, {}]) await assert.rejects(through(new TextDecoderStream(), chunk), 'TypeError');
  await assert.rejects(through(new TextDecoderStream('utf-8', { fatal: true }), new Uint8Array([255])), 'TypeError', /not valid utf-8/);
});
