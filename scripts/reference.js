// Writes docs/reference/: a page per family with every public name, as the docstrings say it.
//
// TypeDoc, with its Markdown plugin, needs a TypeScript below 7 beside ours (47 MB in all), knows no families, and writes
// all ops into one page of 22,000 lines, each once more as a method of Tensor and of Variable.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { basesOf, headOf, membersOf, resolve, signaturesOf, surfaceOf } from './surface.js';

/** @typedef {import('./surface.js').Entry} Entry @typedef {import('./surface.js').Doc} Doc */
/** @typedef {import('./surface.js').Declaration} Declaration @typedef {import('./surface.js').Member} Member */

/**
 * The pages, in the order in which one learns. A file belongs to the first page that names it or its folder; what no page
 * names goes to the last.
 *
 * @type {{ slug: string, title: string, about: string, files: string[], isList?: boolean }[]}
 */
const PAGES = [
  {
    slug: 'tensors',
    title: 'Tensors',
    about: 'What tensors are, how they are made and read, and how long they live.',
    files: [
      'tensor.ts',
      'ops/creation.ts',
      'ops/like.ts',
      'variable.ts',
      'scope.ts',
      'dtype.ts',
      'shape.ts',
      'convert.ts',
      'backend.ts',
    ],
  },
  {
    slug: 'elementwise',
    title: 'Arithmetic and functions of elements',
    about: 'Arithmetic, mathematics, activations, comparisons, softmax.',
    files: [
      'ops/arithmetic.ts',
      'ops/math.ts',
      'ops/activation.ts',
      'ops/logical.ts',
      'ops/softmax.ts',
      'ops/average.ts',
    ],
  },
  {
    slug: 'reductions',
    title: 'Sums, orders and counts',
    about: 'What many elements come to: sums and means, running sums, the greatest, how often.',
    files: ['ops/reduction.ts', 'ops/sorting.ts', 'ops/counting.ts', 'ops/confusion.ts'],
  },
  {
    slug: 'shapes',
    title: 'Shapes, slices and indices',
    about: 'Ops that move elements and change none: reshape, join, slice, pad, gather, scatter.',
    files: ['transform', 'joining', 'slicing', 'padding', 'gather', 'scatter', 'masking', 'blocks'].map(
      (name) => `ops/${name}.ts`,
    ),
  },
  {
    slug: 'products',
    title: 'Products, convolutions and images',
    about: 'Matrix products, decompositions, convolutions, pools, and images.',
    files: [
      'ops/matmul.ts',
      'ops/einsum.ts',
      'ops/linalg.ts',
      'ops/convolution.ts',
      'ops/depthwise.ts',
      'ops/separable.ts',
      'ops/pooling.ts',
      'ops/',
    ],
  },
  {
    slug: 'derivatives',
    title: 'Derivatives and recorded steps',
    about: 'Gradients of functions of tensors, and functions that run as recorded programs.',
    files: ['autodiff.ts', 'jit.ts'],
  },
  {
    slug: 'losses',
    title: 'Losses',
    about: 'Losses with weights and reductions, by their TensorFlow.js names.',
    files: ['losses.ts'],
  },
  {
    slug: 'metrics',
    title: 'Losses and metrics of Keras',
    about: 'What models take as a loss or a metric.',
    files: [
      ...['errors', 'crossentropy', 'hinge', 'accuracy', 'regions', 'boxes', 'embeddings', 'ctc', 'metric'].map(
        (name) => `metrics/${name}.ts`,
      ),
      'metrics/',
    ],
  },
  {
    slug: 'layers',
    title: 'Layers',
    about: 'What models are made of.',
    files: ['layers/', 'activations.ts'],
    isList: true,
  },
  {
    slug: 'models',
    title: 'Models and callbacks',
    about: 'Compile, fit, evaluate, predict.',
    files: ['models/', 'callbacks/'],
  },
  {
    slug: 'optimizers',
    title: 'Optimizers',
    about: 'Steps against a gradient, each with its formula.',
    files: ['optimizers/optimizers.ts', 'optimizers/train.ts', 'optimizers/optimizer.ts', 'optimizers/'],
    isList: true,
  },
  {
    slug: 'schedules',
    title: 'Learning rates',
    about: 'Learning rates that change from step to step.',
    files: ['schedules/'],
    isList: true,
  },
  {
    slug: 'weights',
    title: 'Initializers, regularizers and constraints',
    about: 'How weights begin, what they cost, and what they must be like.',
    files: ['initializers.ts', 'regularizers.ts', 'constraints.ts'],
  },
  {
    slug: 'random',
    title: 'Random numbers',
    about: "TensorFlow's and NumPy's random numbers, bit for bit.",
    files: ['random/'],
  },
  { slug: 'data', title: 'Data and files', about: 'Reading and writing files.', files: ['data/', 'io/'] },
  {
    slug: 'threads',
    title: 'Threads',
    about: 'wasmgrad/threads: recorded steps on several threads.',
    files: ['threads/'],
  },
  { slug: 'more', title: 'More', about: 'What belongs to no other page.', files: [''] },
];

