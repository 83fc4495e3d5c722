#!/usr/bin/env python3
"""Logging in by card: pamtester, simulated cards behind a real smart-card service, a real gate.

    login_test.py BUILD
"""
import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from machine import Machine  # noqa: E402
from harness import ROOT, Simulator  # noqa: E402
from story import PINS  # noqa: E402
from world import Laptop  # noqa: E402

Laptop.build = BUILD = os.path.realpath(sys.argv.pop(1))


class LogIn(Laptop):
    def logs_in(self, account="croux", **options):
        tried = self.machine.pam("authenticate", "acct_mgmt", "setcred", account=account, pin=PINS["carol"], **options)
        self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
        return tried

    def asking(self, *options):
        """Asks the gate first, and waits for its answer as long as it may take on a busy machine."""
        return ("send=" + self.house.program, "fresh=60000", *options)

    def logins(self):
        return [entry for entry in self.house.entries() if entry[0] == "login"]

    def test_the_holder_of_a_bound_card_logs_in_and_the_ledger_says_so(self):
        before = self.logins()
        commands = self.house.tokens.commands("carol")
        tried = self.logs_in()
        self.assertLessEqual(self.house.tokens.commands("carol") - commands, 6)
        self.assertIn("3 tries left", tried.text)
        self.assertEqual(1, len(self.machine.waiting()))
        self.assertEqual(0, self.machine.refresh().code)
        self.assertEqual([], self.machine.waiting())
        self.assertEqual(before + [("login", "admitted", "")], self.logins())
        self.assertEqual(0, self.house.sceau("audit").code)

    def test_the_gate_is_told_by_itself(self):
        before = len(self.logins())
        self.logs_in(options=("send=" + self.house.program,))
        while self.machine.waiting():
            os.sched_yield()
        self.assertEqual(before + 1, len(self.logins()))

    def test_unplugged_it_logs_in_and_tells_the_gate_later_in_order(self):
        before = len(self.logins())
        self.house.stop_gate()
        try:
            for _ in range(3):
                self.logs_in(options=("send=" + self.house.program,))
            names = [path.name for path in self.machine.waiting()]
            self.assertEqual(3, len(names))
            self.assertEqual(1, self.machine.refresh().code)
            self.assertEqual(names, [path.name for path in self.machine.waiting()])
        finally:
            self.house.start_gate()
            self.move_gate()
        done = self.machine.refresh()
        self.assertEqual(0, done.code, str(done))
        self.assertEqual([], self.machine.waiting())
        self.assertEqual(before + 3, len(self.logins()))

    def test_a_gate_that_does_not_answer_holds_nobody_up(self):
        gate = self.house._gate.pid
        os.kill(gate, signal.SIGSTOP)
        try:
            self.logs_in(options=("send=" + self.house.program, "fresh=200"))
        finally:
            os.kill(gate, signal.SIGCONT)

    def test_an_account_that_nobody_is_bound_to(self):
        self.refused(self.machine.pam("authenticate", account="root", pin=PINS["carol"]), "PAM_USER_UNKNOWN")
        # Ignored by every module of the stack is not a yes either.
        ignored = self.machine.pam("authenticate", account="root", pin=PINS["carol"], options=("send=none", "nullok"))
        self.refused(ignored, "PAM_PERM_DENIED")

    def test_another_persons_account(self):
        tried = self.machine.pam("authenticate", account="eblanc", pin=PINS["carol"])
        self.refused(tried, "PAM_AUTH_ERR")
        self.assertIn("not bound to carol", tried.text)
        self.assertNotIn("PIN of token", tried.text)

    def test_a_wrong_pin_tells_the_tries_left_and_the_last_one_blocks(self):
        with Simulator("carol", build=BUILD, folder=self.copy_of_cards("carol")) as cards:
            for left in (2, 1):
                tried = self.machine.pam("authenticate", pin="111222", tokens=cards)
                self.refused(tried, "PAM_AUTH_ERR")
                self.assertIn(f"{left} tr{'ies' if left > 1 else 'y'} left", tried.text)
            self.refused(self.machine.pam("authenticate", pin="111222", tokens=cards), "PAM_MAXTRIES")
            blocked = self.machine.pam("authenticate", pin=PINS["carol"], tokens=cards)
            self.refused(blocked, "PAM_MAXTRIES")
            self.assertIn("sceau token unblock", blocked.text)
            self.assertNotIn("PIN of token", blocked.text.replace("the PIN of token", ""))

    def test_what_is_no_pin_costs_no_try(self):
        for pin in ("", "12", "123456789"):
            tried = self.machine.pam("authenticate", pin=pin)
            self.refused(tried, "PAM_AUTH_ERR", "PAM_AUTHINFO_UNAVAIL")
            self.assertIn("3 tries left", tried.text)
        self.assertIn("3 tries left", self.logs_in().text)

    def test_a_revoked_token_logs_in_no_more_once_the_laptop_knows(self):
        with Simulator("erin", build=BUILD, folder=self.copy_of_cards("erin")) as cards:
            serial = "".join(filter(str.isdigit, self.machine.pam(
                "authenticate", account="eblanc", pin="111222", tokens=cards).text.split("PIN of token ")[1].split()[0]))
            self.administer("token", "revoke", serial, "--reason", "lost")
            # With nobody to ask, the copy that is there decides; with a gate, the token is refused at once.
            unaware = self.machine.pam("authenticate", account="eblanc", pin=PINS["erin"], tokens=cards)
            self.assertEqual("PAM_SUCCESS", unaware.code, str(unaware))
            self.machine.waiting()[0].unlink()
            tried = self.machine.pam("authenticate", account="eblanc", pin=PINS["erin"], tokens=cards,
                                     options=self.asking())
            self.refused(tried, "PAM_AUTH_ERR")
            self.assertIn("is revoked", tried.text)
            tried = self.machine.pam("authenticate", account="eblanc", pin=PINS["erin"], tokens=cards)
            self.refused(tried, "PAM_AUTH_ERR")
            self.assertIn("is revoked", tried.text)

    def test_a_binding_that_was_ended_lets_nobody_in(self):
        self.administer("account", "add", "laptop-12", "spare", "carol")
        self.refused(self.machine.pam("authenticate", account="spare", pin=PINS["carol"]), "PAM_USER_UNKNOWN")
        self.logs_in(account="spare", options=self.asking())
        self.administer("account", "end", "laptop-12", "spare", "carol", "--reason", "over")
        before = len(self.logins())
        tried = self.machine.pam("authenticate", account="spare", pin=PINS["carol"], options=self.asking())
        self.assertIn(tried.code, ("PAM_USER_UNKNOWN", "PAM_AUTHINFO_UNAVAIL"), str(tried))
        self.assertEqual(before, len(self.logins()))

    def test_a_binding_past_its_end_lets_nobody_in_nor_stay(self):
        self.administer("account", "add", "laptop-12", "brief", "carol", "--until", "2036-01-01")
        self.machine.refresh()
        self.logs_in(account="brief")
        for path in self.machine.waiting():
            path.unlink()
        for operation in ("authenticate", "acct_mgmt"):
            # Ten years on, everything that this machine has is out of date: that alone keeps everybody out.
            tried = self.machine.pam(operation, account="brief", pin=PINS["carol"], shift="+10y")
            self.refused(tried)

    def test_no_card_and_a_stack_that_wants_to_know(self):
        self.house.tokens.pull("carol")
        self.addCleanup(self.house.tokens.insert, "carol")
        self.refused(self.machine.pam("authenticate", pin=PINS["carol"]), "PAM_AUTHINFO_UNAVAIL")
        only = self.machine.pam("authenticate", pin=PINS["carol"], options=("send=none", "card_only"))
        self.refused(only, "PAM_CRED_INSUFFICIENT")

    def test_a_card_that_comes_while_it_waits(self):
        self.house.tokens.pull("carol")
        self.machine.stack("send=none", "wait=60")
        # A terminal, so that pamtester shows its lines as they come.
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        try:
            process = subprocess.Popen(self.machine.command(["pamtester", "sceau", "croux", "authenticate"]),
                                       env=self.machine.environment(), stdin=subprocess.PIPE, stdout=theirs,
                                       stderr=subprocess.DEVNULL)
        finally:
            os.close(theirs)
        said = b""
        while b"Insert your card" not in said and process.poll() is None:
            said += os.read(ours, 4096)
        self.house.tokens.insert("carol")
        process.communicate(PINS["carol"].encode() + b"\n", timeout=90)
        self.assertEqual(0, process.returncode)

    def test_cue_quiet_and_a_reader_by_name(self):
        told = self.logs_in(options=("send=none", "cue", "cue_prompt=Touch-it", "reader=carol"))
        self.assertIn("Touch-it", told.text)
        quiet = self.logs_in(options=("send=none", "quiet", "cue"))
        self.assertNotIn("Touch", quiet.text)
        self.refused_reader = self.machine.pam("authenticate", pin=PINS["carol"], options=("send=none", "reader=nobody"))
        self.assertEqual("PAM_AUTHINFO_UNAVAIL", self.refused_reader.code)

    def test_a_pin_typed_on_the_reader_is_asked_of_nobody_else(self):
        typed = self.machine.pam("authenticate", pad=PINS["carol"])
        self.assertEqual("PAM_SUCCESS", typed.code, str(typed))
        self.assertIn("on the reader", typed.text)
        nobody = self.machine.pam("authenticate", pad="", pin=PINS["carol"])
        self.assertEqual("PAM_AUTH_ERR", nobody.code, str(nobody))
        keys = self.machine.pam("authenticate", pad="", pin=PINS["carol"], options=("send=none", "keyboard"))
        self.assertEqual("PAM_SUCCESS", keys.code, str(keys))
        self.assertEqual(2, len(self.machine.waiting()))
        with Simulator("carol", build=BUILD, folder=self.copy_of_cards("carol")) as cards:
            wrong = self.machine.pam("authenticate", pad="111222", tokens=cards)
            self.assertEqual("PAM_AUTH_ERR", wrong.code, str(wrong))
            self.assertIn("2 tries left", wrong.text)

    def test_a_screen_locker_without_privileges(self):
        # Where it may look: the copy, the module, and the service's socket.
        self.house.folder.chmod(0o755)
        module = self.machine.module
        self.machine.module = shutil.copy(module, self.house.folder)
        service = os.path.dirname(self.house.environment["PCSCLITE_CSOCK_NAME"])
        mounts = (f"mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind {service} /run/pcscd"
                  " && export PCSCLITE_CSOCK_NAME=/run/pcscd/pcscd.comm")
        try:
            tried = self.machine.pam("authenticate", "acct_mgmt", pin=PINS["carol"], user=65534, mounts=mounts)
        finally:
            self.machine.module = module
        self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
        self.assertEqual(1, len(self.machine.waiting()))
        self.assertEqual(0, self.machine.refresh().code)
        self.assertEqual([], self.machine.waiting())

    def test_the_account_is_managed_for_those_whom_another_module_let_in(self):
        for account, code in (("croux", "PAM_SUCCESS"), ("root", "PAM_USER_UNKNOWN")):
            self.assertEqual(code, self.machine.pam("acct_mgmt", account=account).code)

    def test_another_machine_has_accounts_of_its_own(self):
        other = Machine(self.house, "laptop-13")
        self.join(other)
        self.assertEqual("PAM_USER_UNKNOWN", other.pam("authenticate", pin=PINS["carol"]).code)

    def test_the_module_shows_nothing_but_pams_own_names_and_brings_no_network(self):
        named = subprocess.run(["nm", "-D", "--defined-only", self.machine.module], capture_output=True, text=True,
                               check=True).stdout
        ours = {line.split()[-1] for line in named.splitlines()}
        self.assertEqual({"pam_sm_authenticate", "pam_sm_setcred", "pam_sm_acct_mgmt"}, ours)
        if self.machine.sanitizer():
            return  # compiled several files at once: what is not called cannot be told from what is
        needed = subprocess.run(["readelf", "-d", self.machine.module], capture_output=True, text=True, check=True).stdout
        for library in ("libcurl", "libsqlite3", "libssl"):
            self.assertNotIn(library, needed)


