// Procedures called over HTTP.
import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { z } from 'zod';

const t = initTRPC.context<{ user: string | null }>().create({
  errorFormatter: ({ shape, error }) => ({ ...shape, data: { ...shape.data, stack: undefined, issues: error.cause instanceof z.ZodError ? error.cause.issues : null } }),
});
const known = t.procedure.use(({ ctx, next }) => {
  if (ctx.user === null) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'who are you?' });
  return next({ ctx: { user: ctx.user } });
});
const birds = new Map([['wren', { name: 'wren', grams: 9 }]]);
const router = t.router({
  hello: t.procedure.input(z.object({ name: z.string() }).optional()).query(({ input }) => `Hello ${input?.name ?? 'World'}`),
  birds: t.router({
    list: t.procedure.query(() => [...birds.values()]),
    get: t.procedure.input(z.string().min(2)).query(({ input }) => {
      const bird = birds.get(input);
      if (bird === undefined) throw new TRPCError({ code: 'NOT_FOUND', message: `no ${input}` });
      return bird;
    }),
    add: known.input(z.object({ name: z.string(), grams: z.number().positive() })).mutation(({ input, ctx }) => ({ ...input, by: ctx.user })),
  }),
  fails: t.procedure.query(() => { throw new Error('inner workings'); }),
  later: t.procedure.query(async () => {
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    return { date: new Date(0), nothing: undefined, big: 1e21 };
  }),
  count: t.procedure.input(z.number()).query(async function* ({ input }) {
    for (let index = 0; index < input; index += 1) yield index;
  }),
});

export default {
  fetch: (request: Request): Promise<Response> => fetchRequestHandler({
    endpoint: '/trpc',
    req: request,
    router,
    createContext: ({ req, resHeaders }) => {
      resHeaders.set('x-served', 'by trpc');
      return { user: req.headers.get('authorization') };
    },
    onError: ({ error, path }) => { console.log(`${path}: ${error.code}`); },
  }),
};
