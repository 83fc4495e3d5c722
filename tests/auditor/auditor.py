#!/usr/bin/env python3
"""A second auditor: checks Sceau ledgers again with Python's own library and the openssl command.
    auditor.py LEDGER...      a line each, "ok PATH" or "damaged PATH: why"; exit 1 when any is damaged
It plans no SQL again, reads no token's journal, and asks stock OpenSSL where the other audit has strict readers."""
import base64, calendar, functools, hashlib, json, pathlib, re, sqlite3, subprocess, sys, tempfile, time
TMP, DAY, EVER, AT = tempfile.TemporaryDirectory(prefix="sceau-auditor-"), 86400, float("inf"), [None]
SUBJECT = r"^(?:.* \+ | *)%s=(.*?)(?: \+ |$)"
CLASS = {"login": "access", "gate.summary": "summary", **dict.fromkeys(
    ("extraction.request", "extraction.result", "approval", "refusal", "step"), "extraction")}
BEFORE = {"admitted": "pending", "pending": "admitted", "expired": "pending", "running": "admitted", "checked": "running"}
STATED = re.compile(bytes.fromhex("06146981de9daea7c5b6d2b29d9d9fd6cfb1f0b19a5c28") + rb"1\x81?.0\x81?.\x02\x01\x01\x04\x04(.{4})"
                    rb"\x04(?:\0| .{32})\x02.(.{1,5})\x01\x01[\0\xff]\x01\x01\xff\x04 .{32}\x04 .{32}(\x80 .{32})?", re.S)
USAGE = {"sign": "Non Repudiation", "session": "Non Repudiation", "login": "Digital Signature"}
TOKEN, STRONG = {"suspend": "suspended", "resume": "active", "revoke": "revoked"}, ("approver", "administrator")
def need(good, why):
    if not good: raise ValueError(why)
def sha(data): return hashlib.sha256(data).digest()
def name(data): return sha(data).hex()
def moment(text): return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
def written(value): return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def pem(der, label="CERTIFICATE"):
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n".encode()
def unpem(text, label="CERTIFICATE"):
    return base64.b64decode(re.search(f"-----BEGIN {label}-----(.*?)-----END".encode(), text, re.S).group(1))
def canonical(raw):
    value = json.loads(raw.decode())  # of a duplicate key one alone survives, so the bytes differ
    return need(written(value) == raw, "JSON that is not canonical") or value
def put(data):  # a file of these bytes, named after them, so that openssl's answers are remembered by its arguments
    (path := pathlib.Path(TMP.name) / name(data)).exists() or path.write_bytes(data)
    return str(path)
@functools.lru_cache(None)
def openssl(*args):
    done = subprocess.run(["openssl", *args], capture_output=True)
    return done.returncode == 0, done.stdout
def describe(der):  # of a certificate: person (of a subject without serial number its name), usage, public key, name
    text = openssl(*"x509 -noout -subject -nameopt sep_multiline,utf8 -ext keyUsage -pubkey -in".split(), put(pem(der)))[1]
    person, usage, named = ((re.findall(pattern, text.decode(), re.M) or [""])[0].strip() for pattern in
                            (SUBJECT % "serialNumber", r"Key Usage:[^\n]*\n *([^\n]*)", SUBJECT % "CN"))
    return person or named, usage, unpem(text, "PUBLIC KEY"), named
def stated(cms):  # by a clear-sign token, of itself: serial number, counter, digest of the evidence that it approves
    return (it := STATED.search(cms)) and [str(int.from_bytes(it[1], "big")), int.from_bytes(it[2], "big"), it[3] and it[3][2:].hex()]
def extension(der, last):  # the value of Yubico's attestation extension 1.3.6.1.4.1.41482.3.last
    return (value := der.partition(bytes.fromhex("060a2b0601040182c40a03") + bytes([last]))[2])[2:2 + value[1]]
def node(left, right): return sha(b"\1" + left + right)
def levels_of(leaves):  # RFC 6962: the nodes of every level, leaves first
    levels = [[sha(b"\0" + leaf) for leaf in leaves]]
    while len(levels[-1]) > 1: levels.append(list(map(node, levels[-1][0:-1:2], levels[-1][1::2])))
    return levels
def root_of(size, levels):
    peaks = [nodes[(size >> level) - 1] for level, nodes in enumerate(levels) if size >> level & 1]
    return functools.reduce(lambda right, left: node(left, right), peaks) if peaks else sha(b"")
