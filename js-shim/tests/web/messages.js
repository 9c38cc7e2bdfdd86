// MessageChannel, MessagePort, BroadcastChannel.

const next = (target, type = 'message') => new Promise((resolve) => { target.addEventListener(type, resolve, { once: true }); });

test('messages arrive in order, each in a task of its own, as they were when posted', async () => {
  const { port1, port2 } = new MessageChannel();
  const seen = [];
  const value = { n: 1 };
  port1.postMessage(value);
  value.n = 2;
  port1.postMessage(value);
  const done = new Promise((resolve) => {
    port2.onmessage = ({ data, ports, origin, source, isTrusted }) => {
      seen.push(data.n, ports.length, origin, source, isTrusted);
      Promise.resolve().then(() => seen.push('job'));
      if (data.n === 2) setTimeout(resolve, 1);
    };
  });
  seen.push('sync');
  await done;
  assert.deepEqual(seen, ['sync', 1, 0, '', null, true, 'job', 2, 0, '', null, true, 'job']);
});

test('a port waits until it is started', async () => {
  const { port1, port2 } = new MessageChannel();
  let got = 0;
  port2.addEventListener('message', () => { got += 1; });
  port1.postMessage(1);
  await scheduler.wait(5);
  assert.equal(got, 0);
  port2.start();
  await scheduler.wait(5);
  assert.equal(got, 1);
});

test('what waits moves with the port', async () => {
  const { port1, port2 } = new MessageChannel();
  const carrier = new MessageChannel();
  port1.postMessage('early');
  carrier.port1.postMessage(null, [port2]);
  carrier.port2.start();
  const { ports: [moved] } = await next(carrier.port2);
  moved.start();
  assert.equal((await next(moved)).data, 'early');
  const answer = next(port1);
  port1.start();
  moved.postMessage('late', { transfer: [] });
  assert.equal((await answer).data, 'late');
});

test('closing tells the other end', async () => {
  const { port1, port2 } = new MessageChannel();
  let own = 0;
  port1.onclose = () => { own += 1; };
  const closed = next(port2, 'close');
  port1.close();
  port1.postMessage('nobody hears');
  await closed;
  assert.equal(own, 0);
});

test('what a port refuses', () => {
  const { port1, port2 } = new MessageChannel();
  assert.throws(() => port1.postMessage(() => {}), 'DataCloneError');
  assert.throws(() => port1.postMessage(1, [port1]), 'DataCloneError');
  assert.throws(() => port1.postMessage(), 'TypeError');
  assert.throws(() => MessagePort.prototype.postMessage.call({}, 1), 'TypeError');
  assert.throws(() => new MessagePort(), 'TypeError');
  port1.postMessage(1, [port2]);
});

test('a broadcast reaches the other channels of its name', async () => {
  const [a, b, c, other] = ['x', 'x', 'x', 'y'].map((name) => new BroadcastChannel(name));
  const seen = [];
  for (const [name, channel] of Object.entries({ a, b, c, other })) channel.onmessage = ({ data }) => seen.push(name, data.v);
  a.postMessage({ v: 1 });
  c.close();
  await scheduler.wait(1);
  assert.deepEqual(seen, ['b', 1]);
  assert.throws(() => c.postMessage(1), 'InvalidStateError');
  assert.throws(() => a.postMessage(Symbol('s')), 'DataCloneError');
});
