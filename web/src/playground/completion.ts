// Completion from the types that workers have, without a compiler: the type of what stands before the dot is found by
// following names, members and calls in the syntax tree. It knows less than a compiler does, and is silent where it does not know.
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { localCompletionSource, snippets } from '@codemirror/lang-javascript';
import { syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';

type Node = ReturnType<ReturnType<typeof syntaxTree>['resolveInner']>;
/** Name, kind (`f`, `p`, `c`), signature or type, and the type that it gives. */
type Entry = [string, 'f' | 'p' | 'c', string, string];
interface Names {
  globals: Entry[];
  types: Record<string, Entry[]>;
  statics: Record<string, Entry[]>;
}

let names: Names | undefined;
let loading: Promise<void> | undefined;

/** Fetched when it is first needed. */
function load(): Promise<void> {
  loading ??= fetch('completions.json')
    .then((response) => response.json())
    .then((value: Names) => {
      names = value;
    });
  return loading;
}

const KINDS = { f: 'function', p: 'property', c: 'class' } as const;
const option = ([label, kind, detail]: Entry): Completion => ({ label, type: KINDS[kind], detail });

/** Parameters of handlers, by handler and place. */
const HANDLERS: Record<string, string[]> = { fetch: ['Request', 'Env', 'ExecutionContext'], scheduled: ['', 'Env', 'ExecutionContext'] };
/** Members of what handlers are given under a name. */
const PROMISE = 'P:';
/** What has parameters; an object's method is a property with them. */
const FUNCTIONS = ['ArrowFunction', 'FunctionExpression', 'FunctionDeclaration', 'MethodDeclaration'];

class Finder {
  constructor(
    readonly state: EditorState,
    readonly names: Names,
  ) {}

  text(node: Node): string {
    return this.state.sliceDoc(node.from, node.to);
  }

  /** The type of an expression; `=Response` is the constructor itself. Empty where it is not known. */
  typeOf(node: Node | null, depth = 0): string {
    if (!node || depth > 12) return '';
    switch (node.name) {
      case 'VariableName':
        return this.typeOfName(this.text(node), node, depth);
      case 'ParenthesizedExpression':
        return this.typeOf(node.firstChild?.nextSibling ?? null, depth + 1);
      case 'AwaitExpression':
      case 'UnaryExpression': {
        const inner = this.typeOf(node.lastChild, depth + 1);
        return inner.startsWith(PROMISE) ? inner.slice(PROMISE.length) : inner;
      }
      case 'NewExpression': {
        const type = this.typeOf(node.firstChild?.nextSibling ?? null, depth + 1);
        return type.startsWith('=') ? type.slice(1) : '';
      }
      case 'CallExpression':
        return this.typeOf(node.firstChild, depth + 1);
      case 'MemberExpression': {
        const property = node.lastChild;
        return property?.name === 'PropertyName' ? this.member(this.typeOf(node.firstChild, depth + 1), this.text(property)) : '';
      }
      case 'String':
      case 'TemplateString':
        return 'String';
      case 'Number':
        return 'Number';
      case 'ArrayExpression':
        return 'Array';
      case 'RegExp':
        return 'RegExp';
      case 'ArrowFunction':
        return 'Function';
      default:
        return '';
    }
  }

  members(type: string): Entry[] {
    if (type.startsWith('=')) return this.names.statics[type.slice(1)] ?? [];
    if (type.startsWith(PROMISE)) return this.names.types.Promise ?? [];
    return this.names.types[type] ?? this.written(type);
  }

  /** Members of a type that the file itself declares: `interface Env { … }`, `type Env = { … }`. */
  written(type: string): Entry[] {
    if (!type) return [];
    for (let child = syntaxTree(this.state).topNode.firstChild; child; child = child.nextSibling) {
      const declaration = child.name === 'ExportDeclaration' ? (child.getChild('InterfaceDeclaration') ?? child.getChild('TypeAliasDeclaration')) : child;
      const name = declaration?.getChild('TypeDefinition');
      if (!declaration || !name || this.text(name) !== type) continue;
      const properties = declaration.getChild('ObjectType')?.getChildren('PropertyType') ?? [];
      return properties.flatMap((property) => {
        const [label, annotated] = [property.getChild('PropertyDefinition'), property.getChild('TypeAnnotation')];
        if (!label) return [];
        const detail = annotated ? this.text(annotated).replace(/^:\s*/, '') : '';
        return [[this.text(label), 'p', detail, annotated ? this.annotation(annotated) : ''] satisfies Entry];
      });
    }
    return [];
  }

  member(type: string, name: string): string {
    return this.members(type).find((entry) => entry[0] === name)?.[3] ?? '';
  }

  typeOfName(name: string, from: Node, depth: number): string {
    for (let scope: Node | null = from.parent; scope; scope = scope.parent) {
      const found = this.declared(name, scope, from, depth);
      if (found !== undefined) return found;
    }
    const entry = this.names.globals.find((entry) => entry[0] === name);
    if (!entry) return '';
    return entry[1] === 'c' || this.names.statics[name] ? `=${name}` : entry[3];
  }

  /** The type of `name` if `scope` declares it. */
  declared(name: string, scope: Node, from: Node, depth: number): string | undefined {
    if (FUNCTIONS.includes(scope.name) || (scope.name === 'Property' && scope.getChild('ParamList'))) return this.parameter(name, scope);
    for (let child = scope.firstChild; child; child = child.nextSibling) {
      if (child.from >= from.from && child.name !== 'VariableDeclaration') break;
      const declaration = child.name === 'ExportDeclaration' ? child.getChild('VariableDeclaration') : child;
      if (declaration?.name !== 'VariableDeclaration') continue;
      const taken = this.taken(name, declaration, depth);
      if (taken !== undefined) return taken;
      const definitions = declaration.getChildren('VariableDefinition');
      const definition = definitions.find((definition) => this.text(definition) === name);
      if (!definition) continue;
      const annotated = definition.nextSibling?.name === 'TypeAnnotation' ? definition.nextSibling : null;
      if (annotated) return this.annotation(annotated);
      let value = definition.nextSibling;
      while (value && (value.name === 'Equals' || value.name === 'TypeAnnotation')) value = value.nextSibling;
      return this.typeOf(value, depth + 1);
    }
    return undefined;
  }

  /** The type of `name` if a declaration takes it out of an object: `const { name } = …`. */
  taken(name: string, declaration: Node, depth: number): string | undefined {
    for (const pattern of declaration.getChildren('ObjectPattern')) {
      for (const property of pattern.getChildren('PatternProperty')) {
        const definition = property.getChild('VariableDefinition');
        if (!definition || this.text(definition) !== name) continue;
        const member = property.getChild('PropertyName') ?? definition;
        let value = pattern.nextSibling;
        while (value && (value.name === 'Equals' || value.name === 'TypeAnnotation')) value = value.nextSibling;
        return this.member(this.typeOf(value, depth + 1), this.text(member));
      }
    }
    return undefined;
  }

  parameter(name: string, scope: Node): string | undefined {
    const definitions = scope.getChild('ParamList')?.getChildren('VariableDefinition') ?? [];
    const at = definitions.findIndex((definition) => this.text(definition) === name);
    if (at < 0) return undefined;
    const annotated = definitions[at]?.nextSibling;
    if (annotated?.name === 'TypeAnnotation') return this.annotation(annotated);
    const key = scope.getChild('PropertyDefinition') ?? scope.getChild('VariableDefinition') ?? scope.parent?.getChild('PropertyDefinition');
    const handler = key ? HANDLERS[this.text(key)] : undefined;
    return handler?.[at] ?? '';
  }

  annotation(node: Node): string {
    const type = this.text(node).replace(/^:\s*/, '');
    const promise = /^Promise<(.*)>$/.exec(type);
    const name = (promise?.[1] ?? type).replace(/<.*$/, '').replace(/\s*\|.*$/, '').replace(/\[\]$/, '').trim();
    const known = { string: 'String', number: 'Number', boolean: 'Boolean' }[name] ?? (type.endsWith('[]') ? 'Array' : name);
    return promise ? PROMISE + known : known;
  }
}

/** Completes names that are there everywhere, and members of what is known. */
export async function workerCompletions(context: CompletionContext): Promise<CompletionResult | null> {
  await load();
  if (!names) return null;
  const tree = syntaxTree(context.state);
  const at = tree.resolveInner(context.pos, -1);
  if (/^(String|TemplateString|LineComment|BlockComment|RegExp|JSXText)$/.test(at.name)) return null;
  const dot = context.matchBefore(/\.\s*[\w$]*/);
  if (dot) {
    const before = tree.resolveInner(dot.from, 1);
    const whole = before.name === 'MemberExpression' ? before : (before.parent?.name === 'MemberExpression' ? before.parent : null);
    const finder = new Finder(context.state, names);
    const members = finder.members(finder.typeOf(whole?.firstChild ?? null));
    const from = dot.from + dot.text.search(/[\w$]*$/);
    return members.length > 0 ? { from, options: members.map(option), validFor: /^[\w$]*$/ } : null;
  }
  const word = context.matchBefore(/[A-Za-z_$][\w$]*/);
  if (!word && !context.explicit) return null;
  if (at.name === 'PropertyName' || at.name === 'PropertyDefinition' || at.name === 'VariableDefinition') return null;
  return { from: word?.from ?? context.pos, options: [...names.globals.map(option), ...snippets], validFor: /^[\w$]*$/ };
}

export { localCompletionSource };