class Auditor:
    def __init__(self, path):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        rows = db.execute("SELECT idx, leaf FROM entry ORDER BY idx").fetchall()
        need([row[0] for row in rows] == list(range(len(rows))), "an entry is missing")
        self.openings = {at: it for at, *it in db.execute("SELECT idx,salt,statement,evidence,verdict FROM opening")}
        self.blobs = {digest.hex(): data for digest, data in db.execute("SELECT sha256, bytes FROM blob")}
        self.people, self.tokens, self.keys, self.projects, self.sources, self.gates = {}, {}, {}, {}, {}, {}
        self.authorities, self.requests, self.ids, self.logs, self.entries = {}, {}, set(), [], []
        self.gone, self.erased, self.accounts, self.realm, self.policy, self.clear = set(), set(), set(), None, {}, {}
        self.check_tree(db, [row[1] for row in rows])
        for AT[0], leaf in rows: self.entry(AT[0], canonical(leaf))
        AT[0] = None
        need(self.realm and self.gone <= self.erased, "no genesis, or an opening is gone that no erasure names")
        for size, note in db.execute("SELECT size, note FROM checkpoint"):
            need(self.signed_by_log(size, note), f"the checkpoint of size {size} is not the log's")
    def check_tree(self, db, leaves):
        size, levels = len(leaves), levels_of(leaves)
        self.roots = [root_of(it, levels) for it in range(size + 1)]
        head, newest = (db.execute(f"SELECT {it}").fetchall() for it in ("* FROM head", "max(size) FROM checkpoint"))
        need(head == [(size, size, self.roots[-1])] and newest == [(size,)], "a head or checkpoint of no tree")
        need(all(name(data) == it for it, data in self.blobs.items()) and {*self.openings} <= {*range(size)}, "a stray thing")
        tiles = {(level // 8, n // 256): nodes[n:n + 256] for level, nodes in enumerate(levels) if level % 8 == 0
                 for n in range(0, len(nodes), 256)}
        stored = {row[:2]: row[2:] for row in db.execute("SELECT level, n, width, bytes FROM tile")}
        need(stored == {at: (len(tile), b"".join(tile)) for at, tile in tiles.items()}, "a tile of other entries")
    def signed_by_log(self, size, note):
        body, _, signatures = note.partition("\n\n")
        need(body == f"{self.realm}\n{size}\n{base64.b64encode(self.roots[size]).decode()}", "a checkpoint of no tree")
        for origin, key_id, key in (log.split("+", 2) for log in self.logs):
            public = put(pem(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(key)[1:], "PUBLIC KEY"))
            for line in map(base64.b64decode, re.findall(f"^— {re.escape(origin)} (\\S+)$", signatures, re.M)):
                text = ("-rawin", "-in", put((body + "\n").encode()), "-sigfile", put(line[4:]))
                if line[:4].hex() == key_id and openssl("pkeyutl", "-verify", "-pubin", "-inkey", public, *text)[0]: return True
        return False
    def entry(self, index, leaf):
        kind, now, about = leaf["type"], moment(leaf["at"]), None
        need(set(leaf) == {"at", "commitment", "type"}, "a leaf with other fields")
        if index in self.openings and self.openings[index][1][:8] == b"sealed-1":  # has parameters: its digest alone is known here
            salt, raw, evidence, verdict = self.openings[index]
            need(name(salt + raw[8:40] + sha(evidence) + sha(verdict)) == leaf["commitment"] and kind == "extraction.request", "another opening")
            self.gone.add(index) or self.erased.add(index)
        elif index in self.openings:
            salt, raw, evidence, verdict = self.openings[index]
            need(name(salt + sha(raw) + sha(evidence) + sha(verdict)) == leaf["commitment"], "another opening")
            verdict = canonical(verdict)
            need(kind != "step" or raw == evidence == b"", "a step with a statement")
            need(kind != "extraction.request" or not canonical(raw)["body"]["parameters"], "parameters in clear")
            self.step(verdict, now) if kind == "step" else self.statement(index, kind, now, raw, evidence, verdict)
            about = verdict["request"] if kind == "step" else canonical(raw)["body"].get("request")
        else: need(kind in CLASS, "the registry's own opening is gone") or self.gone.add(index)
        self.entries.append((now, kind, self.requests.get(about, {}).get("index")))
    def statement(self, index, kind, now, raw, evidence, verdict):
        act, signatures = canonical(raw), canonical(evidence)["signatures"]
        need(" ".join(sorted(act)) == "after at body by id realm sceau type until" and [act["type"], act["sceau"]] == [kind, 1], kind)
        body, at, until, size = act["body"], moment(act["at"]), moment(act["until"]), act["after"]["size"]
        if verdict["state"] == "refused":  # known signers alone are recorded; the other audit asks again why
            known = {*self.keys, *(gate["certificate"] for gate in self.gates.values())}
            need(any(name(self.cms(raw, one, "-noverify")) in known for one in signatures), "refused to strangers")
            return self.ids.add(act["id"]) if verdict["consumed"] else None
        window = self.policy.get("request_window", DAY) if kind == "extraction.request" else DAY
        offline = self.policy.get("offline_seconds", 7 * DAY) * body.get("audience", "").startswith("host:")
        late, seen = until <= now <= at + offline, self.entries[size][0] if size < index else now
        need(at <= now + 60 and (late or now < until) and until <= at + window and act["id"] not in self.ids, "late, or again")
        need(size <= index and self.roots[size].hex() == act["after"]["root"], "its author saw another tree")
        need(now - seen <= self.policy.get("after_age", 0) + 2 * offline, "its author saw too old a tree") or self.ids.add(act["id"])
        issuers = self.bring(index, kind, act["realm"], body, now)
        signers = [self.signer(raw, one, kind, now, body) for one in signatures]
        need(verdict["crls"] == list(dict.fromkeys(one["crl"] for one in signers if one["crl"])), "other CRLs in force")
        need(act["realm"] == self.realm and signers[0]["person"] == act["by"], "for another realm, or by another")
        need(all(one["gate"] == (kind in ("extraction.result", "gate.summary")) for one in signers), "a wrong signer")
        need(len(signers) == 1 or kind not in (*CLASS, "token.journal"), "more than one signature")
        waits = kind == "extraction.request" and self.missing(dict(body, by=act["by"], approvals={}), now)
        need((verdict["state"], verdict.get("late", False)) == ("pending" if waits else "admitted", late), "another verdict")
        named = sorted(one["person"] for one in body.get("administrators", signers))
        need(named == sorted(one["person"] for one in signers) and (kind != "genesis" or named[1:] or self.single), "too few")
        rule = {"approval": self.decide, "refusal": self.decide, "extraction.request": self.request, "extraction.result": self.result,
                "token.journal": lambda *_: None}.get(kind, self.enrol if "token" in body else self.administer)
        kind == "genesis" or rule(kind, now, body, signers, name(raw), name(evidence), issuers)
    def bring(self, index, kind, realm, body, now):  # what its own signatures are checked against
        need((kind == "genesis") == (index == 0), "a genesis out of place")
        if kind == "genesis":
            self.realm, self.single, self.logs = realm, body["single"], [body["log"]]
            self.organisations = {one["organisation"] for one in body["organisations"]}
            self.authorities = {one["certificate"]: dict(one) for one in body["authorities"]}
            self.makers = b"".join(pem(self.blobs[digest]) for digest in body["attestation_roots"])
            self.set_policy(body["policy"])
            for one in body["administrators"]:
                self.people[one["person"]] = dict(one, until=EVER, roles={("administrator", "*"): EVER})
                self.token(one["token"], one["person"], now)
                self.tokens[one["token"]["serial"]] = self.keys[one["token"]["keys"][0]["certificate"]][0]
        if kind == "crl.publish":
            need(body["number"] > (one := self.authorities[body["authority"]]).get("number", -1), "an older revocation list")
            one.update(crl=body["crl"], number=body["number"])
        return self.token(body["token"], body["person"], now) if "token" in body else None
    def cms(self, raw, one, *more):  # the certificate that made this signature; nothing when it does not verify
        out, cms = str(pathlib.Path(TMP.name) / name(repr((one["bytes"], raw, more)).encode())), base64.b64decode(one["bytes"])
        options = f"cms -verify -binary -inform DER -purpose any -out /dev/null -signer {out} -in {put(cms)} -content {put(raw)}"
        good = openssl(*options.split(), *more)[0]
        return unpem(pathlib.Path(out).read_bytes()) if good else b""
    def signer(self, raw, one, kind, now, body):
        person, gate, crl = one["person"], self.gates.get(one["person"]), ""
        trust = [put(pem(self.blobs[gate["certificate"]]))] if gate else [put(self.trust()), "-crl_check", "-partial_chain"]
        der = self.cms(raw, one, "-cades", "-attime", str(now), "-CAfile", *trust)
        if gate: need(name(der) == gate["certificate"], "a gate's signature by another key")
        else:
            token, use = self.keys[name(der)]
            need(token["person"] == person and token["state"] == "active", f"no active token of {person} signed")
            fit = {"login": "login"}.get(kind, "sign session" if "session" in body else "sign").split()
            need(use in fit and describe(der)[1] == USAGE[use] and now < self.people[person]["until"], f"an unfit key of {person}, or her account has ended")
            told, key = stated(base64.b64decode(one["bytes"])), self.clear.get(name(der))
            shown = told or not self.policy.get("clear_sign") or CLASS.get(kind) != "extraction"
            need(bool(told) == bool(key) and shown or "token" in body, "not by a key that shows what it signs")
            if told: need(told[0] in key and told[1] not in key and told[2] == body.get("evidence"), "not so") or key.append(told[1])
            crl = self.authorities[self.issuer(der, now)]["crl"]
        return {"person": person, "gate": bool(gate), "certificate": name(der), "crl": crl}
    def trust(self, only=None):
        return b"".join(pem(self.blobs[digest]) + pem(self.blobs[one["crl"]], "X509 CRL")
                        for digest, one in self.authorities.items() if only in (None, digest))
    def issuer(self, der, now):
        check = ("-crl_check", "-partial_chain", "-attime", str(now), put(pem(der)))
        return [it for it in self.authorities if openssl("verify", "-CAfile", put(self.trust(it)), *check)[0]][0]
    def holds(self, person, roles, scope, now):
        one = self.people.get(person, {"until": 0, "roles": {}})
        return any(role in roles and now < min(end, one["until"]) and (scope is None or where in ("*", scope))
                   for (role, where), end in one["roles"].items())
    def set_policy(self, policy):
        need(policy["recovery_k"] >= 2 - self.single and policy["minimum_people"] >= 11, "a policy below its floors")
        trusted = all(self.policy and not self.authorities[it]["holder"] for it in policy.get("hardware_authorities", []))
        self.policy = need(trusted, "hardware on the word of one who holds a key here") or policy
    def token(self, token, person, now):  # a new one: the holders of the authorities that issued its certificates
        record, issuers, vouches = {"person": person, "state": "active"}, set(), token.get("authority")
        listed = vouches is None or vouches in self.policy.get("hardware_authorities", [])
        need(listed and token["kind"] == ("pkcs11" if vouches else "piv"), f"a token of {person} is software-made")
        for key in token["keys"]:
            public = base64.b64decode(key["public_key"])
            if vouches is None: self.attested(key, public, token, now)
            else: need(key["use"] in ("sign", "login") and not key.get("attestation", token["attestation_chain"]), "an odd key")
            if "certificate" in key:
                need(describe(self.blobs[key["certificate"]])[:3] == (person, USAGE[key["use"]], public), "a wrong certificate")
                issuer = self.issuer(self.blobs[key["certificate"]], now)
                need(vouches in (None, issuer), "certified by another") or issuers.add(self.authorities[issuer]["holder"])
                self.keys[key["certificate"]] = (record, key["use"])
                if key["slot"][0] == "C" and not vouches: self.clear[key["certificate"]] = [token["serial"]]  # and counters
        return issuers
    def attested(self, key, public, token, now):  # made in this token, in this slot
        made, chain = self.blobs[key["attestation"]], b"".join(pem(self.blobs[digest]) for digest in token["attestation_chain"])
        path = ("-untrusted", put(chain), "-attime", str(now), put(pem(made)))
        need(openssl("verify", "-CAfile", put(self.makers), *path)[0], f"key {key['slot']} is software-made")
        (_, _, attested, slot), serial = describe(made), str(int.from_bytes(extension(made, 7)[2:], "big"))
        need((attested, slot.split()[-1].lower(), serial) == (public, key["slot"].lower(), token["serial"]), "another key")
        need(extension(made, 8)[0] == 3 or key["use"] != "sign", "a signing key that does not ask for its PIN")
    def enrol(self, kind, now, body, signers, raw, evidence, issuers):
        person, token, escrow = body["person"], body["token"], body.get("escrow", {"shares": [], "k": 0})
        new = {key.get("certificate") for key in token["keys"]}
        strong = len({one["to"] for one in escrow["shares"]}) >= escrow["k"] >= self.policy["recovery_k"]
        need("escrow" not in body if "authority" in token else strong, "a weak escrow, or one that is not ours")
        need(signers[0]["person"] == person and signers[0]["certificate"] in new, "the new key did not sign first")
        others, home = {one["person"] for one in signers if one["person"] != person}, self.people[person]["organisation"]
        need(all(self.holds(one, ["administrator"], home, now) for one in others), "vouched for by others")
        earlier = kind == "token.renew" and any(one["person"] == person for one in signers[1:])
        need(earlier or self.single or len(others) >= 1 + self.holds(person, STRONG, None, now) and others - issuers, "too few")
        old, replaced = self.tokens.get(token["serial"]), self.tokens.get(body.get("replaces"))
        need(not old or old["state"] in ("revoked", "ended") or earlier and old["person"] == person, "a token in use")
        for ended in [one for one in (old, replaced) if one and one["state"] != "revoked"]: ended["state"] = "ended"
        self.tokens[token["serial"]] = self.keys[signers[0]["certificate"]][0]
    def administer(self, kind, now, body, signers, *_):
        people, person, there = {one["person"] for one in signers}, body.get("person"), body.get("organisation")
        roles, home = (self.people.get(person, {}).get(field, {}) for field in ("roles", "organisation"))
        strong, where = body.get("role") in STRONG, self.projects.get(body.get("project"), {"scope": "*"})["scope"]
        count, scope, about = {  # how many administrators, of which organisation, and who may not be among them
            "organisation.add": (1, "*", None), "person.add": (1, there, person), "project.open": (1, "*", None),
            "person.leave": (1 + self.holds(person, STRONG, None, now), home, None), "project.close": (1, where, None),
            "role.grant": (1 + strong, there, person), "role.withdraw": (1 + strong, home, None),
            "project.assign": (1, where, person), "account.bind": (1, "*", person), "account.end": (1, "*", None),
            }.get(kind, (2, "*", None))
        if kind.startswith("token."):
            holder = self.tokens[body["serial"]]["person"]
            count, scope, about = 1 + (kind == "token.resume"), self.people[holder]["organisation"], holder
        if kind not in ("gate.summary", "login", "crl.publish") and (people != {about} or kind[6:] not in ("suspend", "revoke")):
            need(all(self.holds(one, ["administrator"], scope, now) for one in people), "not an administrator")
            need(self.single or about not in people and len(people) >= count, f"{count} other administrators must sign")
        if kind == "organisation.add": self.organisations.add(body["organisation"])
        elif kind == "person.add":
            need(scope in self.organisations, "no such organisation")
            self.people[person] = {"organisation": scope, "until": moment(body["until"]), "roles": roles}
        elif kind == "role.grant": roles[body["role"], body["organisation"]] = moment(body["until"])
        elif kind in ("role.withdraw", "person.leave"):
            for role in [role for role in roles if kind == "person.leave" or role[0] == body["role"]]: del roles[role]
            self.people[person]["until"] *= kind != "person.leave"
            self.accounts = {one for one in self.accounts if one[2] != person or kind == "role.withdraw"}
            need(self.single or sum(self.holds(one, STRONG[1:], "*", now) for one in self.people) >= 2, "too few are left")
        elif kind.startswith("token."):
            need(self.tokens[body["serial"]]["state"] in ("active", "suspended"), "a token that has ended")
            self.tokens[body["serial"]]["state"] = TOKEN.get(kind[6:], self.tokens[body["serial"]]["state"])
        elif kind.startswith("project."):
            need((body["project"] in self.projects) == (kind != "project.open"), "a project that is not there, or is")
            self.projects.setdefault(body["project"], dict(body, scope=scope, people={}, closed=False))
            if person: self.projects[body["project"]]["people"][person] = moment(body["until"])
            else: self.projects[body["project"]]["closed"] = kind == "project.close"
        elif kind.startswith("account."):
            one, bind = {(body["host"], body["account"], person)}, kind == "account.bind"
            need(now < moment(body["until"]) if bind else one <= self.accounts, "no such account, or one that has ended")
            self.accounts = self.accounts | one if bind else self.accounts - one
        elif kind == "source.add": self.sources[body["source"]] = body["catalogue"]
        elif kind == "policy.set": self.set_policy(body["policy"])
        elif kind == "authority.add": self.authorities[body["certificate"]] = dict(body)
        elif "log" in body: self.gates[body["gate"]], self.logs = body, self.logs + [body["log"]]
        days, named = self.policy["retention_days"], {*body.get("entries", [])}
        for at, erased, about in (self.entries[entry] for entry in named):
            need(now >= at + days[CLASS[erased]] * DAY and about in (None, *named, *self.erased), "erased too early")
        self.erased |= named
    def request(self, kind, now, body, signers, digest, evidence, _):
        project, waits = self.projects[body["project"]], self.missing(dict(body, by=signers[0]["person"], approvals={}), now)
        need(body["source"] in project["sources"] and body["kind"] in project["kinds"]
             and body["max_rows"] <= project["max_rows"], "beyond the project")
        until = moment(body["decide_by"]) if "decide_by" in body else now + self.policy["decide_within"]
        self.requests[digest] = dict(body, index=len(self.entries), by=signers[0]["person"], evidence=evidence, decide_by=until,
                                     state="pending" if waits else "admitted", ran=None, approvals={}, key=self.keys[signers[0]["certificate"]][0])
        self.allowed(self.requests[digest], now)
    def missing(self, it, now): return max(0, (it["kind"] == "individual") * self.policy["approvals"] - len(it["approvals"]))
    def allowed(self, it, now): need(self.entitled(it, now), it["by"] + " may not")
    def entitled(self, it, now, *fit):  # when a request is made, and still when it is approved, begins and sends
        project, fit = self.projects[it["project"]], it["key"]["state"] in ("active", "ended", *fit)
        until = min(moment(project["until"]), project["people"].get(it["by"], 0)) * (not project["closed"])
        return fit and self.holds(it["by"], ["agent"], None, now) and moment(project["from"]) <= now < until
    def asked(self, digest, states):
        state = (request := self.requests.get(digest, {})).get("state", "unknown")
        return need(state in states or self.gone and state == "unknown", "a request " + state) or request
    def decide(self, kind, now, body, signers, *_):
        if request := self.asked(body["request"], ["pending"]):
            need(now < request["decide_by"] and body["evidence"] == request["evidence"], "late, or other evidence")
            home, approver = self.people[request["by"]]["organisation"], signers[0]["person"]
            need(self.holds(approver, ["approver"], home, now) and approver != request["by"], "not by an approver")
            request["approvals"][approver] = self.keys[signers[0]["certificate"]][0], signers[0]["certificate"]
            request["state"] = "refused" if kind == "refusal" else self.allowed(request, now) or "pending"
    def step(self, verdict, now):
        state = verdict["state"]
        if request := self.asked(verdict["request"], [BEFORE[state], "admitted" if state == "expired" else ""]):
            over = now >= request["decide_by"] if request["state"] == "pending" else not self.entitled(request, now, "suspended")
            waits = state in ("admitted", "pending") and self.missing(request, now)
            need({"admitted": not waits, "pending": waits, "expired": over}.get(state, True), "not yet")
            request["state"], _ = state, state == "expired" or self.allowed(request, now)
            if state == "running": request["ran"] = [name(written(self.policy)), self.sources[request["source"]]]
            if state == "checked": request["checked"] = [verdict["rows"], verdict["bytes"], verdict["sha256"]]
    def result(self, kind, now, body, signers, *_):
        if request := self.asked(body["request"], ["pending", "admitted", "running", "checked"]):
            ran, rows = [body["policy"], body["catalogue"]], [body["rows"], body["bytes"], body["sha256"]]
            need(request["ran"] in (ran, None) and (body["outcome"] == "refused" or request["ran"]), "not as it ran")
            need(body["outcome"] != "delivered" or request["state"] == "checked" and request["checked"] == rows
                 and rows[0] <= request["max_rows"], "not as checked") or request.update(state=body["outcome"])
damaged, Auditor = 0, functools.reduce(lambda it, room: __import__(room).taught(it, globals()), ("webauthn", "work", "rules", "quarantine"), Auditor)
for path in sys.argv[1:]:
    try: print("ok", Auditor(path) and path, flush=True)
    except (sqlite3.Error, LookupError, TypeError, ValueError, AttributeError) as damage:
        damaged = print(f"damaged {path}: " + ("" if AT[0] is None else f"entry {AT[0]}: ") + repr(damage), flush=True) or 1
sys.exit(damaged)
