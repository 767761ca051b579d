/** Handlers of the RPCs that define databases, collections and aliases. */
import type { KeyValuePair } from "../../../contract/messages.gen.ts"
import type { Collection } from "../state/collection.ts"
import type { Reply } from "../contract.ts"
import { checkCollectionName } from "../state/names.ts"
import {
  anyCollectionOf,
  collectionOf,
  databaseOf,
  type HandlerContext,
  type SyncHandlers,
  timeOf,
  timestampOf,
} from "./handler.ts"
import { Code, readMessage, Refused, throwParameter, throwRefusal, throwUnexpected } from "../fakeStatus.ts"
import type { Database } from "../state/store.ts"

/** Handlers of the RPCs for databases. */
export const databases = ({ store }: HandlerContext): SyncHandlers => ({
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
    database.properties = alterProperties(database.properties, request)
    return {}
  },
})

/** Handlers of the RPCs for collections. */
export const collections = ({ store, readSchema, isOld }: HandlerContext): SyncHandlers => ({
  CreateCollection: (request, call) => {
    const { collection_name, properties, consistency_level, shards_num, num_partitions } = request
    if (request.schema.length === 0) throwParameter("collection name should not be empty")
    const database = store.find(request.db_name || (call.metadata["dbname"] ?? ""))
    const schema = readMessage(readSchema, request.schema)
    checkCollectionName(collection_name)
    if (database === undefined) return throwUnexpected(`database:${request.db_name} not found`)
    database.create({
      name: collection_name,
      schema,
      isOld: isOld(),
      properties,
      consistency: consistency_level,
      shards: shards_num || 1,
      partitions: Number(num_partitions),
    }, timeOf(call))
    return {}
  },
  DropCollection: (request, call) => {
    checkCollectionName(request.collection_name)
    databaseOf(store, request, call).drop(request.collection_name)
    return {}
  },
  HasCollection: (request, call) => {
    checkCollectionName(request.collection_name)
    return { value: databaseOf(store, request, call).find(request.collection_name) !== undefined }
  },
  DescribeCollection: (request, call) => {
    const { collection_name, collectionID } = request
    const isById = collection_name === "" && collectionID !== 0n
    if (!isById) checkCollectionName(collection_name)
    try {
      const found = isById ? undefined : anyCollectionOf(store, request, call)
      const database = databaseOf(store, request, call)
      return describe(database, found ?? database.withId(collectionID))
    } catch (error) {
      // Only this RPC sends another code to older clients.
      if (!(error instanceof Refused) || error.failure.code !== Code.collectionNotFound) throw error
      return throwRefusal(Code.collectionNotFound, `can't find collection ${error.message}`, "UnexpectedError")
    }
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
    if (request.collection_name === "") throwUnexpected("alter collection failed, collection name does not exists")
    const collection = anyCollectionOf(store, request, call)
    if (request.properties.length === 0 && request.delete_keys.length === 0) {
      throwUnexpected("only support alter collection properties, but collection properties is empty")
    }
    collection.properties = alterProperties(collection.properties, request)
    return {}
  },
  TruncateCollection: (request, call) => {
    collectionOf(store, request, call).truncate()
    return {}
  },
})

/** Handlers of the RPCs for aliases. */
export const aliases = ({ store }: HandlerContext): SyncHandlers => ({
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
    return { db_name: database.name, alias: request.alias, collection: database.aliasTarget(request.alias).name }
  },
  ListAliases: (request, call) => {
    const database = databaseOf(store, request, call)
    const { collection_name } = request
    const collection = collection_name === "" ? undefined : database.named(collection_name)
    return { db_name: database.name, collection_name, aliases: database.aliasesOf(collection) }
  },
})

const describe = (database: Database, collection: Collection): Reply<"DescribeCollection"> => {
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
    virtual_channel_names: collection.channels,
    physical_channel_names: Array.from({ length: options.shards }, (_, at) => `fake-dml_${at}`),
    consistency_level: options.consistency,
    num_partitions: partitions.length,
    properties,
    db_name: database.name,
    db_id: database.id,
  }
}

const alterProperties = (
  before: ReadonlyArray<KeyValuePair>,
  { properties, delete_keys }: {
    readonly properties: ReadonlyArray<KeyValuePair>
    readonly delete_keys: ReadonlyArray<string>
  },
): ReadonlyArray<KeyValuePair> => {
  const replaced = new Set([...delete_keys, ...properties.map(({ key }) => key)])
  return [...before.filter(({ key }) => !replaced.has(key)), ...properties]
}
