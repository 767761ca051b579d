/** Schemas, names, aliases, partitions and databases. */
import { call, type Case, type Lane } from "./lane.ts"
import {
  create,
  field,
  type FieldSchema,
  id,
  pairs,
  type Schema,
  search,
  title,
  type Type,
  vector,
} from "./requests.ts"
import type { Request, Server } from "./server.ts"

let created = 0

const schema = (
  name: string,
  fields: ReadonlyArray<FieldSchema>,
  more: Schema = {},
  request: Request<"CreateCollection"> = {},
): Case => {
  const collection = `schema_${created++}`
  return {
    name: `schema: ${name}`,
    run: (server) => create(server, collection, fields, more, request),
    undo: (server) => server.call("DropCollection", { collection_name: collection }),
  }
}

const key = (data_type: Type, more: FieldSchema = {}): FieldSchema => ({ ...id, data_type, ...more })
const many = (count: number) => Array.from({ length: count }, (_, at) => field(`f${at}`, "Int8"))

const schemas: Lane = {
  name: "schemas",
  cases: [
    schema("the smallest", [id, vector]),
    schema("no fields", []),
    schema("no vector", [id]),
    schema("no primary key", [{ ...id, is_primary_key: false }, vector]),
    schema("two primary keys", [id, { ...id, name: "id2" }, vector]),
    ...(["Bool", "Int8", "Int16", "Int32", "Float", "Double", "JSON", "FloatVector"] as const)
      .map((type) => schema(`primary key ${type}`, [key(type, { type_params: pairs({ dim: "4" }) }), vector])),
    schema("primary key VarChar", [key("VarChar", { type_params: pairs({ max_length: "10" }) }), vector]),
    schema("primary key VarChar without max_length", [key("VarChar"), vector]),
    schema("automatic VarChar", [key("VarChar", { autoID: true, type_params: pairs({ max_length: "10" }) }), vector]),
    schema("automatic key", [{ ...id, autoID: true }, vector]),
    schema("autoID of another field", [id, vector, { ...field("n", "Int64"), autoID: true }]),
    schema("autoID of a vector", [id, { ...vector, autoID: true }]),
    schema("the same name twice", [id, vector, field("n", "Int8"), field("n", "Int16")]),
    schema("the name of the key twice", [id, { ...vector, name: "id" }]),
    schema("64 fields", [id, vector, ...many(62)]),
    schema("65 fields", [id, vector, ...many(63)]),
    schema("type None", [id, vector, field("n", "None")]),
    schema("type 77", [id, vector, { name: "n", data_type: 77 as unknown as Type }]),
    schema("type String", [id, vector, field("n", "String")]),
    ...["dim", "dimension"].flatMap((name) =>
      ["", "0", "1", "2", "-1", "4.5", "x", "32768", "32769", "99999999999", "010", " 4"]
        .map((dim) => schema(`${name} "${dim}"`, [id, field("vector", "FloatVector", { [name]: dim })]))
    ),
    ...["", "0", "1", "7", "8", "12", "32768", "32776", "262144", "262152"]
      .map((dim) => schema(`binary dim "${dim}"`, [id, field("vector", "BinaryVector", { dim })])),
    schema("float vector without dim", [id, field("vector", "FloatVector")]),
    schema("binary vector without dim", [id, field("vector", "BinaryVector")]),
    schema("two vectors", [id, vector, { ...vector, name: "second" }]),
    schema("a vector with another parameter", [id, field("vector", "FloatVector", { dim: "4", nonsense: "1" })]),
    ...["", "0", "-1", "1", "65535", "65536", "x", "1.5"]
      .map((max_length) => schema(`max_length "${max_length}"`, [id, vector, field("t", "VarChar", { max_length })])),
    schema("no max_length", [id, vector, field("t", "VarChar")]),
    ...["", "0", "-1", "1", "4096", "4097", "x"]
      .map((max_capacity) =>
        schema(`max_capacity "${max_capacity}"`, [id, vector, {
          ...field("a", "Array", { max_capacity }),
          element_type: "Int8",
        }])
      ),
    schema("no max_capacity", [id, vector, { ...field("a", "Array"), element_type: "Int8" }]),
    ...(["None", "Bool", "Int8", "Int64", "Float", "Double", "JSON", "Array", "FloatVector", "String"] as const)
      .map((element_type) =>
        schema(`Array of ${element_type}`, [id, vector, {
          ...field("a", "Array", { max_capacity: "4" }),
          element_type,
        }])
      ),
    schema("Array of VarChar", [id, vector, {
      ...field("a", "Array", { max_capacity: "4", max_length: "4" }),
      element_type: "VarChar",
    }]),
    schema("Array of VarChar without max_length", [id, vector, {
      ...field("a", "Array", { max_capacity: "4" }),
      element_type: "VarChar",
    }]),
    ...[
      "",
      "a b",
      "1a",
      "a-b",
      "ä",
      "a.b",
      "_a",
      "$a",
      "$meta",
      "a".repeat(255),
      "a".repeat(256),
      "constructor",
      "__proto__",
    ]
      .map((name) => schema(`field name "${name.slice(0, 12)}" of ${name.length}`, [id, vector, field(name, "Int8")])),
    schema("$meta with dynamic", [id, vector, field("$meta", "JSON")], { enable_dynamic_field: true }),
    schema("RowID", [id, vector, field("RowID", "Int8")]),
    schema("Timestamp", [id, vector, field("Timestamp", "Int8")]),
    ...(["Bool", "Int8", "Int32", "Int64", "Float", "Double", "VarChar", "JSON"] as const)
      .map((type) =>
        schema(`partition key ${type}`, [id, vector, {
          ...field("p", type, type === "VarChar" ? { max_length: "4" } : {}),
          is_partition_key: true,
        }])
      ),
    schema("partition key is the primary key", [{ ...id, is_partition_key: true }, vector]),
    schema("two partition keys", [
      id,
      vector,
      ...["a", "b"].map((name) => ({
        ...field(name, "Int64"),
        is_partition_key: true,
      })),
    ]),
    ...[-1, 0, 1, 64, 4096, 4097].map((num_partitions) =>
      schema(
        `${num_partitions} partitions with a key`,
        [id, vector, { ...field("p", "Int64"), is_partition_key: true }],
        {},
        {
          num_partitions,
        },
      )
    ),
    schema("partitions without a key", [id, vector], {}, { num_partitions: 4 }),
    ...[-1, 0, 1, 16, 17, 65].map((shards_num) => schema(`${shards_num} shards`, [id, vector], {}, { shards_num })),
    schema("consistency 7", [id, vector], {}, { consistency_level: 7 as unknown as "Strong" }),
    schema("a default value", [id, vector, { ...field("n", "Int64"), default_value: { long_data: 1 } }]),
    schema("a default value of another type", [id, vector, {
      ...field("n", "Int64"),
      default_value: { string_data: "a" },
    }]),
    schema("a default that is too long", [id, vector, { ...title, default_value: { string_data: "a".repeat(11) } }]),
    schema("a default of a key", [{ ...id, default_value: { long_data: 1 } }, vector]),
    schema("properties: ttl", [id, vector], {}, { properties: pairs({ "collection.ttl.seconds": "60" }) }),
    schema("properties: a ttl that is no number", [id, vector], {}, {
      properties: pairs({ "collection.ttl.seconds": "x" }),
    }),
    schema("properties: unknown", [id, vector], {}, { properties: pairs({ nonsense: "x" }) }),
    {
      name: "schema: not a schema",
      run: (server) =>
        server.reply("CreateCollection", { collection_name: "garbage", schema: new Uint8Array([255, 255, 255]) }),
    },
    { name: "schema: none", run: (server) => server.reply("CreateCollection", { collection_name: "garbage" }) },
  ],
}

