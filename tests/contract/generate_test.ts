/**
 * Holds the generated wire contract to four things: to its source (it is what the generator writes), to pymilvus (it has
 * each field, value and RPC of pymilvus's descriptors), to itself (`.proto`, JSON and types agree), and to what
 * proto-loader really does with it at run time, which is what the types promise.
 */
import * as protoLoader from "@grpc/proto-loader"
import { fileURLToPath } from "node:url"
import { assert, assertEquals, assertObjectMatch, assertStrictEquals } from "@std/assert"
// deno-lint-ignore no-import-prefix -- the parser that reads `.proto` files, wanted by this test alone
import protobuf from "npm:protobufjs@^7.6.6"
import type {
  IDescriptorProto,
  IEnumDescriptorProto,
  IFieldDescriptorProto,
  // deno-lint-ignore no-import-prefix -- as above
} from "npm:protobufjs@^7.6.6/ext/descriptor/index.js"
import { generate } from "../../proto/generate.ts"
import core from "../../src/contract/descriptor.core.json" with { type: "json" }
import full from "../../src/contract/descriptor.json" with { type: "json" }
import type {
  DataType,
  DescribeCollectionResponse,
  FieldData,
  KeyValuePair,
  Messages,
  Methods,
  MetricValue,
  MetricValueInput,
  ScalarField,
  SearchRequestInput,
  Status,
  StreamingMethods,
  StructArrayField,
  VectorField,
} from "../../src/contract/messages.gen.ts"
import { test } from "../support/test.ts"
import { pymilvusDescriptors } from "./pymilvus.ts"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "")
// protobufjs declares each nested object as all kinds of object at once, which no JSON is.
const [fullRoot, coreRoot] = [full, core] as unknown as [protobuf.INamespace, protobuf.INamespace]
const streaming = ["CreateReplicateStream", "DumpMessages"]

const protoNames = async (directory: string): Promise<ReadonlyArray<string>> =>
  (await Array.fromAsync(Deno.readDir(`${directory}/proto`))).map(({ name }) => name)
    .filter((name) => name.endsWith(".proto")).sort()

/** The committed `.proto` files, as protobufjs's own parser understands them. */
async function parseProtoFiles(): Promise<protobuf.Root> {
  const parsed = new protobuf.Root()
  parsed.resolvePath = (_origin, target) => target.startsWith("/") ? target : `${root}/proto/${target}`
  parsed.loadSync([...await protoNames(root)], { keepCase: true }).resolveAll()
  return parsed
}

// ---- its source

/** Generates from a source into a temporary folder, and compares what comes with what is committed. */
async function regenerate(sources?: ReadonlyMap<string, string>): Promise<void> {
  const directory = await Deno.makeTempDir()
  try {
    const paths = await generate(directory, sources)
    for (const path of paths) {
      // Compared as a boolean first: a difference of 300 KB is nothing to print.
      const [committed, regenerated] = await Promise.all([root, directory].map((at) => Deno.readFile(`${at}/${path}`)))
      assert(new TextDecoder().decode(committed) === new TextDecoder().decode(regenerated), `${path} differs`)
    }
    assertEquals(await protoNames(root), await protoNames(directory))
  } finally {
    await Deno.remove(directory, { recursive: true })
  }
}

test("generate changes nothing when it reads the committed .proto files", async () => {
  const texts = (await protoNames(root)).map(async (name) =>
    [name, await Deno.readTextFile(`${root}/proto/${name}`)] as const
  )
  await regenerate(new Map(await Promise.all(texts)))
})

/** Whether cargo, which the generator needs for its source, runs here. CI's machines may have none. */
const hasCargo = await new Deno.Command("cargo", { args: ["--version"], stdout: "null", stderr: "null" }).output().then(
  ({ success }) => success,
  () => false,
)
// The pymilvus tests below hold the committed files to a source of their own on every machine.
if (hasCargo) test("generate changes nothing when it reads the crate again", () => regenerate())

// ---- pymilvus

