// node:_stream_readable.
import { Readable } from './stream.js';

export { Readable };
export default Readable;
