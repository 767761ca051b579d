/**
 * The modules of operations as promises, by the members of `Milvus`. Each lists the names of its operations, which are
 * checked against the module. `vectors.ts` is written by hand, since its operations have type parameters.
 */
import type * as Connection from "../Connection.ts"
import { promised } from "./promised.ts"
import { vectors } from "./vectors.ts"

const modules = {
  analyzer: promised(() => import("../operations/Analyzer.ts"), {
    phraseMatchSlop: "promise",
    run: "promise",
  }),
  collection: promised(() => import("../operations/Collection.ts"), {
    addField: "promise",
    addFunction: "promise",
    alter: "promise",
    alterField: "promise",
    alterFunction: "promise",
    create: "promise",
    describe: "promise",
    describeAll: "promise",
    drop: "promise",
    dropField: "promise",
    dropFieldProperties: "promise",
    dropFunction: "promise",
    dropProperties: "promise",
    fromServer: "promise",
    has: "promise",
    list: "promise",
    load: "promise",
    loadState: "promise",
    loading: "iterable",
    refreshLoad: "promise",
    refreshingLoad: "iterable",
    release: "promise",
    rename: "promise",
    statistics: "promise",
    truncate: "promise",
  }),
  collectionAlias: promised(() => import("../operations/CollectionAlias.ts"), {
    alter: "promise",
    create: "promise",
    describe: "promise",
    drop: "promise",
    list: "promise",
  }),
  database: promised(() => import("../operations/Database.ts"), {
    alter: "promise",
    create: "promise",
    describe: "promise",
    drop: "promise",
    dropProperties: "promise",
    list: "promise",
    listDetails: "promise",
  }),
  externalCollection: promised(() => import("../operations/ExternalCollection.ts"), {
    fromId: "promise",
    listRefreshes: "promise",
    refresh: "promise",
    updateManifests: "promise",
  }),
  fileResource: promised(() => import("../operations/FileResource.ts"), {
    add: "promise",
    list: "promise",
    remove: "promise",
  }),
  import: promised(() => import("../operations/Import.ts"), {
    describe: "promise",
    fromId: "promise",
    list: "promise",
    start: "promise",
  }),
  index: promised(() => import("../operations/Index.ts"), {
    alter: "promise",
    buildProgress: "promise",
    building: "iterable",
    create: "promise",
    describe: "promise",
    drop: "promise",
    dropProperties: "promise",
    state: "promise",
    statistics: "promise",
    wait: "promise",
  }),
  namespace: promised(() => import("../operations/Namespace.ts"), {
    create: "promise",
    describe: "promise",
    drop: "promise",
    has: "promise",
    list: "iterable",
    statistics: "promise",
  }),
  partition: promised(() => import("../operations/Partition.ts"), {
    create: "promise",
    drop: "promise",
    has: "promise",
    list: "promise",
    listDetails: "promise",
    load: "promise",
    loadState: "promise",
    loading: "iterable",
    release: "promise",
    statistics: "promise",
  }),
  prewarm: promised(() => import("../operations/Prewarm.ts"), {
    fromId: "promise",
    start: "promise",
  }),
  replica: promised(() => import("../operations/Replica.ts"), {
    describe: "promise",
    transfer: "promise",
  }),
  replication: promised(() => import("../operations/Replication.ts"), {
    config: "promise",
    configure: "promise",
    progress: "promise",
    replicateMessages: "promise",
  }),
  resourceGroup: promised(() => import("../operations/ResourceGroup.ts"), {
    create: "promise",
    describe: "promise",
    drop: "promise",
    list: "promise",
    transferNodes: "promise",
    update: "promise",
  }),
  snapshot: promised(() => import("../operations/Snapshot.ts"), {
    create: "promise",
    describe: "promise",
    drop: "promise",
    exportFromId: "promise",
    exportTo: "promise",
    fromId: "promise",
    list: "promise",
    listRestores: "promise",
    pin: "promise",
    restore: "promise",
    restoreExternal: "promise",
    unpin: "promise",
  }),
  vectors,
}

/** The members of `Milvus` with operations. */
export type Operations = { readonly [Name in keyof typeof modules]: ReturnType<typeof modules[Name]> }

/** Gives an object the operations of each module on a connection. They are made when they are first used. */
export const withOperations = <A extends object>(milvus: A, connection: Connection.Connection): A & Operations => {
  for (const [name, make] of Object.entries(modules)) {
    Object.defineProperty(milvus, name, { enumerable: true, get: () => make(connection) })
  }
  // Cast: it has the properties that were just defined.
  return milvus as A & Operations
}