const oddNames = ["", " ", "a b", "1a", "a-b", "ä", "a.b", "$a", "a".repeat(256), "a'", 'a"', "a;"]
const goodNames = ["_a", "a1", "a".repeat(255), "constructor", "__proto__", "toString", "hasOwnProperty"]
const brief = (name: string) => name.length > 20 ? `${name.slice(0, 3)}... of ${name.length}` : `"${name}"`
const all = [...oddNames, ...goodNames]

const withBooks = (server: Server) =>
  Promise.all([create(server, "books", [id, vector]), create(server, "films", [id, vector])])

const names: Lane = {
  name: "collection names",
  prepare: withBooks,
  cases: [
    ...all.map((name): Case => ({
      name: `CreateCollection: the name ${brief(name)}`,
      run: (server) => create(server, name, [id, vector]),
      undo: (server) => server.call("DropCollection", { collection_name: name }),
    })),
    ...[...oddNames, "nowhere", "constructor", "__proto__"].flatMap((collection_name) => [
      call(brief(collection_name), "DescribeCollection", { collection_name }),
      call(brief(collection_name), "HasCollection", { collection_name }),
      call(brief(collection_name), "DropCollection", { collection_name }),
      call(brief(collection_name), "LoadCollection", { collection_name }),
      call(brief(collection_name), "ReleaseCollection", { collection_name }),
      call(brief(collection_name), "GetLoadState", { collection_name }),
      call(brief(collection_name), "ShowPartitions", { collection_name }),
      call(brief(collection_name), "GetCollectionStatistics", { collection_name }),
      call(
        brief(collection_name),
        "RenameCollection",
        { oldName: "books", newName: collection_name },
        (server) => server.call("RenameCollection", { oldName: collection_name, newName: "books" }),
      ),
      call(brief(collection_name), "DescribeIndex", { collection_name }),
      call(brief(collection_name), "DropIndex", { collection_name, index_name: "vector" }),
      call(brief(collection_name), "GetLoadingProgress", { collection_name }),
      call(brief(collection_name), "Flush", { collection_names: [collection_name] }),
      call(brief(collection_name), "Delete", { collection_name, expr: "id in [1]" }),
      call(brief(collection_name), "Query", { collection_name, expr: "id in [1]" }),
      call(brief(collection_name), "AlterCollection", {
        collection_name,
        properties: pairs({ "collection.ttl.seconds": "60" }),
      }),
      call(brief(collection_name), "Insert", { collection_name, num_rows: 1 }),
      call(brief(collection_name), "Upsert", { collection_name, num_rows: 1 }),
      call(brief(collection_name), "CreatePartition", { collection_name, partition_name: "a" }),
      call(brief(collection_name), "HasPartition", { collection_name, partition_name: "a" }),
      call(brief(collection_name), "DropPartition", { collection_name, partition_name: "a" }),
      call(brief(collection_name), "LoadPartitions", { collection_name, partition_names: ["a"] }),
      call(brief(collection_name), "CreateIndex", { collection_name, field_name: "vector" }),
      call(brief(collection_name), "GetIndexState", { collection_name }),
      call(brief(collection_name), "CreateAlias", { collection_name, alias: "a" }),
      call(brief(collection_name), "ListAliases", { collection_name }),
      { name: `Search: ${brief(collection_name)}`, run: (server: Server) => search(server, { collection_name }) },
      call(brief(collection_name), "GetPartitionStatistics", { collection_name, partition_name: "_default" }),
    ]),
    call("no collections", "Flush", { collection_names: [] }),
    { name: "CreateCollection: again, the same", run: (server) => create(server, "books", [id, vector]) },
    { name: "CreateCollection: again, another schema", run: (server) => create(server, "books", [id, vector, title]) },
    {
      name: "CreateCollection: again, other shards",
      run: (server) => create(server, "books", [id, vector], {}, { shards_num: 2 }),
    },
    {
      name: "CreateCollection: again, another consistency",
      run: (server) => create(server, "books", [id, vector], {}, { consistency_level: "Eventually" }),
    },
    {
      name: "CreateCollection: again, with a description",
      run: (server) => create(server, "books", [id, vector], { description: "other" }),
    },
    {
      name: "CreateCollection: again, in another order",
      run: (server) => create(server, "books", [vector, id]),
    },
    call("unknown", "RenameCollection", { oldName: "nowhere", newName: "books2" }),
    call("to the same", "RenameCollection", { oldName: "books", newName: "books" }),
    call("onto another", "RenameCollection", { oldName: "books", newName: "films" }),
    call("an unknown database", "ShowCollections", { db_name: "nowhere" }),
    call("an unknown database", "DescribeCollection", { db_name: "nowhere", collection_name: "books" }),
    call("by an unknown id", "DescribeCollection", { collectionID: 123 }),
    call("properties: a ttl that is no number", "AlterCollection", {
      collection_name: "books",
      properties: pairs({ "collection.ttl.seconds": "x" }),
    }),
    call("properties: unknown", "AlterCollection", { collection_name: "books", properties: pairs({ nonsense: "x" }) }),
    call("no properties", "AlterCollection", { collection_name: "books" }),
  ],
}

