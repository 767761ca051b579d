/**
 * Generates the wire contract: `proto/*.proto`, the two JSON descriptors that are loaded at run time, and the types of
 * every message. Run by `deno task proto`; `proto/README.md` says where the contract comes from, and what is dropped.
 *
 * The steps: the crate -> its `.proto` files, parsed -> a small model (`File`) -> pruned -> one printer an output.
 * Order is that of the source throughout, so the output is the same on every run.
 */
import { fileURLToPath } from "node:url"
// deno-lint-ignore no-import-prefix -- a tool of the build: what it needs stays out of the library's imports
import protobuf from "npm:protobufjs@^7.6.6"

const crate = "milvus-sdk-rust"
export const crateVersion = "3.0.3"
/** SHA-256 of the `.crate`, which is the checksum in the registry's index. */
const crateHash = "2b2cb6b665b36d6962c6bdfa98d2196519d99c198010718d78ebadb8569ba773"
const source = `${crate} ${crateVersion}`
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

async function run(command: string, args: ReadonlyArray<string>, cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output()
  if (!success) throw new Error(`${command} ${args.join(" ")} failed:\n${new TextDecoder().decode(stderr)}`)
}

async function filesIn(directory: string, ending: string): Promise<ReadonlyArray<string>> {
  const entries = await Array.fromAsync(Deno.readDir(directory))
  return entries.filter(({ name }) => name.endsWith(ending)).map(({ name }) => `${directory}/${name}`).sort()
}

/** Path of the crate in cargo's cache of downloads, which has a directory for each registry. */
async function cachedCrate(): Promise<string | undefined> {
  const home = Deno.env.get("CARGO_HOME") ?? `${Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE")}/.cargo`
  const cache = `${home}/registry/cache`
  const registries = await Array.fromAsync(Deno.readDir(cache)).catch(() => [])
  const found = await Promise.all(
    registries.map(({ name }) => filesIn(`${cache}/${name}`, `${crate}-${crateVersion}.crate`)),
  )
  return found.flat()[0]
}

/** Obtains the pinned crate with cargo, from the registry that cargo is configured with, and unpacks it. */
async function unpackCrate(directory: string): Promise<void> {
  const download = () => run("cargo", ["info", "--quiet", `${crate}@${crateVersion}`], directory)
  const path = await cachedCrate() ?? await download().then(cachedCrate)
  if (path === undefined) throw new Error(`cargo left no ${crate}-${crateVersion}.crate in its cache`)
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path)))
  if (digest.toHex() !== crateHash) throw new Error(`${path} has the SHA-256 ${digest.toHex()}, not ${crateHash}`)
  await run("tar", ["-xzf", path, "--strip-components", "1"], directory)
}

/** The contract of the crate: its `.proto` files by name, in the order of their names. */
export async function readSources(): Promise<ReadonlyMap<string, string>> {
  const directory = await Deno.makeTempDir({ prefix: "effect-milvus-proto-" })
  try {
    await unpackCrate(directory)
    const paths = await filesIn(`${directory}/milvus-proto/proto`, ".proto")
    const read = paths.map(async (path) =>
      [path.slice(path.lastIndexOf("/") + 1), await Deno.readTextFile(path)] as const
    )
    return new Map(await Promise.all(read))
  } finally {
    await Deno.remove(directory, { recursive: true })
  }
}

const scalars: ReadonlyArray<string> = Object.keys(protobuf.types.basic)

function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`the source has no ${what}`)
  return value
}

const withoutDot = (name: string): string => name.replace(/^\./, "")

const isDeprecated = (options: { readonly deprecated?: unknown } | null | undefined): boolean =>
  options?.deprecated === true

