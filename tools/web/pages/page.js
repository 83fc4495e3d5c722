// The pages' script: asks the gate for the exact bytes of a statement, shows them, has the key sign their digest,
// and hands both back. It holds the session in memory only (see README.md), and writes text, never HTML.
'use strict';

(() => {
  const root = document.documentElement;
  const rpId = root.dataset.rpId;
  const at = (id) => document.getElementById(id);
  let session = '';   // the bearer: gone when the page is
  let person = '';    // whose session it is
  let key = null;     // the credential that logged in
  let draft = null;   // the statement on show: what a touch would sign
  let sent = null;    // what the key has signed since the last press of a button, and the gate was handed
  let files = [];     // object URLs of what can be saved
  const made = [];    // the credentials whose files this page gave, and whose they are

  // ---- words ------------------------------------------------------------------------------------------

  function text(name, values = {}) {
    const found = at('texts').content.querySelector(`[data-text="${name}"]`);
    let line = found ? found.textContent : name;
    for (const [placeholder, value] of Object.entries(values)) line = line.split(`{${placeholder}}`).join(value);
    return line;
  }

  function say(line) { at('status').textContent = line; }

  // What the gate says is English, as everywhere in Sceau; a screen reader is told so.
  function complain(line, detail) {
    const problem = at('problem');
    problem.replaceChildren(line);
    if (detail) {
      const quote = document.createElement('p');
      quote.lang = 'en';
      quote.textContent = detail;
      problem.append(quote);
    }
    problem.hidden = false;
    problem.focus();
    say('');
  }

  function show(id) {
    for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== id;
    at('problem').hidden = true;
    at(id).querySelector('h2').focus();
  }

  // ---- bytes ------------------------------------------------------------------------------------------

  const utf8 = (line) => new TextEncoder().encode(line);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const fromBase64 = (line) => Uint8Array.from(atob(line), (character) => character.charCodeAt(0));

  function base64(buffer) {
    let line = '';
    for (const byte of new Uint8Array(buffer)) line += String.fromCharCode(byte);
    return btoa(line);
  }

  // RFC 8785 for what is sent from here: texts, lists and objects with ASCII names.
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
    if (typeof value !== 'object') return JSON.stringify(value);
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
  }

  const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const words = (bytes) => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

  // ---- the gate ---------------------------------------------------------------------------------------

  class Refused extends Error {}

  async function ask(path, body) {
    const headers = {};
    if (session) headers.Authorization = `Bearer ${session}`;
    if (body) headers['Content-Type'] = 'application/json';
    let answer;
    try {
      answer = await fetch(path, { method: body ? 'POST' : 'GET', headers, body: body && canonical(body),
        cache: 'no-store', credentials: 'same-origin', redirect: 'error' });
    } catch (failure) {
      throw new Refused(text('no-answer'), { cause: failure });
    }
    let said;
    try {
      said = Object(await answer.json());
    } catch (failure) {
      throw new Refused(text('no-sense'), { cause: failure });
    }
    if (answer.status === 401 && session) forget();
    if (!answer.ok) throw new Refused(text('gate-refused'), { cause: new Error(said.error) });
    return said;
  }

  // With the session goes what it has read.
  function forget() {
    session = '';
    key = null;
    draft = null;
    for (const id of ['requests', 'who', 'lines', 'signed-by', 'digest', 'leaves', 'earlier', 'bytes-yours', 'bytes-request', 'command']) {
      at(id)?.replaceChildren();
    }
    at('open-command')?.setAttribute('href', '/approve');
  }

  // ---- the key ----------------------------------------------------------------------------------------

  // The challenge is worked out here, from the bytes on show, and never taken from the gate.
  async function sign(what) {
    const statement = fromBase64(what.statement);
    say(text('touch'));
    const made = await navigator.credentials.get({ publicKey: {
      challenge: await digest(statement), rpId: what.rp_id, userVerification: 'required', timeout: 300000,
      hints: ['security-key'], allowCredentials: key ? [{ type: 'public-key', id: key }] : [] } });
    const assertion = canonical({ authenticator_data: base64(made.response.authenticatorData),
      client_data: base64(made.response.clientDataJSON), credential: base64(made.rawId),
      signature: base64(made.response.signature) });
    const by = JSON.parse(words(statement)).by;
    const evidence = canonical({ signatures: [{ bytes: base64(utf8(assertion)), kind: 'webauthn', person: by }] });
    say(text('sending'));
    sent = { blobs: [], evidence: base64(utf8(evidence)), statement: what.statement };
    return { answer: await ask('/statements', sent), credential: made.rawId };
  }

  // ---- logging in -------------------------------------------------------------------------------------

  async function logIn(name) {
    forget();
    say(text('preparing'));
    const signed = await sign(await ask('/drafts', { by: name, type: 'login' }));
    session = signed.answer.session;
    person = name;
    key = signed.credential;
    await arrive();
  }

  async function logInByCard() {
    forget();
    say(text('preparing'));
    const answer = await ask('/login/card', { type: 'card' });
    session = answer.session;
    person = answer.person;
    await arrive();
  }

  // From here on this is the page that approves, whichever it was opened as.
  async function arrive() {
    history.replaceState(null, '', `/approve${location.search}${location.hash}`);
    document.title = `${text('approving')} – Sceau`;
    document.querySelector('h1').textContent = text('approving');
    for (const link of document.querySelectorAll('nav a')) {
      link.toggleAttribute('aria-current', link.pathname === '/approve' && !link.hreflang);
      if (link.hasAttribute('aria-current')) link.setAttribute('aria-current', 'page');
    }
    await list();
  }

  async function logOut() {
    try {
      if (session) await ask('/logout', { type: 'logout' });
    } finally {
      forget();
      show('log-in');
    }
    say(text('logged-out'));
  }

  // ---- what waits -------------------------------------------------------------------------------------

  function entry(request) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    const id = request.digest.slice(0, 12);
    button.textContent = text('read', { id });
    button.addEventListener('click', () => attempt(() => open(request.digest)));
    const line = document.createElement('span');
    const body = request.statement ? JSON.parse(words(fromBase64(request.statement))).body : null;
    line.textContent = ' ' + (body
      ? text('entry', { kind: body.kind, project: body.project, by: request.signers[0], purpose: body.purpose })
      : text('erased'));
    if (request.held) line.textContent += ' – ' + text('held', { until: request.held.until });
    item.append(button, line);
    return item;
  }

  async function list() {
    const waiting = (await ask('/requests?state=pending')).requests;
    const requests = waiting.concat((await ask('/requests?state=quarantined')).requests);
    at('requests').replaceChildren(...requests.map(entry));
    at('who').textContent = text('logged-in', { person });
    const wanted = /^#([0-9a-f]{64})$/.exec(location.hash);
    if (wanted) {
      history.replaceState(null, '', location.pathname + location.search);
      return open(wanted[1]);
    }
    show('waiting');
    say(requests.length ? text('count', { count: String(requests.length) }) : text('nothing'));
  }

  // ---- one request ------------------------------------------------------------------------------------

  // Holds what the gate sent against itself: the statement on show names this request, these very bytes of it.
  async function check(what, request) {
    const statement = JSON.parse(words(fromBase64(what.statement)));
    const named = hex(await digest(fromBase64(what.request_statement)));
    if (statement.body.request !== request || named !== request || statement.type !== what.type ||
        statement.by !== person) {
      throw new Refused(text('inconsistent'));
    }
  }

  const items = (lines) => lines.map((line) => {
    const item = document.createElement('li');
    item.textContent = line;
    return item;
  });

  // By the gate's word alone: nothing of it is signed.
  function putBeside({ beside, held }) {
    const { columns = [], earlier = [], expected_rows: rows, expected_rows_or_more: orMore, earlier_made_or_more: more, trouble } = Object(beside);
    const leaves = columns.map((column) => `${column.name}: ${column.label}, ${column.treatment}`);
    if (rows !== undefined) leaves.push(`rows expected: ${rows}${orMore ? ' or more' : ''}`);
    if (trouble) leaves.push(trouble);
    if (held) leaves.push(`in quarantine: ${held.reason}`, `${held.rows} rows, ${held.bytes} bytes, SHA-256 ${held.sha256}`);
    at('leaves').replaceChildren(...items(leaves));
    const before = earlier.flatMap((one) => [`${one.at} ${one.by}: ${one.kind}, at most ${one.max_rows} rows, ${one.state}`,
      ...(one.made ? [`made what this request reads: ${one.made.join(', ')}`] : []), ...(one.purpose ? [one.purpose] : []), ...(one.sql ?? [])]);
    if (more) before.push_back('more scripts than these made what it reads');
    at('earlier').replaceChildren(...items(before.length ? before : [text('no-earlier')]));
  }

  async function put(asked) {
    say(text('preparing'));
    const what = await ask('/drafts', asked);
    await check(what, asked.request);
    putBeside(await ask(`/requests/${asked.request}`));
    draft = { ...what, request: asked.request };
    const refusing = what.type === 'refusal', releasing = what.type === 'export.release';
    at('lines').textContent = what.lines;
    at('signed-by').textContent = what.signers.join(', ');
    at('digest').textContent = asked.request;
    at('bytes-yours').textContent = words(fromBase64(what.statement));
    at('bytes-request').textContent = words(fromBase64(what.request_statement));
    const id = asked.request.slice(0, 12);
    at('command').textContent = `sceau ${releasing ? 'release' : 'approve'} ${id}`;
    at('open-command').href = `sceau:approve/${asked.request}`;
    at('open-command').hidden = releasing;
    at('approve').textContent = text(releasing ? 'release-button' : 'approve-button');
    at('by-key').hidden = !what.may_sign;
    at('refuse-form').hidden = refusing || !what.may_sign;
    at('approve').hidden = refusing;
    at('refuse').hidden = !refusing;
    at('request-heading').textContent = text(refusing ? 'to-refuse' : releasing ? 'to-release' : 'to-approve', { id });
    show('request');
    say(text('read-first'));
  }

  async function open(request) {
    const { state } = await ask(`/requests/${request}`);
    return put({ request, type: state === 'quarantined' ? 'export.release' : 'approval' });
  }

  // What was signed, and the receipt for it, are hers before anything else is asked: they are what she has against
  // a gate that lies.
  async function decide() {
    const { request, type } = draft;
    const id = request.slice(0, 12);
    const keep = (record) => save('record', canonical(record), `decision-${id}.json`);
    try {
      const { answer } = await sign(draft);
      keep({ ...sent, receipt: Object(answer.receipt) });
    } catch (failure) {
      if (!sent) throw failure;
      keep(sent);
      draft = null;
      done(text('sent-heading'), text('sent', { id }));
      throw failure;
    }
    draft = null;
    let state = text('state-unknown');
    try {
      ({ state } = await ask(`/requests/${request}`));
    } catch (failure) {
      console.warn(failure);  // the receipt says what counts
    }
    done(text('done'), text({ refusal: 'refused', approval: 'approved' }[type] || 'released', { id, state }));
  }

  function done(heading, line) {
    at('done-heading').textContent = heading;
    at('done-text').textContent = line;
    show('done');
    say('');
  }

  function save(id, content, name) {
    files.forEach((url) => URL.revokeObjectURL(url));
    const url = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
    files = [url];
    at(id).href = url;
    at(id).download = name;
  }

  // ---- enrolling --------------------------------------------------------------------------------------

  // The person's id, which programs read from the key, then random bytes: a key replaces the credential that it has for a
  // handle (token/fido_user.h).
  function userHandle(name) {
    const id = utf8(name);
    const handle = crypto.getRandomValues(new Uint8Array(Math.min(64, id.length + 17)));
    handle.set(id);
    if (id.length < handle.length) handle[id.length] = 0;
    return handle;
  }

  async function enrol(name) {
    say(text('preparing'));
    const asked = await ask(`/enrolments/${encodeURIComponent(name)}`);
    say(text('touch'));
    const credential = await navigator.credentials.create({ publicKey: {
      challenge: fromBase64(asked.challenge), rp: { id: asked.rp_id, name: asked.realm },
      user: { id: userHandle(name), name, displayName: name }, pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      excludeCredentials: made.filter((one) => one.person === name).map((one) => ({ type: 'public-key', id: one.id })),
      attestation: 'direct', timeout: 300000, hints: ['security-key'],
      authenticatorSelection: { authenticatorAttachment: 'cross-platform', residentKey: 'required',
        requireResidentKey: true, userVerification: 'required' },
      // As `sceau token init` makes them: programs find the credential by its name, without the PIN. Using it takes the PIN.
      extensions: { credentialProtectionPolicy: 'userVerificationOptional' } } });
    say(text('sending'));
    sent = credential;
    const answer = await ask('/enrolments', { attestation_object: base64(credential.response.attestationObject),
      client_data: base64(credential.response.clientDataJSON), person: name });
    made.push({ person: name, id: credential.rawId });
    save('enrolment', canonical(answer.enrolment), `${name}.enrolment`);
    at('enrolled-text').textContent = text('enrolled', { serial: answer.serial, person: name });
    at('command').textContent = `sceau token enrol ${name}.enrolment --administrator A --administrator B`;
    show('enrolled');
    say('');
  }

  // ---- beginning --------------------------------------------------------------------------------------

  function explain(failure) {
    if (failure instanceof Refused) return complain(failure.message, failure.cause && failure.cause.message);
    const known = { NotAllowedError: 'not-allowed', AbortError: 'not-allowed', SecurityError: 'wrong-place',
      NotSupportedError: 'unsuitable', ConstraintError: 'unsuitable', InvalidStateError: 'made-already' };
    return complain(text(known[failure.name] || (sent ? 'defect-after' : 'defect')), `${failure.name}: ${failure.message}`);
  }

  // One thing at a time: a second press while a key is being asked would ask it twice.
  let busy = false;
  async function attempt(act) {
    if (busy) return;
    busy = true;
    sent = null;
    at('main').setAttribute('aria-busy', 'true');
    at('problem').hidden = true;
    try {
      await act();
    } catch (failure) {
      // A session that has ended begins again with a log-in.
      if (failure instanceof Refused && !session && !sent && root.dataset.page !== 'enrol') show('log-in');
      explain(failure);
    }
    at('main').removeAttribute('aria-busy');
    busy = false;
  }

  function on(id, event, act) {
    at(id)?.addEventListener(event, (happened) => {
      happened.preventDefault();
      attempt(act);
    });
  }

  // Going from /login to /approve would load the page anew, and the session would be gone.
  for (const link of document.querySelectorAll('nav a[href="/login"], nav a[href="/approve"]')) {
    link.addEventListener('click', (happened) => {
      if (!session || happened.ctrlKey || happened.metaKey || happened.shiftKey || happened.altKey) return;
      happened.preventDefault();
      attempt(list);
    });
  }

  on('log-in-form', 'submit', () => logIn(at('person').value));
  on('log-in-card', 'click', logInByCard);
  on('refresh', 'click', list);
  on('back', 'click', list);
  on('more', 'click', list);
  on('log-out', 'click', logOut);
  on('approve', 'click', decide);
  on('refuse', 'click', decide);
  on('refuse-form', 'submit', () => put({ reason: at('reason').value.normalize('NFC'), request: draft.request,
    type: 'refusal' }));
  on('enrol-form', 'submit', () => enrol(at('person').value));

  at(root.dataset.page === 'enrol' ? 'enrol' : 'log-in').hidden = false;
  const host = location.hostname;
  if (host !== rpId && !host.endsWith(`.${rpId}`)) {
    complain(text('elsewhere', { host: rpId, port: location.port ? `:${location.port}` : '' }));
  } else if (!window.PublicKeyCredential) {
    complain(text('no-webauthn'));
  }
})();
