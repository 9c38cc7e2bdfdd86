// Wires the web APIs: installs every one on the global object, and names what Rust calls.
// The bundle wraps this file into a function of `native`, whose value is `hooks` (README.md).

import * as abort from './abort.js';
import * as base64 from './base64.js';
import * as blob from './blob.js';
import * as broadcastChannel from './broadcast-channel.js';
import * as cache from './cache.js';
import * as cloudflare from './cloudflare.js';
import * as codeGeneration from './code-generation.js';
import * as compression from './compression.js';
import * as console from './console.js';
import * as context from './context.js';
import * as crypto from './crypto.js';
import * as domException from './dom-exception.js';
import * as encoding from './encoding.js';
import * as eventHandlers from './event-handlers.js';
import * as eventSource from './event-source.js';
import * as eventTarget from './event-target.js';
import * as eventTypes from './event-types.js';
import * as events from './events.js';
import * as fetch from './fetch.js';
import * as fetchEvent from './fetch-event.js';
import * as fetcher from './fetcher.js';
import * as fileReader from './file-reader.js';
import * as formData from './form-data.js';
import * as globalScope from './global-scope.js';
import * as headers from './headers.js';
import * as htmlRewriter from './html-rewriter.js';
import * as intl from './intl/index.js';
import * as kv from './kv.js';
import * as messageChannel from './message-channel.js';
import * as navigator from './navigator.js';
import * as objectUrl from './object-url.js';
import * as performance from './performance.js';
import * as performanceObserver from './performance-observer.js';
import * as progressEvent from './progress-event.js';
import * as quotaExceededError from './quota-exceeded-error.js';
import * as request from './request.js';
import * as resourceTiming from './resource-timing.js';
import * as response from './response.js';
import * as streams from './streams.js';
import * as structuredClone from './structured-clone.js';
import * as timers from './timers.js';
import * as url from './url.js';
import * as urlPattern from './url-pattern.js';
import * as userTiming from './user-timing.js';
import * as webassembly from './webassembly.js';
import * as webSocket from './websocket.js';
import * as workers from './workers.js';

import { handle, handleEvent, pending, register } from './dispatch.js';
import { setEnv, setSecrets } from './env.js';
import { describeError } from './errors.js';
import { nodeModule } from './node.js';
import { rejectionHandled, unhandledRejection } from './report.js';
import { workersModule } from './workers.js';

const APIS = [
  globalScope, domException, quotaExceededError, events, eventTarget, eventTypes, abort, streams, encoding, compression, base64, url,
  urlPattern, blob, objectUrl, progressEvent, fileReader, formData, headers, request, response, fetch, timers, console, crypto,
  performance, performanceObserver, userTiming, resourceTiming, navigator, structuredClone, messageChannel, broadcastChannel, eventSource, context,
  fetchEvent, eventHandlers, fetcher, kv, workers, cloudflare, webassembly, intl, codeGeneration,
  cache, htmlRewriter, webSocket,
];
for (const api of APIS) api.install();

export default {
  modules: { 'cloudflare:workers': workersModule, 'glowplug:node': nodeModule },
  setEnv,
  setSecrets,
  register,
  fetch: handle,
  event: handleEvent,
  pending,
  describe: describeError,
  unhandledRejection,
  rejectionHandled,
};
