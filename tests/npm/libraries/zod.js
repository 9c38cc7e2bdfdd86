// Checks of what came.
import { z } from 'zod';

const Bird = z.object({
  name: z.string().trim().min(2).max(20),
  grams: z.number().int().positive().optional(),
  email: z.email().nullable().default(null),
  seen: z.coerce.date().refine((date) => date.getFullYear() > 1999, { message: 'too long ago' }).optional(),
  tags: z.array(z.enum(['wood', 'hedge', 'water'])).max(3).default([]),
  size: z.discriminatedUnion('unit', [
    z.object({ unit: z.literal('cm'), value: z.number() }),
    z.object({ unit: z.literal('in'), value: z.number().transform((inches) => inches * 2.54) }),
  ]).optional(),
  extra: z.record(z.string(), z.union([z.string(), z.boolean()])).optional(),
}).strict();
const Tree = z.object({ value: z.number(), get children() { return z.array(Tree).optional(); } });
const schemas = {
  bird: Bird,
  partial: Bird.partial().pick({ name: true, grams: true }),
  tree: Tree,
  url: z.url(),
  uuid: z.uuid(),
  iso: z.iso.datetime(),
  pipe: z.string().transform((text) => text.length).pipe(z.number().min(3)),
  later: z.string().refine(async (text) => text !== 'taken', 'is taken'),
  tuple: z.tuple([z.string(), z.bigint().or(z.number())]).rest(z.boolean()),
};

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const name = pathname.slice(1);
    if (name === 'schema') return Response.json(z.toJSONSchema(Bird, { unrepresentable: 'any' }));
    const result = await schemas[name].safeParseAsync(await request.json());
    if (result.success) return Response.json(result.data);
    return Response.json({ issues: result.error.issues, flat: z.flattenError(result.error), pretty: z.prettifyError(result.error) }, { status: 422 });
  },
};
