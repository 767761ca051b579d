/** The privileges of Milvus 2.3, by the type of their object. */

const privileges = {
  Collection: [
    "Compaction",
    "CreateIndex",
    "CreatePartition",
    "Delete",
    "DropIndex",
    "DropPartition",
    "Flush",
    "GetFlushState",
    "GetLoadState",
    "GetLoadingProgress",
    "GetStatistics",
    "HasPartition",
    "Import",
    "IndexDetail",
    "Insert",
    "Load",
    "LoadBalance",
    "Query",
    "Release",
    "Search",
    "ShowPartitions",
    "Upsert",
  ],
  Global: [
    "All",
    "CreateAlias",
    "CreateCollection",
    "CreateDatabase",
    "CreateOwnership",
    "CreateResourceGroup",
    "DescribeAlias",
    "DescribeCollection",
    "DescribeResourceGroup",
    "DropAlias",
    "DropCollection",
    "DropDatabase",
    "DropOwnership",
    "DropResourceGroup",
    "FlushAll",
    "ListAliases",
    "ListDatabases",
    "ListResourceGroups",
    "ManageOwnership",
    "RenameCollection",
    "SelectOwnership",
    "ShowCollections",
    "TransferNode",
    "TransferReplica",
  ],
  User: ["SelectUser", "UpdateUser"],
} as const

/** A type of objects that privileges are about. */
export type ObjectType = keyof typeof privileges

/** The types of objects. */
export const objectTypes: ReadonlyArray<string> = Object.keys(privileges)

/** Whether a text is a type of objects. */
export const isObjectType = (name: string): name is ObjectType => Object.hasOwn(privileges, name)

/** Returns the privileges on objects of a type. */
export const privilegesOf = (type: ObjectType): ReadonlyArray<string> => privileges[type]
