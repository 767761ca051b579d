/** What a filter says, as a tree: Milvus's grammar, with the precedences that Milvus 2.3.5 has. */
import { refuseFilter } from "./status.ts"

/** A number with a fraction or an exponent is a `number`, an integer a `bigint`. */
export type Value = bigint | number | string | boolean

/** A step into a JSON value or an Array. */
export type Step = string | bigint

/** One node of the tree. */
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
  | { readonly kind: "call"; readonly name: string; readonly of: ReadonlyArray<Node> }

/** Reads a filter. Before 2.4, only few words were read in capitals. */
export const readSyntax = (text: string, isOld: boolean): Node => new Reader(text, isOld).read()

interface Token {
  readonly kind: "name" | "path" | "number" | "text" | "sign" | "end"
  readonly text: string
}

const quoted = String.raw`"(?:[^"\\\n\r]|\\[^])*"|'(?:[^'\\\n\r]|\\[^])*'`
const identifier = String.raw`(?:\$meta|[A-Za-z_]\w*)`
const tokens = new RegExp(
  String.raw`\s*(?:(not in\b|NOT IN\b)|(${identifier}(?:\[(?:${quoted}|\d+)\])+)|(${identifier})` +
    String.raw`|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)|(${quoted})` +
    String.raw`|(\*\*|<<|>>|==|!=|<=|>=|&&|\|\||[-+*/%~!<>()[\],&|^{}]))`,
  "y",
)

/** In capitals too; before 2.4, these were no words in capitals. */
const newWords: ReadonlySet<string> = new Set(["AND", "OR", "NOT", "IN", "NOT IN"])
const words: ReadonlyMap<string, string> = new Map([
  ...["and", "or", "not", "in", "like", "exists"].flatMap((word) =>
    [[word, word], [word.toUpperCase(), word]] as const
  ),
  ["&&", "and"],
  ["||", "or"],
  ["!", "not"],
])

const functions: ReadonlyMap<string, string> = new Map(
  [
    "json_contains",
    "json_contains_all",
    "json_contains_any",
    "array_contains",
    "array_contains_all",
    "array_contains_any",
  ]
    .concat("array_length").flatMap((name) => [[name, name], [name.toUpperCase(), name]] as const),
)

const booleans: ReadonlyMap<string, boolean> = new Map(
  [true, false].flatMap((value) => {
    const text = `${value}`
    return [text, text.toUpperCase(), `${text.charAt(0).toUpperCase()}${text.slice(1)}`].map((it) =>
      [it, value] as const
    )
  }),
)

