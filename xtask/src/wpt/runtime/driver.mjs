import process from 'node:process';
import { pathToFileURL } from 'node:url';

globalThis.self ??= globalThis;
// what a test leaves behind is not of interest
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
setTimeout(() => process.exit(1), 300_000);

const { default: worker } = await import(pathToFileURL(process.argv[2]).href);
const response = await worker.fetch();
process.stdout.write(`\nwpt results: ${await response.text()}\n`, () => process.exit(0));
