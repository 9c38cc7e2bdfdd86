// node:_stream_passthrough.
import { PassThrough } from './stream.js';

export { PassThrough };
export default PassThrough;
