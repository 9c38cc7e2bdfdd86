import process from 'node:process';
import { pathToFileURL } from 'node:url';

globalThis.self ??= globalThis;
// Node.js's global object is none of those that the tests of Web IDL know. In its own runs it is taken for a window.
if (!('Deno' in globalThis) && process.argv[2].includes('idlharness')) globalThis.Window = Object.getPrototypeOf(globalThis).constructor;
// what a test leaves behind is not of interest
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
setTimeout(() => process.exit(1), 300_000);

const { default: worker } = await import(pathToFileURL(process.argv[2]).href);
const response = await worker.fetch();
process.stdout.write(`\nwpt results: ${await response.text()}\n`, () => process.exit(0));
