"""What the second auditor knows of FIDO2 keys: WebAuthn assertions as signatures, attestations, imported credentials.
auditor.py hands over its own class and helpers, and takes the class that knows them in its place."""
import base64, json, struct


def taught(base, tools):
    need, sha, name, put, pem, openssl, canonical = (tools[it] for it in "need sha name put pem openssl canonical".split())
    point = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")  # in front of x || y: P-256

    def unpacked(raw):  # every field of a canonical object that is base64
        return {field: base64.b64decode(it) for field, it in canonical(raw).items() if isinstance(it, str)}

    def signed(key, message, signature):
        public = put(pem(key, "PUBLIC KEY"))
        return openssl("dgst", "-sha256", "-verify", public, "-signature", put(signature), put(message))[0]

    def said(client_data, kind, challenge, party):  # by the client, to this question, for this party
        it = json.loads(client_data)
        asked = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        local = party["id"] == "localhost" and it["origin"].rpartition(":")[2].isdigit() and it["origin"].startswith("https://localhost:")
        need((it["type"], it["challenge"]) == (kind, asked) and it.get("crossOrigin", False) is False, "another question")
        need(it["origin"] in party["origins"] or local, "an origin that may not ask")

    def about(data, party):  # authenticator data: flags and counter
        need(data[:32] == sha(party["id"].encode()), "for another relying party")
        return data[32], struct.unpack(">I", data[33:37])[0]

    class Auditor(base):
        def __init__(self, path):
            self.fido, self.models, self.more = {}, {}, b""  # by credential: [public key, own RP id, counter]
            super().__init__(path)

        def party(self, own=None):
            mine = self.policy.get("rp_id", "localhost")
            return {"id": own, "origins": [own]} if own else {"id": mine, "origins": self.policy.get("origins", []) + ["https://" + mine]}

        def set_policy(self, policy):
            super().set_policy(policy)
            self.more = b"".join(pem(self.blobs[it]) for it in policy.get("attestation_roots", []))
            known = canonical(self.blobs[policy["fido_metadata"]]) if "fido_metadata" in policy else {"models": [], "no": 0}
            last = getattr(self, "number", 0)
            need(known["no"] >= last or not known["models"], "older metadata")
            setattr(self, "number", max(last, known["no"]))
            self.models = {it["aaguid"]: ([base64.b64decode(known["roots"][at]) for at in it["roots"]], it["trouble"])
                           for it in known["models"]}

        def attested(self, key, public, token, now):  # a PIV key: policy's roots count as well
            mine, self.makers = self.makers, self.makers + self.more
            super().attested(key, public, token, now)
            self.makers = mine

        def cms(self, raw, one, *more):  # the credential whose key signed; nothing when none did
            if one["kind"] != "webauthn": return super().cms(raw, one, *more)
            it = unpacked(base64.b64decode(one["bytes"]))
            key = self.fido.get(name(it["credential"]), [b""])[0]
            good = key and signed(key, it["authenticator_data"] + sha(it["client_data"]), it["signature"])
            asked = base64.urlsafe_b64encode(sha(raw)).rstrip(b"=").decode()
            return it["credential"] if good and json.loads(it["client_data"])["challenge"] == asked else b""

        def signer(self, raw, one, kind, now, body):
            if one["kind"] != "webauthn": return super().signer(raw, one, kind, now, body)
            digest, person = name(self.cms(raw, one)), one["person"]
            token, use = self.keys[digest]
            key, own, last = self.fido[digest]
            it = unpacked(base64.b64decode(one["bytes"]))
            need(token["person"] == person and token["state"] == "active", f"no active token of {person} signed")
            need(now < self.people[person]["until"], f"the account of {person} has ended")
            need(use == "sign" or kind == "login" and body["audience"] == "host:" + own[len("pam://"):], "an imported key elsewhere")
            said(it["client_data"], "webauthn.get", sha(raw), self.party(own))
            flags, counter = about(it["authenticator_data"], self.party(own))
            work = kind == "extraction.request" and body["kind"] == "work"
            need(flags & 4 and (flags & 1 or work), "a key that was not touched, or a user not verified")
            back = last and counter <= last and self.policy.get("counter_step_back") == "refuse"
            shows = self.policy.get("clear_sign") and tools["CLASS"].get(kind) == "extraction" and "token" not in body
            need(not back and not shows, "a counter that stepped back, or a key that shows nothing")
            self.fido[digest][2] = max(last, counter)
            return {"person": person, "gate": False, "certificate": digest, "crl": ""}

        def token(self, token, person, now):
            if token["kind"] != "fido2": return super().token(token, person, now)
            (key,) = token["keys"]
            credential, public, own = base64.b64decode(key["credential"]), base64.b64decode(key["public_key"]), key.get("rp_id")
            digest = name(credential)
            need(not {"authority", "certificate"} & {*token, *key} and not token["attestation_chain"], "what no FIDO2 key has")
            need(token["serial"] == "fido2-" + digest[:16] and public[:27] == point, "another name, or kind of key")
            need(key["use"] == ("login" if own else "sign"), "an odd key")
            if own: need(self.policy.get("u2f_import") == "allow" and own.startswith("pam://") and "attestation" not in key, "imported")
            else: self.vouched(canonical(self.blobs[key["attestation"]]), credential, public, person, now)
            self.keys[digest], self.fido[digest] = ({"person": person, "state": "active"}, key["use"]), [public, own, 0]
            return set()

        def vouched(self, blob, credential, public, person, now):  # by its maker; or, where policy says so, by nobody
            chain = [base64.b64decode(it) for it in blob["certificates"]]
            data, client, signature = (base64.b64decode(blob[it]) for it in ("authenticator_data", "client_data", "signature"))
            question = sha(b"sceau fido2 enrolment v1\n" + f"{self.realm}\n{person}".encode())
            said(client, "webauthn.create", question, self.party())
            flags, size = about(data, self.party())[0], int.from_bytes(data[53:55], "big")
            x, y = (data.partition(mark)[2][:32] for mark in (b"\x21\x58\x20", b"\x22\x58\x20"))
            need(flags & 0x45 == 0x45 and (data[55:55 + size], point + x + y) == (credential, public), "for another credential")
            roots, trouble = self.models.get(data[37:53].hex(), (None, ""))
            need(not trouble, "a model that the metadata service calls " + trouble)
            trust = self.makers + self.more if roots is None else b"".join(map(pem, roots))
            if not chain:
                need(self.policy.get("fido_self_attestation") == "allow", "nobody attests it")
                return need(not signature or signed(public, data + sha(client), signature), "not by itself")
            key = tools["describe"](chain[0])[2]
            path = ("-partial_chain", "-untrusted", put(b"".join(map(pem, chain))), "-attime", str(now), put(pem(chain[0])))
            need(openssl("verify", "-CAfile", put(trust), *path)[0], "no maker that is trusted here")
            return need(signed(key, data + sha(client), signature), "its maker did not sign it")

        def enrol(self, kind, now, body, signers, raw, evidence, issuers):
            if body["token"]["kind"] != "fido2": return super().enrol(kind, now, body, signers, raw, evidence, issuers)
            person, token, imported = body["person"], body["token"], "rp_id" in body["token"]["keys"][0]
            digest = name(base64.b64decode(token["keys"][0]["credential"]))
            need("escrow" not in body and (not imported or kind == "token.enrol"), "what no FIDO2 key has")
            others, home = {one["person"] for one in signers if one["person"] != person}, self.people[person]["organisation"]
            need(imported and len(others) == len(signers) or not imported and signers[0]["certificate"] == digest, "not signed first by it")
            need(all(self.holds(one, ["administrator"], home, now) for one in others), "vouched for by others")
            earlier = kind == "token.renew" and any(one["person"] == person for one in signers[1:])
            need(earlier or self.single or len(others) >= 2, "two administrators must vouch")
            old, replaced = self.tokens.get(token["serial"]), self.tokens.get(body.get("replaces"))
            need(not old or old["state"] in ("revoked", "ended") or earlier and old["person"] == person, "a token in use")
            for ended in [one for one in (old, replaced) if one and one["state"] != "revoked"]: ended["state"] = "ended"
            self.tokens[token["serial"]] = self.keys[digest][0]

    return Auditor
