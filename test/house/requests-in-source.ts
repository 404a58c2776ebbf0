// Owns the reading of what a source file asks of a vendor: the method and the path of each request that it builds, and every text in it that looks
// like a path. Nothing is run; what is only known at run time reads as `{}`.

import { parseAst } from 'vite';

export type SourceRequest = { readonly method: string; readonly path: string };
export type SourceCalls = {
  /** Objects with a method and a path, or a URL with one. */
  readonly requests: readonly SourceRequest[];
  /** Every text that begins like a path, or with something unknown and a path. */
  readonly paths: readonly string[];
};

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;
/** What a name stands for: an expression and where it stands, values that are known, or nothing that is. */
type Known = { readonly node: Node; readonly scope: Scope } | { readonly values: readonly string[] };
type Scope = { readonly names: Map<string, Known | undefined>; readonly outer: Scope | undefined };

const UNKNOWN = ['{}'] as const;
const LOOKS_LIKE_A_PATH = /^(\{\})?\/[a-z0-9.]/i;
/** How deep a name may lead to another. */
const DEEPEST = 12;

export function callsIn(source: string): SourceCalls {
  const requests: SourceRequest[] = [];
  const paths: string[] = [];
  const program = parseAst(source, { lang: 'ts' }) as unknown as Node;
  visit(program, scopeOf(program, undefined), '', (node, scope, via) => {
    if (node.type === 'ObjectExpression') requests.push(...requestsOf(node, scope, via));
    if (node.type !== 'TemplateLiteral' && typeof node.value !== 'string') return;
    paths.push(...valuesOf(node, scope).map(withoutQuery).filter(isPath));
  });
  return { requests, paths };
}

function requestsOf(node: Node, scope: Scope, via: string): readonly SourceRequest[] {
  const method = propertyOf(node, 'method');
  const address = propertyOf(node, 'path') ?? propertyOf(node, 'url');
  if (typeof method?.value !== 'string' || address === undefined) return [];
  const base = via === 'digital' ? '/dfo/3.0' : '';
  return valuesOf(address, scope)
    .map(withoutQuery)
    .filter(isPath)
    .map((path) => ({ method: String(method.value), path: `${base}${path}` }));
}

const withoutQuery = (path: string): string => path.replace(/\?.*$/s, '');
const isPath = (text: string): boolean => LOOKS_LIKE_A_PATH.test(text);

function propertyOf({ properties }: Node, name: string): Node | undefined {
  const found = (properties as readonly Node[]).find((one) => nameIn(one.key) === name);
  return found?.value as Node | undefined;
}

/** What an expression may be, one text each. */
function valuesOf(node: Node | undefined, scope: Scope, depth = 0): readonly string[] {
  if (node === undefined || depth > DEEPEST) return UNKNOWN;
  const again = (inner: unknown) => valuesOf(inner as Node, scope, depth + 1);
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : UNKNOWN;
    case 'TemplateLiteral':
      return templateOf(node, again);
    case 'ConditionalExpression':
      return [...again(node.consequent), ...again(node.alternate)];
    case 'LogicalExpression':
      return again(node.right);
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return again(node.expression);
    case 'Identifier':
      return meant(find(scope, String(node.name)), depth);
    case 'CallExpression':
      return returned(node, scope, depth);
    default:
      return UNKNOWN;
  }
}

function templateOf(node: Node, again: (inner: unknown) => readonly string[]): readonly string[] {
  const quasis = node.quasis as readonly { readonly value: { readonly cooked: string } }[];
  const inner = node.expressions as readonly Node[];
  return quasis.reduce<readonly string[]>(
    (texts, { value }, index) => {
      const ends = index < inner.length ? again(inner[index]) : [''];
      return texts.flatMap((text) => ends.map((end) => `${text}${value.cooked}${end}`));
    },
    [''],
  );
}

function meant(known: Known | undefined, depth: number): readonly string[] {
  if (known === undefined) return UNKNOWN;
  return 'values' in known ? known.values : valuesOf(known.node, known.scope, depth + 1);
}

