// What declarations look like from outside: how they are called, what members they have, what they build on.

import { docAt, load, resolve } from './surface.js';

/** @typedef {import('./surface.js').Declaration} Declaration @typedef {import('./surface.js').Doc} Doc */

/**
 * A member of a class, an interface or an enumeration.
 *
 * @typedef {object} Member
 * @property {string} name
 * @property {string[]} signatures
 * @property {boolean} isOptional
 * @property {boolean} isProtected
 * @property {Doc | undefined} doc - its own, or that of a base
 * @property {boolean} isSaid - whether a base says what it is
 * @property {string} file
 */

/** A node of the syntax tree. @typedef {any} Node */

const LONGEST_LINE = 100;

/** Code in one line. @param {string} code */
const oneLine = (code) =>
  code
    .replaceAll(/\/\/ biome-ignore.*\n/g, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/([([]) /g, '$1')
    .replaceAll(/,? ([)\]])/g, '$1')
    .replaceAll(', }', ' }')
    .trim();

/** Code in one line if it fits, else as it stands, less an indentation. @param {string} code @param {number} indent */
function laidOut(code, indent = 0) {
  const line = oneLine(code);
  if (line.length <= LONGEST_LINE) return line;
  return code.replaceAll(/\s*\/\/ biome-ignore.*/g, '').replaceAll(new RegExp(`^ {${indent}}`, 'gm'), '');
}

/** From a function's parameters to its result. @param {string} text @param {Node} f @param {number} from - behind its name */
function callOf(text, f, from) {
  const open = f.typeParameters?.start ?? text.indexOf('(', from);
  const end = f.returnType?.end ?? text.indexOf(')', f.params.at(-1)?.end ?? open) + 1;
  return text.slice(open, end);
}

/** Of overloads those that can be called, else the only one. @param {Node[]} functions @param {(f: Node) => Node} bodyOf */
function callable(functions, bodyOf) {
  const open = functions.filter((f) => !bodyOf(f));
  return open.length > 0 ? open : functions;
}

/** How a declaration is called, or what it is. @param {Declaration} declaration @param {string} name @returns {string[]} */
export function signaturesOf(declaration, name) {
  const { file, kind, nodes } = declaration;
  const [node] = nodes;
  const { text } = load(file);
  switch (kind) {
    case 'function':
      return callable(nodes, (f) => f.body).map((f) =>
        laidOut(`${f.async ? 'async ' : ''}${name}${callOf(text, f, f.id.end)}`),
      );
    case 'const':
      return constSignatures(declaration, name);
    case 'class':
      return classSignatures(declaration, name);
    case 'type':
      return [`type ${oneLine(text.slice(node.id.start, node.typeAnnotation.end))}`];
    default:
      return [`${kind} ${name}`];
  }
}

/** @param {Declaration} declaration @param {string} name @returns {string[]} */
function constSignatures({ file, nodes: [{ id, init }] }, name) {
  const { text } = load(file);
  const type = id.typeAnnotation?.typeAnnotation;
  if (type) {
    const code = oneLine(text.slice(type.start, type.end));
    return [type.type === 'TSFunctionType' ? `${name}${code.replace(/\) => /, '): ')}` : `${name}: ${code}`];
  }
  if (init.type === 'ArrowFunctionExpression') {
    return [laidOut(`${init.async ? 'async ' : ''}${name}${callOf(text, init, init.start)}`)];
  }
  const same = init.type === 'Identifier' ? resolve(file, init.name) : undefined;
  return same ? signaturesOf(same, name) : [name];
}

/** @param {Declaration} declaration @param {string} name @returns {string[]} */
function classSignatures({ file, nodes: [node] }, name) {
  const module = load(file);
  const { text } = module;
  const all = node.body.body.filter((/** @type {Node} */ member) => member.kind === 'constructor');
  if (node.abstract || (all.length > 0 && docAt(module, all[0].start)?.isInternal)) {
    const parameters = node.typeParameters ? text.slice(node.typeParameters.start, node.typeParameters.end) : '';
    return [`${node.abstract ? 'abstract ' : ''}class ${name}${oneLine(parameters)}`];
  }
  if (all.length === 0) return [`new ${name}()`];
  return callable(all, (member) => member.value.body).map((member) =>
    laidOut(`new ${name}${callOf(text, member.value, member.key.end)}`, 2),
  );
}

/**
 * The members that a program may use, those of bases that are not public among them.
 *
 * @param {Declaration} declaration
 * @param {(base: Declaration) => boolean} isPublic
 * @returns {Member[]}
 */