const aliases: Lane = {
  name: "aliases",
  prepare: async (server) => {
    await create(server, "aliased", [id, vector])
    await create(server, "other", [id, vector])
    await server.call("CreateAlias", { collection_name: "aliased", alias: "current" })
  },
  cases: [
    ...all.flatMap((alias) => [
      call(
        brief(alias),
        "CreateAlias",
        { collection_name: "aliased", alias },
        (server) => server.call("DropAlias", { alias }),
      ),
      call(`${brief(alias)} that is none`, "DropAlias", { alias }),
      call(`${brief(alias)} that is none`, "AlterAlias", { collection_name: "aliased", alias }),
      call(`${brief(alias)} that is none`, "DescribeAlias", { alias }),
    ]),
    call("of an unknown collection", "CreateAlias", { collection_name: "nowhere", alias: "a" }),
    call("the name of a collection", "CreateAlias", { collection_name: "aliased", alias: "other" }),
    call("its own name", "CreateAlias", { collection_name: "aliased", alias: "aliased" }),
    call("taken, same collection", "CreateAlias", { collection_name: "aliased", alias: "current" }),
    call("taken, other collection", "CreateAlias", { collection_name: "other", alias: "current" }),
    call("of an alias", "CreateAlias", { collection_name: "current", alias: "b" }),
    call("to an unknown collection", "AlterAlias", { collection_name: "nowhere", alias: "current" }),
    call("to another alias", "AlterAlias", { collection_name: "current", alias: "current" }),
    call("to another collection", "AlterAlias", { collection_name: "other", alias: "current" }),
    call("back", "AlterAlias", { collection_name: "aliased", alias: "current" }),
    call("a collection's name", "DropAlias", { alias: "other" }),
    call("by alias", "DropCollection", { collection_name: "current" }),
    call("by alias", "RenameCollection", { oldName: "current", newName: "more" }),
    call("onto an alias", "RenameCollection", { oldName: "other", newName: "current" }),
    { name: "CreateCollection: with the name of an alias", run: (server) => create(server, "current", [id, vector]) },
    call("of an unknown collection", "ListAliases", { collection_name: "nowhere" }),
    call("of an alias", "ListAliases", { collection_name: "current" }),
    call("while it has an alias", "DropCollection", { collection_name: "aliased" }),
  ],
}

