"""A browser that is a script: it fetches the gate's pages over TLS, heeds their headers, and does what their script
does, with a real FIDO2 client (python3-fido2) and a simulated key in a reader. It says what a browser says of itself.

    with Browser(house, "dave") as browser:      # the key in reader "dave"
        browser.log_in("dave")
        browser.decide("approval", digest)
"""
import base64
import hashlib
import http.client
import json
import os
import re
import ssl
import urllib.parse

from fido2 import cbor
from fido2.ctap2 import ClientPin, Ctap2
from fido2.pcsc import CtapPcscDevice

from story import canonical


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Refused(Exception):
    def __init__(self, status, said):
        super().__init__(f"{status}: {said.get('error', said)}")
        self.status, self.said = status, said


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


def policy_of(headers):
    """Content-Security-Policy as {directive: [source…]}."""
    return {one.split()[0]: one.split()[1:] for one in headers["Content-Security-Policy"].split(";")}


class Browser:
    def __init__(self, house, reader=None, pin=None, port=None, certificate=None):
        self.house, self.session, self.key, self.ctap = house, "", None, None
        self.choose = None  # the credential that its user takes where the page leaves the choice
        self.pin = pin
        self.port = port or urllib.parse.urlsplit(house.url).port
        self.origin = f"https://localhost:{self.port}"
        self._tls = ssl.create_default_context(cafile=str(house.home / "tls.pem"))
        if certificate:
            self._tls.load_cert_chain(*certificate)
        if reader:
            self._open_key(reader)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.ctap:
            self.ctap.device._conn.disconnect()  # pylint: disable=protected-access
            self.ctap = None

    def _open_key(self, reader):
        name = self.house.tokens.reader(reader)
        device = next(CtapPcscDevice.list_devices(name))
        self.ctap = Ctap2(device)

    # ---- HTTP -------------------------------------------------------------------------------------------

    def send(self, method, path, body=None, headers=None):
        """One exchange, with the headers that a page of this gate would cause; None takes one away."""
        said = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}
        if method == "POST":
            said.update({"Origin": self.origin, "Content-Type": "application/json"})
        if self.session:
            said["Authorization"] = "Bearer " + self.session
        said = {name: value for name, value in {**said, **(headers or {})}.items() if value is not None}
        connection = http.client.HTTPSConnection("localhost", self.port, context=self._tls, timeout=60)
        try:
            connection.request(method, path, body, said)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def open(self, path, **headers):
        """A page, and what it loads from this gate, all under its content security policy."""
        page = self.send("GET", path, headers={"Sec-Fetch-Site": "none", **headers})
        if page.status != 200:
            raise Refused(page.status, page.json())
        policy = policy_of(page.headers)
        text = page.body.decode()
        for script in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL):
            source = re.search(r'src="(/[^"]*)"', script[0])
            if not source or script[1] or policy["script-src"] != ["'self'"]:
                raise AssertionError("the page's policy would not let its own script run")
            if self.send("GET", source[1]).status != 200:
                raise AssertionError(f"{source[1]} is missing")
        if re.search(r"<style|\sstyle=|\son[a-z]+=", text):
            raise AssertionError("the page has inline style or script")
        return page

    def ask(self, path, body=None, headers=None):
        """What the page's script asks of the gate."""
        sent = None if body is None else canonical(body)
        answer = self.send("GET" if body is None else "POST", path, sent, headers)
        said = answer.json()
        if answer.status != 200:
            raise Refused(answer.status, said)
        return said

    # ---- the key ----------------------------------------------------------------------------------------

    def client_data(self, kind, challenge, origin=None):
        """As W3C Web Authentication, 5.8.1.1, has browsers write it."""
        return (f'{{"type":"webauthn.{kind}","challenge":"{b64url(challenge)}","origin":"{origin or self.origin}",'
                '"crossOrigin":false}').encode()

    def set_pin(self, pin):
        ClientPin(self.ctap).set_pin(pin)
        self.pin = pin

    def _permission(self, permission, rp_id):
        client = ClientPin(self.ctap)
        token = client.get_pin_token(self.pin, permission, rp_id)
        return client.protocol, token

    def get_assertion(self, challenge, rp_id, origin=None):
        data = self.client_data("get", challenge, origin)
        hashed = hashlib.sha256(data).digest()
        protocol, token = self._permission(ClientPin.PERMISSION.GET_ASSERTION, rp_id)
        one = self.key or self.choose
        allow = [{"type": "public-key", "id": one}] if one else None
        made = self.ctap.get_assertion(rp_id, hashed, allow, options={"up": True},
                                       pin_uv_param=protocol.authenticate(token, hashed),
                                       pin_uv_protocol=protocol.VERSION)
        return {"authenticator_data": b64(made.auth_data), "client_data": b64(data),
                "credential": b64(made.credential["id"]), "signature": b64(made.signature)}

    def make_credential(self, asked, person):
        """What navigator.credentials.create hands out: attestation object and client data."""
        identity = {"id": person.encode() + b"\0" + os.urandom(16), "name": person, "displayName": person}
        return self.create(base64.b64decode(asked["challenge"]), {"id": asked["rp_id"], "name": asked["realm"]}, identity)[:2]

    def create(self, challenge, party, identity, excluded=None):
        """Attestation object, client data and the credential's id."""
        data = self.client_data("create", challenge)
        hashed = hashlib.sha256(data).digest()
        protocol, token = self._permission(ClientPin.PERMISSION.MAKE_CREDENTIAL, party["id"])
        made = self.ctap.make_credential(hashed, party, identity, [{"type": "public-key", "alg": -7}], exclude_list=excluded or None,
                                         options={"rk": True}, pin_uv_param=protocol.authenticate(token, hashed),
                                         pin_uv_protocol=protocol.VERSION)
        attestation = cbor.encode({"fmt": made.fmt, "attStmt": made.att_statement, "authData": bytes(made.auth_data)})
        return attestation, data, made.auth_data.credential_data.credential_id

    def enrol(self, person):
        """The enrolment file that the page offers."""
        attestation, data = self.make_credential(self.ask("/enrolments/" + person), person)
        answer = self.ask("/enrolments", {"attestation_object": b64(attestation), "client_data": b64(data),
                                          "person": person})
        return canonical(answer["enrolment"])

    # ---- what the page's script does --------------------------------------------------------------------

    def signed(self, draft, origin=None, challenge=None, claimed=None):
        """The envelope of a statement that the key has signed."""
        statement = base64.b64decode(draft["statement"])
        assertion = self.get_assertion(challenge or hashlib.sha256(statement).digest(), draft["rp_id"], origin)
        evidence = {"signatures": [{"bytes": b64(canonical(assertion)), "kind": "webauthn",
                                    "person": claimed or json.loads(statement)["by"]}]}
        return {"blobs": [], "evidence": b64(canonical(evidence)), "statement": draft["statement"]}

    def draft(self, **asked):
        return self.ask("/drafts", asked)

    def log_in(self, person, **lies):
        self.session, self.key = "", None
        draft = self.draft(by=person, type="login")
        sent = self.signed(draft, **lies)
        answer = self.ask("/statements", sent)
        self.session = answer["session"]
        evidence = json.loads(base64.b64decode(sent["evidence"]))
        self.key = base64.b64decode(json.loads(base64.b64decode(evidence["signatures"][0]["bytes"]))["credential"])
        return answer

    def decide(self, kind, request, **more):
        draft = self.draft(request=request, type=kind, **more)
        named = hashlib.sha256(base64.b64decode(draft["request_statement"])).hexdigest()
        body = json.loads(base64.b64decode(draft["statement"]))["body"]
        if body["request"] != request or named != request:
            raise AssertionError("the draft is about another request than the one on show")
        return draft, self.ask("/statements", self.signed(draft))
