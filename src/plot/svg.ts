// SVG as text: elements, colours and the width of words. No DOM is asked for anything.

/** @internal Colours of lines and boxes: dark enough to read as text on white, apart also for the colour-blind. */
export const COLORS = ['#0b6bb5', '#c4510a', '#0a7f5e', '#a8457f', '#8a6400', '#4b5bd6'] as const;

/** @internal */
export const INK = '#1f2328';
/** @internal */
export const MUTED = '#59636e';
/** @internal */
export const GRID = '#e6e9ed';
/** @internal */
export const AXIS = '#b6bec7';

/** What every picture takes. */
export interface PictureOptions {
  /** Above the picture, and what it is called by those who cannot see it; what it shows if absent. */
  title?: string;
  /** In pixels, as long as nobody scales the picture; as it looks well if absent. */
  width?: number;
  /** Likewise. */
  height?: number;
}

type Attributes = Record<string, string | number | undefined>;

/** @internal */
export const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const written = (value: string | number): string =>
  typeof value === 'number' ? String(Number(value.toFixed(2))) : escape(value);

/** @internal An element; children are SVG already. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${written(value)}"`],
  );
  return children.length === 0
    ? `<${name}${list.join('')}/>`
    : `<${name}${list.join('')}>${children.join('')}</${name}>`;
}

/** @internal A line of text with its baseline at y. */
export const label = (x: number, y: number, text: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escape(text));

/** @internal The title of a whole picture. */
export const headline = (text: string): string => label(20, 28, text, { 'font-size': 16, 'font-weight': 600 });

/** @internal A whole picture on white. */
export function picture(width: number, height: number, title: string, children: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${written(width)} ${written(height)}`,
    width,
    height,
    role: 'img',
    'font-family': "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    'font-size': 12,
    fill: INK,
  };
  const background = element('rect', { width: '100%', height: '100%', fill: '#ffffff' });
  return `${element('svg', attributes, `\n${[element('title', {}, escape(title)), background, ...children].join('\n')}\n`)}\n`;
}

/** @internal About how wide a text is in a sans-serif font, rather more than less: nobody measures it here. */
export function widthOf(text: string, size = 12, isBold = false): number {
  let width = 0;
  for (const c of text) {
    if (/[iljtf.,:;|!'()[\] ]/.test(c)) width += 0.36;
    else if (/[mwMW%…−]/.test(c)) width += 0.9;
    else width += /[A-Z]/.test(c) ? 0.7 : 0.61;
  }
  return width * size * (isBold ? 1.07 : 1);
}
