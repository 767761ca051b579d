/** Reads the shapes of messages from a descriptor: their fields on the wire, and the paths of their statuses. */

/** A message: its fields by their numbers. */
export interface Shape {
  readonly fields: ReadonlyMap<number, FieldShape>
}

/** A field of a message. */
export interface FieldShape {
  readonly name: string
  /** The type of a value, as in the descriptor. */
  readonly type: string
  readonly isRepeated: boolean
  readonly isMap: boolean
  /** The names of an enum by their numbers; `undefined` for other types. */
  readonly enumNames: ReadonlyMap<number, string> | undefined
  /** The wire type of one value: 0 for a varint, 1 for 8 bytes, 2 for a length and as many bytes, 5 for 4 bytes. */
  readonly wireType: 0 | 1 | 2 | 5
  /** Whether a value becomes a `bigint`. */
  readonly isLong: boolean
  /** The shape of a value that is a message. */
  readonly message: Shape | undefined
}

/** Path of a status in a message: field names from the outside in, empty if the message is itself a status. */
export type StatusPath = ReadonlyArray<string>

/** The parts of a descriptor's JSON that are used here. */
interface Node {
  readonly nested?: { readonly [name: string]: Node }
  readonly fields?: { readonly [name: string]: Field }
  readonly values?: Readonly<Record<string, number>>
}

interface Field {
  readonly type: string
  readonly id: number
  readonly rule?: string
  /** Type of the keys, if the field is a map. */
  readonly keyType?: string
}

const wireTypes: ReadonlyMap<string, FieldShape["wireType"]> = new Map([
  ["fixed64", 1],
  ["sfixed64", 1],
  ["double", 1],
  ["string", 2],
  ["bytes", 2],
  ["fixed32", 5],
  ["sfixed32", 5],
  ["float", 5],
])

/** The scalars that are varints: all others. */
const varints: ReadonlySet<string> = new Set(["int32", "uint32", "sint32", "int64", "uint64", "sint64", "bool"])

const namesOf = (values: Node["values"]): FieldShape["enumNames"] =>
  values && new Map(Object.entries(values).map(([name, number]) => [number, name]))

/** The shapes of one descriptor. */
export class Shapes {
  readonly #root: Node
  readonly #shapes = new Map<string, Shape>()

  constructor(descriptor: object) {
    this.#root = descriptor
  }

  /** Returns the shape of a message; `name` is resolved from a package or message such as `milvus.proto.milvus`. */
  get(name: string, scope: string): Shape {
    const full = this.#resolve(name, scope)
    const node = full === undefined ? undefined : this.#find(full)
    if (full === undefined || node?.fields === undefined) throw new Error(`the contract has no message ${name}`)
    return this.#of(full, node.fields)
  }

  #of(full: string, fields: NonNullable<Node["fields"]>): Shape {
    const known = this.#shapes.get(full)
    if (known !== undefined) return known
    const shape = { fields: new Map<number, FieldShape>() }
    // Set before the fields are read: a message may have itself as a field.
    this.#shapes.set(full, shape)
    for (const [name, field] of Object.entries(fields)) shape.fields.set(field.id, this.#field(name, field, full))
    return shape
  }

  #field(name: string, { type, rule, keyType }: Field, scope: string): FieldShape {
    if (keyType !== undefined) {
      const key = this.#field("key", { type: keyType, id: 1 }, scope)
      const value = this.#field("value", { type, id: 2 }, scope)
      const message = { fields: new Map([[1, key], [2, value]]) }
      const common = { isRepeated: true, isMap: true, enumNames: undefined, isLong: false } as const
      return { ...common, name, type, wireType: 2, message }
    }
    const isLong = type.endsWith("64")
    const common = { name, type, isRepeated: rule === "repeated", isMap: false, isLong }
    const wireType = wireTypes.get(type)
    if (wireType !== undefined || varints.has(type)) {
      return { ...common, wireType: wireType ?? 0, message: undefined, enumNames: undefined }
    }
    const full = this.#resolve(type, scope)
    const node = full === undefined ? undefined : this.#find(full)
    if (full === undefined || node === undefined) throw new Error(`the contract has no type ${type}`)
    // A type without fields is an enum.
    const message = node.fields === undefined ? undefined : this.#of(full, node.fields)
    return { ...common, wireType: message === undefined ? 0 : 2, message, enumNames: namesOf(node.values) }
  }

  /** Resolves the full name of a type by the rule of protobuf: the innermost scope that has it. */
  #resolve(name: string, scope: string): string | undefined {
    for (let outer = scope;; outer = outer.slice(0, Math.max(outer.lastIndexOf("."), 0))) {
      const full = outer === "" ? name : `${outer}.${name}`
      if (this.#find(full) !== undefined) return full
      if (outer === "") return undefined
    }
  }

  #find(full: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of full.split(".")) {
      node = node?.nested !== undefined && Object.hasOwn(node.nested, name) ? node.nested[name] : undefined
    }
    return node
  }
}

/** Returns the paths of the statuses in a message of a shape; `status` is the shape of a status. */
export const statusPaths = (shape: Shape, status: Shape): ReadonlyArray<StatusPath> => {
  const find = (shape: Shape, outer: ReadonlyArray<Shape>): ReadonlyArray<StatusPath> => {
    if (shape === status) return [[]]
    if (outer.includes(shape)) return []
    return [...shape.fields.values()].flatMap(({ name, message }) =>
      message === undefined ? [] : find(message, [...outer, shape]).map((path) => [name, ...path])
    )
  }
  return find(shape, [])
}
