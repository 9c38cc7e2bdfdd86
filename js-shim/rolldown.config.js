// The bundle is a module whose default export is a function `(native) => hooks`: `native` is a free name in js/*.js,
// so nothing has to hand it around and nothing but the prelude can see it.
import { defineConfig } from 'rolldown';

export default defineConfig({
  input: 'js/index.js',
  platform: 'neutral',
  treeshake: { unknownGlobalSideEffects: true },
  output: {
    file: 'build/prelude.js',
    format: 'iife',
    name: 'hooks',
    exports: 'default',
    postBanner: 'export default (native) => {',
    postFooter: 'return hooks;\n};',
    // class and function names are seen by workers, so only white space goes
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});
