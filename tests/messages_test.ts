// deno-lint-ignore-file no-import-prefix -- needed by tests alone, whereas deno.json is what users get
/**
 * All messages of the library and of the command line on one page, `messages.md`, so that they can be read in one go.
 *
 * The page is made from the sources and committed. A change of a message changes the page, in the same commit:
 * `deno run -A tests/messages_test.ts` writes it.
 *
 * A text is a message if it is
 * - an argument of an error's constructor, or of a function that is named for failing (`throwX`, `failX`, `xError`);
 * - an argument for a parameter, or the value of a property, with a name such as `expected`, `hint` or `reason`;
 * - in the body of a getter `message`, in a file that only holds messages, or in the command line, with its help texts;
 * - a constant of the same file that one of these uses.
 *
 * Values are in braces. Texts of a server are not on the page.
 */
import { fileURLToPath } from "node:url"
import { assert, assertEquals } from "@std/assert"
import ts from "npm:typescript@5.9.3"
import { test } from "./support/test.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const page = fileURLToPath(new URL("messages.md", import.meta.url))

/** Parameters and properties that hold a message, or a part of one. */
const messageNames = new Set([
  "expected",
  "problem",
  "hint",
  "details",
  "reason",
  "reasons",
  "message",
  "wanted",
  "advice",
])
/** Files and folders of which every text of more than a word is a message, or a help text. */
const messagePlaces = ["src/errors.ts", "src/connection/notReady.ts", "src/cli/"]

/** Functions that fail with their argument, or log it. */
const isFailing = (name: string): boolean =>
  /^#?(throw|fail|refuse)([A-Z]\w*)?$|^(param|codec|usage)Error$|^#?(stop|unfit)$|^log[A-Z]\w*$/.test(name)
const isErrorClass = (name: string): boolean =>
  /(Error|Problem|Failure|Fault|Mistake|Refusal)$|^(NotReady|NotJson|Closed|PartialWrite|PartialCreate)$/.test(name)

interface Source {
  readonly path: string
  readonly tree: ts.SourceFile
}

function readSources(folder = "src"): ReadonlyArray<Source> {
  const entries = [...Deno.readDirSync(root + folder)].toSorted((a, b) => a.name < b.name ? -1 : 1)
  return entries.flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`
    if (isDirectory) return readSources(path)
    if (!name.endsWith(".ts") || name.endsWith(".gen.ts")) return []
    return [{ path, tree: parse(path, Deno.readTextFileSync(root + path)) }]
  })
}

const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => visit(child, see))
}

/** The last name of `f`, `a.f` and `a.b.f`. */
function calledName(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : ""
}

type Positions = ReadonlySet<number>

/** Finds the functions and constructors of a file that take messages, with the positions of those parameters. */
function findMakers(tree: ts.SourceFile): ReadonlyMap<string, Positions> {
  const found = new Map<string, Positions>()
  const add = (name: string, { parameters }: ts.SignatureDeclaration) => {
    const positions = parameters.flatMap((parameter, position) =>
      ts.isIdentifier(parameter.name) && messageNames.has(parameter.name.text) ? [position] : []
    )
    if (positions.length > 0) found.set(name, new Set(positions))
  }
  visit(tree, (node) => {
    if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name && ts.isIdentifier(node.name)) {
      add(node.name.text, node)
    }
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && isFunction(node.initializer)) {
      add(node.name.text, node.initializer)
    }
    if (ts.isClassDeclaration(node) && node.name) {
      for (const member of node.members) if (ts.isConstructorDeclaration(member)) add(node.name.text, member)
    }
  })
  return found
}

/** Finds the constants of a file that are texts, tables of texts, choices of texts, or functions that return one. */
function findTexts(tree: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const found = new Map<string, ts.Expression>()
  visit(tree, (node) => {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || node.initializer === undefined) return
    const { initializer } = node
    const isReturned = ts.isArrowFunction(initializer) && !ts.isBlock(initializer.body)
    // Cast: the body of an arrow function that is not a block is an expression.
    const text = isReturned ? initializer.body as ts.Expression : initializer
    const isText = ts.isStringLiteralLike(text) || ts.isTemplateExpression(text) || ts.isConditionalExpression(text) ||
      ts.isObjectLiteralExpression(text)
    if (isText) found.set(node.name.text, text)
  })
  return found
}

const isFunction = (node: ts.Node | undefined): node is ts.ArrowFunction | ts.FunctionExpression =>
  node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node))

/** The text with its values in braces. */
function show(text: ts.StringLiteralLike | ts.TemplateExpression): string {
  if (ts.isStringLiteralLike(text)) return text.text
  return text.head.text + text.templateSpans.map(({ expression, literal }) => `{${shorten(expression)}}${literal.text}`)
    .join("")
}

/** The source of a value, or only its function if it is long. */
function shorten(expression: ts.Expression): string {
  const source = expression.getText().replace(/\s+/g, " ")
  if (source.length <= 40 && !source.includes("`")) return source
  return ts.isCallExpression(expression) ? `${calledName(expression.expression)}(...)` : "..."
}