/** What messages, enums and the service have here, and not in pymilvus yet. */
const newerThanPymilvus: Readonly<Record<string, ReadonlyArray<string>>> = {
  MsgType: [
    "SplitShard",
    "CreateRowPolicy",
    "DropRowPolicy",
    "ListRowPolicies",
    "UpdateRowPolicy",
    "SetRLSPrincipalTags",
    "GetRLSPrincipalTags",
    "ListRLSPrincipals",
    "DeleteRLSPrincipalTags",
  ],
  ObjectPrivilege: ["PrivilegeSkipRLS", "PrivilegeViewRLS", "PrivilegeManageRLS", "PrivilegeImportBinlog"],
  DescribeCollectionResponse: ["shard_infos", "shard_by", "routing_modulus"],
  InsertRequest: ["rls_principal", "skip_rls"],
  UpsertRequest: ["rls_principal", "skip_rls"],
  DeleteRequest: ["rls_principal", "skip_rls"],
  SubSearchRequest: ["function_chains"],
  SearchRequest: ["rls_principal", "skip_rls"],
  HybridSearchRequest: ["rls_principal", "skip_rls"],
  QueryRequest: ["rls_principal", "skip_rls"],
  CreateRowPolicyRequest: ["policy_type"],
  RowPolicy: ["policy_type"],
  CreateSnapshotRequest: ["skip_index"],
  DescribeSnapshotResponse: ["skip_index"],
  RestoreSnapshotRequest: ["skip_index"],
  RestoreExternalSnapshotRequest: ["skip_index"],
  RowPolicyAction: ["QueryIterator", "SearchIterator", "HybridSearch"],
  MilvusService: [
    "UpdateRowPolicy",
    "SetRLSPrincipalTags",
    "GetRLSPrincipalTags",
    "ListRLSPrincipals",
    "DeleteRLSPrincipalTags",
  ],
  FieldSchema: ["type_schema", "element_nullable"],
  ScalarField: ["valid_data"],
  VectorField: ["valid_data"],
  FieldPartialUpdateOp: ["path"],
  OpType: ["PATH_REPLACE"],
  IDs: ["uuid_id"],
  DataType: ["UUID"],
}

test(".proto files have every field, value and RPC of pymilvus's descriptors", async () => {
  const parsed = await parseProtoFiles()
  const described = (field: IFieldDescriptorProto, message: IDescriptorProto): object => {
    const entry = message.nestedType?.find(({ name, options }) =>
      options?.mapEntry === true && field.typeName?.endsWith(`.${message.name}.${name}`)
    )
    const [key, value] = entry?.field ?? []
    const named = value ?? field
    return {
      id: field.number,
      type: named.typeName ?? `scalar ${named.type}`,
      key: key === undefined ? undefined : `scalar ${key.type}`,
      repeated: entry === undefined && Number(field.label) === 3,
      oneof: field.oneofIndex === undefined ? undefined : message.oneofDecl?.[field.oneofIndex]?.name,
    }
  }
  // By the numbers of FieldDescriptorProto.Type.
  const numbers: Readonly<Record<string, number>> = {
    ...{ double: 1, float: 2, int64: 3, uint64: 4, int32: 5, fixed64: 6, fixed32: 7, bool: 8, string: 9, bytes: 12 },
    ...{ uint32: 13, sfixed32: 15, sfixed64: 16, sint32: 17, sint64: 18 },
  }
  const read = (field: protobuf.Field): object => ({
    id: field.id,
    type: field.resolvedType?.fullName ?? `scalar ${numbers[field.type]}`,
    key: field instanceof protobuf.MapField ? `scalar ${numbers[field.keyType]}` : undefined,
    repeated: field.repeated,
    oneof: field.partOf?.name,
  })
  const compared = { messages: 0, values: 0, rpcs: 0 }
  const newer: Record<string, ReadonlyArray<string>> = {}
  /** Whether ours has all that pymilvus has, just so; notes what only ours has. */
  const compare = (
    name: string,
    ours: Readonly<Record<string, unknown>>,
    theirs: Readonly<Record<string, unknown>>,
  ) => {
    const added = Object.keys(ours).filter((key) => !Object.hasOwn(theirs, key))
    if (added.length > 0) newer[name] = added
    assertEquals(Object.fromEntries(Object.entries(ours).filter(([key]) => !added.includes(key))), theirs, name)
  }
  const compareEnum = (enumeration: IEnumDescriptorProto, scope: string): void => {
    const ours = parsed.lookup(`${scope}.${enumeration.name}`)
    if (!(ours instanceof protobuf.Enum)) return // dropped: MilvusService does not reach it
    compare(ours.name, ours.values, Object.fromEntries((enumeration.value ?? []).map((it) => [it.name, it.number])))
    compared.values += enumeration.value?.length ?? 0
  }
  const compareMessage = (message: IDescriptorProto, scope: string): void => {
    const fullName = `${scope}.${message.name}`
    const ours = parsed.lookup(fullName)
    if (!(ours instanceof protobuf.Type)) return // dropped, as above
    compare(
      ours.name,
      Object.fromEntries(ours.fieldsArray.map((field) => [field.name, read(field)])),
      Object.fromEntries((message.field ?? []).map((field) => [field.name, described(field, message)])),
    )
    compared.messages++
    for (const nested of message.nestedType ?? []) {
      if (nested.options?.mapEntry !== true) compareMessage(nested, fullName)
    }
    for (const nested of message.enumType ?? []) compareEnum(nested, fullName)
  }
  for (const file of await pymilvusDescriptors()) {
    for (const message of file.messageType ?? []) compareMessage(message, `.${file.package}`)
    for (const enumeration of file.enumType ?? []) compareEnum(enumeration, `.${file.package}`)
    for (const { method = [] } of (file.service ?? []).filter(({ name }) => name === "MilvusService")) {
      const { methods } = parsed.lookupService("milvus.proto.milvus.MilvusService")
      compare(
        "MilvusService",
        Object.fromEntries(
          Object.values(methods).map((it) => [it.name, [
            it.resolve() && it.resolvedRequestType?.fullName,
            it.resolvedResponseType?.fullName,
          ]]),
        ),
        Object.fromEntries(method.map((it) => [it.name, [it.inputType, it.outputType]])),
      )
      compared.rpcs += method.length
    }
  }
  assertEquals(compared, { messages: 366, values: 473, rpcs: 144 })
  assertEquals<object>(newer, newerThanPymilvus)
})