/** Whether a part of a page's list is a file or its folder. @param {string} part @param {string} file */
const holds = (part, file) => (part.endsWith('.ts') ? part === file : file.startsWith(part));

/** The public names, of both entries. @returns {Entry[]} */
export const surface = () => [...surfaceOf('core.ts'), ...surfaceOf('threads/index.ts')];

/** The ops that are methods of tensors too. */
const methodNames = () => new Set(surfaceOf('ops/chained.ts').map(({ declaration }) => declaration));

/** @param {Entry} entry */
const isType = ({ declaration: { kind } }) => kind === 'interface' || kind === 'type';

/** What a page's reader is shown of a declaration's members. @param {Entry} entry @param {Set<Declaration>} known */
export function publicMembers({ declaration }, known) {
  return membersOf(declaration, (base) => known.has(base)).filter(
    ({ name, isProtected, isSaid, doc }) =>
      name !== 'constructor' && !isSaid && (!isProtected || (declaration.nodes[0].abstract && doc !== undefined)),
  );
}

/** The pages by their file names. @returns {Map<string, string>} */
export function pages() {
  const entries = surface();
  const known = new Set(entries.map(({ declaration }) => declaration));
  const methods = methodNames();
  const pageOf = (/** @type {Entry} */ { declaration: { file } }) =>
    PAGES.findIndex(({ files }) => files.some((part) => holds(part, file)));

  // Options stand with the first function that takes them, unless others build on them.
  const bases = new Set(
    entries.flatMap(({ declaration: { file, kind, nodes } }) =>
      kind === 'interface'
        ? basesOf(file, kind, nodes[0])
            .filter(({ keys }) => !keys)
            .map((base) => base.declaration)
        : [],
    ),
  );
  /** @type {Map<Declaration, Entry>} */
  const shownWith = new Map();
  for (const entry of entries) {
    if (isType(entry)) continue;
    for (const options of optionsOf(entry.declaration)) {
      const own = entries.find(({ declaration }) => declaration === options);
      const isHere = own && pageOf(own) === pageOf(entry);
      if (isHere && !bases.has(options) && !shownWith.has(options)) shownWith.set(options, entry);
    }
  }

  // Where each name stands, by the anchors that forges make of headings.
  /** @type {Map<Declaration, string>} */
  const places = new Map();
  /** @type {{ page: (typeof PAGES)[number], sections: { file: string, entries: Entry[] }[] }[]} */
  const contents = PAGES.map((page, i) => {
    const own = entries.filter((entry) => pageOf(entry) === i && !shownWith.has(entry.declaration));
    const rank = (/** @type {Entry} */ { declaration: { file } }) => page.files.findIndex((part) => holds(part, file));
    const files = [...new Set([...own].sort((a, b) => rank(a) - rank(b)).map(({ declaration }) => declaration.file))];
    const order = (/** @type {Entry} */ { declaration }) => declaration.nodes[0].start;
    const sections = files.map((file) => ({
      file,
      entries: own
        .filter(({ declaration }) => declaration.file === file)
        .sort((a, b) => +isType(a) - +isType(b) || order(a) - order(b)),
    }));
    /** @type {Map<string, number>} */
    const slugs = new Map();
    const anchor = (/** @type {string} */ heading) => {
      const slug = heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-');
      const n = slugs.get(slug) ?? 0;
      slugs.set(slug, n + 1);
      return n === 0 ? slug : `${slug}-${n}`;
    };
    anchor(page.title);
    for (const section of sections) {
      if (!page.isList) anchor(titleOf(section.file));
      for (const entry of section.entries) places.set(entry.declaration, `${page.slug}.md#${anchor(entry.name)}`);
    }
    return { page, sections };
  });
  for (const [options, entry] of shownWith) {
    const place = places.get(entry.declaration);
    if (place) places.set(options, place);
  }

  /** Prose with its links. @param {string} text @param {string} file @param {string} slug */
  const prose = (text, file, slug) =>
    text
      .split(/(`[^`]*`)/)
      .map((part, i) => (i % 2 ? part : part.replaceAll('*', '\\*').replaceAll(/<(?=\w)/g, '\\<')))
      .join('')
      .replaceAll(/\{@link ([^}]+)\}/g, (_, name) => {
        const place = placeOf(name, file);
        if (!place) throw new Error(`${file}: {@link ${name}} leads to no public name`);
        return `[${name}](${place.startsWith(`${slug}.md`) ? place.slice(slug.length + 3) : place})`;
      });

  /** @param {string} name @param {string} file */
  const placeOf = (name, file) => {
    const [first = '', second] = name.split('.');
    const declaration = [name, first]
      .flatMap((n) => [
        resolve(file, n),
        entries.find((entry) => [entry.name, ...entry.aliases].includes(n))?.declaration,
      ])
      .find((d) => d && places.has(d));
    if (declaration) return places.get(declaration);
    const owner = entries.find(
      ({ declaration: d }) => d.file === file && membersOf(d, () => false).some((m) => m.name === name),
    );
    if (owner) return places.get(owner.declaration);
    // A name of the same namespace, or of any.
    const last = second ?? first;
    const any = entries.find((entry) => entry.declaration.name === last && places.has(entry.declaration));
    return any && places.get(any.declaration);
  };

  /** @param {Doc | undefined} doc @param {string} file @param {string} slug @param {Declaration[]} types @returns {string[]} */
  const body = (doc, file, slug, types = []) => {
    if (!doc) return [];
    const say = (/** @type {string} */ text) => prose(text, file, slug);
    return [
      say(doc.text),
      doc.params.map(([name, text]) => (text ? `- \`${name}\` – ${say(text)}` : `- \`${name}\``)).join('\n'),
      doc.returns && `**Returns** ${say(doc.returns)}`,
      doc.throws.map((text) => `**Throws** ${say(text)}`).join('  \n'),
      types.map((type) => `- \`${type.name}\` – ${prose(type.doc?.text ?? '', type.file, slug)}`).join('\n'),
      doc.differs && `**Differs** ${say(doc.differs)}`,
      doc.see.length > 0 ? `**See** ${doc.see.map(say).join('; ')}` : '',
      ...doc.examples.map((code) => `\`\`\`js\n${code}\n\`\`\``),
    ].filter((text) => text !== '');
  };

  /** A table of options. @param {Declaration} options @param {string} slug */
  const table = (options, slug) => {
    const members = membersOf(options, (base) => known.has(base));
    const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
    const rows = members.map(({ signatures, name, isOptional, doc, file }) => {
      const type = signatures[0]?.replace(/^[^:(]+:? ?/, '') ?? '';
      const shown = `\`${name}${isOptional ? '?' : ''}\``;
      return `| ${shown} | \`${cell(type)}\` | ${cell(prose([doc?.text ?? '', ...(doc?.throws ?? [])].join(' ').trim(), file, slug))} |`;
    });
    const bases = basesOf(options.file, options.kind, options.nodes[0])
      .filter(({ declaration, keys }) => known.has(declaration) && !keys)
      .map(({ declaration: { name } }) => prose(`{@link ${name}}`, options.file, slug));
    return [
      rows.length > 0 ? ['| Option | Type | |', '| --- | --- | --- |', ...rows].join('\n') : '',
      bases.length > 0 ? `${rows.length > 0 ? 'And' : 'Options:'} those of ${bases.join(' and ')}.` : '',
    ].filter((text) => text !== '');
  };

  /** @param {Entry} entry @param {string} slug */
  const membersList = (entry, slug) =>
    publicMembers(entry, known)
      .map((member) => {
        const [first = '', ...rest] = body(member.doc, member.file, slug);
        const shown = member.signatures.map((s) => `\`${s}\``).join(', ');
        const note = member.isProtected ? ' (for subclasses)' : '';
        const text = [`${shown}${note}${first ? ` – ${first}` : ''}`, ...rest].join('\n\n');
        return `- ${text.replaceAll(/\n(?=.)/g, '\n  ')}${rest.length > 0 ? '\n' : ''}`;
      })
      .join('\n')
      .trim();

  /** @param {Entry} entry @param {string} slug @returns {string[]} */
  const render = (entry, slug) => {
    const { name, aliases, declaration } = entry;
    const { file, kind, doc } = declaration;
    const signatures = signaturesOf(declaration, name);
    const types = typesIn(signatures.join(' '), file, known);
    const parts = [`### ${name}`, `\`\`\`ts\n${signatures.join('\n')}\n\`\`\``, ...body(doc, file, slug, types)];
    if (kind === 'class') {
      const bases = basesOf(file, kind, declaration.nodes[0]).filter((base) => known.has(base.declaration));
      for (const base of bases) parts.push(prose(`Has what a {@link ${base.declaration.name}} has, and:`, file, slug));
    }
    if (aliases.length > 0) parts.push(`Also named ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
    if (methods.has(declaration)) parts.push(`Also a method: \`x.${declaration.name}(…)\`.`);
    for (const options of optionsOf(declaration)) parts.push(...table(options, slug));
    if (kind === 'interface') parts.push(...table(declaration, slug));
    if (kind === 'class' || kind === 'enum') parts.push(membersList(entry, slug));
    if (name === 'Tensor') {
      const ops = entries.filter(({ declaration }) => methods.has(declaration)).map((op) => op.declaration);
      parts.push(`Ops that are methods: ${ops.map((op) => `[${op.name}](${places.get(op)})`).join(', ')}.`);
    }
    return parts;
  };

  const written = new Map();
  for (const { page, sections } of contents) {
    if (sections.length === 0) continue;
    const toc = sections.map(({ file, entries }) => {
      const names = entries.map(
        ({ name, declaration }) => `[${name}](${places.get(declaration)?.replace(/^[^#]*/, '')})`,
      );
      return page.isList ? names.join(' · ') : `**${titleOf(file)}** ${names.join(' · ')}`;
    });
    const parts = [`# ${page.title}`, page.about, toc.join(page.isList ? ' · ' : '  \n')];
    for (const { file, entries } of sections) {
      if (!page.isList) parts.push(`## ${titleOf(file)}`, prose(headOf(file).split('\n\n')[0] ?? '', file, page.slug));
      for (const entry of entries) parts.push(...render(entry, page.slug));
    }
    written.set(`${page.slug}.md`, `${NOTE}\n\n${parts.filter((part) => part !== '').join('\n\n')}\n`);
  }
  const index = contents
    .filter(({ sections }) => sections.length > 0)
    .map(({ page, sections }) => {
      const names = sections
        .flatMap(({ entries }) => entries)
        .map(({ name, declaration }) => `[${name}](${places.get(declaration)})`);
      return `## [${page.title}](${page.slug}.md)\n\n${page.about}\n\n${names.join(' · ')}`;
    });
  const differences = entries
    .filter(({ declaration }) => declaration.doc?.differs)
    .map(
      ({ name, declaration }) =>
        `- [${name}](${places.get(declaration)}) – ${prose(declaration.doc?.differs ?? '', declaration.file, 'differences').replaceAll('\n', '\n  ')}`,
    );
  written.set(
    'differences.md',
    `${NOTE}\n\n# What differs from Keras and TensorFlow.js on purpose\n\n${differences.join('\n')}\n`,
  );
  written.set('README.md', `${NOTE}\n\n# Reference\n\n${ABOUT}\n\n${index.join('\n\n')}\n`);
  return written;
}