function readField(field: protobuf.Field): Field {
  const { resolvedType, options } = field.resolve()
  const optional = options?.["proto3_optional"] === true
  return {
    name: field.name,
    number: field.id,
    type: resolvedType === null ? field.type : withoutDot(resolvedType.fullName),
    repeated: field.repeated,
    optional,
    deprecated: isDeprecated(options),
    mapKey: field instanceof protobuf.MapField ? field.keyType : undefined,
    // A proto3 optional is in a oneof of its own, which no source writes.
    oneof: optional ? undefined : field.partOf?.name,
  }
}

/** The parts of a `reserved` statement: ranges, whose end is included, before names. */
const readReserved = (reserved: ReadonlyArray<number[] | string> = []): ReadonlyArray<string> => [
  ...reserved.flatMap((part) => {
    if (typeof part === "string") return []
    const [start, end] = part
    return [start === end ? `${start}` : `${start} to ${end}`]
  }),
  ...reserved.flatMap((part) => typeof part === "string" ? [`"${part}"`] : []),
]

const readMessage = (message: protobuf.Type): Message => ({
  kind: "message",
  name: message.name,
  fullName: withoutDot(message.fullName),
  deprecated: isDeprecated(message.options),
  fields: message.fieldsArray.map(readField),
  reserved: readReserved(message.reserved),
  nested: readDeclarations(message.nestedArray),
})

const readEnum = (enumeration: protobuf.Enum): Enumeration => ({
  kind: "enum",
  name: enumeration.name,
  fullName: withoutDot(enumeration.fullName),
  deprecated: isDeprecated(enumeration.options),
  values: Object.entries(enumeration.values).map(([name, number]) => ({
    name,
    number,
    deprecated: isDeprecated(enumeration.valuesOptions?.[name]),
  })),
  reserved: readReserved(enumeration.reserved),
})

/** Messages before enums. */
const readDeclarations = (objects: ReadonlyArray<protobuf.ReflectionObject>): ReadonlyArray<Declaration> => [
  ...objects.filter((object) => object instanceof protobuf.Type).map(readMessage),
  ...objects.filter((object) => object instanceof protobuf.Enum).map(readEnum),
]

function readMethod(method: protobuf.Method): Method {
  method.resolve()
  return {
    name: method.name,
    request: withoutDot(required(method.resolvedRequestType, `request of ${method.name}`).fullName),
    response: withoutDot(required(method.resolvedResponseType, `response of ${method.name}`).fullName),
    requestStream: method.requestStream === true,
    responseStream: method.responseStream === true,
    deprecated: isDeprecated(method.options),
  }
}

const readService = (service: protobuf.Service): Service => ({
  name: service.name,
  fullName: withoutDot(service.fullName),
  methods: service.methodsArray.map(readMethod),
})

/** Parses every file into one root: a name may be declared in another file. */
function readFiles(sources: ReadonlyMap<string, string>): ReadonlyArray<File> {
  const root = new protobuf.Root()
  const packages = Array.from(sources, ([name, text]) => {
    if (!/^syntax = "proto3";/m.test(text)) throw new Error(`${name} is not proto3, which all printers here assume`)
    return [name, required(protobuf.parse(text, root, { keepCase: true }).package, `package in ${name}`)] as const
  })
  return packages.map(([name, packageName]) => {
    const objects = required(root.lookup(packageName) as protobuf.Namespace | null, packageName).nestedArray
    return {
      name,
      packageName,
      declarations: readDeclarations(objects),
      services: objects.filter((object) => object instanceof protobuf.Service).map(readService),
    }
  })
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
    `// Generated by \`deno task proto\` from the contract in ${source}; do not edit.`,
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
 * The messages of Milvus's wire contract, by \`deno task proto\` from the contract in ${source}; do not edit.
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
      }${isUnary(method) ? "" : `; readonly requestStream: ${method.requestStream}`} }`,
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
      "/** The RPCs of MilvusService that stream their replies, and their requests if `requestStream` is true. */",
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
export function render(sources: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const all = readFiles(sources)
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
export async function generate(
  root: string,
  sources?: ReadonlyMap<string, string>,
): Promise<ReadonlyArray<string>> {
  const rendered = render(sources ?? await readSources())
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
