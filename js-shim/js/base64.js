// atob() and btoa() (HTML standard section 8.3).

import { DOMException } from './dom-exception.js';
import { exposeFunctions, requireArguments, requireGlobal } from './webidl.js';

const { atob: decode, btoa: encode } = native;

export function install() {
  exposeFunctions({
    atob(data) {
      requireGlobal(this, 'atob(…)');
      requireArguments(arguments.length, 1, 'atob');
      const text = decode(data);
      if (text === undefined) throw new DOMException('atob() called with invalid base64-encoded data. (Only whitespace, \'+\', \'/\', alphanumeric ASCII, and up to two terminal \'=\' signs when the input data length is divisible by 4 are allowed.)', 'InvalidCharacterError');
      return text;
    },
    btoa(data) {
      requireGlobal(this, 'btoa(…)');
      requireArguments(arguments.length, 1, 'btoa');
      const text = encode(data);
      if (text === undefined) throw new DOMException('btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.', 'InvalidCharacterError');
      return text;
    },
  });
}