const parted = { collection_name: "parted" }

const partitions: Lane = {
  name: "partitions",
  prepare: async (server) => {
    await create(server, "parted", [id, vector])
    await create(server, "keyed", [id, vector, { ...field("p", "Int64"), is_partition_key: true }], {}, {
      num_partitions: 2,
    })
    await server.call("CreatePartition", { ...parted, partition_name: "old" })
  },
  cases: [
    ...[...all, "_default"].flatMap((partition_name) => [
      call(
        brief(partition_name),
        "CreatePartition",
        { ...parted, partition_name },
        (server) =>
          partition_name === "_default"
            ? Promise.resolve()
            : server.call("DropPartition", { ...parted, partition_name }),
      ),
      call(brief(partition_name), "HasPartition", { ...parted, partition_name }),
      call(brief(partition_name), "DropPartition", { ...parted, partition_name }),
      ...(partition_name === "_default" ? [] : [
        call(brief(partition_name), "LoadPartitions", { ...parted, partition_names: [partition_name] }),
        call(brief(partition_name), "ReleasePartitions", { ...parted, partition_names: [partition_name] }),
      ]),
      call(brief(partition_name), "GetPartitionStatistics", { ...parted, partition_name }),
      call(brief(partition_name), "GetLoadState", { ...parted, partition_names: [partition_name] }),
      call(brief(partition_name), "ShowPartitions", { ...parted, partition_names: [partition_name] }),
    ]),
    call("again", "CreatePartition", { ...parted, partition_name: "old" }),
    call("none", "LoadPartitions", { ...parted, partition_names: [] }),
    call("none", "ReleasePartitions", { ...parted, partition_names: [] }),
    call("without an index", "LoadPartitions", { ...parted, partition_names: ["old"] }),
    call("not loaded", "ReleasePartitions", { ...parted, partition_names: ["old"] }),
    call("unknown collection", "CreatePartition", { collection_name: "nowhere", partition_name: "old" }),
    call("unknown collection", "DropPartition", { collection_name: "nowhere", partition_name: "old" }),
    call("unknown collection", "HasPartition", { collection_name: "nowhere", partition_name: "old" }),
    call("unknown collection", "LoadPartitions", { collection_name: "nowhere", partition_names: ["old"] }),
    call("unknown collection", "ReleasePartitions", { collection_name: "nowhere", partition_names: ["old"] }),
    call("with a partition key", "CreatePartition", { collection_name: "keyed", partition_name: "old" }),
    call("with a partition key", "DropPartition", { collection_name: "keyed", partition_name: "_default_0" }),
    call("with a partition key", "LoadPartitions", { collection_name: "keyed", partition_names: ["_default_0"] }),
    call("with a partition key", "ReleasePartitions", { collection_name: "keyed", partition_names: ["_default_0"] }),
    call("with a partition key", "HasPartition", { collection_name: "keyed", partition_name: "_default_0" }),
    call("the last but one", "DropPartition", { ...parted, partition_name: "old" }),
  ],
}

