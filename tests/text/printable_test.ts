import { assert, assertEquals } from "@std/assert"
import { oneLine, printable } from "../../src/text/printable.ts"
import { test } from "../support/test.ts"

/** Every UTF-16 unit. */
const units = Array.from({ length: 0x10000 }, (_, unit) => unit)

/** The characters that the rule names, as ranges instead of the Unicode classes that the code uses. */
const isHarmful = (unit: number) =>
  unit < 0x20 || unit >= 0x7f && unit <= 0x9f || unit === 0x061c || unit === 0x200e || unit === 0x200f ||
  unit >= 0x2028 && unit <= 0x202e || unit >= 0x2066 && unit <= 0x2069 || unit >= 0xd800 && unit <= 0xdfff

test("rule 16: printable escapes each harmful character, and keeps all others", () => {
  for (const unit of units) {
    const character = String.fromCharCode(unit)
    const shown = isHarmful(unit) ? `\\u${unit.toString(16).padStart(4, "0")}` : character
    assertEquals(printable(`a${character}b`), `a${shown}b`)
  }
})

test("rule 16: printable keeps surrogate pairs and printable text", () => {
  const text = "naïve 検索 😀 👩‍👩‍👧 e\u0301 \\u001b שלום"
  assertEquals(printable(text), text)
  assertEquals(printable(printable("\u001b[31m")), "\\u001b[31m")
})

test("rule 16: oneLine joins lines, and does not split a character", () => {
  assertEquals(oneLine("  a\r\n\tb\u2028c\u001b[2J "), "a b c\\u001b[2J")
  for (const shift of [0, 1]) {
    const line = oneLine("x".repeat(shift) + "😀".repeat(400))
    assert(line.length <= 500)
    assertEquals(line, printable(line))
    assert(line.endsWith("😀…"))
  }
})
