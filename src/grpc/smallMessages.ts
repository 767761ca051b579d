/**
 * Encodes and decodes the small messages of the handshake, by their shapes. Loading proto-loader takes longer than
 * connecting, and a short script needs it for nothing else.
 *
 * Decoded messages equal those of proto-loader with the options that `methods.ts` gives it. It knows the types that
 * these messages have: no oneofs, bytes or floats.
 */
import { Reader } from "../codec/protobuf/reader.ts"
import { emitInt64, emitText, emitUint, encode, type Fragment, message } from "../codec/protobuf/writer.ts"
import { throwValue } from "../codec/errors.ts"
import type { FieldShape, Shape } from "../contract/shapes.ts"

/** Encodes a message. Throws a `CodecError` for a value that does not fit its field. */
export const encodeSmall = (name: string, shape: Shape, value: object): Uint8Array =>
  encode(name, partsOf(shape, value, name))

const partsOf = ({ fields }: Shape, value: unknown, name: string): ReadonlyArray<Fragment> => {
  if (typeof value !== "object" || value === null) return throwValue(name, undefined, "an object", typeof value)
  return [...fields].flatMap(([number, field]) => {
    // Cast: any object can be read by property names.
    const given = Object.hasOwn(value, field.name)
      ? (value as Readonly<Record<string, unknown>>)[field.name]
      : undefined
    if (given === undefined || given === null) return []
    if (field.isMap) {
      return Object.entries(given).map(([key, value]) => message(number, partsOf(field.message!, { key, value }, name)))
    }
    if (!field.isRepeated) return [partOf(number, field, given)]
    if (!Array.isArray(given)) return throwValue(field.name, undefined, "an array", typeof given)
    return given.map((one) => partOf(number, field, one))
  })
}

const partOf = (number: number, field: FieldShape, value: unknown): Fragment => {
  const { name, type, message: shape, enumNames, isLong } = field
  if (shape !== undefined) return message(number, partsOf(shape, value, name))
  if (isLong && typeof value === "bigint") return emitInt64(number, value)
  if (isLong && Number.isSafeInteger(value)) return emitInt64(number, BigInt(Number(value)))
  if (type === "string" && typeof value === "string") return emitText(number, value, name)
  if (type === "bool" && typeof value === "boolean") return emitUint(number, value ? 1 : 0)
  if (type === "int32" && isInt32(value)) return emitInt64(number, BigInt(value))
  if (enumNames === undefined) return throwValue(name, undefined, `a value of type ${type}`, `${value}`)
  const code = [...enumNames].find(([, name]) => name === value)?.[0] ?? value
  return isInt32(code) ? emitInt64(number, BigInt(code)) : throwValue(name, undefined, `a name of ${type}`, `${value}`)
}

const isInt32 = (value: unknown): value is number => typeof value === "number" && (value | 0) === value

/** Decodes bytes that are a message of the shape, as `checkMessage` of `wellFormed.ts` finds out. */
export const decodeSmall = (name: string, shape: Shape, bytes: Uint8Array): object =>
  decode(new Reader(name, bytes), shape)

const decode = (reader: Reader, { fields }: Shape): Record<string, unknown> => {
  const decoded: Record<string, unknown> = {}
  for (const field of fields.values()) decoded[field.name] = defaultOf(field)
  while (reader.at < reader.end) {
    const tag = reader.tag()
    const field = fields.get(tag >>> 3)
    if (field === undefined) {
      reader.skip(tag)
      continue
    }
    if (field.isMap) {
      const { key, value } = nested(reader, field.message!)
      // Also for a key such as `__proto__`.
      Object.defineProperty(decoded[field.name], String(key), {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      })
    } else if (!field.isRepeated) decoded[field.name] = valueOf(reader, field)
    else {
      const values = decoded[field.name] as Array<unknown> // cast: its default is an array
      if ((tag & 7) === field.wireType) values.push(valueOf(reader, field))
      else {
        const outer = reader.enter()
        while (reader.at < reader.end) values.push(valueOf(reader, field))
        reader.leave(outer)
      }
    }
  }
  return decoded
}

const nested = (reader: Reader, shape: Shape): Record<string, unknown> => {
  const outer = reader.enter()
  const value = decode(reader, shape)
  reader.leave(outer)
  return value
}

const valueOf = (reader: Reader, field: FieldShape): unknown => {
  const { type, message, enumNames } = field
  if (message !== undefined) return nested(reader, message)
  if (enumNames !== undefined) return nameOf(enumNames, reader.int32())
  if (type === "string") return reader.string()
  if (type === "bool") return reader.bool()
  if (type === "int32") return reader.int32()
  return type === "uint64" ? reader.uint64() : reader.int64()
}

const defaultOf = ({ isMap, isRepeated, message, enumNames, type, isLong }: FieldShape): unknown => {
  if (isMap) return {}
  if (isRepeated) return []
  if (message !== undefined) return null
  if (enumNames !== undefined) return nameOf(enumNames, 0)
  if (isLong) return 0n
  return type === "string" ? "" : type === "bool" ? false : 0
}

const nameOf = (names: ReadonlyMap<number, string>, code: number): string | number => names.get(code) ?? code
