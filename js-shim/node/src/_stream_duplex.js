// node:_stream_duplex.
import { Duplex } from './stream.js';

export { Duplex };
export default Duplex;
