// What a URL or a handler says about where a model is.

import type { IOHandler } from './artifacts.js';
import { browserDownloads } from './browser.js';
import { fileHandler, opfsHandler } from './files.js';
import { http, isHTTPScheme, type LoadOptions } from './http.js';
import { storeOf } from './stores.js';

const SCHEMES = 'file://, http(s)://, indexeddb://, localstorage://, opfs:// and downloads://';

/**
 * The handler of a URL, or the handler itself.
 *
 * @throws RangeError for a scheme that is not known, TypeError for neither
 */
export function handlerOf(place: string | IOHandler, op: string, options?: LoadOptions): IOHandler {
  if (typeof place !== 'string') {
    if (typeof place === 'object' && place !== null) return place;
    throw new TypeError(`${op}: needs a URL or a handler, got ${place === null ? 'null' : typeof place}`);
  }
  const stored = storeOf(place);
  if (stored) return stored.store.handler(stored.path);
  if (/^file:\/\/./.test(place)) return fileHandler(place);
  if (place.startsWith('opfs://')) return opfsHandler(place);
  if (place.startsWith('downloads://')) return browserDownloads(place.slice('downloads://'.length));
  // Without a scheme it is the page's own server's.
  if (isHTTPScheme(place) || !/^\w*:\/\//.test(place)) return http(place, options);
  throw new RangeError(`${op}: needs a URL of ${SCHEMES}, got '${place}'`);
}
