// A compiler transform: gives the export `handle` the name that components have for it. In the language itself
// a name is an identifier.

import { Transform } from "assemblyscript/transform";

const NAME = "wasi:http/incoming-handler@0.2.12#handle";

export default class extends Transform {
  afterCompile(module) {
    const { value } = this.binaryen.getExportInfo(module.getExport("handle"));
    module.removeExport("handle");
    module.addFunctionExport(value, NAME);
  }
}
