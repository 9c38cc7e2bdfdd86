import { Hono } from 'hono';
import { createStorage } from 'unstorage';
import cloudflareKVBinding from 'unstorage/drivers/cloudflare-kv-binding';

interface Env {
  NOTES: KVNamespace;
  ASSETS: Fetcher;
  LONGEST_NOTE: number;
}

type Note = { text: string; words: number };

const app = new Hono<{ Bindings: Env }>().basePath('/api');

const notes = (env: Env) => createStorage<Note>({ driver: cloudflareKVBinding({ binding: env.NOTES, base: 'note' }) });

app.get('/notes', async (c) => c.json((await notes(c.env).getKeys()).sort()));

app.put('/notes/:name', async (c) => {
  const text = await c.req.text();
  if (text.length > c.env.LONGEST_NOTE) return c.text('too long', 413);
  await notes(c.env).setItem(c.req.param('name'), { text, words: text.split(/\s+/).length }, { ttl: 3600 });
  return c.body(null, 204);
});

app.get('/notes/:name', async (c) => {
  const note = await notes(c.env).getItem(c.req.param('name'));
  return note ? c.json(note) : c.notFound();
});

app.delete('/notes/:name', async (c) => {
  await notes(c.env).removeItem(c.req.param('name'));
  return c.body(null, 204);
});

// KV as the platform has it, without the library.
app.get('/raw/:name', async (c) => {
  const key = `note:${c.req.param('name')}`;
  const { value, metadata } = await c.env.NOTES.getWithMetadata<Note>(key, 'json');
  const { keys, list_complete } = await c.env.NOTES.list({ prefix: 'note:' });
  return c.json({ value, metadata, expires: keys.every((key) => key.expiration! > 0), list_complete });
});

app.get('/page', (c) => c.env.ASSETS.fetch(new URL('/', c.req.url)));

export default app;
