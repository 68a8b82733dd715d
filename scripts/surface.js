// The public surface of the package as its sources say it: every name that an entry exports, with its docstring. Read by
// rolldown's parser, since TypeScript's native compiler has no settled interface of its own yet.

import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { parseSync } from 'rolldown/utils';

/**
 * A docstring, tag by tag.
 * @typedef {object} Doc
 * @property {string} text
 * @property {[name: string, text: string][]} params
 * @property {string} returns
 * @property {string[]} throws
 * @property {string[]} examples
 * @property {string[]} see
 * @property {string} differs - what differs on purpose: 'from Keras, which …'
 * @property {boolean} isInternal
 */

/**
 * What a module declares.
 * @typedef {object} Declaration
 * @property {string} file - from src/ on
 * @property {string} name
 * @property {'function' | 'const' | 'class' | 'interface' | 'type' | 'enum'} kind
 * @property {any[]} nodes - several for a function with overloads
 * @property {Doc | undefined} doc
 */

/**
 * A public name.
 * @typedef {object} Entry
 * @property {string} name - as a program writes it: `metrics.huber`
 * @property {string[]} aliases - other names of the same
 * @property {Declaration} declaration
 */

const SRC = new URL('../src/', import.meta.url);

/**
 * @typedef {object} Module
 * @property {string} file
 * @property {string} text
 * @property {any[]} comments
 * @property {Map<string, Declaration>} declarations
 * @property {Map<string, { file: string, name: string }>} imports
 * @property {any[]} exports
 */

/** @type {Map<string, Module>} */
const modules = new Map();

/** A file, read once. @param {string} file @returns {Module} */
export function load(file) {
  const known = modules.get(file);
  if (known) return known;
  const text = readFileSync(new URL(file, SRC), 'utf8');
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0]?.message}`);
  /** @type {Module} */
  const module = { file, text, comments, declarations: new Map(), imports: new Map(), exports: [] };
  modules.set(file, module);
  for (const node of /** @type {any[]} */ (program.body)) {
    if (node.type === 'ImportDeclaration') {
      for (const { imported, local } of node.specifiers) {
        if (imported) module.imports.set(local.name, { file: fileOf(file, node.source.value), name: imported.name });
      }
    } else if (node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && !node.declaration)) {
      module.exports.push(node);
    } else if (node.type === 'ExportNamedDeclaration') {
      for (const name of declare(module, node.declaration, node.start)) module.exports.push({ local: name });
    } else declare(module, node, node.start);
  }
  return module;
}

/** @param {string} from @param {string} path */
const fileOf = (from, path) => posix.join(posix.dirname(from), path).replace(/\.js$/, '.ts');

/** @type {Record<string, Declaration['kind']>} */
const KINDS = {
  FunctionDeclaration: 'function',
  TSDeclareFunction: 'function',
  ClassDeclaration: 'class',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'type',
  TSEnumDeclaration: 'enum',
};

/** @param {Module} module @param {any} node @param {number} start @returns {string[]} */
function declare(module, node, start) {
  const doc = docAt(module, start);
  if (node.type === 'VariableDeclaration') {
    for (const one of node.declarations) add(one.id.name, 'const', one);
    return node.declarations.map((/** @type {any} */ one) => one.id.name);
  }
  const kind = KINDS[node.type];
  if (!kind) return [];
  add(node.id.name, kind, node);
  return [node.id.name];

  /** @param {string} name @param {Declaration['kind']} kind @param {any} one */
  function add(name, kind, one) {
    const before = module.declarations.get(name);
    if (before) before.nodes.push(one);
    else module.declarations.set(name, { file: module.file, name, kind, nodes: [one], doc });
  }
}

/** The docstring that ends where a node begins; lines of `//` may stand between. @param {Module} module @param {number} start */
export function docAt({ text, comments }, start) {
  let end = start;
  for (let i = comments.findLastIndex((c) => c.end <= start); i >= 0; i--) {
    const comment = comments[i];
    if (text.slice(comment.end, end).trim() !== '') return undefined;
    if (comment.type === 'Block') return comment.value.startsWith('*') ? parseDoc(comment.value.slice(1)) : undefined;
    end = comment.start;
  }
  return undefined;
}