/** Collects the messages of a file, each once, in their order. The makers are those of all files. */
function collect({ path, tree }: Source, makers: ReadonlyMap<string, Positions>): ReadonlyArray<string> {
  const found = new Set<string>()
  const ownMakers = findMakers(tree)
  const texts = new Map(findTexts(tree))
  /** Adds the texts of an expression. Without `any`, only those of more than a word: others are names. */
  const take = (node: ts.Node, any = false): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = show(node)
      if (/[a-z]/i.test(text) && (any || /\S\s+\S/.test(text))) found.add(text)
      if (ts.isTemplateExpression(node)) node.templateSpans.forEach(({ expression }) => take(expression))
      return
    }
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isElementAccessExpression(node)) return
    // Not `a === "b"`, and of `a ?? "b"` and `a || "b"` the second operand.
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken
      if (kind === ts.SyntaxKind.PlusToken) {
        take(node.left, true)
        take(node.right, true)
      } else if (kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken) {
        take(node.right, any)
      }
      return
    }
    if (ts.isIdentifier(node)) {
      const text = texts.get(node.text)
      texts.delete(node.text)
      if (text !== undefined) take(text, any)
      return
    }
    if (ts.isConditionalExpression(node)) {
      take(node.whenTrue, any)
      take(node.whenFalse, any)
      return
    }
    ts.forEachChild(node, (child) => take(child, false))
  }
  const isWhole = messagePlaces.some((place) => path.startsWith(place))
  visit(tree, (node) => {
    if (isWhole && ts.isSourceFile(node)) take(node)
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const name = calledName(node.expression)
      const positions = ownMakers.get(name) ?? makers.get(name)
      const isMaker = ts.isNewExpression(node) ? isErrorClass(name) : isFailing(name)
      node.arguments?.forEach((argument, position) => {
        if (positions?.has(position)) take(argument, true)
        else if (isMaker) take(argument)
      })
    }
    if (ts.isShorthandPropertyAssignment(node) && messageNames.has(node.name.text)) take(node.name, true)
    if (ts.isPropertyAssignment(node) && messageNames.has(node.name.getText())) take(node.initializer, true)
    if (ts.isGetAccessorDeclaration(node) && node.name.getText() === "message") take(node)
  })
  return [...found]
}

function makePage(sources: ReadonlyArray<Source>): string {
  const makers = new Map(sources.flatMap(({ tree }) => [...findMakers(tree)]))
  const sections = sources.flatMap((source) => {
    const messages = collect(source, makers)
    if (messages.length === 0) return []
    const lines = messages.map((message) => `- ${message.replaceAll("\n", "\\n").trimEnd()}`)
    return [`## ${source.path}\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n`]
  })
  return `# Messages

Every message of the library and of the command line, with its help texts, by file. Values are in braces.
Made from the sources by \`deno run -A tests/messages_test.ts\`; the header of \`messages_test.ts\` defines what counts as a message.

Most messages of the library use one of two templates: \`parameter "X": expected Y, got Z\` and
\`field "X", row N: expected Y, got Z\`. Of those the list has only Y.

${sections.join("\n")}`
}

if (import.meta.main) await Deno.writeTextFile(page, makePage(readSources()))
else {
  test("messages.md has every message of the sources: `deno run -A tests/messages_test.ts` writes it", async () => {
    const made = makePage(readSources())
    const [committed, current] = [await Deno.readTextFile(page), made].map((text) => text.split("\n"))
    assertEquals(
      current,
      committed,
      "messages have changed: run `deno run -A tests/messages_test.ts` and read the page",
    )
  })

  test("a message is found in every place that can hold one", () => {
    for (const place of messagePlaces) assert(readSources().some(({ path }) => path.startsWith(place)), place)
    const text = `
      const check = (at: string, expected: string) => {}
      class Wrong { constructor(reason: string) {} get message() { return \`it is \${this.what}\` } }
      check("a name of", "one"); new Wrong("two"); failParam("a b", isSo ? "three of them" : "four of them")
      throw new UsageError("five of " + "six"); const x = { expected: "seven" }; print("not this one")
      throwValue(field, undefined, \`eight \${describe(value)}\`); if (error.reason === "not this") {}`
    const source = { path: "a.ts", tree: parse("a.ts", text) }
    assertEquals(collect(source, new Map()), [
      "it is {this.what}",
      "one",
      "two",
      "a b",
      "three of them",
      "four of them",
      "five of ",
      "six",
      "seven",
      "eight {describe(value)}",
    ])
  })
}
