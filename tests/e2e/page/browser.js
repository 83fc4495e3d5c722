// Runs the gate's pages and their script as they are served: a document of our own, the gate's real answers, and a key
// that the story outside holds. One JSON object a line, in and out:
//
//   {"open": "/enrol"}                             loads a page, and runs its script
//   {"fill": {id: value…}}                         types into fields
//   {"press": id}, {"submit": id}                  a button, by its id or its words; a form. Answered when the page is no longer busy
//   {"spoil": {path, with}}                        from now on what the gate answers there has these fields; null: no longer
//
// Each is answered by {"seen": …}, after {"key": "create" or "get", "options": …} where the page asks a key, which is
// answered by {"made": …} or {"failed": name}. Bytes are {"bytes": base64} both ways.
//
//   node browser.js ORIGIN CERTIFICATE [SCRIPT]    SCRIPT: in the place of the served one
'use strict';

const fs = require('fs');
const https = require('https');
const readline = require('readline');
const vm = require('vm');
const { webcrypto } = require('crypto');
const { Document } = require('./dom.js');

const [origin, certificate, script] = process.argv.slice(2);
const ca = fs.readFileSync(certificate);
const saved = new Map();
let page = null;
let spoilt = {};

const say = (what) => process.stdout.write(`${JSON.stringify(what, pack)}\n`);
function pack(_, value) {
  // The page's realm is another than this one, and so are its ArrayBuffers.
  const view = Object.prototype.toString.call(value) === '[object ArrayBuffer]' ? new Uint8Array(value) : value;
  if (!ArrayBuffer.isView(view)) return value;
  return { bytes: Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64') };
}
function unpack(_, value) {
  if (value && typeof value.bytes === 'string') return new Uint8Array(Buffer.from(value.bytes, 'base64')).buffer;
  return value;
}

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function hear() {
  const { value, done } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value, unpack);
}

function exchange(path, { method = 'GET', headers = {}, body } = {}, site = 'same-origin') {
  const says = { 'Accept-Language': 'en', 'Sec-Fetch-Site': site, ...(method === 'POST' ? { Origin: origin } : {}), ...headers };
  return new Promise((answer, fail) => {
    const asked = https.request(new URL(path, origin), { method, headers: says, ca, agent: false }, (got) => {
      const parts = [];
      got.on('data', (part) => parts.push(part));
      got.on('end', () => answer({ status: got.statusCode, body: Buffer.concat(parts).toString('utf8') }));
    });
    asked.on('error', fail);
    asked.end(body);
  });
}

async function fetchForPage(path, options) {
  const got = await exchange(path, options);
  const changes = Object.entries(spoilt).find(([start]) => path.startsWith(start));
  return { status: got.status, ok: got.status === 200,
    json: async () => (changes && got.status === 200 ? { ...JSON.parse(got.body), ...changes[1] } : JSON.parse(got.body)) };
}

async function askKey(what, options) {
  say({ key: what, options: options.publicKey });
  const { made, failed } = await hear();
  if (failed) throw Object.assign(new Error('the key said so'), { name: failed });
  return made;
}

async function open(address) {
  const got = await exchange(address, {}, 'none');
  if (got.status !== 200) throw new Error(`${address}: ${got.status}`);
  const document = new Document(new URL(address, origin), got.body);
  const location = new URL(address, origin);
  const served = document.querySelectorAll('script').map((one) => one.getAttribute('src'));
  const sources = await Promise.all(served.map(async (path) => (script ? fs.readFileSync(script, 'utf8') : (await exchange(path)).body)));
  const window = {
    document, location, console, atob, btoa, TextEncoder, TextDecoder, Blob, crypto: webcrypto, fetch: fetchForPage, PublicKeyCredential: class {},
    history: { replaceState(_, __, path) { location.href = new URL(path, location).href; } },
    navigator: { credentials: { create: (options) => askKey('create', options), get: (options) => askKey('get', options) } },
    URL: { createObjectURL(blob) { const name = `blob:${saved.size}`; saved.set(name, blob); return name; }, revokeObjectURL(name) { saved.set(name, null); } },
  };
  window.window = window;
  page = { document, location };
  for (const source of sources) vm.runInNewContext(source, window);
}

function button(name) {
  const found = page.document.querySelectorAll('button').find((one) => one.shown && (one.id === name || one.textContent === name));
  if (!found) throw new Error(`there is no button ${name}`);
  return found;
}

async function quiet() {
  do await new Promise((soon) => setTimeout(soon, 2)); while (page.document.getElementById('main').hasAttribute('aria-busy'));
}

async function look() {
  const { document, location } = page;
  const texts = Object.fromEntries([...document.all()].filter((one) => one.id && one.id !== 'texts').map((one) => [one.id, one.textContent]));
  const links = [...document.all()].filter((one) => one.tag === 'a' && one.href.startsWith('blob:') && one.shown);
  const files = await Promise.all(links.map(async (one) => [one.download, await saved.get(one.href)?.text()]));
  return { title: document.title, address: location.pathname + location.hash, texts, files: Object.fromEntries(files),
    shown: [...document.all()].filter((one) => one.id && one.shown).map((one) => one.id),
    focus: document.activeElement?.id ?? '' };
}

async function main() {
  for (;;) {
    const told = await hear();
    if (told.open) await open(told.open);
    for (const [id, value] of Object.entries(told.fill ?? {})) page.document.getElementById(id).value = value;
    if (told.press) button(told.press).dispatch('click');
    if (told.submit) page.document.getElementById(told.submit).dispatch('submit');
    if ('spoil' in told) spoilt = told.spoil ?? {};
    await quiet();
    say({ seen: await look() });
  }
}

main().catch((failure) => { console.error(failure); process.exit(1); });