const NOTE = '<!-- Made of the docstrings by npm run docs. -->';
const ABOUT = `Every public name of wasmgrad, with a runnable example each, and [what differs from Keras and
TensorFlow.js on purpose](differences.md). Names without a namespace are exported by \`wasmgrad\` as
they are: \`import { add, losses } from 'wasmgrad'\`.`;

/** `ops/perClass.ts` as a title. @param {string} file */
function titleOf(file) {
  const [, folder = '', base = ''] = /^(?:.*?([^/]+)\/)?([^/]+)\.ts$/.exec(file) ?? [];
  const words = (base === 'index' ? folder : base)
    .replaceAll(/(?<=[a-z])[A-Z]/g, (c) => ` ${c.toLowerCase()}`)
    .replaceAll('-', ' ');
  if (words.length <= 3) return words.toUpperCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The types that code names and that are not public, but for type parameters. @param {string} code @param {string} file @param {Set<Declaration>} known */
function typesIn(code, file, known) {
  const names = new Set([...code.matchAll(/\b[A-Z]\w+/g)].map(([name]) => name));
  return [...names].flatMap((name) => {
    const type = resolve(file, name);
    return type?.kind === 'type' && type.doc && !known.has(type) ? [type] : [];
  });
}

/** The interfaces of options that a declaration takes. @param {Declaration} declaration @returns {Declaration[]} */
function optionsOf({ file, kind, nodes: [node] }) {
  const f =
    kind === 'function'
      ? node
      : kind === 'const'
        ? node.init
        : node.body?.body?.find?.((/** @type {any} */ m) => m.kind === 'constructor')?.value;
  /** @type {any[]} */
  const params = f?.params ?? [];
  return params.flatMap((param) => {
    const type = (param.left ?? param.parameter ?? param).typeAnnotation?.typeAnnotation;
    const types = type?.type === 'TSIntersectionType' ? type.types : [type];
    return types.flatMap((/** @type {any} */ one) => {
      const name = one?.typeName?.name;
      const declaration = name?.endsWith('Options') ? resolve(file, name) : undefined;
      return declaration?.kind === 'interface' ? [declaration] : [];
    });
  });
}

/** Public names without a docstring, and what a user calls without an example. */
export function offenders() {
  const entries = surface();
  const known = new Set(entries.map(({ declaration }) => declaration));
  const without = { docs: /** @type {string[]} */ ([]), examples: /** @type {string[]} */ ([]) };
  for (const entry of entries) {
    const { name, declaration } = entry;
    if (!declaration.doc?.text) without.docs.push(name);
    if (!isType(entry) && !declaration.doc?.examples.length) without.examples.push(name);
    for (const member of publicMembers(entry, known)) {
      if (member.name !== '' && !member.name.startsWith('[') && !member.doc?.text)
        without.docs.push(`${name}.${member.name}`);
    }
  }
  return without;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = new URL('../docs/reference/', import.meta.url);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of pages()) writeFileSync(new URL(name, folder), text);
}
