import { IttyRouter, type IRequest } from "itty-router";

import type { Context, Env } from "./env";
import { items } from "./items";

/** What asks the warehouse; mounted under `/stock`. */
export const stock = IttyRouter({ base: "/stock" });

stock
  .get("/all", async (_request: IRequest, env: Env) => {
    const answers = await Promise.all(items.map((item) => fetch(`${env.ORIGIN}/echo/${item.id}?n=${item.cents}`)));
    return Promise.all(answers.map(async (answer) => ({ status: answer.status, path: (await answer.json()).path })));
  })
  .get("/first", async (_request: IRequest, env: Env) => {
    const delays = [900, 250, 1500];
    return Promise.any(delays.map((delay) => fetch(`${env.ORIGIN}/delay/${delay}`).then((answer) => answer.text())));
  })
  .get("/stream/:count/:size", ({ params }: IRequest, env: Env) => fetch(`${env.ORIGIN}/chunks/${params.count}/${params.size}`))
  .get("/lines", async (_request: IRequest, env: Env) => {
    const { body } = await fetch(`${env.ORIGIN}/chunks/3/5`);
    const lines: string[] = [];
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) lines.push(chunk);
    return lines.join("");
  })
  .post("/order", async (request: IRequest, env: Env) => {
    const answer = await fetch(`${env.ORIGIN}/echo/order`, {
      method: "POST",
      headers: { "content-type": request.headers.get("content-type") ?? "text/plain", "x-shop": "itty" },
      body: request.body,
    });
    return new Response(answer.body, { status: 201, headers: { "content-type": "application/json" } });
  })
  .post("/note", (_request: IRequest, env: Env, context: Context) => {
    context.waitUntil(fetch(`${env.ORIGIN}/echo/note`, { method: "POST", body: "noted" }));
    return new Response(null, { status: 204 });
  })
  .get("/made", () => {
    let count = 0;
    const numbers = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (count === 5) controller.close();
        else controller.enqueue(new TextEncoder().encode(`${count++} `));
      },
    });
    return new Response(numbers, { headers: { "content-type": "text/plain" } });
  })
  .get("/gone", async (_request: IRequest, env: Env) => {
    const answer = await fetch(`${env.ORIGIN}/status/410`, { headers: new Headers({ "X-Why": "gone?" }) });
    return new Response(await answer.text(), answer);
  })
  .get("/moved", async (_request: IRequest, env: Env) => {
    const answer = await fetch(`${env.ORIGIN}/redirect/2`);
    return { redirected: answer.redirected, path: new URL(answer.url).pathname };
  });
