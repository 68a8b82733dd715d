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
 * A member of a class, an interface or an enumeration.
 * @typedef {object} Member
 * @property {string} name
 * @property {string[]} signatures
 * @property {boolean} isOptional
 * @property {boolean} isProtected
 * @property {Doc | undefined} doc
 * @property {boolean} isSaid - whether a base has it, and says what it is
 * @property {string} file
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

/** @param {string} file @returns {Module} */
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
function docAt({ text, comments }, start) {
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
        // The name of the declaration itself comes first.
        if (!known) entries.set(what, { name: prefix + name, aliases: [], declaration: what });
        else if (name === what.name && !known.name.endsWith(what.name)) {
          known.aliases.push(known.name);
          known.name = prefix + name;
        } else known.aliases.push(prefix + name);
      }
    }
  };
  walk(entry, '');
  return [...entries.values()];
}

/** The comment at the head of a file. @param {string} file */
export function headOf(file) {
  const lines = load(file).text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}

const LONGEST_LINE = 100;

/** Code in one line. @param {string} text */
const oneLine = (text) =>
  text
    .replaceAll(/\/\/ biome-ignore.*\n/g, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/([([]) /g, '$1')
    .replaceAll(/,? ([)\]])/g, '$1')
    .replaceAll(', }', ' }')
    .trim();

/** Code in one line if it fits, else as it stands, less an indentation. @param {string} text @param {number} indent */
function laidOut(text, indent = 0) {
  const line = oneLine(text);
  if (line.length <= LONGEST_LINE) return line;
  return text.replaceAll(/\s*\/\/ biome-ignore.*/g, '').replaceAll(new RegExp(`^ {${indent}}`, 'gm'), '');
}

/** How a declaration is called, or what it is. @param {Declaration} declaration @param {string} name @returns {string[]} */
export function signaturesOf({ file, kind, nodes }, name) {
  const { text } = load(file);
  /** @param {any} f */
  const call = (f) => {
    const end = f.returnType?.end ?? text.indexOf(')', f.params.at(-1)?.end ?? f.start) + 1;
    const begin = f.typeParameters?.start ?? text.lastIndexOf('(', f.params[0]?.start ?? f.returnType?.start ?? f.end);
    return laidOut(`${f.async ? 'async ' : ''}${name}${text.slice(begin, end)}`);
  };
  if (kind === 'function') {
    const open = nodes.filter((node) => !node.body);
    return (open.length > 0 ? open : nodes).map(call);
  }
  const [node] = nodes;
  if (kind === 'const') {
    if (node.init.type === 'ArrowFunctionExpression' && !node.id.typeAnnotation) return [call(node.init)];
    if (node.init.type === 'Identifier') {
      const same = node.id.typeAnnotation ? undefined : resolve(file, node.init.name);
      if (same) return signaturesOf(same, name);
    }
    const type = node.id.typeAnnotation?.typeAnnotation;
    if (type?.type === 'TSFunctionType') {
      return [`${name}${oneLine(text.slice(type.start, type.end)).replace(/\) => /, '): ')}`];
    }
    return [type ? `${name}: ${oneLine(text.slice(type.start, type.end))}` : name];
  }
  if (kind === 'class') {
    const constructors = node.body.body.filter((/** @type {any} */ m) => m.kind === 'constructor');
    const heading = `${node.abstract ? 'abstract ' : ''}class ${name}${node.typeParameters ? oneLine(text.slice(node.typeParameters.start, node.typeParameters.end)) : ''}`;
    const isMadeByUsers = !node.abstract && !docAt(load(file), constructors[0]?.start)?.isInternal;
    if (!isMadeByUsers) return [heading];
    const open = constructors.filter((/** @type {any} */ m) => !m.value.body);
    const shown = (open.length > 0 ? open : constructors).map((/** @type {any} */ m) => {
      const begin = text.indexOf('(', m.start);
      const end = text.indexOf(')', m.value.params.at(-1)?.end ?? begin) + 1;
      return laidOut(`new ${name}${text.slice(begin, end)}`, 2);
    });
    return shown.length > 0 ? shown : [`new ${name}()`];
  }
  if (kind === 'type') return [`type ${oneLine(text.slice(node.id.start, node.typeAnnotation.end))}`];
  return [`${kind} ${name}`];
}

