/**
 * Facts about each RPC of the contract, one row for each: whether it is idempotent, the first Milvus version that has
 * it, and the operation that makes it. Retries and error messages read them; add a row when the contract gets an RPC.
 *
 * An RPC is idempotent if it only reads, or if it brings about a state (loaded, flushed) without changing data or
 * settings. An upsert is a write: repeated, it would overwrite what another client wrote in between.
 */
import type { Methods, StreamingMethods } from "./messages.gen.ts"

/** Facts about one RPC. */
export interface Rpc {
  /** Whether it may be called again when it is not known whether the first call was applied. */
  readonly idempotent: boolean
  /** Why it is idempotent, or why not. */
  readonly reason: string
  /** The first Milvus version whose contract has it, such as `"2.4.0"`: older servers lack it for certain. */
  readonly since: string
  /** The operation that makes it, such as `"Collection.create"`; `undefined` if only `connection.call` does. */
  readonly operation: string | undefined
}

/** Returns whether an RPC may be called again when it is not known whether it was applied. */
export const isIdempotent = (method: string): boolean => rowOf(method)?.idempotent === true

/** Returns the first Milvus version that has an RPC, if the server is known to be older. */
export const missingVersion = (method: string, server: string): string | undefined => {
  const since = rowOf(method)?.since
  if (since === undefined) return undefined
  // For every call, and usually of one server.
  if (server !== compared.server) compared = { server, older: new Map() }
  let older = compared.older.get(since)
  if (older === undefined) compared.older.set(since, older = isOlder(server, since))
  return older ? since : undefined
}

/** The last server whose version was compared, and whether it is older than others. */
let compared: { readonly server: string; readonly older: Map<string, boolean> } = { server: "", older: new Map() }

/**
 * Whether a server is known to be older than a version of Milvus, such as `"2.6.1"`. `server` is a version as servers
 * report it, such as `"v2.3.5"`; servers other than Milvus count differently, and are never known to be older.
 */
