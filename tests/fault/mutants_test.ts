/** Every mutant fits the sources and names a test. `mutations.ts`, which takes long, checks that the test fails. */
import { assertEquals } from "@std/assert"
import { fileURLToPath } from "node:url"
import { test } from "../support/test.ts"
import { mutants } from "./mutants.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const textOf = (file: string): string => Deno.readTextFileSync(root + file)

/** Whether a file has a string with this name in it, or a template whose parts are in the name. */
const hasName = (text: string, name: string): boolean => {
  const strings = [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(([, string, template]) =>
    (string ?? template ?? "").split(/\$\{[^}]*\}/)
  )
  return strings.some((parts) => {
    if (parts.length === 1) return parts[0]?.includes(name)
    const fixed = parts.map((part) => part.replace(/^rule \d+: /, "").trim()).filter((part) => part.length > 3)
    return fixed.length > 0 && fixed.every((part) => name.includes(part))
  })
}

test("the text that a mutant replaces occurs once in its file", () => {
  const wrong = mutants.filter(({ file, find }) => textOf(file).split(find).length !== 2)
  assertEquals(wrong.map(({ file, breaks }) => `${file}: ${breaks}`), [])
})

test("the test that a mutant names exists", () => {
  const wrong = mutants.filter(({ test: [file, name] }) => !hasName(textOf(file), name))
  assertEquals(wrong.map(({ test: [file, name] }) => `${file}: ${name}`), [])
})
