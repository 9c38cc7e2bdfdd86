// node:_stream_transform.
import { Transform } from './stream.js';

export { Transform };
export default Transform;
