// As much of a document as the gate's pages and their script use: elements, a tree, texts, events. There is no way to
// write markup into it, as the pages' policy has it (trusted types).
'use strict';

const VOID = new Set(['input', 'link', 'meta', 'br', 'hr', 'img']);
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const plain = (text) => text.replace(/&([a-z0-9#]+);/g, (whole, name) => ENTITIES[name] ?? whole);
const camel = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());

class Node {
  constructor() { this.children = []; this.parent = null; }
  *all() { for (const child of this.children) { if (child instanceof Element) { yield child; yield* child.all(); } } }
  get textContent() { return this.children.map((child) => (child instanceof Element ? child.textContent : child)).join(''); }
  set textContent(text) { this.replaceChildren(String(text)); }
  get innerHTML() { throw new TypeError('no markup is read'); }
  set innerHTML(_) { throw new TypeError('no markup is written'); }
  replaceChildren(...nodes) { this.children = []; this.append(...nodes); }
  append(...nodes) { for (const node of nodes) { if (node instanceof Element) node.parent = this; this.children.push(node); } }
  querySelectorAll(selectors) {
    const wanted = selectors.split(',').map(read);
    return [...this.all()].filter((element) => wanted.some((steps) => fits(element, steps)));
  }
  querySelector(selectors) { return this.querySelectorAll(selectors)[0] ?? null; }
}

class Element extends Node {
  constructor(document, tag, attributes = {}) {
    super();
    Object.assign(this, { document, tag, attributes, listeners: [], value: attributes.value ?? '' });
    if (tag === 'template') this.content = this;
  }
  getAttribute(name) { return this.attributes[name] ?? null; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  removeAttribute(name) { delete this.attributes[name]; }
  hasAttribute(name) { return name in this.attributes; }
  toggleAttribute(name, on) { if (on) this.attributes[name] ??= ''; else delete this.attributes[name]; return on; }
  get id() { return this.attributes.id ?? ''; }
  get hidden() { return this.hasAttribute('hidden'); }
  set hidden(on) { this.toggleAttribute('hidden', Boolean(on)); }
  get href() { return this.attributes.href ?? ''; }
  set href(value) { this.attributes.href = String(value); }
  get hreflang() { return this.attributes.hreflang ?? ''; }
  get pathname() { return new URL(this.href, this.document.address).pathname; }
  get dataset() {
    return Object.fromEntries(Object.entries(this.attributes).filter(([name]) => name.startsWith('data-'))
      .map(([name, value]) => [camel(name.slice(5)), value]));
  }
  get shown() { for (let one = this; one instanceof Element; one = one.parent) if (one.hidden) return false; return true; }
  focus() { this.document.activeElement = this; }
  addEventListener(type, listener) { this.listeners.push([type, listener]); }
  dispatch(type) {
    const happened = { type, target: this, defaultPrevented: false, preventDefault() { this.defaultPrevented = true; } };
    for (const [wanted, listener] of this.listeners) if (wanted === type) listener(happened);
    return happened;
  }
}

// 'main > section', 'nav a[href="/login"]' as [[child?, tag, attribute, value]…], the last first.
function read(selector) {
  const steps = [];
  let child = false;
  for (const word of selector.trim().split(/\s+/)) {
    if (word === '>') { child = true; continue; }
    const parts = /^([a-z0-9]*)(?:\[([a-z-]+)="([^"]*)"\])?$/.exec(word);
    if (!parts) throw new Error(`a selector of another kind: ${selector}`);
    steps.unshift({ child, tag: parts[1], attribute: parts[2], value: parts[3] });
    child = false;
  }
  return steps;
}

function fits(element, [step, ...before]) {
  if ((step.tag && element.tag !== step.tag) || (step.attribute && element.attributes[step.attribute] !== step.value)) return false;
  if (!before.length) return true;
  for (let one = element.parent; one instanceof Element; one = step.child ? null : one.parent) if (fits(one, before)) return true;
  return false;
}

class Document extends Node {
  constructor(address, markup) {
    super();
    this.address = address;
    this.title = '';
    this.activeElement = null;
    let here = this;
    for (const [, closed, opened, attributes, text] of markup.matchAll(/<(?:!doctype[^>]*|\/([a-z0-9]+)|([a-z0-9]+)([^>]*))>|([^<]+)/gi)) {
      if (closed) {
        while (here.tag !== closed) here = here.parent;
        here = here.parent;
      } else if (opened) {
        const pairs = [...attributes.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)].map((one) => [one[1], plain(one[2] ?? '')]);
        const element = new Element(this, opened, Object.fromEntries(pairs));
        here.append(element);
        if (!VOID.has(opened)) here = element;
      } else if (text) {
        here.append(plain(text));
      }
    }
    this.title = this.querySelector('title').textContent;
    this.documentElement = this.querySelector('html');
  }
  getElementById(id) { for (const element of this.all()) if (element.id === id) return element; return null; }
  createElement(tag) { return new Element(this, tag); }
}

module.exports = { Document };
