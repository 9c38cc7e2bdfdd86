// What Node.js does best: no Request, no Response.
import { createServer } from "node:http";

createServer((request, response) => {
  response.setHeader("content-type", "text/plain;charset=UTF-8");
  response.end("Hello World!");
}).listen(Number(process.env.PORT), "127.0.0.1", 1024);
