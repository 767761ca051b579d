/** Parses a filter to a tree, with the grammar and precedences of Milvus 2.3.5, and `is null` of Milvus 2.5. */
import { throwFilter } from "../fakeStatus.ts"

/** A constant. Integers are `bigint`; numbers with a fraction or an exponent are `number`. */
export type Value = bigint | number | string | boolean

/** A step of a path: a key of a JSON object, or an index. */
export type Step = string | bigint

/** A node of the tree. */
export type Node =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "list"; readonly items: ReadonlyArray<Node> }
  | { readonly kind: "field"; readonly name: string; readonly path: ReadonlyArray<Step> }
  | { readonly kind: "template"; readonly name: string }
  | { readonly kind: "unary"; readonly sign: string; readonly of: Node }
  | { readonly kind: "binary"; readonly sign: string; readonly left: Node; readonly right: Node }
  | {
    readonly kind: "range"
    readonly low: Node
    readonly signs: readonly [string, string]
    readonly field: Node
    readonly high: Node
  }
  | { readonly kind: "in"; readonly isNot: boolean; readonly of: Node; readonly list: Node }
  | { readonly kind: "like"; readonly of: Node; readonly pattern: string }
  | { readonly kind: "null"; readonly isNot: boolean; readonly of: Node }
  | { readonly kind: "call"; readonly name: string; readonly of: ReadonlyArray<Node> }

/** Parses a filter. Before Milvus 2.4, only some keywords could be written in upper case. */
export const parseSyntax = (text: string, isOld: boolean): Node => new Parser(text, isOld).read()

interface Token {
  readonly kind: "name" | "path" | "number" | "text" | "sign" | "end"
  readonly text: string
}

const quoted = String.raw`"(?:[^"\\\n\r]|\\[^])*"|'(?:[^'\\\n\r]|\\[^])*'`
const identifier = String.raw`(?:\$meta|[A-Za-z_]\w*)`
const tokens = new RegExp(
  String
    .raw`\s*(?:(not in\b|NOT IN\b|is null\b|IS NULL\b|is not null\b|IS NOT NULL\b)|(${identifier}(?:\[(?:${quoted}|\d+)\])+)|(${identifier})` +
    String.raw`|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)|(${quoted})` +
    String.raw`|(\*\*|<<|>>|==|!=|<=|>=|&&|\|\||[-+*/%~!<>()[\],&|^{}]))`,
  "y",
)

/** Keywords that Milvus accepts since 2.4, or, for nulls, 2.5. */
const newKeywords: ReadonlySet<string> = new Set(["AND", "OR", "NOT", "IN", "NOT IN", "is null", "is not null"])
/** Operators by their spellings. */
const keywords: ReadonlyMap<string, string> = new Map([
  ...["and", "or", "not", "in", "like", "exists"].flatMap((word) =>
    [[word, word], [word.toUpperCase(), word]] as const
  ),
  ["&&", "and"],
  ["||", "or"],
  ["!", "not"],
])

/** Functions by their spellings. */
const functions: ReadonlyMap<string, string> = new Map(
  [
    "json_contains",
    "json_contains_all",
    "json_contains_any",
    "array_contains",
    "array_contains_all",
    "array_contains_any",
    "array_length",
  ].flatMap((name) => [[name, name], [name.toUpperCase(), name]] as const),
)

/** Boolean constants by their spellings. */
const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["TRUE", true],
  ["True", true],
  ["false", false],
  ["FALSE", false],
  ["False", false],
])

