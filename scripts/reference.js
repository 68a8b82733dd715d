// Writes docs/reference/: a page per family with every public name, as the docstrings say it.
//
// TypeDoc, with its Markdown plugin, needs a TypeScript below 7 beside ours (47 MB in all), knows no families, and writes
// all ops into one page of 22,000 lines, each once more as a method of Tensor and of Variable.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { basesOf, membersOf, optionsOf, parametersOf, signaturesOf } from './signatures.js';
import { headOf, resolve, surfaceOf } from './surface.js';

/** @typedef {import('./surface.js').Entry} Entry @typedef {import('./surface.js').Doc} Doc */
/** @typedef {import('./surface.js').Declaration} Declaration */

/**
 * A page. A file belongs to the first page that names it or its folder.
 *
 * @typedef {object} Page
 * @property {string} slug
 * @property {string} title
 * @property {string} about
 * @property {string[]} files
 * @property {Record<string, string[]>} [topics] - sections and their files, in the place of a section per file
 */

/** @param {string} folder @param {string} names @returns {string[]} */
const inFolder = (folder, names) => names.split(' ').map((name) => `${folder}/${name}.ts`);

/** In the order in which one learns. @type {Page[]} */
const PAGES = [
  {
    slug: 'tensors',
    title: 'Tensors',
    about: 'What tensors are, how they are made and read, and how long they live.',
    files: [
      ...['tensor.ts', 'ops/creation.ts', 'ops/like.ts', 'variable.ts', 'scope.ts'],
      ...['dtype.ts', 'shape.ts', 'convert.ts', 'backend.ts', 'turn.ts', 'util.ts'],
    ],
  },
  {
    slug: 'elementwise',
    title: 'Arithmetic and functions of elements',
    about: 'Arithmetic, mathematics, activations, comparisons, softmax, normalization.',
    files: inFolder('ops', 'arithmetic math activation logical softmax normalization average'),
  },
  {
    slug: 'reductions',
    title: 'Sums, orders and counts',
    about: 'What many elements come to: sums and means, running sums, the greatest, how often.',
    files: inFolder('ops', 'reduction sorting counting confusion'),
  },
  {
    slug: 'shapes',
    title: 'Shapes, slices and indices',
    about: 'Ops that move elements and change none: reshape, join, slice, pad, gather, scatter.',
    files: inFolder('ops', 'transform joining slicing padding gather scatter masking blocks'),
  },
  {
    slug: 'products',
    title: 'Products and convolutions',
    about: 'Matrix products, decompositions, attention, recurrent layers, convolutions and pools.',
    files: inFolder(
      'ops',
      'matmul einsum linalg attention recurrent cells convolution depthwise separable pooling geometry fused',
    ),
  },
  {
    slug: 'images',
    title: 'Images',
    about: 'Ops on images, [batch, height, width, channels]: sizes, colours, warps, boxes.',
    files: inFolder('ops', 'resize colors warp suppression'),
  },
  {
    slug: 'derivatives',
    title: 'Derivatives and recorded steps',
    about: 'Gradients of functions of tensors, and functions that run as recorded programs.',
    files: ['autodiff.ts', 'gradient-check.ts', 'graph.ts', 'jit.ts'],
  },
  {
    slug: 'losses',
    title: 'Losses',
    about: 'Losses with weights and reductions, by their TensorFlow.js names.',
    files: ['losses.ts'],
  },
  {
    slug: 'metrics',
    title: 'Losses and metrics of models',
    about: 'What models take as a loss or a metric, as Keras knows them.',
    files: [
      ...inFolder('metrics', 'errors crossentropy hinge accuracy regions boxes embeddings ctc metric'),
      'metrics/',
    ],
  },
  {
    slug: 'layers',
    title: 'Layers',
    about: 'What models are made of.',
    files: ['layers/', 'activations.ts'],
    topics: {
      Core: inFolder(
        'layers',
        'dense activation embedding masking flatten reshape permute repeatVector timeDistributed',
      ),
      Activations: ['activations.ts', ...inFolder('layers', 'activations prelu rrelu')],
      Convolutions: inFolder('layers', 'conv conv2dTranspose depthwiseConv2d separableConv2d convolution'),
      'Pools, margins and sizes': inFolder('layers', 'pooling globalPooling margins upSampling2d spatial'),
      Recurrence: inFolder('layers', 'simpleRNN gru lstm rnn bidirectional stackedRNNCells cell unitsCell'),
      Attention: inFolder('layers', 'attention multiHeadAttention'),
      Normalization: inFolder(
        'layers',
        'batchNormalization layerNormalization groupNormalization rmsNormalization unitNormalization scaling',
      ),
      'Dropout and noise': inFolder('layers', 'dropout drops alphaDropout gaussianDropout gaussianNoise draws'),
      'Several inputs': inFolder('layers', 'merge concatenate dot'),
      'Preparing data': inFolder(
        'layers',
        'normalization discretization categoryEncoding rescaling adapt resizing randomTransform randomSize randomColor',
      ),
      'Inputs, and layers of your own': ['layers/'],
    },
  },
  {
    slug: 'models',
    title: 'Models',
    about: 'Made of layers, then compile, fit, evaluate and predict.',
    files: [...inFolder('models', 'sequential functional model'), 'models/', 'serialization.ts'],
  },
  {
    slug: 'callbacks',
    title: 'Callbacks',
    about: 'What a model calls while it trains, tests and predicts.',
    files: [...inFolder('callbacks', 'callback custom index'), 'callbacks/'],
  },
  {
    slug: 'optimizers',
    title: 'Optimizers',
    about: 'Steps against a gradient, each with its formula.',
    files: [...inFolder('optimizers', 'optimizers train optimizer'), 'optimizers/'],
    topics: {
      "With Keras's options": ['optimizers/optimizers.ts'],
      "With TensorFlow.js's arguments": ['optimizers/train.ts'],
      'Formulas, and optimizers of your own': ['optimizers/'],
    },
  },
  {
    slug: 'schedules',
    title: 'Learning rates',
    about: 'Learning rates that change from step to step.',
    files: ['schedules/'],
    topics: { Schedules: ['schedules/'] },
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
  {
    slug: 'data',
    title: 'Data and files',
    about: 'Datasets, and reading and writing files.',
    files: [...inFolder('data', 'dataset sources elements csv'), 'data/', 'io/'],
  },
  {
    slug: 'threads',
    title: 'Threads',
    about: 'Recorded steps on several threads: `wasmgrad/threads`.',
    files: ['threads/'],
  },
  {
    slug: 'plot',
    title: 'Pictures',
    about: "What training did, as SVG and as text: `import * as plot from 'wasmgrad/plot'`.",
    files: ['plot/'],
  },
  { slug: 'more', title: 'More', about: 'What belongs to no other page.', files: [''] },
];

const NOTE = '<!-- Made of the docstrings by npm run docs. -->';

// A name more is a line more.
const SEPARATOR = ' ·\n';

const ABOUT = `Every public name of wasmgrad, with an example each that a test runs, and
[what differs from Keras and TensorFlow.js on purpose](differences.md). Names are exported by \`wasmgrad\` as they stand here:
\`import { add, losses } from 'wasmgrad'\`, then \`losses.huberLoss\`; those of threads by \`wasmgrad/threads\`,
those of pictures by \`wasmgrad/plot\`.`;

/** Where a file stands among files and folders; −1 if it is none of theirs. @param {string[]} parts @param {string} file */
const placeIn = (parts, file) => parts.findIndex((part) => file.startsWith(part));

/** @param {Declaration} declaration */
const isType = ({ kind }) => kind === 'interface' || kind === 'type';

/** The first of some things that are in order, and those after it. @param {Entry} a @param {Entry} b */
const typesLast = (a, b) =>
  +isType(a.declaration) - +isType(b.declaration) || a.declaration.nodes[0].start - b.declaration.nodes[0].start;

/**
 * What stands under one heading.
 *
 * @typedef {object} Section
 * @property {string} title
 * @property {string[]} files
 * @property {Entry[]} entries
 */

/** A page's sections: topics, or else files. @param {Page} page @param {Entry[]} entries @returns {Section[]} */
function sectionsOf({ files: parts, topics }, entries) {
  const byPlace = (/** @type {string[]} */ places) => (/** @type {string} */ a, /** @type {string} */ b) =>
    placeIn(places, a) - placeIn(places, b);
  const files = [...new Set(entries.map(({ declaration }) => declaration.file))].sort(byPlace(parts));
  /** @type {[title: string, places: string[]][]} */
  const headings = topics ? Object.entries(topics) : files.map((file) => [titleOf(file), [file]]);
  const sections = headings.map(([title, places], i) => {
    const own = files.filter((file) => headings.findIndex(([, places]) => placeIn(places, file) >= 0) === i);
    const entriesOf = (/** @type {string} */ file) =>
      entries.filter((e) => e.declaration.file === file).sort(typesLast);
    return { title, files: own.sort(byPlace(places)), entries: own.flatMap(entriesOf) };
  });
  return sections.filter((section) => section.entries.length > 0);
}

/** `ops/perClass.ts` as a title. @param {string} file */
function titleOf(file) {
  const [, folder = '', base = ''] = /^(?:.*?([^/]+)\/)?([^/]+)\.ts$/.exec(file) ?? [];
  const name = base === 'index' ? folder : base;
  if (name.length <= 3) return name.toUpperCase();
  const words = name.split(/(?<=[a-z])(?=[A-Z][a-z])|-/);
  const title = words.map((word) => (/^[A-Z][a-z]+$/.test(word) ? word.toLowerCase() : word)).join(' ');
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** The anchors that forges make of a page's headings. */
class Anchors {
  /** @type {Map<string, number>} */
  #counts = new Map();

  /** @param {string} heading */
  add(heading) {
    const letters = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
    const slug = letters.replaceAll(' ', '-');
    const n = this.#counts.get(slug) ?? 0;
    this.#counts.set(slug, n + 1);
    return n === 0 ? slug : `${slug}-${n}`;
  }
}

/** The code of a block or of a cell. @param {string} code @param {string} language */
const block = (code, language) => `\`\`\`${language}\n${code}\n\`\`\``;

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {string} text */
const sentence = (text) => (/[.!?]$|https?:\S+$/.test(text) ? text : `${text}.`);

/** @param {[name: string, text: string][]} items */
const list = (items) => items.map(([name, text]) => `- \`${name}\`${text && ` – ${text}`}`).join('\n');

/** @param {string[]} parts */
const paragraphs = (parts) => parts.filter((part) => part !== '').join('\n\n');

class Reference {
  /** @type {Entry[]} */
  entries = [
    ...surfaceOf('core.ts'),
    ...surfaceOf('threads/index.ts'),
    ...surfaceOf('plot/index.ts').map((entry) => ({ ...entry, name: `plot.${entry.name}` })),
  ];
  known = new Set(this.entries.map(({ declaration }) => declaration));
  /** The ops that are methods of tensors too. */
  methods = new Set(
    surfaceOf('ops/chained.ts').flatMap(({ name, declaration }) => (name === 'addN' ? [] : [declaration])),
  );
  /** Where each name stands: a page and an anchor. @type {Map<Declaration, string>} */
  places = new Map();
  /** @type {{ page: Page, sections: Section[] }[]} */
  contents;

  constructor() {
    const shown = this.#optionsWithin();
    this.contents = PAGES.map((page) => {
      const own = this.entries.filter((e) => this.#pageOf(e) === page && !shown.has(e.declaration));
      const sections = sectionsOf(page, own);
      const anchors = new Anchors();
      anchors.add(page.title);
      for (const section of sections) {
        anchors.add(section.title);
        for (const { name, declaration } of section.entries) {
          this.places.set(declaration, `${page.slug}.md#${anchors.add(name)}`);
        }
      }
      return { page, sections };
    }).filter(({ sections }) => sections.length > 0);
    for (const [options, owner] of shown) this.places.set(options, this.places.get(owner) ?? '');
  }

  /** @param {Entry} entry */
  #pageOf({ declaration: { file } }) {
    return PAGES.find((page) => placeIn(page.files, file) >= 0);
  }

  /** Options that stand with what takes them first, since nothing else builds on them. @returns {Map<Declaration, Declaration>} */
  #optionsWithin() {
    const bases = new Set(
      this.entries
        .filter(({ declaration }) => declaration.kind === 'interface')
        .flatMap(({ declaration }) => basesOf(declaration).filter(({ keys }) => !keys))
        .map(({ declaration }) => declaration),
    );
    const within = new Map();
    for (const entry of this.entries) {
      for (const options of isType(entry.declaration) ? [] : optionsOf(entry.declaration)) {
        const own = this.entries.find(({ declaration }) => declaration === options);
        const isHere = own && this.#pageOf(own) === this.#pageOf(entry);
        if (isHere && !bases.has(options) && !within.has(options)) within.set(options, entry.declaration);
      }
    }
    return within;
  }

  /** What a page's reader is shown of a declaration's members. @param {Declaration} declaration */
  membersOf(declaration) {
    return membersOf(declaration, (base) => this.known.has(base)).filter(
      ({ name, isProtected, isSaid, doc }) =>
        name !== 'constructor' && !isSaid && (!isProtected || (declaration.nodes[0].abstract && doc !== undefined)),
    );
  }

  /** A link from a page. @param {Declaration} to @param {string} slug @param {string} text */
  link(to, slug, text) {
    const place = this.places.get(to) ?? '';
    return `[${text}](${place.startsWith(`${slug}.md`) ? place.slice(slug.length + 3) : place})`;
  }

  /** What a docstring in a file means by a name: what it is there, a member, or a public name. @param {string} name @param {string} file */
  #target(name, file) {
    const [first = '', second] = name.split('.');
    const isThere = (/** @type {Declaration | undefined} */ d) => d !== undefined && this.places.has(d);
    const named = (/** @type {string} */ n) =>
      this.entries.find((e) => [e.name, ...e.aliases].includes(n))?.declaration;
    const own = [resolve(file, first), named(name), named(first)].find(isThere);
    if (own) return own;
    const isOwner = (/** @type {Entry} */ { declaration: d }) =>
      d.file === file && membersOf(d, () => false).some((m) => m.name === name);
    return this.entries.find((e) => isOwner(e) || e.declaration.name === (second ?? first))?.declaration;
  }

  /** Prose of a docstring, with its links. @param {string} text @param {string} file @param {string} slug */
  prose(text, file, slug) {
    const escaped = text
      .split(/(`[^`]*`)/)
      .map((part, i) => (i % 2 ? part : part.replaceAll('*', '\\*').replaceAll(/<(?=\w)/g, '\\<')));
    return escaped.join('').replaceAll(/\{@link ([^}]+)\}/g, (_, name) => {
      const to = this.#target(name, file);
      if (!to) throw new Error(`${file}: {@link ${name}} leads to no public name`);
      return this.link(to, slug, name);
    });
  }

  /**
   * A docstring, paragraph by paragraph.
   *
   * @param {Doc | undefined} doc
   * @param {string} file
   * @param {string} slug
   */
  #doc(doc, file, slug) {
    if (!doc) return [];
    const say = (/** @type {string} */ text) => this.prose(text, file, slug);
    return [
      say(doc.text),
      list(doc.params.map(([name, text]) => [name, say(text)])),
      doc.returns && `**Returns** ${say(sentence(doc.returns))}`,
      doc.throws.map((text) => `**Throws** ${say(sentence(text))}`).join('  \n'),
      doc.differs && `**Differs** ${say(sentence(doc.differs))}`,
      doc.see.length > 0 ? `**See** ${sentence(doc.see.map(say).join('; '))}` : '',
      ...doc.examples.map((code) => block(code, 'js')),
    ].filter((text) => text !== '');
  }

  /** A class's docstring with what that of its constructor says of parameters and errors. @param {Declaration} declaration */
  #withConstructor(declaration) {
    const own = membersOf(declaration, () => true).find(({ name, isSaid }) => name === 'constructor' && !isSaid)?.doc;
    const { doc } = declaration;
    return doc && own
      ? { ...doc, params: [...doc.params, ...own.params], throws: [...doc.throws, ...own.throws] }
      : doc;
  }

  /** A table of options. @param {Declaration} options @param {string} slug */
  #table(options, slug) {
    const members = membersOf(options, (base) => this.known.has(base));
    const rows = members.map(({ signatures: [signature = ''], name, isOptional, doc, file }) => {
      const type = signature.replace(/^[^:(]+:? ?/, '');
      return `| \`${name}${isOptional ? '?' : ''}\` | \`${cell(type)}\` | ${cell(this.prose(doc?.text ?? '', file, slug))} |`;
    });
    const bases = basesOf(options)
      .filter(({ declaration, keys }) => this.known.has(declaration) && !keys)
      .map(({ declaration }) => this.link(declaration, slug, declaration.name));
    return paragraphs([
      rows.length > 0 ? ['| Option | Type | |', '| --- | --- | --- |', ...rows].join('\n') : '',
      bases.length > 0 ? `${rows.length > 0 ? 'And' : 'Options:'} those of ${bases.join(' and ')}.` : '',
    ]);
  }

  /** @param {Declaration} declaration @param {string} slug */
  #members(declaration, slug) {
    const more = declaration.name === 'Tensor' ? resolve('ops/methods.ts', 'OtherMethods') : undefined;
    const items = [declaration, ...(more ? [more] : [])]
      .flatMap((d) => this.membersOf(d))
      .map((member) => {
        const [first = '', ...rest] = this.#doc(member.doc, member.file, slug);
        const code = member.signatures.map((signature) => `\`${signature}\``).join(', ');
        const note = member.isProtected ? ' (for subclasses)' : '';
        const text = paragraphs([`${code}${note}${first ? ` – ${first}` : ''}`, ...rest]);
        return `- ${text.replaceAll(/\n(?=.)/g, '\n  ')}${rest.length > 0 ? '\n' : ''}`;
      });
    return items.join('\n').trim();
  }

  /** @param {Entry} entry @param {string} slug */
  #entry({ name, aliases, declaration }, slug) {
    const { file, kind } = declaration;
    const doc = this.#withConstructor(declaration);
    const signatures = signaturesOf(declaration, name);
    const members = kind === 'class' || kind === 'enum' ? this.#members(declaration, slug) : '';
    const bases = kind === 'class' ? basesOf(declaration).filter((base) => this.known.has(base.declaration)) : [];
    const methods = this.entries.filter((e) => name === 'Tensor' && this.methods.has(e.declaration));
    return [
      `### ${name}`,
      block(signatures.join('\n'), 'ts'),
      ...this.#doc(doc, file, slug),
      aliases.length > 0 ? `Also named ${aliases.map((alias) => `\`${alias}\``).join(', ')}.` : '',
      this.methods.has(declaration) ? `Also a method: \`x.${declaration.name}(…)\`.` : '',
      ...(kind === 'interface' ? [declaration] : optionsOf(declaration)).map((options) => this.#table(options, slug)),
      ...bases.map(
        (base) => `Has what ${this.link(base.declaration, slug, base.declaration.name)} has${members ? ', and:' : '.'}`,
      ),
      members,
      methods.length > 0
        ? `Ops that are methods: ${methods.map((op) => this.link(op.declaration, slug, op.declaration.name)).join(',\n')}.`
        : '',
    ];
  }

  /** The types that a section's signatures name and that are not public. @param {string} file @param {Entry[]} all @param {string} slug */
  #types(file, all, slug) {
    const entries = all.filter(({ declaration }) => declaration.file === file);
    const code = entries.flatMap(({ name, declaration }) => signaturesOf(declaration, name)).join('\n');
    const names = new Set([...code.matchAll(/\b[A-Z]\w+/g)].map(([name]) => name));
    const types = [...names].flatMap((name) => {
      const type = resolve(file, name);
      return type?.kind === 'type' && type.doc && !this.known.has(type) ? [type] : [];
    });
    const explained = types.map(({ name, doc, file }) => [name, this.prose(doc?.text ?? '', file, slug)]);
    return types.length > 0 ? ['Types in these signatures:', list(/** @type {[string, string][]} */ (explained))] : [];
  }

  /** The pages by their file names. @returns {Map<string, string>} */
  pages() {
    const pages = new Map();
    for (const { page, sections } of this.contents) {
      const names = (/** @type {Entry[]} */ entries) =>
        entries.map(({ name, declaration }) => this.link(declaration, page.slug, name)).join(SEPARATOR);
      const contents = sections.map(({ title, entries }) => `**${title}**\n${names(entries)}`).join('\n\n');
      const parts = sections.flatMap(({ title, files, entries }) => [
        `## ${title}`,
        ...files.map((file) => (page.topics ? '' : this.prose(headOf(file), file, page.slug))),
        ...entries.flatMap((entry) => this.#entry(entry, page.slug)),
        ...files.flatMap((file) => this.#types(file, entries, page.slug)),
      ]);
      pages.set(`${page.slug}.md`, paragraphs([NOTE, `# ${page.title}`, page.about, contents, ...parts]));
    }
    pages.set('differences.md', this.#differences());
    pages.set('README.md', this.#index());
    for (const [name, text] of pages) pages.set(name, `${text}\n`);
    return pages;
  }

  #differences() {
    /** What differs in one way stands together. @type {Map<string, string[]>} */
    const links = new Map();
    for (const { name, declaration } of this.entries) {
      const { doc, file } = declaration;
      if (!doc?.differs) continue;
      const text = this.prose(sentence(doc.differs), file, 'differences').replaceAll('\n', '\n  ');
      links.set(text, [...(links.get(text) ?? []), this.link(declaration, 'differences', name)]);
    }
    const items = [...links].map(([text, all]) => `- ${all.join(', ')} – ${text}`);
    return paragraphs([NOTE, '# What differs from Keras and TensorFlow.js on purpose', items.join('\n')]);
  }

  #index() {
    const parts = this.contents.flatMap(({ page, sections }) => {
      const entries = sections.flatMap((section) => section.entries);
      const names = entries.map(({ name, declaration }) => this.link(declaration, 'README', name));
      return [`## [${page.title}](${page.slug}.md)`, page.about, names.join(SEPARATOR)];
    });
    return paragraphs([NOTE, '# Reference', ABOUT, ...parts]);
  }

  /**
   * Public names and members without a docstring, what a program calls without an example, and parameters that docstrings
   * describe and that there are not.
   */
  offenders() {
    const docs = this.entries.flatMap(({ name, declaration }) => [
      ...(declaration.doc?.text ? [] : [name]),
      ...this.membersOf(declaration)
        .filter((member) => /^\w/.test(member.name) && !member.doc?.text)
        .map((member) => `${name}.${member.name}`),
    ]);
    const examples = this.entries.flatMap(({ name, declaration }) =>
      isType(declaration) || declaration.doc?.examples.length ? [] : [name],
    );
    const params = this.entries.flatMap(({ name, declaration }) => {
      const known = parametersOf(declaration);
      const described = declaration.doc?.params.map(([param]) => param.split('.')[0] ?? '') ?? [];
      return described.filter((param) => known && !known.includes(param)).map((param) => `${name}: ${param}`);
    });
    return { docs, examples, params };
  }
}

export const reference = new Reference();

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = new URL('../docs/reference/', import.meta.url);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of reference.pages()) writeFileSync(new URL(name, folder), text);
}