export const isOlder = (server: string, since: string): boolean => {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(server)
  if (match === null) return false
  const needed = since.split(".").map(Number)
  for (let part = 0; part < needed.length; part++) {
    // A build such as "2.6-dev" has no third number, and may have everything of 2.6.
    const difference = Number(match[part + 1] ?? Infinity) - needed[part]!
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Returns the operation that makes an RPC, such as `"Collection.create"`, or else the name of the RPC. */
export const operationOf = (method: string): string => rowOf(method)?.operation ?? method

// Cast: a property of the rows has the name of a method.
const rowOf = (method: string): Rpc | undefined =>
  Object.hasOwn(rpcs, method) ? rpcs[method as keyof typeof rpcs] : undefined

/** An RPC that only reads. */
const reads = (since: string, operation?: string): Rpc => ({
  idempotent: true,
  reason: "It changes nothing.",
  since,
  operation,
})

/** An RPC that brings about a state, and changes nothing if that state is there. */
const ensures = (since: string, reason: string, operation?: string): Rpc => ({
  idempotent: true,
  reason,
  since,
  operation,
})

/** An RPC that changes data, settings or rights. */
const writes = (since: string, operation?: string): Rpc => ({
  idempotent: false,
  reason: "A second call may fail, add again, or undo what another client did in between.",
  since,
  operation,
})

/** Every RPC of the contract: a missing row does not compile. */
export const rpcs: Readonly<Record<keyof Methods | keyof StreamingMethods, Rpc>> = {
  AddCollectionField: writes("2.6.0", "Collection.addField"),
  AddCollectionFunction: writes("2.6.7", "Collection.addFunction"),
  AddCollectionStructField: writes("3.0.0", "Collection.addField"),
  AddFileResource: writes("2.6.1", "FileResource.add"),
  AddUserTags: writes("2.6.0", "User.addTags"),
  AllocTimestamp: reads("2.2.13", "System.timestamp"),
  AlterAlias: writes("2.0.0", "CollectionAlias.alter"),
  AlterCollection: writes("2.2.1", "Collection.alter"),
  AlterCollectionField: writes("2.4.18", "Collection.alterField"),
  AlterCollectionFunction: writes("2.6.7", "Collection.alterFunction"),
  AlterCollectionSchema: writes("3.0.0", "Collection.dropField"),
  AlterDatabase: writes("2.4.1", "Database.alter"),
  AlterIndex: writes("2.3.4", "Index.alter"),
  AlterRole: writes("2.6.19", "Role.alter"),
  BackupRBAC: reads("2.4.10", "Role.backup"),
  BatchDescribeCollection: reads("2.6.1", "Collection.describeAll"),
  BatchUpdateManifest: writes("3.0.0", "ExternalCollection.updateManifests"),
  CalcDistance: reads("2.0.0", "Vectors.calcDistance"),
  CheckHealth: reads("2.2.1", "System.health"),
  ComputePhraseMatchSlop: reads("3.0.0", "Analyzer.phraseMatchSlop"),
  Connect: reads("2.2.9", "Connection.connect"),
  CreateAlias: writes("2.0.0", "CollectionAlias.create"),
  CreateCollection: writes("2.0.0", "Collection.create"),
  CreateCredential: writes("2.2.1", "User.create"),
  CreateDatabase: writes("2.2.7", "Database.create"),
  CreateIndex: writes("2.0.0", "Index.create"),
  CreateNamespace: writes("3.0.1", "Namespace.create"),
  CreatePartition: writes("2.0.0", "Partition.create"),
  CreatePrivilegeGroup: writes("2.4.16", "Privilege.createGroup"),
  CreateReplicateStream: writes("2.6.2", "Replication.replicate"),
  CreateResourceGroup: writes("2.2.3", "ResourceGroup.create"),
  CreateRole: writes("2.2.1", "Role.create"),
  CreateRowPolicy: writes("2.6.0", "RowPolicy.create"),
  CreateSnapshot: writes("3.0.0", "Snapshot.create"),
  Delete: writes("2.0.0", "Vectors.delete"),
  DeleteCredential: writes("2.2.1", "User.drop"),
  DeleteRLSPrincipalTags: writes("3.0.1", "RowPolicy.deleteTags"),
  DeleteUserTags: writes("2.6.0", "User.deleteTags"),
  DescribeAlias: reads("2.3.0", "CollectionAlias.describe"),
  DescribeCollection: reads("2.0.0", "Collection.describe"),
  DescribeDatabase: reads("2.4.3", "Database.describe"),
  DescribeIndex: reads("2.0.0", "Index.describe"),
  DescribeNamespace: reads("3.0.1", "Namespace.describe"),
  DescribePrewarmTask: reads("3.0.1", "Prewarm.fromId"),
  DescribeResourceGroup: reads("2.2.3", "ResourceGroup.describe"),
  DescribeSegmentIndexData: reads("2.3.0", "Maintenance.segmentIndexes"),
  DescribeSnapshot: reads("3.0.0", "Snapshot.describe"),
  DropAlias: writes("2.0.0", "CollectionAlias.drop"),
  DropCollection: writes("2.0.0", "Collection.drop"),
  DropCollectionFunction: writes("2.6.7", "Collection.dropFunction"),
  DropDatabase: writes("2.2.7", "Database.drop"),
  DropIndex: writes("2.0.0", "Index.drop"),
  DropNamespace: writes("3.0.1", "Namespace.drop"),
  DropPartition: writes("2.0.0", "Partition.drop"),
  DropPrivilegeGroup: writes("2.4.16", "Privilege.dropGroup"),
  DropResourceGroup: writes("2.2.3", "ResourceGroup.drop"),
  DropRole: writes("2.2.1", "Role.drop"),
  DropRowPolicy: writes("2.6.0", "RowPolicy.drop"),
  DropSnapshot: writes("3.0.0", "Snapshot.drop"),
  Dummy: reads("2.0.0", "System.dummy"),
  DumpMessages: reads("2.6.14", "Replication.dumpMessages"),
  ExportSnapshot: writes("3.0.0", "Snapshot.exportTo"),
  Flush: ensures("2.0.0", "Flushing twice stores nothing else.", "Maintenance.flush"),
  FlushAll: ensures("2.2.5", "Flushing twice stores nothing else.", "Maintenance.flushAll"),
  GetCollectionStatistics: reads("2.0.0", "Collection.statistics"),
  GetCompactionState: reads("2.0.0", "Maintenance.compactionState"),
  GetCompactionStateWithPlans: reads("2.0.0", "Maintenance.compactionPlans"),
  GetComponentStates: reads("2.2.1", "System.components"),
  GetExportSnapshotState: reads("3.0.1", "Snapshot.exportFromId"),
  GetFlushAllState: reads("2.2.5", "Maintenance.flushAllFromId"),
  GetFlushState: reads("2.0.0", "Maintenance.flushFromId"),
  GetImportState: reads("2.2.1", "Import.describe"),
  GetIndexBuildProgress: reads("2.0.0", "Index.buildProgress"),
  GetIndexState: reads("2.0.0", "Index.state"),
  GetIndexStatistics: reads("2.2.9", "Index.statistics"),
  GetLoadState: reads("2.2.1", "Collection.loadState"),
  GetLoadingProgress: reads("2.2.1", "Collection.loading"),
  GetMetrics: reads("2.0.0", "System.metrics"),
  GetNamespaceStats: reads("3.0.1", "Namespace.statistics"),
  GetPartitionStatistics: reads("2.0.0", "Partition.statistics"),
  GetPersistentSegmentInfo: reads("2.0.0", "Maintenance.segments"),
  GetQuerySegmentInfo: reads("2.0.0", "Maintenance.loadedSegments"),
  GetRLSPrincipalTags: reads("3.0.1", "RowPolicy.tags"),
  GetRefreshExternalCollectionProgress: reads("3.0.0", "ExternalCollection.fromId"),
  GetReplicas: reads("2.2.1", "Replica.describe"),
  GetReplicateConfiguration: reads("2.6.12", "Replication.config"),
  GetReplicateInfo: reads("2.6.2", "Replication.progress"),
  GetRestoreSnapshotState: reads("3.0.0", "Snapshot.fromId"),
  GetUserTags: reads("2.6.0", "User.tags"),
  GetVersion: reads("2.2.1", "System.version"),
  HasCollection: reads("2.0.0", "Collection.has"),
  HasNamespace: reads("3.0.1", "Namespace.has"),
  HasPartition: reads("2.0.0", "Partition.has"),
  HybridSearch: reads("2.4.0", "Vectors.hybridSearch"),
  Import: writes("2.2.1", "Import.start"),
  Insert: writes("2.0.0", "Vectors.insert"),
  ListAliases: reads("2.3.0", "CollectionAlias.list"),
  ListCredUsers: reads("2.2.1", "User.list"),
  ListDatabases: reads("2.2.7", "Database.list"),
  ListFileResources: reads("2.6.1", "FileResource.list"),
  ListImportTasks: reads("2.2.1", "Import.list"),
  ListIndexedSegment: reads("2.3.0", "Maintenance.indexedSegments"),
  ListNamespaces: reads("3.0.1", "Namespace.list"),
  ListPrivilegeGroups: reads("2.4.16", "Privilege.listGroups"),
  ListRLSPrincipals: reads("3.0.1", "RowPolicy.listPrincipals"),
  ListRefreshExternalCollectionJobs: reads("3.0.0", "ExternalCollection.listRefreshes"),
  ListResourceGroups: reads("2.2.3", "ResourceGroup.list"),
  ListRestoreSnapshotJobs: reads("3.0.0", "Snapshot.listRestores"),
  ListRowPolicies: reads("2.6.0", "RowPolicy.list"),
  ListSnapshots: reads("3.0.0", "Snapshot.list"),
  ListUsersWithTag: reads("2.6.0", "User.listByTag"),
  LoadBalance: writes("2.0.0", "Maintenance.loadBalance"),
  LoadCollection: ensures("2.0.0", "Loading what is loaded changes nothing.", "Collection.load"),
  LoadPartitions: ensures("2.0.0", "Loading what is loaded changes nothing.", "Partition.load"),
  ManualCompaction: writes("2.0.0", "Maintenance.compact"),
  OperatePrivilege: writes("2.2.1", "Privilege.grantV1"),
  OperatePrivilegeGroup: writes("2.4.16", "Privilege.addToGroup"),
  OperatePrivilegeV2: writes("2.4.18", "Privilege.grant"),
  OperateUserRole: writes("2.2.1", "Role.grantTo"),
  PinSnapshotData: writes("3.0.0", "Snapshot.pin"),
  Prewarm: writes("3.0.1", "Prewarm.start"),
  Query: reads("2.0.0", "Vectors.query"),
  RefreshExternalCollection: writes("3.0.0", "ExternalCollection.refresh"),
  RegisterLink: reads("2.0.0", "System.registerLink"),
  ReleaseCollection: writes("2.0.0", "Collection.release"),
  ReleasePartitions: writes("2.0.0", "Partition.release"),
  RemoveFileResource: writes("2.6.1", "FileResource.remove"),
  RenameCollection: writes("2.2.4", "Collection.rename"),
  ReplicateMessage: writes("2.3.2", "Replication.replicateMessages"),
  RestoreExternalSnapshot: writes("3.0.0", "Snapshot.restoreExternal"),
  RestoreRBAC: writes("2.4.10", "Role.restore"),
  RestoreSnapshot: writes("3.0.0", "Snapshot.restore"),
  RunAnalyzer: reads("2.5.11", "Analyzer.run"),
  Search: reads("2.0.0", "Vectors.search"),
  SelectGrant: reads("2.2.1", "Privilege.list"),
  SelectRole: reads("2.2.1", "Role.describe"),
  SelectUser: reads("2.2.1", "User.describe"),
  SetRLSPrincipalTags: writes("3.0.1", "RowPolicy.setTags"),
  ShowCollections: reads("2.0.0", "Collection.list"),
  ShowPartitions: reads("2.0.0", "Partition.list"),
  TransferNode: writes("2.2.3", "ResourceGroup.transferNodes"),
  TransferReplica: writes("2.2.3", "Replica.transfer"),
  TruncateCollection: writes("2.6.11", "Collection.truncate"),
  UnpinSnapshotData: writes("3.0.0", "Snapshot.unpin"),
  UpdateCredential: writes("2.2.1", "User.updatePassword"),
  UpdateReplicateConfiguration: writes("2.6.2", "Replication.configure"),
  UpdateResourceGroups: writes("2.4.0", "ResourceGroup.update"),
  UpdateRowPolicy: writes("3.0.1", "RowPolicy.update"),
  Upsert: writes("2.3.0", "Vectors.upsert"),
}