const databases: Lane = {
  name: "databases",
  prepare: (server) => server.call("CreateDatabase", { db_name: "library" }),
  cases: [
    ...all.flatMap((db_name) => [
      call(brief(db_name), "CreateDatabase", { db_name }, (server) => server.call("DropDatabase", { db_name })),
      call(`${brief(db_name)} that is none`, "DropDatabase", { db_name }),
    ]),
    call("again", "CreateDatabase", { db_name: "library" }),
    call("default", "CreateDatabase", { db_name: "default" }),
    call("default", "DropDatabase", { db_name: "default" }),
    {
      name: "CreateCollection: in an unknown database",
      run: (server) => create(server, "books", [id, vector], {}, { db_name: "nowhere" }),
    },
    call("unknown", "HasCollection", { db_name: "nowhere", collection_name: "books" }),
    call("unknown", "Insert", { db_name: "nowhere", collection_name: "books" }),
    call("unknown", "CreateAlias", { db_name: "nowhere", collection_name: "books", alias: "a" }),
    call("unknown", "CreatePartition", { db_name: "nowhere", collection_name: "books", partition_name: "a" }),
    {
      name: "DropDatabase: not empty",
      run: async (server) => {
        await create(server, "inside", [id, vector], {}, { db_name: "library" })
        return await server.reply("DropDatabase", { db_name: "library" })
      },
    },
    call("and empty it", "DropCollection", { db_name: "library", collection_name: "inside" }),
    call("empty", "DropDatabase", { db_name: "library" }),
  ],
}

export const definitions: ReadonlyArray<Lane> = [schemas, names, aliases, partitions, databases]
