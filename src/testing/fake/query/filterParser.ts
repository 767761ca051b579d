/**
 * Filters by primary key: `id in [1, 2]`, `id not in [...]`, `id == 1`, `"a" <= id < "b"`, `id in {ids}` with values for the
 * template, joined by `and`, `or` and `not (...)`, in Milvus's spellings. All else is refused.
 */
import type { TemplateValue } from "../../../contract/messages.gen.ts"
import type { Field } from "../state/layout.ts"
import { refuseUnknown } from "../fakeStatus.ts"

/** A primary key. */
export type Key = bigint | string

/** What a filter says. */
export interface Filter {
  readonly matches: (key: Key) => boolean
  /** The keys, where the filter is nothing but a list of them. */
  readonly keys?: ReadonlyArray<Key> | undefined
}

/** Matches every row. */
export const everything: Filter = { matches: () => true }

type Templates = Readonly<Record<string, TemplateValue>>

/** Reads a filter; an empty one matches every row. */
export const parseFilter = (text: string, primary: Field, templates: Templates): Filter =>
  text.trim() === "" ? everything : new Parser(text, primary, templates).parse()

const tokens =
  /\s*(?:([A-Za-z_]\w*)|(-?\d[\w.]*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(==|!=|<=|>=|&&|\|\||[<>()[\],{}!]))/y

const words: Readonly<Record<string, string>> = {
  "&&": "and",
  AND: "and",
  "||": "or",
  OR: "or",
  "!": "not",
  NOT: "not",
  IN: "in",
}

const comparisons: Readonly<Record<string, (a: Key, b: Key) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
}

class Parser {
  readonly #tokens: ReadonlyArray<string>
  #at = 0

  constructor(readonly text: string, readonly primary: Field, readonly templates: Templates) {
    this.#tokens = this.#split()
  }

  parse(): Filter {
    const filter = this.#or()
    return this.#at === this.#tokens.length ? filter : this.#refuse()
  }

  #split(): ReadonlyArray<string> {
    const found: Array<string> = []
    const text = this.text.trimEnd()
    tokens.lastIndex = 0
    while (tokens.lastIndex < text.length) {
      const [, name, number, string, sign] = tokens.exec(text) ?? this.#refuse()
      const token = name ?? number ?? string ?? sign ?? ""
      found.push(words[token] ?? token)
    }
    return found
  }

  #or(): Filter {
    let left = this.#and()
    while (this.#skip("or")) {
      const [one, other] = [left, this.#and()]
      left = { matches: (key) => one.matches(key) || other.matches(key) }
    }
    return left
  }

  #and(): Filter {
    let left = this.#not()
    while (this.#skip("and")) {
      const [one, other] = [left, this.#not()]
      left = { matches: (key) => one.matches(key) && other.matches(key) }
    }
    return left
  }

  /** `not` only in front of parentheses: how far it reaches without them differs between versions of Milvus. */
  #not(): Filter {
    const isNot = this.#skip("not")
    if (!this.#skip("(")) return isNot ? this.#refuse() : this.#comparison()
    const inner = this.#or()
    if (!this.#skip(")")) this.#refuse()
    return isNot ? { matches: (key) => !inner.matches(key) } : inner
  }

  #comparison(): Filter {
    if (!this.#skip(this.primary.name)) return this.#range()
    const isNot = this.#skip("not")
    if (this.#skip("in")) {
      const keys = this.#list()
      const set = new Set(keys)
      return isNot ? { matches: (key) => !set.has(key) } : { matches: (key) => set.has(key), keys }
    }
    if (isNot) this.#refuse()
    const sign = this.#next()
    const value = this.#key()
    const compare = comparisons[sign] ?? this.#refuse()
    return { matches: (key) => compare(key, value), ...(sign === "==" ? { keys: [value] } : {}) }
  }

  /** `1 < id`, or `1 < id <= 9`. */
  #range(): Filter {
    const low = this.#key()
    const first = this.#next()
    const below = comparisons[first] ?? this.#refuse()
    if (!this.#skip(this.primary.name)) this.#refuse()
    const second = this.#tokens[this.#at] ?? ""
    if (comparisons[second] === undefined) return { matches: (key) => below(low, key) }
    if (!/^[<>]/.test(first) || second[0] !== first[0]) this.#refuse()
    this.#at++
    const above = comparisons[second]
    const high = this.#key()
    return { matches: (key) => below(low, key) && above(key, high) }
  }

  #list(): ReadonlyArray<Key> {
    if (this.#tokens[this.#at] === "{") return this.#template((value) => keysOf(value))
    if (!this.#skip("[")) this.#refuse()
    const keys: Array<Key> = []
    while (!this.#skip("]")) {
      if (keys.length > 0 && !this.#skip(",")) this.#refuse()
      keys.push(this.#key())
    }
    return keys
  }

  #key(): Key {
    const token = this.#tokens[this.#at] ?? ""
    if (token === "{") return this.#template(({ int64_val, string_val }) => int64_val ?? string_val)
    this.#at++
    const key = this.primary.type === "Int64" ? integer(token) : string(token)
    return key ?? this.#refuse()
  }

  #template<A>(read: (value: TemplateValue) => A | undefined): A {
    this.#at++
    const value = this.templates[this.#next()]
    if (!this.#skip("}") || value === undefined) return this.#refuse()
    const found = read(value)
    const [some] = Array.isArray(found) ? found : [found]
    const fits = some === undefined || typeof some === (this.primary.type === "Int64" ? "bigint" : "string")
    return found !== undefined && fits ? found : this.#refuse()
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? ""
  }

  #skip(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #refuse(): never {
    return refuseUnknown(`this filter, only filters by the primary key "${this.primary.name}": ${this.text}`)
  }
}

const keysOf = ({ array_val }: TemplateValue): ReadonlyArray<Key> | undefined =>
  array_val?.long_data?.data ?? array_val?.string_data?.data

/** Decimal: Milvus reads a leading 0 as octal. */
const integer = (token: string): bigint | undefined => /^-?(0|[1-9]\d*)$/.test(token) ? BigInt(token) : undefined

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" }

const string = (token: string): string | undefined =>
  /^["']/.test(token)
    ? token.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character)
    : undefined
