/** Reads arrays of NumPy (`.npy` files), one for each field, as an import does. */
import type { DataType } from "../../../contract/messages.gen.ts"
import { Code, throwRefusal } from "../fakeStatus.ts"
import type { Layout } from "./layout.ts"

/** The type of the elements of an array. Its name is that of NumPy, without the order of bytes. */
interface ElementType {
  readonly name: string
  readonly read: (view: DataView, at: number) => unknown
}

const int8: ElementType = { name: "i1", read: (view, at) => view.getInt8(at) }
const float: ElementType = { name: "f4", read: (view, at) => view.getFloat32(at, true) }
const double: ElementType = { name: "f8", read: (view, at) => view.getFloat64(at, true) }

/** The types of elements that fields accept. Texts are read by themselves. */
const elementTypes: Readonly<Partial<Record<DataType, ReadonlyArray<ElementType>>>> = {
  Bool: [{ name: "b1", read: (view, at) => view.getUint8(at) !== 0 }],
  Int8: [int8],
  Int16: [{ name: "i2", read: (view, at) => view.getInt16(at, true) }],
  Int32: [{ name: "i4", read: (view, at) => view.getInt32(at, true) }],
  Int64: [{ name: "i8", read: (view, at) => view.getBigInt64(at, true) }],
  Float: [float],
  Double: [double],
  FloatVector: [float, double],
  BinaryVector: [{ name: "u1", read: (view, at) => view.getUint8(at) }],
}

/** Returns the rows of arrays, which have the names of their fields. */
export const readNumpyFiles = (
  files: ReadonlyMap<string, Uint8Array>,
  layout: Layout,
): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  for (const { name, schema } of layout.fields) {
    if (!files.has(name) && !schema.autoID && !schema.is_dynamic) {
      throwFailed(`there is no file corresponding to field '${name}'`)
    }
  }
  const columns = [...files].map(([name, bytes]) => {
    const field = layout.fields.find((field) => field.name === name)
    const type = field?.type ?? throwFailed(`the field '${name}' is not defined in collection schema`)
    return [name, readArray(name, type, bytes)] as const
  })
  const counts = new Set(columns.map(([, values]) => values.length))
  if (counts.size > 1) throwFailed(`the files have different row counts: ${[...counts].join()}`)
  const [count = 0] = counts
  return Array.from(
    { length: count },
    (_, row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  )
}

const throwFailed = (reason: string): never => throwRefusal(Code.importFailed, reason)

/** The first bytes of a file. */
const magic: ReadonlyArray<number> = [0x93, ...new TextEncoder().encode("NUMPY")]

/** Returns the elements of an array, or its rows if it has two dimensions. */
const readArray = (field: string, type: DataType, bytes: Uint8Array): ReadonlyArray<unknown> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isNumpy = bytes.length > 12 && magic.every((byte, at) => bytes[at] === byte)
  if (!isNumpy) return throwFailed(`the file of field '${field}' is not an array of NumPy`)
  const start = bytes[6] === 1 ? 10 : 12
  const end = start + (start === 10 ? view.getUint16(8, true) : view.getUint32(8, true))
  const header = new TextDecoder().decode(bytes.subarray(start, end))
  const [, name = "", size = ""] = /'descr': *'[<|=]?([a-zA-Z])(\d+)'/.exec(header) ?? []
  const shape = (/'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? "").split(",").flatMap((part) => part.trim() || [])
  const isText = type === "VarChar" && name === "U"
  const element = elementTypes[type]?.find((it) => it.name === name + size)
  if (!isText && element === undefined || shape.length > 2 || /'fortran_order': *True/.test(header)) {
    return throwFailed(`illegal data type ${name}${size} of an array for field '${field}' of the type ${type}`)
  }
  const width = isText ? 4 * Number(size) : Number(size)
  const total = shape.reduce((product, length) => product * Number(length), 1)
  if (end + total * width > bytes.length) throwFailed(`the file of field '${field}' is too short`)
  const values = Array.from(
    { length: total },
    (_, at) =>
      element === undefined ? readText(view, end + at * width, Number(size)) : element.read(view, end + at * width),
  )
  const [rows = "0", columns] = shape
  if (columns === undefined) return values
  const length = Number(columns)
  return Array.from({ length: Number(rows) }, (_, row) => values.slice(row * length, (row + 1) * length))
}

/** Reads a text of 32-bit characters, which ends before the first zero. */
const readText = (view: DataView, at: number, length: number): string => {
  let text = ""
  for (let index = 0; index < length; index++) {
    const point = view.getUint32(at + index * 4, true)
    if (point === 0) break
    text += String.fromCodePoint(point)
  }
  return text
}