/** How tightly signs between operands bind. */
const bindings: ReadonlyMap<string, number> = new Map(
  [["or"], ["and"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["in", "not in"], ["<<", ">>"]]
    .concat([["+", "-"], ["*", "/", "%"], [], ["**"], ["like"]])
    .flatMap((signs, at) => signs.map((sign) => [sign, at + 1] as const)),
)
const unaryBinding = (bindings.get("%") ?? 0) + 1
const rangeBinding = (bindings.get("in") ?? 0) - 0.5
const deepest = 500

class Reader {
  readonly #tokens: ReadonlyArray<Token>
  #at = 0
  #depth = 0

  constructor(readonly text: string, readonly isOld: boolean) {
    this.#tokens = this.#split()
  }

  read(): Node {
    const node = this.#expression(0)
    return this.#peek.kind === "end" ? node : this.#refuse()
  }

  #split(): ReadonlyArray<Token> {
    const found: Array<Token> = []
    const text = this.text.trimEnd()
    tokens.lastIndex = 0
    while (tokens.lastIndex < text.length) {
      const [, notIn, path, name, number, string, sign] = tokens.exec(text) ?? this.#refuse()
      if (this.isOld && newWords.has(notIn ?? name ?? "")) this.#refuse()
      if (notIn !== undefined) found.push({ kind: "sign", text: "not in" })
      else if (path !== undefined) found.push({ kind: "path", text: path })
      else if (number !== undefined) found.push({ kind: "number", text: number })
      else if (string !== undefined) found.push({ kind: "text", text: string })
      else if (name !== undefined) {
        const word = words.get(name)
        found.push(word === undefined ? { kind: "name", text: name } : { kind: "sign", text: word })
      } else found.push({ kind: "sign", text: words.get(sign ?? "") ?? sign ?? "" })
    }
    return found
  }

  #expression(least: number): Node {
    if (++this.#depth > deepest) this.#refuse()
    let left = this.#operand()
    for (;;) {
      const sign = this.#peek.kind === "sign" ? this.#peek.text : ""
      const binding = bindings.get(sign)
      if (binding === undefined) break
      if (/^[<>]=?$/.test(sign)) {
        const range = least < rangeBinding ? this.#range(left, sign) : undefined
        if (range !== undefined) {
          left = range
          continue
        }
      }
      if (binding <= least) break
      this.#at++
      left = this.#infix(left, sign, binding)
    }
    this.#depth--
    return left
  }

  #infix(left: Node, sign: string, binding: number): Node {
    if (sign === "like") {
      const pattern = this.#next()
      return pattern.kind === "text" ? { kind: "like", of: left, pattern: this.#unquote(pattern.text) } : this.#refuse()
    }
    if (sign === "in" || sign === "not in") {
      const list = this.#operand()
      if (list.kind !== "list" && list.kind !== "template") this.#refuse()
      return { kind: "in", isNot: sign === "not in", of: left, list }
    }
    return { kind: "binary", sign, left, right: this.#expression(binding) }
  }

  /** `low < field <= high`, if that is what comes. */
  #range(low: Node, first: string): Node | undefined {
    const [, name, second] = this.#tokens.slice(this.#at, this.#at + 3)
    if (name === undefined || second?.kind !== "sign" || !/^[<>]=?$/.test(second.text)) return undefined
    if (name.kind !== "name" && name.kind !== "path" || second.text[0] !== first[0]) return undefined
    this.#at++
    const field = this.#operand()
    this.#at++
    return { kind: "range", low, signs: [first, second.text], field, high: this.#expression(rangeBinding) }
  }

  #operand(): Node {
    const token = this.#next()
    switch (token.kind) {
      case "number":
        return { kind: "value", value: number(token.text) ?? this.#refuse() }
      case "text":
        return { kind: "value", value: this.#unquote(token.text) }
      case "path":
        return this.#path(token.text)
      case "name":
        return this.#named(token.text)
      case "sign":
        return this.#prefixed(token.text)
      case "end":
        return this.#refuse()
    }
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
        return name.kind === "name" ? { kind: "template", name: name.text } : this.#refuse()
      }
      case "exists":
        return { kind: "call", name: "exists", of: [this.#expression(0)] }
      case "+":
      case "-":
      case "~":
      case "not":
        return { kind: "unary", sign, of: this.#expression(unaryBinding) }
      default:
        return this.#refuse()
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
      if (hexadecimal === undefined && octal === undefined) return escapes.get(other) ?? this.#refuse()
      const point = octal === undefined ? parseInt(hexadecimal ?? "", 16) : parseInt(octal, 8)
      const isCharacter = point < 0xd800 || point >= 0xe000 && point < 0x110000
      return isCharacter ? String.fromCodePoint(point) : this.#refuse()
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
    const is = kind === "sign" && text === sign
    if (is) this.#at++
    return is
  }

  #expect(sign: string): void {
    if (!this.#skip(sign)) this.#refuse()
  }

  #refuse(): never {
    return refuseFilter(this.text, "its syntax is not that of a filter")
  }
}

/** Those of Go, without bytes of `\x` and octal ones beyond ASCII, which are parts of characters there. */
const escape = /\\(?:x([0-7][\da-fA-F])|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([01][0-7]{2})|(.))/gs
const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v", "\\": "\\", "'": "'", '"': '"' }),
)

/** The value of digits: a leading 0 is octal, 0x hexadecimal and 0b binary. */
const number = (text: string): bigint | number | undefined => {
  if (/^0[0-7]+$/.test(text)) return int64(`0o${text.slice(1)}`)
  if (/^(0|[1-9]\d*|0[xX][\da-fA-F]+|0[bB][01]+)$/.test(text)) return int64(text)
  const isFloat = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && /[.eE]/.test(text)
  return isFloat && Number.isFinite(Number(text)) ? Number(text) : undefined
}

const int64 = (text: string): bigint | undefined => {
  const value = BigInt(text)
  return value < 2n ** 63n ? value : undefined
}
