// node:_stream_writable.
import { Writable } from './stream.js';

export { Writable };
export default Writable;
