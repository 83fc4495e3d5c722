#!/usr/bin/env python3
"""What the token's image may cost, and that its figures repeat exactly.

    figures_test.py BUILD
"""
import os
import sys
import unittest

import measure

BUILD = os.path.realpath(sys.argv.pop(1))


class FiguresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.figures = {name: value for name, (value, _) in measure.figures(BUILD).items()}

    def test_fits_flash_memory_and_stack(self):
        self.assertLessEqual(self.figures["fw_flash_bytes"], 160 * 1024)
        self.assertLessEqual(self.figures["fw_ram_bytes"], 48 * 1024)
        self.assertLessEqual(self.figures["fw_stack_bytes"], 12 * 1024)

    def test_keeps_a_margin_in_mbedtls_memory(self):
        self.assertLessEqual(self.figures["fw_mbedtls_bytes"], 14 * 1024 - 512)

    def test_a_signature_costs_no_more_than_it_may(self):
        self.assertLessEqual(self.figures["fw_sign_minsn"], 5.0)
        self.assertLessEqual(self.figures["fw_piv_auth_minsn"], 5.2)
        self.assertLessEqual(self.figures["fw_clearsign_minsn"], 5.6)
        self.assertLessEqual(self.figures["fw_get_assertion_minsn"], 6.0)

    def test_counts_repeat_exactly(self):
        machine = measure.Measurement(BUILD)
        self.assertEqual(machine.run(measure.signing()), machine.run(measure.signing()))


unittest.main()
