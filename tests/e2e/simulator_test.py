#!/usr/bin/env python3
"""tools/simulate and the harness over it: exit codes, cards pulled and put back, many at once, nothing left behind.

    simulator_test.py BUILD
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from harness import ROOT, Simulator

BUILD = os.path.realpath(sys.argv.pop(1))
SIMULATE = [str(ROOT / "tools" / "simulate"), "--build", BUILD]


def alive(pid):
    """Whether that process runs (a zombie does not)."""
    try:
        return "\nState:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def readers(tokens):
    return subprocess.run(["opensc-tool", "-l"], env=tokens.environment, capture_output=True, text=True,
                          check=True).stdout


class SimulateTest(unittest.TestCase):
    def test_returns_the_exit_code_of_the_command(self):
        self.assertEqual(7, subprocess.run([*SIMULATE, "alice", "--", "sh", "-c", "exit 7"], check=False).returncode)

    def test_refuses_names_that_cannot_be_variables(self):
        for names in (["al ice"], ["1a"], ["a", "a"], [], list("abcdefghi")):
            done = subprocess.run([*SIMULATE, *names, "--", "true"], capture_output=True, text=True, check=False)
            self.assertEqual(2, done.returncode, names)
            self.assertTrue(done.stderr)

    def test_card_is_pulled_and_put_back(self):
        with Simulator("alice", "bob", build=BUILD) as tokens:
            self.assertIn("Yes", readers(tokens))
            tokens.pull("alice")
            listed = {line[10:].strip(): line for line in readers(tokens).splitlines()[2:]}
            self.assertEqual(1, sum("Yes" in line for line in listed.values()))
            tokens.insert("alice")
            self.assertEqual(2, readers(tokens).count("Yes"))

    def test_tokens_keep_their_serial_from_one_run_to_the_next(self):
        with tempfile.TemporaryDirectory() as folder:
            answers = []
            for _ in range(2):
                with Simulator("alice", build=BUILD, folder=folder) as tokens:
                    answers.append(subprocess.run(
                        ["opensc-tool", "-r", tokens.reader("alice"), "-s", "00A4040005A000000308", "-s", "00F8000000"],
                        env=tokens.environment, capture_output=True, text=True, check=True).stdout)
            self.assertIn("SW1=0x90", answers[0])
            self.assertEqual(answers[0], answers[1])

    def test_one_folder_serves_one_run_at_a_time(self):
        with tempfile.TemporaryDirectory() as folder, Simulator("alice", build=BUILD, folder=folder):
            second = subprocess.run([*SIMULATE, "--dir", folder, "alice", "--", "true"], capture_output=True, text=True,
                                    check=False)
            self.assertEqual(125, second.returncode)
            self.assertIn("in use", second.stderr)

    def test_latency_is_waited_before_each_answer(self):
        with Simulator("alice", build=BUILD, options=("--latency-ms", "50")) as tokens:
            before = tokens.commands("alice")
            start = time.monotonic()
            subprocess.run(["opensc-tool", "-r", tokens.reader("alice"), "-c", "default", "-s", "00A4040005A000000308",
                            *["-s", "00F8000000"] * 4], env=tokens.environment, capture_output=True, check=True)
            took = time.monotonic() - start
            commands = tokens.commands("alice") - before
            self.assertGreaterEqual(commands, 5)
            self.assertGreaterEqual(took, 0.050 * commands)
        refused = subprocess.run([*SIMULATE, "--latency-ms", "soon", "alice", "--", "true"], capture_output=True,
                                 text=True, check=False)
        self.assertEqual(2, refused.returncode)
        self.assertIn("'soon' is not a delay", refused.stderr)

    def test_nothing_is_left_when_it_ends_or_is_killed(self):
        for kill in (None, signal.SIGTERM):
            with tempfile.TemporaryDirectory() as folder:
                process = subprocess.Popen([*SIMULATE, "--dir", folder, "alice", "--", "sh", "-c", "echo up; cat"],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                self.assertEqual("up\n", process.stdout.readline())
                pids = [int((pathlib.Path(folder) / f"{name}.pid").read_text()) for name in ("alice", "pcscd")]
                self.assertTrue(all(alive(pid) for pid in pids))
                if kill:
                    process.send_signal(kill)
                process.stdin.close()
                process.wait(timeout=30)
                process.stdout.close()
                self.assertFalse(any(alive(pid) for pid in pids))

    def test_several_run_side_by_side(self):
        processes = [subprocess.Popen([*SIMULATE, "alice", "bob", "--", "sh", "-c", "opensc-tool -l | grep -c Yes"],
                                      stdout=subprocess.PIPE, text=True) for _ in range(3)]
        for process in processes:
            self.assertEqual("2\n", process.communicate(timeout=120)[0])
            self.assertEqual(0, process.returncode)


unittest.main()
