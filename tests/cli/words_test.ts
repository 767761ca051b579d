import { assertEquals } from "@std/assert"
import { quoteWord, splitWords, wordsOf } from "../../src/cli/shellWords.ts"
import { test } from "../support/test.ts"

test("wordsOf splits at spaces, except quoted and escaped ones", () => {
  assertEquals(wordsOf("  query  books 'year > 1900' --fields a,b "), [
    "query",
    "books",
    "year > 1900",
    "--fields",
    "a,b",
  ])
  assertEquals(wordsOf(`insert b '{"a": "x y"}'`), ["insert", "b", `{"a": "x y"}`])
  assertEquals(wordsOf(String.raw`a "b \" c" d\ e ''`), ["a", `b " c`, "d e", ""])
  assertEquals(wordsOf(""), [])
  assertEquals(wordsOf("a 'b"), undefined)
})

test("splitWords returns the word at the end of the line as it was typed", () => {
  assertEquals(splitWords("list col"), { words: ["list", "col"], typed: "col", open: undefined })
  assertEquals(splitWords("list "), { words: ["list", ""], typed: "", open: undefined })
  assertEquals(splitWords(`drop "my co`), { words: ["drop", "my co"], typed: `"my co`, open: '"' })
})

test("quoteWord quotes a word so that it is read back unchanged", () => {
  for (const word of ["plain", "two words", `a"b`, String.raw`back\slash`, "'", "日本 語"]) {
    assertEquals(wordsOf(`x ${quoteWord(word)}`), ["x", word])
  }
})