// ---- itself

type Json = { readonly [key: string]: Json } | string | number | boolean | ReadonlyArray<Json>

const leftOut = ["options", "parsedOptions", "valuesOptions", "reserved"]

/** A parsed root's JSON without what the descriptor leaves out: reserved ranges, and options other than presence. */
function essential(json: Json): Json {
  if (typeof json !== "object" || Array.isArray(json)) return json
  // A field may itself be named "options" or "reserved": then it has an id.
  const isKept = ([key, value]: readonly [string, Json]): boolean =>
    !leftOut.includes(key) || (typeof value === "object" && ("id" in value || "proto3_optional" in value))
  return Object.fromEntries(Object.entries(json).filter(isKept).map(([key, value]) => [key, essential(value)]))
}

test(".proto files parse to the shape of descriptor.json", async () => {
  const parsed: Json = JSON.parse(JSON.stringify((await parseProtoFiles()).toJSON()))
  assertEquals<Json>(essential(parsed), full)
})

test("descriptor.json resolves every type as the .proto files do", async () => {
  const fields = (of: protobuf.Root): ReadonlyArray<string> =>
    messageNames.flatMap((name) =>
      of.lookupType(name).fieldsArray.map((field) =>
        `${field.fullName} ${field.resolvedType?.fullName} ${field.packed} ${field.hasPresence}`
      )
    )
  assertEquals(fields(protobuf.Root.fromJSON(fullRoot)), fields(await parseProtoFiles()))
})

