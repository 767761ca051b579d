/** Sizes, names and words of the sources, so that they stay readable. */
import { assert, assertEquals } from "@std/assert"
import { fileURLToPath } from "node:url"
import { test } from "./support/test.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Returns the TypeScript files of a folder that people write, by their paths from the root. */
const filesOf = (folder: string): ReadonlyArray<string> =>
  [...Deno.readDirSync(root + folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`
    return isDirectory ? filesOf(path) : path.endsWith(".ts") && !path.endsWith(".gen.ts") ? [path] : []
  })

const linesOf = (file: string): ReadonlyArray<string> => Deno.readTextFileSync(root + file).split("\n")
const sources = filesOf("src")
const tests = filesOf("tests")
const isComment = (line: string): boolean => /^\s*(\/\*\*|\*|\/\/)/.test(line)

/** Returns the places of lines that satisfy a condition. */
const places = (files: ReadonlyArray<string>, isWrong: (line: string) => boolean): ReadonlyArray<string> =>
  files.flatMap((file) => linesOf(file).flatMap((line, at) => isWrong(line) ? [`${file}:${at + 1}`] : []))

test("no source file has more than 400 lines, and no test file more than 500", () => {
  const long = (files: ReadonlyArray<string>, most: number) =>
    files.filter((file) => linesOf(file).length - 1 > most).map((file) => `${file}: ${linesOf(file).length - 1}`)
  assertEquals(long(sources.filter((file) => file !== "src/errors.ts"), 400), [])
  assertEquals(long(tests.filter((file) => file.endsWith("_test.ts")), 500), [])
})

test("every test is registered with the sanitizers on, by tests/support/test.ts", () => {
  const others = tests.filter((file) => file !== "tests/support/test.ts")
  assertEquals(places(others, (line) => /\bDeno\.test\(|\bconst test = /.test(line)), [])
})

test("a sleep in a test has its reason next to it", () => {
  const unexplained = tests.filter((file) => file.endsWith("_test.ts")).flatMap((file) => {
    const lines = linesOf(file)
    return lines.flatMap((line, at) => {
      const isSleep = /\bsleep\((?!milli)|\bsetTimeout\(resolve\b/.test(line) && !line.includes("while (")
      const isExplained = lines.slice(Math.max(at - 3, 0), at + 1).some((near) => /\/\/ |\/\*\* /.test(near))
      return isSleep && !isExplained ? [`${file}:${at + 1}`] : []
    })
  })
  assertEquals(unexplained, [])
})

test("no comment is longer than 120 characters", () => {
  assertEquals(places(sources, (line) => isComment(line) && line.length > 120), [])
})

test("the root of the sources has at most 9 files, and few names occur twice", () => {
  assert([...Deno.readDirSync(`${root}src`)].filter(({ isFile }) => isFile).length <= 9)
  const names = sources.map((file) => file.split("/").at(-1)!)
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  assert(twice.size <= 12, [...twice].join(", "))
})

test("comments and messages are in plain English", () => {
  assertEquals(places(sources, (line) => /\b(nobody|somebody|whoever|who asks)\b/i.test(line)), [])
  const absent = places(sources, (line) => /\b(is no|is none|there is none)\b/i.test(line))
  assert(absent.length <= 5, absent.join(", "))
  const nouns = places(sources, (line) => /^\s*(\/\*\*|\*)\s+(What|How|Of) /.test(line))
  assert(nouns.length <= 10, nouns.join(", "))
})

test("every path in the documents for contributors exists", () => {
  const missing: Array<string> = []
  for (const document of ["ARCHITECTURE.md", "CONTRIBUTING.md", "src/workarounds/README.md"]) {
    const text = Deno.readTextFileSync(root + document)
    const folder = document.includes("/") ? document.slice(0, document.lastIndexOf("/") + 1) : ""
    for (const [, path = ""] of text.matchAll(/`([A-Za-z_.]+(?:\/[A-Za-z_.*]*)+|[A-Za-z]\w*\.(?:ts|md|json))`/g)) {
      if (path.includes("*") || path.startsWith("effect-milvus-tests")) continue
      const candidates = [path, `${folder}${path}`, `src/${path}`, `tests/${path}`]
      const isThere = candidates.some((candidate) => {
        try {
          return Deno.statSync(root + candidate) !== undefined
        } catch {
          return false
        }
      })
      // A file may be named without its folder.
      const isNamed = !path.includes("/") && [...sources, ...tests].some((file) => file.endsWith(`/${path}`))
      if (!isThere && !isNamed) missing.push(`${document}: ${path}`)
    }
  }
  assertEquals(missing, [])
})
