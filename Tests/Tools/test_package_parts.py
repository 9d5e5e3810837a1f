"""What the package is made of besides programs: manual pages and the journal's catalogue."""

from __future__ import annotations

import unittest

import catalogue
import manual

TREE = {
    "commandName": "edged",
    "abstract": "A door.",
    "subcommands": [
        {
            "commandName": "status",
            "abstract": "Tell how it is.",
            "arguments": [
                {"kind": "option", "names": [{"kind": "long", "name": "config"}], "valueName": "config", "abstract": "The file."},
                {"kind": "positional", "valueName": "name", "abstract": ".A point first."},
            ],
        },
        {
            "commandName": "audit",
            "abstract": "The trail.",
            "subcommands": [
                {
                    "commandName": "show",
                    "abstract": "Show it.",
                    "arguments": [
                        {"kind": "option", "names": [{"kind": "long", "name": "config"}], "valueName": "config", "abstract": "The file."},
                        {"kind": "flag", "names": [{"kind": "long", "name": "help"}], "abstract": "Help."},
                        {"kind": "option", "names": [{"kind": "long", "name": "limit"}], "valueName": "n", "abstract": "So many.", "defaultValue": "50"},
                    ],
                },
                {"commandName": "help", "abstract": "Help."},
            ],
        },
    ],
}
EXAMPLE = """# The configuration.

# Who is answered.
#[http]
# Where.
#listen = "127.0.0.1:8080"
"""


class Manual(unittest.TestCase):
    def test_each_command_has_its_section_and_options_of_all_are_told_once(self) -> None:
        page = manual.commands_page(TREE, "1.2.3")
        self.assertIn('.TH EDGED 1 "', page)
        self.assertIn(".SS edged status\n\\fBedged status\\fR [\\fIoptions\\fR] \\fINAME\\fR", page)
        self.assertIn(".SS edged audit show", page)
        self.assertEqual(page.count("The file."), 1)
        self.assertIn("So many. Default: 50.", page)
        self.assertNotIn("Help.", page)

    def test_nothing_is_taken_for_a_request_of_roff(self) -> None:
        self.assertIn("\\&.A point first.", manual.commands_page(TREE, "1"))
        self.assertEqual(manual.plain("a-b\\c"), "a\\-b\\ec")

    def test_what_has_no_value_is_said_to_be_an_example(self) -> None:
        page = manual.configuration_page(EXAMPLE + "# A socket. Example:\n#socket = \"/x\"\n", "1")
        self.assertIn("A socket. Unset; the value shown is an example.", page)

    def test_the_configuration_has_each_table_and_key(self) -> None:
        page = manual.configuration_page(EXAMPLE, "1")
        self.assertIn("where it is not written", page)
        self.assertIn(".SS [http]\nWho is answered.", page)
        self.assertIn('\\fBlisten\\fR = "127.0.0.1:8080"\nWhere.', page)


class Catalogue(unittest.TestCase):
    def test_a_code_has_the_number_that_the_daemon_gives_it(self) -> None:
        # The same in JournalFieldsTests.
        self.assertEqual(catalogue.message_id("store.mended"), "97438140390fc5aaa4b34933e5bf47ff")

    def test_every_row_of_the_runbook_is_there_with_its_remedy(self) -> None:
        text = catalogue.catalogue(catalogue.RUNBOOK.read_text())
        codes = catalogue.entries(catalogue.RUNBOOK.read_text())
        self.assertGreater(len(codes), 100)
        self.assertEqual(text.count("\n-- "), len(codes) - 1)
        self.assertIn(f"-- {catalogue.message_id('store.io')}\n", text)

    def test_markdown_is_taken_out(self) -> None:
        row = "| `store.x` | What **is** `wrong`. | See [that](#there). |\n"
        self.assertEqual(catalogue.entries(row), {"store.x": ("What is wrong.", "See that.")})


if __name__ == "__main__":
    unittest.main()
