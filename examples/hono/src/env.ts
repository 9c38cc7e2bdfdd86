/** What `wrangler.toml` gives the app, as Hono's type parameter. */
export type Env = {
  Bindings: {
    TITLE: string;
    ORIGIN: string;
    ADMIN: { user: string; password: string };
  };
  Variables: { requestId: string };
};