export function membersOf(declaration, isPublic) {
  const { file, kind, nodes } = declaration;
  if (!['class', 'interface', 'enum'].includes(kind)) return [];
  const module = load(file);
  const bases = basesOf(declaration).map((base) => ({ ...base, members: membersOf(base.declaration, isPublic) }));
  /** @type {Map<string, Member>} */
  const members = new Map();
  for (const { declaration: base, members: theirs, keys } of bases) {
    if (isPublic(base) && !keys) continue;
    for (const member of theirs) if (keys?.(member.name) ?? true) members.set(member.name, member);
  }
  const said = (/** @type {string} */ name) =>
    bases.flatMap((base) => membersOf(base.declaration, () => false)).find((member) => member.name === name);

  const isOpen = (/** @type {Node} */ one) =>
    one.accessibility !== 'private' && one.key?.type !== 'PrivateIdentifier' && !one.declare;
  /** @type {Node[]} */
  const own = (kind === 'enum' ? nodes[0].body.members : nodes[0].body.body).filter(isOpen);
  const nameOf = (/** @type {Node} */ one) => memberName(module.text, one);
  for (const name of new Set(own.map(nameOf))) {
    const same = own.filter((one) => nameOf(one) === name && one.kind !== 'set');
    const docs = same.map((one) => docAt(module, one.start)).filter((doc) => doc !== undefined);
    if (same.length === 0 || docs.some((doc) => doc.isInternal)) continue;
    const base = docs.length > 0 ? undefined : said(name);
    members.set(name, {
      name,
      signatures: callable(same, (one) => one.value?.body).map((one) => memberSignature(module.text, one, name)),
      isOptional: same[0].optional === true,
      isProtected: same[0].accessibility === 'protected',
      doc: docs[0] ?? base?.doc,
      isSaid: base !== undefined,
      file,
    });
  }
  return [...members.values()];
}

/** @param {string} text @param {Node} one */
function memberName(text, one) {
  const key = one.key ?? one.id;
  if (key) return one.computed ? `[${text.slice(key.start, key.end)}]` : key.name;
  return one.type === 'TSIndexSignature' ? text.slice(one.start, one.typeAnnotation.start) : '';
}

/** @param {string} text @param {Node} one @param {string} name */
function memberSignature(text, one, name) {
  const prefix = `${one.static ? 'static ' : ''}${one.value?.async ? 'async ' : ''}${name}`;
  const type = one.kind === 'get' ? one.value.returnType : one.typeAnnotation;
  if (type) return `${prefix}${oneLine(text.slice(type.start, type.end))}`;
  const f = one.params ? one : one.value?.params && one.type !== 'PropertyDefinition' ? one.value : undefined;
  if (f) return `${prefix}${oneLine(callOf(text, f, one.key?.end ?? one.start))}`;
  const kind = typeof one.value?.value;
  return kind === 'boolean' || kind === 'number' || kind === 'string' ? `${prefix}: ${kind}` : prefix;
}

/**
 * What a class or an interface builds on; `keys` says which members, where not all.
 *
 * @param {Declaration} declaration
 * @returns {{ declaration: Declaration, keys?: (name: string) => boolean }[]}
 */
export function basesOf({ file, kind, nodes: [node] }) {
  /** @type {Node[]} */
  const named = kind === 'class' && node.superClass ? [{ expression: node.superClass }] : (node.extends ?? []);
  return named.flatMap(({ expression, typeArguments }) => {
    const isPart = ['Omit', 'Pick', 'Partial'].includes(expression.name);
    const [of, keys] = isPart ? typeArguments.params : [];
    const declaration = resolve(file, isPart ? of.typeName?.name : expression.name);
    if (!declaration) return [];
    if (!keys) return [{ declaration }];
    const listed = (keys.types ?? [keys]).map((/** @type {Node} */ type) => type.literal?.value);
    return [{ declaration, keys: (name) => listed.includes(name) === (expression.name === 'Pick') }];
  });
}

/** What is called: a function, or a class's constructor. @param {Declaration} declaration @returns {Node} */
function functionOf({ kind, nodes }) {
  const node = nodes.at(-1);
  if (kind === 'function') return node;
  if (kind === 'const') return node.init.params ? node.init : node.id.typeAnnotation?.typeAnnotation;
  return kind === 'class'
    ? node.body.body.findLast((/** @type {Node} */ m) => m.kind === 'constructor')?.value
    : undefined;
}

/** The name of a parameter; one that is taken apart is the `options`. @param {Node} param @returns {string} */
const parameterName = (param) =>
  param.name ??
  (param.type === 'ObjectPattern' ? 'options' : parameterName(param.left ?? param.parameter ?? param.argument));

/** The parameters of what is called. @param {Declaration} declaration @returns {string[] | undefined} */
export const parametersOf = (declaration) => functionOf(declaration)?.params?.map(parameterName);

/** The interfaces of options among them. @param {Declaration} declaration @returns {Declaration[]} */
export function optionsOf(declaration) {
  const { file } = declaration;
  return (functionOf(declaration)?.params ?? []).flatMap((/** @type {Node} */ param) => {
    const type = (param.left ?? param.parameter ?? param).typeAnnotation?.typeAnnotation;
    const types = type?.type === 'TSIntersectionType' ? type.types : [type];
    return types.flatMap((/** @type {Node} */ one) => {
      const name = one?.typeName?.name;
      const declaration = name?.endsWith('Options') ? resolve(file, name) : undefined;
      return declaration?.kind === 'interface' ? [declaration] : [];
    });
  });
}
