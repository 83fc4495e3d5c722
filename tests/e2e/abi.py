#!/usr/bin/env python3
"""The installed libsceau, as other programs meet it: the C example (pkg-config, C11, warnings as errors), the same
through find_package(sceau), the Python example; against a real gate with simulated cards.

    abi.py BUILD [-fsanitize=…]
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, PINS, House

BUILD = os.path.realpath(sys.argv.pop(1))
# A sanitized library needs programs that are built so too.
SANITIZE = [sys.argv.pop(1)] if len(sys.argv) > 1 and sys.argv[1].startswith("-fsanitize=") else []
ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "host-lib" / "abi" / "examples"


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **options)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, people=60).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.prefix = cls.house.folder / "prefix"
        run("cmake", "--install", BUILD, "--component", "libsceau", "--prefix", cls.prefix)
        cls.library = next(cls.prefix.rglob("libsceau.so.0"))
        cls.house.settle()
        cls.program = cls.house.folder / "extract"
        found = next(cls.prefix.rglob("sceau.pc")).parent
        flags = run("pkg-config", "--cflags", "--libs", "sceau", env={**os.environ, "PKG_CONFIG_PATH": str(found)})
        run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", *SANITIZE, EXAMPLES / "extract.c", "-o", cls.program,
            *flags.stdout.split(), f"-Wl,-rpath,{cls.library.parent}")

    def environment(self):
        settings = {**self.house.environment, "SCEAU_LIBRARY": str(self.library)}
        if SANITIZE:
            runtimes = [run("cc", "-print-file-name=" + name).stdout.strip() for name in ("libasan.so", "libubsan.so")]
            settings.update(LD_PRELOAD=" ".join(runtimes), ASAN_OPTIONS="detect_leaks=0")
        return settings

    def arguments(self, person, kind, sql, output, project="p-42"):
        return [str(self.program), self.house.url, str(self.house.home / "tls.pem"), person, project, "snds", kind, sql,
                output]

    def extract(self, person, *arguments, pin=None, **options):
        return subprocess.run(self.arguments(person, *arguments, **options), input=f"{pin or PINS[person]}\n" * 4,
                              env=self.house.environment, cwd=self.house.folder, capture_output=True, text=True,
                              timeout=120, check=False)

    def python(self, *arguments, pin=""):
        return subprocess.run([sys.executable, str(EXAMPLES / "sceau_example.py"), *map(str, arguments)],
                              input=f"{pin}\n" * 4, env=self.environment(), cwd=self.house.folder,
                              capture_output=True, text=True, timeout=120, check=False)

    def trust(self):
        file = self.house.folder / "trust.pem"
        if not file.exists():
            self.house.must("extract", "--project", "p-42", "--purpose", "for its roots", AGGREGATE, "-o", "t.csv",
                            "--evidence", "trust", who="carol")
            shutil.copy(self.house.folder / "trust" / "roots-and-crls.pem", file)
        return file

    def test_the_library_gives_away_nothing_but_its_own_names_and_a_version(self):
        listed = run("nm", "-D", "--defined-only", self.library).stdout
        names = [line.split()[2] for line in listed.splitlines() if line.split()[1] != "A"]
        self.assertTrue(names)
        self.assertEqual([], [name for name in names if not re.fullmatch(r"sceau_[a-z_]+@@SCEAU_0", name)])
        header = next(self.prefix.rglob("sceau.h")).read_text()
        declared = set(re.findall(r"SCEAU_API [^;(]*?\b(sceau_[a-z_]+)\(", header))
        self.assertEqual({name.split("@")[0] for name in names}, declared)
        pages = {page.stem for page in self.prefix.rglob("*.3")}
        self.assertEqual(set(), declared - pages, "functions without a manual page")

    def test_a_c_program_asks_and_gets_its_rows_and_a_receipt_that_python_verifies(self):
        done = self.extract("carol", "aggregate", AGGREGATE, "rows.csv")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("of carol", done.stdout)
        self.assertIn("is admitted", done.stdout)
        self.assertTrue((self.house.folder / "rows.csv").read_text().startswith("BEN_SEX_COD,boxes"))
        verified = self.python("verify", "rows.csv.receipt", self.trust())
        self.assertEqual(0, verified.returncode, verified.stderr)
        self.assertRegex(verified.stdout, r"extraction.request is entry \d+, signed by carol")
        whole = (self.house.folder / "rows.csv.receipt").read_bytes()
        at = whole.index(b'"statement":"') + 60
        (self.house.folder / "changed").write_bytes(whole[:at] + (b"A" if whole[at:at + 1] != b"A" else b"B") +
                                                    whole[at + 1:])
        changed = self.python("verify", "changed", self.trust())
        self.assertIn(changed.returncode, (2, 7), changed.stdout + changed.stderr)
        other = self.python("verify", "rows.csv.receipt", self.trust(),
                            "other+00000000+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        self.assertNotEqual(0, other.returncode)

    def test_python_approves_what_the_c_program_waits_for(self):
        waiting = subprocess.Popen(self.arguments("carol", "individual", INDIVIDUAL, "cohort.csv"),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.house.environment, cwd=self.house.folder)
        try:
            waiting.stdin.write(f"{PINS['carol']}\n" * 4)
            waiting.stdin.flush()
            said = ""
            while "request" not in said:
                said = waiting.stdout.readline()
                self.assertTrue(said, "the C program ended early")
            self.assertIn("is pending", said)
            approved = self.python("approve", self.house.url, self.house.home / "tls.pem", "dave", pin=PINS["dave"])
            self.assertEqual(0, approved.returncode, approved.stdout + approved.stderr)
            self.assertIn("carol asks: libsceau's example", approved.stdout)
            _, errors = waiting.communicate(timeout=120)
            self.assertEqual(0, waiting.returncode, errors)
        finally:
            if waiting.poll() is None:
                waiting.kill()
                waiting.communicate()
        self.assertGreater(len((self.house.folder / "cohort.csv").read_text().splitlines()), 1)

    def test_a_fido2_key_asks_and_another_approves(self):
        house = self.house
        serials = {}
        for person in ("carol", "dave"):
            house.must("token", "init", "--fido2", "--token", person, "--person", person, "-o", f"{person}.key")
            house.must("token", "enrol", f"{person}.key", "--administrator", "alice", "--administrator", "bob")
        for one in house.must("--json", "token", "list").json()[0]["tokens"]:
            if one.get("kind") == "fido2":
                serials[one["person"]] = one["serial"]
        done = self.extract(serials["carol"], "aggregate", AGGREGATE, "key.csv", pin=PINS["carol"])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn(f'token {serials["carol"]} ', done.stdout)
        self.assertIn("of carol", done.stdout)
        alone = self.python("verify", "key.csv.receipt", self.trust())
        self.assertNotEqual(0, alone.returncode, "nobody said whose the key is")
        house.must("extract", "--project", "p-42", "--purpose", "for the keys", AGGREGATE, "-o", "k.csv", "--evidence",
                   "keys", who=serials["carol"])
        verified = self.python("verify", "key.csv.receipt", self.trust(), "", house.folder / "keys" / "fido2-keys.json")
        self.assertEqual(0, verified.returncode, verified.stderr)
        self.assertIn("signed by carol", verified.stdout)
        asked = house.must("extract", "--kind", "individual", "--project", "p-42", "--purpose", "cohort", INDIVIDUAL,
                           "--no-wait", who=serials["carol"])
        approved = self.python("approve", house.url, house.home / "tls.pem", serials["dave"], pin=PINS["dave"])
        self.assertEqual(0, approved.returncode, approved.stdout + approved.stderr)
        house.must("extract", "--resume", asked.out.strip(), "-o", "people.csv", who=serials["carol"])

    def test_failures_have_their_codes_and_one_line(self):
        wrong = self.extract("carol", "aggregate", AGGREGATE, "no.csv", pin="111222")
        self.assertEqual(5, wrong.returncode, wrong.stderr)
        self.assertIn("wrong PIN", wrong.stderr)
        self.assertEqual(0, self.extract("carol", "aggregate", AGGREGATE, "yes.csv").returncode)
        refused = self.extract("carol", "aggregate", AGGREGATE, "no.csv", project="p-99")
        self.assertEqual(3, refused.returncode, refused.stderr)
        nobody = self.extract("nobody", "aggregate", AGGREGATE, "no.csv", pin="1")
        self.assertEqual(4, nobody.returncode, nobody.stderr)
        self.assertFalse((self.house.folder / "no.csv").exists())

    def test_find_package_builds_the_same_program(self):
        build = self.house.folder / "example-build"
        flags = " ".join(SANITIZE)
        run("cmake", "-S", next(self.prefix.rglob("examples")), "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_C_FLAGS={flags}")
        run("cmake", "--build", build)
        usage = subprocess.run([build / "extract"], capture_output=True, text=True, check=False)
        self.assertEqual(1, usage.returncode)
        self.assertIn("usage", usage.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