/** @param {string} raw @returns {Doc} */
function parseDoc(raw) {
  /** @type {Doc} */
  const doc = { text: '', params: [], returns: '', throws: [], examples: [], see: [], differs: '', isInternal: false };
  const lines = raw.split('\n').map((line, i) => (i === 0 ? line.trim() : line.replace(/^\s*\* ?/, '').trimEnd()));
  /** @type {string[][]} */
  const blocks = [[]];
  for (const line of lines) {
    if (line.startsWith('@')) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  for (const [i, block] of blocks.entries()) {
    const [, tag = '', first = ''] = (i === 0 ? undefined : /^@(\w+) ?(.*)$/.exec(block[0] ?? '')) ?? [];
    const text = (i === 0 ? block : [first, ...block.slice(1)]).join('\n').trim();
    if (i === 0) doc.text = text;
    else if (tag === 'param') {
      const [, name = '', rest = ''] = /^(\S+)\s*(?:- )?([\s\S]*)$/.exec(text) ?? [];
      doc.params.push([name, rest.replaceAll(/\n\s+/g, '\n')]);
    } else if (tag === 'returns') doc.returns = text;
    else if (tag === 'throws') doc.throws.push(text.replaceAll(/\n\s+/g, '\n'));
    else if (tag === 'example') doc.examples.push(block.slice(1).join('\n').trim());
    else if (tag === 'see') doc.see.push(text);
    else if (tag === 'differs') doc.differs = text.replaceAll(/\n\s+/g, '\n');
    else if (tag === 'internal') doc.isInternal = true;
  }
  return doc;
}

/**
 * What a file exports: declarations, and files that are namespaces.
 *
 * @param {string} file
 * @returns {Map<string, Declaration | { namespace: string }>}
 */
function exportsOf(file) {
  const module = load(file);
  const found = new Map();
  for (const node of module.exports) {
    if (node.local) found.set(node.local, module.declarations.get(node.local));
    else if (docAt(module, node.start)?.isInternal) continue;
    else if (node.type === 'ExportAllDeclaration') {
      const from = fileOf(file, node.source.value);
      if (node.exported) found.set(node.exported.name, { namespace: from });
      else for (const [name, what] of exportsOf(from)) if (!found.has(name)) found.set(name, what);
    } else {
      for (const { local, exported } of node.specifiers) {
        const what = node.source
          ? exportsOf(fileOf(file, node.source.value)).get(local.name)
          : resolve(file, local.name);
        if (what) found.set(exported.name, what);
      }
    }
  }
  return found;
}

/** What a name means in a file. @param {string} file @param {string} name @returns {Declaration | undefined} */
export function resolve(file, name) {
  const { declarations, imports } = load(file);
  const own = declarations.get(name);
  if (own) return own;
  const from = imports.get(name);
  const what = from && exportsOf(from.file).get(from.name);
  return what && 'kind' in what ? what : undefined;
}

/** Every public name of an entry. @param {string} entry @returns {Entry[]} */
export function surfaceOf(entry) {
  /** @type {Map<Declaration, Entry>} */
  const entries = new Map();
  /** @param {string} file @param {string} prefix */
  const walk = (file, prefix) => {
    for (const [name, what] of exportsOf(file)) {
      if ('namespace' in what) walk(what.namespace, `${prefix}${name}.`);
      else if (!what.doc?.isInternal) {
        const known = entries.get(what);
        if (!known) entries.set(what, { name: prefix + name, aliases: [], declaration: what });
        else known.aliases.push(prefix + name);
      }
    }
  };
  walk(entry, '');
  for (const one of entries.values()) {
    // The name of the declaration itself comes first, the shorter of two.
    const rank = (/** @type {string} */ name) => +!name.endsWith(one.declaration.name) * 1000 + name.length;
    const [name = '', ...aliases] = [one.name, ...one.aliases].sort((a, b) => rank(a) - rank(b));
    Object.assign(one, { name, aliases });
  }
  return [...entries.values()];
}

/** The first paragraph of the comment at the head of a file. @param {string} file */
export const headOf = (file) => (/^(?:\/\/ .+\n)*/.exec(load(file).text)?.[0] ?? '').replaceAll(/^\/\/ /gm, '').trim();
