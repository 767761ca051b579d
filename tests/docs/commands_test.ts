/** The table for those who come from milvus_cli, held against that package and against the commands of this library. */
import { assert, assertEquals } from "@std/assert"
import * as mod from "../../mod.ts"
import { milvusCli } from "../../docs/commands.ts"
import { shellProgram } from "../../src/cli/program.ts"
import { wordsOf } from "../../src/cli/shellWords.ts"
import { execute } from "../cli/execute.ts"
import { startFake } from "../cli/program.ts"
import { makeFolder, succeed } from "../support/package.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"

test("the table for milvus_cli has exactly its commands", async () => {
  await using folder = await makeFolder({})
  const python = await pythonWith("pymilvus")
  const flags = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--no-deps"]
  const packages = [
    "milvus-cli==1.2.1",
    "click==8.5.1",
    "tabulate==0.10.0",
    "prompt-toolkit==3.0.53",
    "wcwidth==0.2.13",
  ]
  await succeed(python, ["-m", "pip", "install", ...flags, "--target", `${folder.path}/packages`, ...packages])
  const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
import click
from milvus_cli.scripts.milvus_client_cli import cli
def names(command, path):
    if not isinstance(command, click.Group): return [" ".join(path)]
    return [name for key, child in command.commands.items() for name in names(child, [*path, key])]
print(json.dumps(names(cli, [])))`
  // It keeps files in the home folder.
  const printed = await succeed(python, ["-c", script, `${folder.path}/packages`], { env: { HOME: folder.path } })
  assertEquals(Object.keys(milvusCli).toSorted(), JSON.parse(printed).toSorted())
})

test("every command of milvus_cli has an answer: a command that exists here, or a sentence", async () => {
  await using fake = await startFake()
  await using folder = await makeFolder({ "books.csv": "id\n1\n" })
  const failed: Array<string> = []
  for (const [name, { use, note }] of Object.entries(milvusCli)) {
    const operation = note?.match(/By the library: `(\w+)\.(\w+)`/)
    if (operation) {
      const [, namespace = "", member = ""] = operation
      assertEquals(typeof Reflect.get(Reflect.get(mod, namespace), member), "function", `${name}: ${note}`)
    }
    if (use === undefined) {
      assert(note !== undefined, `${name} has no answer`)
      continue
    }
    const words = (wordsOf(use) ?? []).map((word) => word === "books.csv" ? `${folder.path}/books.csv` : word)
    const connects =
      !/^(connect|disconnect|use|set|history|clear|exit|drop connection|help|list connections|--version)\b/.test(use)
    const { code, err } = await execute(connects ? [...words, "-p", fake.port] : words, {
      tree: shellProgram,
      // Passwords, and answers to a question whether to go on: the objects need not exist, and nothing is dropped.
      answers: ["secret12", "secret12", "secret12"],
      env: { XDG_CONFIG_HOME: folder.path },
    })
    // Wrong usage: a command, an argument or a flag that does not exist.
    if (code === 2) failed.push(`${use}: ${err.trim()}`)
  }
  assertEquals(failed, [])
})
