/** The RPCs that define databases, collections and aliases. */
import type { KeyValuePair } from "../../../contract/messages.gen.ts"
import type { Collection } from "../state/collection.ts"
import type { Reply } from "../contract.ts"
import { collectionOf, databaseOf, type PlainHandlers, timeOf, timestampOf, type Tools } from "./handler.ts"
import { readOr } from "../fakeStatus.ts"
import type { Database } from "../state/store.ts"

/** RPCs over databases. */
export const databases = ({ store }: Tools): PlainHandlers => ({
  CreateDatabase: ({ db_name, properties }, call) => {
    store.create(db_name, timeOf(call)).properties = properties
    return {}
  },
  DropDatabase: ({ db_name }) => {
    store.drop(db_name)
    return {}
  },
  ListDatabases: () => ({
    db_names: store.databases.map(({ name }) => name),
    created_timestamp: store.databases.map(({ created }) => BigInt(created) * 1_000_000n),
    db_ids: store.databases.map(({ id }) => id),
  }),
  DescribeDatabase: (request, call) => {
    const { name, id, created, properties } = databaseOf(store, request, call)
    return { db_name: name, dbID: id, created_timestamp: timestampOf(created), properties }
  },
  AlterDatabase: (request, call) => {
    const database = databaseOf(store, request, call)
    database.properties = altered(database.properties, request)
    return {}
  },
})

/** RPCs over collections. */
export const collections = ({ store, readSchema }: Tools): PlainHandlers => ({
  CreateCollection: (request, call) => {
    const { collection_name, properties, consistency_level, shards_num, num_partitions } = request
    databaseOf(store, request, call).create({
      name: collection_name,
      schema: readOr(readSchema, request.schema, "schema"),
      properties,
      consistency: consistency_level,
      shards: shards_num || 1,
      partitions: Number(num_partitions),
    }, timeOf(call))
    return {}
  },
  DropCollection: (request, call) => {
    databaseOf(store, request, call).drop(request.collection_name)
    return {}
  },
  HasCollection: (request, call) => ({
    value: databaseOf(store, request, call).find(request.collection_name) !== undefined,
  }),
  DescribeCollection: (request, call) => {
    const database = databaseOf(store, request, call)
    return described(database, database.collection(request.collection_name))
  },
  ShowCollections: (request, call) => {
    const found = databaseOf(store, request, call).collections.filter((it) =>
      (request.collection_names.length === 0 || request.collection_names.includes(it.name)) &&
      (request.type !== "InMemory" || it.isLoaded())
    )
    return {
      collection_names: found.map(({ name }) => name),
      collection_ids: found.map(({ id }) => id),
      created_timestamps: found.map(({ created }) => timestampOf(created)),
      created_utc_timestamps: found.map(({ created }) => created),
      inMemory_percentages: found.map((it) => it.isLoaded() ? 100 : 0),
      query_service_available: found.map((it) => it.isLoaded()),
      shards_num: found.map(({ options }) => options.shards),
    }
  },
  RenameCollection: (request, call) => {
    const database = databaseOf(store, request, call)
    const target = request.newDBName === "" ? database : store.database(request.newDBName)
    database.rename(request.oldName, request.newName, target)
    return {}
  },
  AlterCollection: (request, call) => {
    const collection = collectionOf(store, request, call)
    collection.properties = altered(collection.properties, request)
    return {}
  },
  TruncateCollection: (request, call) => {
    collectionOf(store, request, call).truncate()
    return {}
  },
})

/** RPCs over aliases. */
export const aliases = ({ store }: Tools): PlainHandlers => ({
  CreateAlias: (request, call) => {
    databaseOf(store, request, call).createAlias(request.alias, request.collection_name)
    return {}
  },
  AlterAlias: (request, call) => {
    databaseOf(store, request, call).alterAlias(request.alias, request.collection_name)
    return {}
  },
  DropAlias: (request, call) => {
    databaseOf(store, request, call).dropAlias(request.alias)
    return {}
  },
  DescribeAlias: (request, call) => {
    const database = databaseOf(store, request, call)
    return { db_name: database.name, alias: request.alias, collection: database.aliased(request.alias).name }
  },
  ListAliases: (request, call) => {
    const database = databaseOf(store, request, call)
    const { collection_name } = request
    const collection = collection_name === "" ? undefined : database.collection(collection_name)
    return { db_name: database.name, collection_name, aliases: database.aliasesOf(collection) }
  },
})

const described = (database: Database, collection: Collection): Reply<"DescribeCollection"> => {
  const { id, name, created, layout, options, partitions, properties } = collection
  return {
    schema: { ...layout.schema, name },
    collectionID: id,
    collection_name: name,
    aliases: database.aliasesOf(collection),
    created_timestamp: timestampOf(created),
    created_utc_timestamp: created,
    update_timestamp: timestampOf(created),
    shards_num: options.shards,
    virtual_channel_names: Array.from({ length: options.shards }, (_, at) => `fake-dml_${at}_${id}v${at}`),
    physical_channel_names: Array.from({ length: options.shards }, (_, at) => `fake-dml_${at}`),
    consistency_level: options.consistency,
    num_partitions: partitions.length,
    properties,
    db_name: database.name,
    db_id: database.id,
  }
}

const altered = (
  before: ReadonlyArray<KeyValuePair>,
  { properties, delete_keys }: {
    readonly properties: ReadonlyArray<KeyValuePair>
    readonly delete_keys: ReadonlyArray<string>
  },
): ReadonlyArray<KeyValuePair> => {
  const gone = new Set([...delete_keys, ...properties.map(({ key }) => key)])
  return [...before.filter(({ key }) => !gone.has(key)), ...properties]
}
