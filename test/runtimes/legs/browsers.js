// Debian's browsers: a page without a bundler, pages built by Vite under a strict Content-Security-Policy, and a page
// whose policy forbids WebAssembly, which must say so in one sentence.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../pages.js';
import { tool } from '../tools.js';

/**
 * A browser that shows a page.
 * @typedef {{ version: string, visit(url: string): Promise<unknown>, close(): Promise<unknown> }} Browser
 */

/** How long a browser may take to begin, and a page to take its next step. */
const PATIENCE = 60_000;

/** @returns {Promise<Browser>} */
async function openChromium() {
  const { default: playwright } = await tool('playwright-core');
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  const browser = await playwright.chromium.launch({
    timeout: PATIENCE,
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', ...quiet],
  });
  const page = await browser.newPage();
  return {
    version: browser.version(),
    visit: (url) => page.goto(url, { timeout: PATIENCE }),
    close: () => browser.close(),
  };
}

/** What a new profile would ask or fetch at its start. */
const QUIET = {
  'app.normandy.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
};

/**
 * Without a driver: while one is connected to Firefox 153, a web worker that starts another is blocked for ever in half
 * of the runs. A session listens to all workers, for which a worker that makes one waits, on the same condition variable
 * as the new one, of which `SetIsDebuggerRegistered` wakes only one of the two (dom/workers/WorkerPrivate.h).
 * @returns {Promise<Browser>}
 */
async function openFirefox() {
  const firefox = '/usr/bin/firefox-esr';
  const profile = mkdtempSync(join(tmpdir(), 'wasmgrad-firefox-'));
  const prefs = Object.entries(QUIET).map(([name, value]) => `user_pref('${name}', ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, 'user.js'), prefs.join(''));
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  return {
    version: execFileSync(firefox, ['--version'], { encoding: 'utf8' }).match(/[\d.]+/)[0],
    visit: async (url) => {
      child = spawn(firefox, ['--headless', '--no-remote', '--profile', profile, url], { stdio: 'ignore' });
    },
    close: async () => {
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await exit;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** WebKit's drivers take ports one after the other. */
let port = 20000 + (process.pid % 10000);

/** WebKitGTK's MiniBrowser by the WebDriver protocol, on a screen that nobody sees. @returns {Promise<Browser>} */
async function openWebkit() {
  const own = port++;
  const home = mkdtempSync(join(tmpdir(), 'wasmgrad-webkit-'));
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${own}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    detached: true,
    // Safari has SharedArrayBuffer on isolated pages; this WebKit must be told.
    env: {
      ...process.env,
      HOME: home,
      JSC_useSharedArrayBuffer: '1',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    },
  });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${own}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(value.message);
    return value;
  };
  const close = async () => {
    process.kill(-driver.pid, 'SIGTERM');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await until(() =>
      call('GET', '/status').then(
        () => true,
        () => false,
      ),
    );
    const { sessionId, capabilities } = await call('POST', '/session', { capabilities: { alwaysMatch: {} } });
    const at = `/session/${sessionId}`;
    return {
      version: capabilities.browserVersion,
      visit: (url) => call('POST', `${at}/url`, { url }),
      close: async () => {
        await call('DELETE', at).catch(() => {});
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Asks ten times a second until the answer is true. */
async function until(ask) {
  const end = Date.now() + PATIENCE;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`nothing after ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Opens a page and waits for its result, for as long as it goes on saying how far it is: a machine with much else to do
 * makes a page slow, but only one that hangs falls silent.
 */
async function result(browser, server, path) {
  await browser.visit(server.at(path));
  while (!server.said.startsWith('{')) {
    const before = server.said;
    await until(() => server.said !== before).catch((error) => {
      throw new Error(`${error.message}; the page stood at '${before}'`);
    });
  }
  return JSON.parse(server.said);
}

const PAGES = {
  'page without a bundler': 'plain.html',
  'page under a strict policy': 'strict/page.html',
  'web worker under a strict policy': 'strict/spawn.html',
  'policy without WebAssembly: one sentence': 'forbidden/page.html',
  relaxed: 'relaxed.html',
  'threads on an isolated page': 'isolated.html',
  'threads under a strict policy': 'isolated/threads.html',
  'threads of a web worker under a strict policy': 'isolated/threads-spawn.html',
  'threads on a page that is not isolated: one sentence': 'strict/threads.html',
};

const legsOf = (name, need, driver, open, slow) =>
  Object.entries(PAGES).map(([title, path]) => ({
    name: `${name}, ${title}`,
    needs: [need, driver, 'vite'].filter(Boolean),
    slow,
    async run({ app }) {
      const browser = await open();
      const server = await serve(app);
      try {
        const { error, ...rest } = await result(browser, server, path);
        if (path.startsWith('forbidden')) {
          if (!error?.includes("a policy forbids WebAssembly: allow 'wasm-unsafe-eval'"))
            throw new Error(`import said: ${error}`);
          return { version: browser.version };
        }
        if (title.includes('not isolated')) {
          if (!error?.includes('this page is not cross-origin isolated')) throw new Error(`setThreads said: ${error}`);
          return { version: browser.version };
        }
        if (title === 'relaxed' && error?.includes('has no relaxed SIMD')) {
          return { version: browser.version };
        }
        if (error) throw new Error(error);
        return { version: browser.version, ...rest };
      } finally {
        await browser.close();
        server.close();
      }
    },
  }));

export const chromium = legsOf('Chromium', 'chromium', 'playwright-core', openChromium, false);
export const firefox = legsOf('Firefox', 'firefox', '', openFirefox, true);
export const webkit = legsOf('WebKit', 'webkit', '', openWebkit, true);