class Late(Laptop):
    def test_what_comes_after_its_window_is_recorded_as_late_and_both_auditors_agree(self):
        for _ in range(2):
            tried = self.machine.pam("authenticate", pin=PINS["carol"])
            self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
        ours = self.machine.waiting()
        signed = [json.loads(path.read_text())["statement"] for path in ours]
        # The gate comes back two days later.
        self.house.stop_gate()
        libraries = self.machine.environment(shift="+2d")
        with unittest.mock.patch.dict(os.environ, {name: libraries[name] for name in libraries if name.startswith(("FAKE", "ASAN"))}):
            os.environ["LD_PRELOAD"] = libraries["LD_PRELOAD"]
            self.house.start_gate()
        self.move_gate()
        done = self.machine.refresh()
        self.assertEqual([], self.machine.waiting(), str(done))
        recorded = [(base64.b64encode(statement).decode(), json.loads(verdict)) for statement, verdict in self.openings()]
        late = [statement for statement, verdict in recorded if verdict.get("late")]
        self.assertEqual(signed, late)
        self.assertEqual(0, self.house.sceau("audit", str(self.house.home)).code)
        auditor = ROOT / "tests" / "auditor" / "auditor.py"
        second = subprocess.run([sys.executable, str(auditor), str(self.house.home / "ledger.db")], capture_output=True,
                                text=True, check=False)
        self.assertTrue(second.stdout.startswith("ok "), second.stdout + second.stderr)

    def openings(self):
        database = sqlite3.connect(f"file:{self.house.home / 'ledger.db'}?mode=ro", uri=True)
        try:
            return database.execute("SELECT statement, verdict FROM opening ORDER BY idx").fetchall()
        finally:
            database.close()


if __name__ == "__main__":
    unittest.main()
