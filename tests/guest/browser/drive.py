"""Drives Chromium in the guest: inside pages over its debugging pipe, in the browser's own dialogs with the keyboard.

    drive.py GATE BUILD REQUEST CARDS MODULE    the gate's port, the build folder, the digest of a request that waits; the
                                                gate's port for cards, and the PKCS#11 module that reaches them
"""
import json
import os
import ssl
import struct
import subprocess
import sys
import time

GATE, BUILD, REQUEST, CARDS, MODULE = sys.argv[1:]
ORIGIN = f"https://localhost:{GATE}"
PIN = "864209"
CARD_PIN = "975310"  # of carol's card
BLUE = (11, 87, 208)  # of the button that goes on, in every dialog of Chromium's
UNLOCK = (66, 133, 244)  # of the one in the dialog for a card's PIN
BEGUN = time.monotonic()
DATABASE = "sql:/tmp/.pki/nssdb"


def note(line):
    print(f"{time.monotonic() - BEGUN:6.1f} s  {line}", flush=True)


def until(true, what, seconds=240):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.2)
    raise RuntimeError(f"never came: {what}")


class Chromium:
    def __init__(self):
        inward, outward = os.pipe(), os.pipe()
        command = ["chromium", "--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", "--disable-extensions", "--password-store=basic",
                   "--enable-features=NetworkServiceInProcess2", "--user-data-dir=/tmp/chromium", "--window-size=900,700", "--window-position=0,0",
                   "--remote-debugging-pipe", "about:blank"]

        def place():
            os.dup2(os.dup2(inward[0], 100), 3)  # by way of high numbers, so that neither takes the other's place
            os.dup2(os.dup2(outward[1], 101), 4)
        with open("/tmp/chromium.log", "wb") as log:
            self.process = subprocess.Popen(command, preexec_fn=place, close_fds=False, stdout=log, stderr=log,
                                            env={**os.environ, "PCSCLITE_CSOCK_NAME": "/tmp/card.comm"})
        os.close(inward[0])
        os.close(outward[1])
        self.out, self.inward = inward[1], outward[0]
        self.buffer, self.number, self.session = b"", 0, None

    def _read(self):
        while b"\0" not in self.buffer:
            more = os.read(self.inward, 65536)
            if not more:
                with open("/tmp/chromium.log", encoding="utf-8", errors="replace") as log:
                    raise SystemExit("Chromium ended:\n" + log.read()[-3000:])
            self.buffer += more
        one, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(one)

    def tell(self, method, whole=False, **parameters):
        """One command of the DevTools protocol, whose answer nobody waits for; `whole`: to the browser, not to its page."""
        self.number += 1
        sent = {"id": self.number, "method": method, "params": parameters}
        if self.session and not whole:
            sent["sessionId"] = self.session
        os.write(self.out, json.dumps(sent).encode() + b"\0")

    def ask(self, method, **parameters):
        self.tell(method, **parameters)
        while True:
            said = self._read()
            if said.get("id") == self.number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                return said["result"]

    def attach(self):
        def page():
            return [one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        target = until(page, "a page of Chromium's")[0]["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Browser.setDownloadBehavior", whole=True, behavior="allow", downloadPath="/tmp/downloads")

    def run(self, script):
        done = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in done:
            raise RuntimeError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def text(self, name):
        return self.run(f"document.getElementById('{name}').textContent")

    def shows(self, name, seconds=240):
        """Waits until a part of the page is there to be seen; what went wrong is said at once."""
        def there():
            try:
                shown = self.run(f"(() => {{ const part = document.getElementById('{name}'); "
                                 f"const problem = document.getElementById('problem'); "
                                 f"return problem && !problem.hidden ? 'problem: ' + problem.textContent : "
                                 f"part && !part.closest('[hidden]') ? 'yes' : ''; }})()")
            except RuntimeError:  # the page before is gone, the next one not here
                return False
            if shown.startswith("problem"):
                raise SystemExit(f"the page says: {shown}")
            return shown
        until(there, name, seconds)

    def open(self, url, name):
        self.tell("Page.navigate", url=url)
        self.shows(name)
        note(f"{url.split('#')[0]}: {self.run('document.title')}")

    def press(self, name):
        self.run(f"document.getElementById('{name}').click()")

    def fill(self, name, form):
        self.run(f"document.getElementById('person').value = '{name}'; document.getElementById('{form}').requestSubmit()")


def pixel(across, down):
    with open("/tmp/screen/Xvfb_screen0", "rb") as file:  # an XWD file, 32 bits a pixel
        image = file.read()
    header = struct.unpack(">25I", image[:100])
    at = header[0] + 12 * header[19] + down * header[12] + 4 * across
    return image[at + 2], image[at + 1], image[at]


def keys(*words):
    subprocess.run(["xdotool", *words], check=True)


def type_pin(pin, twice=False):
    """Into the dialog that asks for a security key's PIN: its button begins at line 387, other dialogs' higher or lower."""
    until(lambda: pixel(612, 395) == BLUE and pixel(612, 375) != BLUE, "the dialog for the PIN")
    time.sleep(2)  # it slides in, and takes keys when it stands
    keys("mousemove", "311", "345", "click", "1")
    keys("type", "--delay", "80", pin)
    if twice:
        keys("key", "Tab")
        keys("type", "--delay", "80", pin)
    keys("key", "Return")


def prepare():
    for folder in ("/tmp/screen", "/tmp/downloads", "/tmp/.pki/nssdb", "/etc/chromium/policies/managed"):
        os.makedirs(folder, exist_ok=True)
    subprocess.Popen(["Xvfb", ":1", "-screen", "0", "900x700x24", "-fbdir", "/tmp/screen", "-nolisten", "tcp"],
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.environ.update(DISPLAY=":1", HOME="/tmp")
    subprocess.run(["certutil", "-d", DATABASE, "-N", "--empty-password"], check=True)
    pem = ssl.get_server_certificate(("127.0.0.1", int(GATE)))
    subprocess.run(["certutil", "-d", DATABASE, "-A", "-n", "gate", "-t", "P,,", "-a"], input=pem, text=True, check=True)
    subprocess.run(["modutil", "-dbdir", DATABASE, "-add", "Sceau", "-libfile", MODULE, "-force"], check=True,
                   stdin=subprocess.DEVNULL)
    # Two of the browser's questions are answered: whether this site may see the key's make, and which certificate it is shown.
    carol = {"pattern": f"https://localhost:{CARDS}", "filter": {"SUBJECT": {"CN": "Carol Roux"}}}
    with open("/etc/chromium/policies/managed/sceau.json", "w", encoding="ascii") as file:
        json.dump({"SecurityKeyPermitAttestation": ["localhost"], "AutoSelectCertificateForUrls": [json.dumps(carol)]}, file)


def register(browser):
    browser.open(f"{ORIGIN}/enrol", "enrol")
    browser.fill("dave", "enrol-form")
    type_pin(PIN, twice=True)  # the key has none yet
    browser.shows("enrolled")
    note(browser.text("enrolled-text"))
    browser.press("enrolment")
    until(lambda: os.path.exists("/tmp/downloads/dave.enrolment"), "the enrolment file")


def enrol():
    """The key and two administrators' cards sign, as the page says: the key in this machine, the cards outside."""
    with open("/tmp/askpass", "w", encoding="ascii") as file:
        file.write('#!/bin/sh\ncase "$1" in\n*"Sceau alice "*) echo 24681357 ;;\n*"Sceau bob "*) echo 135724 ;;\n'
                   f"*) echo {PIN} ;;\nesac\n")
    os.chmod("/tmp/askpass", 0o700)
    done = subprocess.run([f"{BUILD}/tools/sceau/sceau", "token", "enrol", "/tmp/downloads/dave.enrolment",
                           "--administrator", "alice", "--administrator", "bob"], capture_output=True, text=True,
                          check=False, env={**os.environ, "SCEAU_ASKPASS": "/tmp/askpass", "ASAN_OPTIONS": "detect_leaks=0"})
    note(done.stdout.strip() + done.stderr.strip())
    done.check_returncode()


def choose():
    """Takes the credential that the browser offers: a dialog that was only just drawn may not have heard the key."""
    for _ in range(20):
        keys("key", "Return")
        try:
            return until(lambda: pixel(612, 375) != BLUE, "the end of that dialog", seconds=6)
        except RuntimeError:
            note("the dialog is still there")
    raise SystemExit("the browser's dialog does not take Return")


def approve(browser):
    browser.open(f"{ORIGIN}/login#{REQUEST}", "log-in")
    browser.fill("dave", "log-in-form")
    type_pin(PIN)
    until(lambda: pixel(612, 375) == BLUE, "the choice of the credential")
    choose()
    browser.shows("request")
    lines = browser.text("lines")
    for line in ("approve a request", "by: dave", "by: carol", 'purpose: "A cohort"'):
        assert line in lines, lines
    assert browser.run("document.activeElement.id") == "request-heading"
    note("read: " + browser.text("request-heading"))
    browser.press("approve")
    type_pin(PIN)
    browser.shows("done")
    note(browser.text("done-text"))
    assert "it is admitted" in browser.text("done-text")


def log_in_by_card(browser):
    """NSS finds carol's certificate behind our module, and the browser asks for her PIN when it is to sign with her key."""
    browser.tell("Page.navigate", url=f"https://localhost:{CARDS}/login")
    until(lambda: pixel(630, 385) == UNLOCK, "the dialog for the card's PIN", seconds=480)
    note("the browser asks for the card's PIN")
    keys("type", "--delay", "80", CARD_PIN)
    keys("key", "Return")
    browser.shows("log-in")
    browser.press("log-in-card")
    browser.shows("waiting")
    note(browser.text("who"))
    assert "carol" in browser.text("who")


def main():
    prepare()
    browser = Chromium()
    browser.attach()
    note("Chromium is up")
    log_in_by_card(browser)
    register(browser)
    enrol()
    approve(browser)


if __name__ == "__main__":
    main()