/**
 * The members that a program may use, those of bases that are not public among them.
 *
 * @param {Declaration} declaration
 * @param {(base: Declaration) => boolean} isPublic
 * @returns {Member[]}
 */
export function membersOf({ file, kind, nodes: [node] }, isPublic) {
  const module = load(file);
  /** @type {Map<string, Member>} */
  const members = new Map();
  for (const base of basesOf(file, kind, node)) {
    const inherited = membersOf(base.declaration, isPublic);
    if (!isPublic(base.declaration) || base.keys) {
      for (const member of inherited) if (base.keys?.(member.name) ?? true) members.set(member.name, member);
    }
  }
  const fromBase = (/** @type {string} */ name) =>
    basesOf(file, kind, node)
      .flatMap((base) => membersOf(base.declaration, () => false))
      .find((member) => member.name === name);
  /** @type {any[]} */
  const list = kind === 'enum' ? node.body.members : kind === 'class' || kind === 'interface' ? node.body.body : [];
  for (const one of list) {
    const key = one.key ?? one.id;
    if (one.accessibility === 'private' || key?.type === 'PrivateIdentifier' || one.declare) continue;
    const doc = docAt(module, one.start);
    if (doc?.isInternal) continue;
    const name = key ? (one.computed ? `[${module.text.slice(key.start, key.end)}]` : key.name) : '';
    if (one.kind === 'set' && members.has(name)) continue;
    const signature = memberSignature(module, one, name);
    const known = members.get(name);
    if (known?.file === file && list.some((other) => other !== one && (other.key ?? other.id)?.name === name)) {
      // Of overloads the last is the one that does the work.
      if (one.value?.type !== 'FunctionExpression') known.signatures.push(signature);
      known.doc ??= doc;
      continue;
    }
    const base = doc ? undefined : fromBase(name);
    members.set(name, {
      name,
      signatures: [signature],
      isOptional: one.optional === true,
      isProtected: one.accessibility === 'protected',
      doc: doc ?? base?.doc,
      isSaid: base !== undefined,
      file,
    });
  }
  return [...members.values()];
}

/** @param {Module} module @param {any} one @param {string} name */
function memberSignature({ text }, one, name) {
  const prefix = one.static ? 'static ' : '';
  const f = one.type === 'TSMethodSignature' || one.type === 'TSCallSignatureDeclaration' ? one : one.value;
  if (one.kind === 'get')
    return `${prefix}${name}${oneLine(text.slice(f.returnType?.start ?? f.end, f.returnType?.end ?? f.end))}`;
  if (f?.params && one.type !== 'PropertyDefinition') {
    const open = f.typeParameters?.start ?? (one.key ? text.indexOf('(', one.key.end) : f.start);
    const last = f.params.at(-1)?.end ?? text.indexOf('(', one.key?.end ?? f.start);
    const end = f.returnType?.end ?? text.indexOf(')', last) + 1;
    return `${prefix}${f.async ? 'async ' : ''}${name}${oneLine(text.slice(open, end))}`;
  }
  if (one.type === 'TSEnumMember') return name;
  const type = one.typeAnnotation?.typeAnnotation;
  if (type) return `${prefix}${name}: ${oneLine(text.slice(type.start, type.end))}`;
  return `${prefix}${name}${typeof one.value?.value === 'boolean' ? ': boolean' : typeof one.value?.value === 'number' ? ': number' : ''}`;
}

/**
 * What a class or an interface builds on; `keys` says which members, where not all.
 *
 * @param {string} file
 * @param {string} kind
 * @param {any} node
 * @returns {{ declaration: Declaration, keys?: (name: string) => boolean }[]}
 */
export function basesOf(file, kind, node) {
  /** @type {any[]} */
  const named = kind === 'class' ? (node.superClass ? [{ expression: node.superClass }] : []) : (node.extends ?? []);
  return named.flatMap(({ expression, typeArguments }) => {
    const [of, keys] = typeArguments?.params ?? [];
    const isPart = expression.name === 'Omit' || expression.name === 'Pick' || expression.name === 'Partial';
    const declaration = resolve(file, isPart ? of.typeName?.name : expression.name);
    if (!declaration) return [];
    if (!isPart || !keys) return [{ declaration }];
    const listed = (keys.types ?? [keys]).map((/** @type {any} */ type) => type.literal?.value);
    return [{ declaration, keys: (name) => listed.includes(name) === (expression.name === 'Pick') }];
  });
}
