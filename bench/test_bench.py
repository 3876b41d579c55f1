"""Tests of the benchmark's own arithmetic and inputs. Nothing here measures anything."""

import random
import struct
import tempfile
import unittest
import zlib
from pathlib import Path

import inputs
import measure
import report
from section import Section, Table, Verdict, seconds, times


def jpeg_with_table(values: bytes) -> bytes:
    """The segments up to the scan of a JPEG with one quantisation table, and two bytes of scan."""
    app0 = b"\xff\xe0" + struct.pack(">H", 4) + b"xx"
    table = b"\xff\xdb" + struct.pack(">H", 67) + b"\0" + values
    return b"\xff\xd8" + app0 + table + b"\xff\xda\0\x02\x12\x34\xff\xd9"


class Inputs(unittest.TestCase):
    def test_every_variation_is_another_valid_table(self):
        original = jpeg_with_table(bytes([16] * 64))
        seen = set()
        for number in range(600):
            varied = inputs.vary(original, number)
            at = inputs.quantisation_table(varied)
            self.assertEqual(varied[at:at + 62], bytes([16] * 62))
            self.assertTrue(all(value >= 1 for value in varied[at:at + 64]))
            self.assertEqual(varied[at + 64:], original[at + 64:])
            seen.add(varied)
        self.assertEqual(len(seen), 600)
        self.assertEqual(inputs.vary(original, 0), original)

    def test_a_file_without_a_table_is_left_alone(self):
        self.assertIsNone(inputs.quantisation_table(b"\xff\xd8\xff\xda\0\x02"))
        self.assertEqual(inputs.vary(b"no jpeg", 3), b"no jpeg")

    def test_small_pngs_are_well_formed_and_differ(self):
        noise = random.Random(1)
        first, second = inputs.small_png(noise), inputs.small_png(noise)
        self.assertNotEqual(first, second)
        at, pixels = 8, b""
        while at < len(first):
            length, kind = struct.unpack(">I4s", first[at:at + 8])
            body = first[at + 8:at + 8 + length]
            self.assertEqual(struct.unpack(">I", first[at + 8 + length:at + 12 + length])[0], zlib.crc32(kind + body))
            pixels += zlib.decompress(body) if kind == b"IDAT" else b""
            at += 12 + length
        self.assertEqual(len(pixels), 32 * 33)

    def test_a_tree_has_the_files_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            inputs.small_file_tree(Path(folder) / "tree", 250, pictures=20)
            bodies = [path.read_bytes() for path in (Path(folder) / "tree").rglob("*.png")]
        self.assertEqual(len(bodies), 250)
        self.assertEqual(len(set(bodies)), 20)


class Measuring(unittest.TestCase):
    def test_ratio_is_taken_round_by_round(self):
        self.assertEqual(measure.ratio([2, 20, 3], [1, 10, 1]), 2)

    def test_contenders_take_turns(self):
        order = []
        measure.rounds({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
        self.assertEqual(order, ["a", "b", "a", "b"])

    def test_a_failing_program_is_no_measurement(self):
        with self.assertRaises(measure.Failed):
            measure.run(["sh", "-c", "exit 3"])
        self.assertEqual(measure.run(["sh", "-c", "echo hi; exit 3"], accept=(0, 3)).stdout, "hi\n")


class Writing(unittest.TestCase):
    def test_numbers_keep_three_digits(self):
        self.assertEqual([seconds(v) for v in (6.3e-6, 0.0123, 12.3, 250.4)], ["6.30 µs", "12.3 ms", "12.3 s", "250 s"])
        self.assertEqual(times(0.4), "0.40 ×")

    def test_what_people_wrote_around_the_numbers_stays(self):
        section = Section("S9", "Batch", [Table(["a"], [["1 | 2"]])], [Verdict("≤ 2 ms", "3 ms", False)], ["a note"], "make bench")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "BENCHMARKS.md"
            report.write(path, {"date": "2026-01-01"}, {"Tintype": "0.1.0"}, {"czkawka": "not installed"}, 5, [section])
            path.write_text(path.read_text() + "\n## Why S9 is missed\n")
            report.write(path, {"date": "2026-01-02"}, {"Tintype": "0.1.0"}, {}, 5, [Section.from_json(section.as_json())])
            text = path.read_text()
        self.assertIn("## Why S9 is missed", text)
        self.assertIn("| S9 | ≤ 2 ms | 3 ms | **missed** |", text)
        self.assertIn("| 1 \\| 2 |", text)
        self.assertIn("2026-01-02", text)
        self.assertNotIn("2026-01-01", text)
        self.assertEqual(text.count(report.START), 1)


if __name__ == "__main__":
    unittest.main()