test("MilvusService has 149 RPCs: Methods has the 147 that are unary, StreamingMethods the others", async () => {
  const { methods } = full.nested.milvus.nested.proto.nested.milvus.nested.MilvusService
  const names = Object.keys(methods)
  assertEquals(names.length, 149)
  assertEquals(
    Object.entries(methods).filter(([, method]) => "responseStream" in method).map(([name]) => name),
    streaming,
  )
  const text = await Deno.readTextFile(`${root}/src/contract/messages.gen.ts`)
  const typed = Array.from(text.matchAll(/^ {2}readonly (\w+): \{ readonly request: /gm), ([, name]) => name)
  assertEquals(typed, [...names.filter((name) => !streaming.includes(name)), ...streaming])
})

test("Messages has every message that proto-loader defines", async () => {
  const text = await Deno.readTextFile(`${root}/src/contract/messages.gen.ts`)
  const typed = Array.from(text.matchAll(/^ {2}readonly "([\w.]+)": \{ readonly input: /gm), ([, name]) => name)
  assertEquals(typed.sort(), messageNames)
})

test("descriptor.core.json is the part of descriptor.json that connecting needs", () => {
  assertObjectMatch(full, core)
  const { common, milvus } = core.nested.milvus.nested.proto.nested
  assertEquals(Object.keys(core.nested.milvus.nested.proto.nested), ["common", "milvus"])
  assertEquals(Object.keys(milvus.nested.MilvusService.methods).sort(), ["CheckHealth", "Connect", "GetVersion"])
  const used = new Set(
    Array.from(JSON.stringify(core).matchAll(/"\w*[tT]ype":"(?:common\.)?(\w+)"/g), ([, name]) => name),
  )
  const declared = [...Object.keys(common.nested), ...Object.keys(milvus.nested)]
  assertEquals(declared.filter((name) => name !== "MilvusService" && !used.has(name)), [])
  assert("milvus.proto.milvus.MilvusService" in protoLoader.fromJSON(coreRoot))
})

// ---- run time

// proto-loader declares `longs` as any function at all; protobufjs takes BigInt by identity.
const loaded = protoLoader.fromJSON(fullRoot, { longs: BigInt, enums: String, defaults: true, oneofs: true })
const messageNames = Object.entries(loaded)
  .flatMap(([name, definition]) => definition.format === "Protocol Buffer 3 DescriptorProto" ? [name] : []).sort()

function definition(name: string): protoLoader.MessageTypeDefinition<object, object> {
  const found = loaded[name]
  assert(found !== undefined && "serialize" in found && typeof found.serialize === "function", `no message ${name}`)
  return found as protoLoader.MessageTypeDefinition<object, object>
}

const write = <Name extends keyof Messages>(name: Name, input: Messages[Name]["input"]): Uint8Array =>
  definition(name).serialize(input)

// The one place that believes the types; the tests below are why it may.
const read = <Name extends keyof Messages>(name: Name, bytes: Uint8Array): Messages[Name]["output"] =>
  definition(name).deserialize(bytes as Parameters<protoLoader.Deserialize<object>>[0]) as Messages[Name]["output"]

const roundTrip = <Name extends keyof Messages>(name: Name, input: Messages[Name]["input"]): Messages[Name]["output"] =>
  read(name, write(name, input))

/** The kind of value that a printed type stands for, when nothing was sent. */
function kindOfType(type: string): string {
  if (type.endsWith(" | null")) return "null"
  if (type.startsWith("ReadonlyArray<")) return "[]"
  if (type.startsWith("{ readonly [key: string]:")) return "{}"
  return { string: '""', boolean: "false", number: "0", bigint: "0n", Uint8Array: "bytes" }[type] ?? `name of ${type}`
}

function kindOfValue(value: unknown, type: string, text: string): string {
  if (value instanceof Uint8Array) return value.length === 0 ? "bytes" : "bytes that are not empty"
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "string" && value !== "") {
    const union = text.slice(text.indexOf(`export type ${type} =\n`)).split("\n\n", 1)[0] ?? ""
    return union.includes(`  | "${value}"\n`) ? `name of ${type}` : `"${value}", which is not in ${type}`
  }
  return JSON.stringify(value)
}

test("every message reads as its type says when nothing was sent", async () => {
  const text = await Deno.readTextFile(`${root}/src/contract/messages.gen.ts`)
  const types = Array.from(
    text.matchAll(/^\/\*\* `([\w.]+)` as read\.(?: @deprecated)? \*\/\nexport type \w+ = \{\n([^]*?)\n\}$/gm),
    ([, name = "", body = ""]) => [name, body] as const,
  )
  // proto-loader gives a nested message no definition of its own.
  const defined = types.filter(([name]) => name in loaded)
  assertEquals(defined.map(([name]) => name).sort(), messageNames)
  for (const [name, body] of defined) {
    const present = Array.from(
      body.matchAll(/^ {2}readonly (\w+): (.+)$/gm),
      ([, field = "", type = ""]) => [field, type] as const,
    )
    const value = definition(name).deserialize(definition(name).serialize({}))
    const types = new Map(present)
    assertEquals(
      Object.fromEntries(
        Object.entries(value).map(([key, held]) => [key, kindOfValue(held, types.get(key) ?? "", text)]),
      ),
      Object.fromEntries(present.map(([key, type]) => [key, kindOfType(type)])),
      name,
    )
  }
})

test("a oneof reads as its one member, and is named by its own property", () => {
  const name = "milvus.proto.schema.FieldData"
  const unset = read(name, write(name, {}))
  for (const key of ["scalars", "vectors", "struct_arrays", "field"]) assert(!(key in unset), key)
  const set = roundTrip(name, { scalars: { bool_data: {} } })
  assertEquals(set.field, "scalars")
  assertEquals(set.scalars, { bool_data: { data: [] }, valid_data: [], data: "bool_data" })
  assert(!("vectors" in set))
})

test("a oneof's member of a scalar type keeps its zero", () => {
  assertEquals(roundTrip("milvus.proto.schema.MetricValue", { int_val: 0 }), { int_val: 0n, value: "int_val" })
})

test("an optional field keeps its presence", () => {
  const name = "milvus.proto.milvus.InsertRequest"
  const unset = roundTrip(name, {})
  assert(!("namespace" in unset) && !("_namespace" in unset))
  const set = roundTrip(name, { namespace: "" })
  assertEquals([set.namespace, set._namespace], ["", "namespace"])
})

test("64-bit integers above 2^53 go both ways as bigint", () => {
  const data = [2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n]
  assertEquals(roundTrip("milvus.proto.schema.LongArray", { data }), { data })
  const timestamp = 2n ** 64n - 1n
  assertStrictEquals(roundTrip("milvus.proto.common.MsgBase", { timestamp }).timestamp, timestamp)
  assertStrictEquals(roundTrip("milvus.proto.common.MsgBase", { timestamp: 7 }).timestamp, 7n)
})

test("repeated numbers are written packed", () => {
  const bytes = write("milvus.proto.schema.FloatArray", { data: [1, 2] })
  assertEquals(Array.from(bytes), [0x0a, 0x08, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
  const unpacked = new Uint8Array([0x0d, 0, 0, 0x80, 0x3f])
  assertEquals(read("milvus.proto.schema.FloatArray", unpacked), { data: [1] })
})

test("an enum reads as its name, or as the number that has none", () => {
  assertStrictEquals(roundTrip("milvus.proto.schema.FieldData", { type: "FloatVector" }).type, "FloatVector")
  assertStrictEquals(roundTrip("milvus.proto.schema.FieldData", { type: 101 }).type, "FloatVector")
  assertStrictEquals(roundTrip("milvus.proto.schema.FieldData", { type: 9999 }).type, 9999)
})

test("a map reads as an object by its keys", () => {
  const extra_info = { a: "1", b: "" }
  assertEquals(roundTrip("milvus.proto.common.Status", { extra_info }).extra_info, extra_info)
})

test("a map with 64-bit keys is written with decimal ones, and read with protobufjs's hashes of them", () => {
  const name = "milvus.proto.feder.DescribeSegmentIndexDataResponse"
  const bytes = write(name, { index_data: { "5": { index_data: "a" } } })
  assertEquals(Array.from(bytes.subarray(2, 4)), [0x08, 5])
  assertEquals(Object.keys(read(name, bytes).index_data), ["\u0005\0\0\0\0\0\0\0"])
})

// ---- types

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

/** Names of the messages whose read form may not be written back. */
type NotWritable = {
  [Name in keyof Messages]: Messages[Name]["output"] extends Messages[Name]["input"] ? never : Name
}[
  keyof Messages
]

test("types are those that the conventions say", () => {
  const checks: [
    Equal<Methods["DescribeCollection"]["response"], DescribeCollectionResponse>,
    Equal<Methods["Search"]["request"], SearchRequestInput>,
    Equal<Messages["milvus.proto.schema.FieldData"]["output"], FieldData>,
    Equal<DescribeCollectionResponse["status"], Status | null>,
    Equal<DescribeCollectionResponse["collectionID"], bigint>,
    Equal<DescribeCollectionResponse["aliases"], ReadonlyArray<string>>,
    Equal<DescribeCollectionResponse["properties"], ReadonlyArray<KeyValuePair>>,
    Equal<Status["extra_info"], { readonly [key: string]: string }>,
    Equal<SearchRequestInput["placeholder_group"], Uint8Array | undefined>,
    Equal<SearchRequestInput["nq"], number | bigint | undefined>,
    Equal<Record<never, never> extends SearchRequestInput ? true : false, true>,
    Equal<Extract<DataType, 101>, never>,
    Equal<Extract<DataType, "FloatVector">, "FloatVector">,
    Equal<number extends DataType ? true : false, true>,
    Equal<Pick<FieldData, "scalars" | "vectors" | "struct_arrays" | "field">, {
      readonly scalars?: ScalarField
      readonly vectors?: VectorField
      readonly struct_arrays?: StructArrayField
      readonly field?: "scalars" | "vectors" | "struct_arrays"
    }>,
    Equal<MetricValue["int_val"], bigint | undefined>,
    Equal<MetricValueInput["int_val"], number | bigint | undefined>,
    Equal<NotWritable, never>,
    Equal<Extract<keyof Methods, "CreateReplicateStream" | "DumpMessages">, never>,
    Equal<keyof StreamingMethods, "CreateReplicateStream" | "DumpMessages">,
  ] = [
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
  ]
  assert(checks.every((check) => check))
})

// @ts-expect-error -- a field that the message does not have
export const misspelt: SearchRequestInput = { collectionName: "a" }
// @ts-expect-error -- a request without fields takes none
export const superfluous: Methods["GetVersion"]["request"] = { base: {} }