/** What a function of the same file returns, with its arguments put in. */
function returned(call: Node, scope: Scope, depth: number): readonly string[] {
  const known = find(scope, nameIn(call.callee) ?? '');
  if (known === undefined || 'values' in known || !isFunction(known.node)) return UNKNOWN;
  const { node, scope: home } = known;
  const body = node.body as Node;
  const inner = scopeOf(body, { names: new Map(), outer: home });
  for (const [index, parameter] of (node.params as readonly Node[]).entries()) {
    const given = (call.arguments as readonly Node[])[index];
    for (const name of namesIn(parameter)) {
      const plain = parameter.type === 'Identifier' && given !== undefined;
      inner.names.set(name, plain ? { values: valuesOf(given, scope, depth + 1) } : undefined);
    }
  }
  if (body.type !== 'BlockStatement') return valuesOf(body, inner, depth + 1);
  return returnsOf(body).flatMap((one) => valuesOf(one, inner, depth + 1));
}

function returnsOf(node: Node): readonly Node[] {
  if (node.type === 'ReturnStatement') return node.argument ? [node.argument as Node] : [];
  return isFunction(node) ? [] : childrenOf(node).flatMap(returnsOf);
}

type Seen = (node: Node, scope: Scope, via: string) => void;

/** `via` is the name of the method whose argument the node is. */
function visit(node: Node, scope: Scope, via: string, see: Seen): void {
  if (node.type.startsWith('TS') && !node.type.endsWith('Expression')) return;
  if (node.type === 'ImportDeclaration') return;
  see(node, scope, via);
  const isCall = node.type === 'CallExpression';
  const inner = isFunction(node)
    ? functionScope(node, scope)
    : node.type === 'BlockStatement'
      ? scopeOf(node, scope)
      : scope;
  const called = isCall ? (nameIn((node.callee as Node).property) ?? '') : '';
  for (const child of childrenOf(node)) visit(child, inner, isCall ? called : '', see);
}

function functionScope(node: Node, outer: Scope): Scope {
  const names = (node.params as readonly Node[]).flatMap(namesIn);
  return { names: new Map(names.map((name) => [name, undefined])), outer };
}

/** The names that a program or a block declares. */
function scopeOf(block: Node, outer: Scope | undefined): Scope {
  const scope: Scope = { names: new Map(), outer };
  const statements = Array.isArray(block.body) ? (block.body as readonly Node[]) : [];
  for (const statement of statements) {
    const declared = (statement.declaration ?? statement) as Node;
    if (declared.type === 'FunctionDeclaration') scope.names.set(nameIn(declared.id) ?? '', { node: declared, scope });
    if (declared.type !== 'VariableDeclaration') continue;
    for (const { id, init } of declared.declarations as readonly { readonly id: Node; readonly init: Node | null }[]) {
      for (const name of namesIn(id))
        scope.names.set(name, init && id.type === 'Identifier' ? { node: init, scope } : undefined);
    }
  }
  return scope;
}

function find(scope: Scope | undefined, name: string): Known | undefined {
  if (scope === undefined) return undefined;
  return scope.names.has(name) ? scope.names.get(name) : find(scope.outer, name);
}

const isFunction = ({ type }: Node): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

function nameIn(node: unknown): string | undefined {
  const name = (node as Node | null | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}

/** Those that a pattern binds. */
function namesIn(pattern: Node): readonly string[] {
  if (pattern.type === 'Identifier') return [String(pattern.name)];
  if (pattern.type === 'Property') return namesIn(pattern.value as Node);
  if (pattern.type === 'AssignmentPattern') return namesIn(pattern.left as Node);
  return childrenOf(pattern)
    .filter(({ type }) => /Identifier|Property|Pattern|RestElement/.test(type))
    .flatMap(namesIn);
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node)
    .flat()
    .filter((one): one is Node => typeof one === 'object' && one !== null && typeof (one as Node).type === 'string');
}