/** Binary operators, from the loosest to the tightest. A range binds between a comparison and `in`. */
const operatorLevels: ReadonlyArray<ReadonlyArray<string>> = [
  ["or"],
  ["and"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["in", "not in"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
  // The level of unary operators.
  [],
  ["**"],
  ["like"],
]
const precedences: ReadonlyMap<string, number> = new Map(
  operatorLevels.flatMap((signs, level) => signs.map((sign) => [sign, level + 1] as const)),
)
const unaryPrecedence = (precedences.get("%") ?? 0) + 1
const rangePrecedence = (precedences.get("in") ?? 0) - 0.5
const maxDepth = 500

class Parser {
  readonly #tokens: ReadonlyArray<Token>
  #at = 0
  #depth = 0

  constructor(readonly text: string, readonly isOld: boolean) {
    this.#tokens = this.#tokenize()
  }

  read(): Node {
    const node = this.#expression(0)
    return this.#peek.kind === "end" ? node : this.#throwInvalid()
  }

  #tokenize(): ReadonlyArray<Token> {
    const found: Array<Token> = []
    const text = this.text.trimEnd()
    tokens.lastIndex = 0
    while (tokens.lastIndex < text.length) {
      const [, words, path, name, number, string, sign] = tokens.exec(text) ?? this.#throwInvalid()
      if (this.isOld && [words, name, words?.toLowerCase()].some((it) => newKeywords.has(it ?? ""))) {
        this.#throwInvalid()
      }
      if (words !== undefined) found.push({ kind: "sign", text: words.toLowerCase() })
      else if (path !== undefined) found.push({ kind: "path", text: path })
      else if (number !== undefined) found.push({ kind: "number", text: number })
      else if (string !== undefined) found.push({ kind: "text", text: string })
      else if (name !== undefined) {
        const keyword = keywords.get(name)
        found.push(keyword === undefined ? { kind: "name", text: name } : { kind: "sign", text: keyword })
      } else found.push({ kind: "sign", text: keywords.get(sign ?? "") ?? sign ?? "" })
    }
    return found
  }

  /** Parses an expression with operators that bind more tightly than `minimum`. */
  #expression(minimum: number): Node {
    if (++this.#depth > maxDepth) this.#throwInvalid()
    let left = this.#operand()
    for (;;) {
      const sign = this.#peek.kind === "sign" ? this.#peek.text : ""
      const precedence = precedences.get(sign)
      if (precedence === undefined) break
      if (/^[<>]=?$/.test(sign)) {
        const range = minimum < rangePrecedence ? this.#range(left, sign) : undefined
        if (range !== undefined) {
          left = range
          continue
        }
      }
      if (precedence <= minimum) break
      this.#at++
      left = this.#infix(left, sign, precedence)
    }
    this.#depth--
    return left
  }

  #infix(left: Node, sign: string, precedence: number): Node {
    if (sign === "like") {
      const pattern = this.#next()
      return pattern.kind === "text"
        ? { kind: "like", of: left, pattern: this.#unquote(pattern.text) }
        : this.#throwInvalid()
    }
    if (sign === "in" || sign === "not in") {
      const list = this.#operand()
      if (list.kind !== "list" && list.kind !== "template") this.#throwInvalid()
      return { kind: "in", isNot: sign === "not in", of: left, list }
    }
    return { kind: "binary", sign, left, right: this.#expression(precedence) }
  }

  /** Parses `low < field <= high` after `low`, or returns `undefined` if the next tokens are something else. */
  #range(low: Node, first: string): Node | undefined {
    const [, name, second] = this.#tokens.slice(this.#at, this.#at + 3)
    if (name === undefined || second?.kind !== "sign" || !/^[<>]=?$/.test(second.text)) return undefined
    if (name.kind !== "name" && name.kind !== "path" || second.text[0] !== first[0]) return undefined
    this.#at++
    const field = this.#operand()
    this.#at++
    return { kind: "range", low, signs: [first, second.text], field, high: this.#expression(rangePrecedence) }
  }

  #operand(): Node {
    const token = this.#next()
    switch (token.kind) {
      case "number":
        return { kind: "value", value: parseNumber(token.text) ?? this.#throwInvalid() }
      case "text":
        return { kind: "value", value: this.#unquote(token.text) }
      case "path":
        return this.#nullTest(this.#path(token.text))
      case "name":
        return this.#nullTest(this.#named(token.text))
      case "sign":
        return this.#prefixed(token.text)
      case "end":
        return this.#throwInvalid()
    }
  }

  /** Parses `is null` or `is not null` after a field, if it is there. */
  #nullTest(of: Node): Node {
    const { kind, text } = this.#peek
    if (kind !== "sign" || of.kind !== "field" || !/^is /.test(text)) return of
    this.#at++
    return { kind: "null", isNot: text === "is not null", of }
  }

  #named(name: string): Node {
    const value = booleans.get(name)
    if (value !== undefined) return { kind: "value", value }
    const call = functions.get(name)
    if (call === undefined) return { kind: "field", name, path: [] }
    this.#expect("(")
    const of = [this.#expression(0)]
    if (call !== "array_length") {
      this.#expect(",")
      of.push(this.#expression(0))
    }
    this.#expect(")")
    return { kind: "call", name: call, of }
  }

  #prefixed(sign: string): Node {
    switch (sign) {
      case "(": {
        const inner = this.#expression(0)
        this.#expect(")")
        return inner
      }
      case "[":
        return { kind: "list", items: this.#items() }
      case "{": {
        const name = this.#next()
        this.#expect("}")
        return name.kind === "name" ? { kind: "template", name: name.text } : this.#throwInvalid()
      }
      case "exists":
        return { kind: "call", name: "exists", of: [this.#expression(0)] }
      case "+":
      case "-":
      case "~":
      case "not":
        return { kind: "unary", sign, of: this.#expression(unaryPrecedence) }
      default:
        return this.#throwInvalid()
    }
  }

  #items(): ReadonlyArray<Node> {
    const items: Array<Node> = []
    while (!this.#skip("]")) {
      if (items.length > 0) this.#expect(",")
      if (items.length > 0 && this.#skip("]")) break
      items.push(this.#expression(0))
    }
    return items
  }

  #path(text: string): Node {
    const name = text.slice(0, text.indexOf("["))
    const steps = text.slice(name.length).matchAll(new RegExp(String.raw`\[(?:(\d+)|(${quoted}))\]`, "g"))
    const path = Array.from(steps, ([, index, key = ""]) => index === undefined ? this.#unquote(key) : BigInt(index))
    return { kind: "field", name, path }
  }

  #unquote(text: string): string {
    type Group = string | undefined
    return text.slice(1, -1).replace(escape, (_, x: Group, u: Group, long: Group, octal: Group, other = "") => {
      const hexadecimal = x ?? u ?? long
      if (hexadecimal === undefined && octal === undefined) return escapes.get(other) ?? this.#throwInvalid()
      const point = octal === undefined ? parseInt(hexadecimal ?? "", 16) : parseInt(octal, 8)
      const isCharacter = point < 0xd800 || point >= 0xe000 && point < 0x110000
      return isCharacter ? String.fromCodePoint(point) : this.#throwInvalid()
    })
  }

  get #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "" }
  }

  #next(): Token {
    const token = this.#peek
    this.#at++
    return token
  }

  #skip(sign: string): boolean {
    const { kind, text } = this.#peek
    const matches = kind === "sign" && text === sign
    if (matches) this.#at++
    return matches
  }

  #expect(sign: string): void {
    if (!this.#skip(sign)) this.#throwInvalid()
  }

  #throwInvalid(): never {
    return throwFilter(this.text, "its syntax is not that of a filter")
  }
}

/** Escape sequences of Go, without `\x` and octal ones beyond ASCII, which stand for parts of characters there. */
const escape = /\\(?:x([0-7][\da-fA-F])|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([01][0-7]{2})|(.))/gs
const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v", "\\": "\\", "'": "'", '"': '"' }),
)

/** Parses a number. A leading 0 means octal, 0x hexadecimal and 0b binary. */
const parseNumber = (text: string): bigint | number | undefined => {
  if (/^0[0-7]+$/.test(text)) return parseInt64(`0o${text.slice(1)}`)
  if (/^(0|[1-9]\d*|0[xX][\da-fA-F]+|0[bB][01]+)$/.test(text)) return parseInt64(text)
  const isFloat = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && /[.eE]/.test(text)
  return isFloat && Number.isFinite(Number(text)) ? Number(text) : undefined
}

const parseInt64 = (text: string): bigint | undefined => {
  const value = BigInt(text)
  return value < 2n ** 63n ? value : undefined
}
