/** The tree of commands, shared by the shell and the command line. */
import * as Command from "effect/cli/Command"
import * as Aliases from "./commands/aliases.ts"
import { analyze } from "./commands/analyze.ts"
import * as Collections from "./commands/collections.ts"
import * as Connect from "./commands/connect.ts"
import * as Connections from "./commands/connections.ts"
import * as Databases from "./commands/databases.ts"
import { embedded } from "./commands/embedded.ts"
import { exportRows } from "./commands/export.ts"
import * as ExternalCollections from "./commands/externalCollections.ts"
import * as Fields from "./commands/fields.ts"
import * as FileResources from "./commands/fileResources.ts"
import * as Imports from "./commands/imports.ts"
import * as Indexes from "./commands/indexes.ts"
import * as Maintenance from "./commands/maintenance.ts"
import { mcp } from "./commands/mcp.ts"
import * as Namespaces from "./commands/namespaces.ts"
import * as Partitions from "./commands/partitions.ts"
import { apply, plan } from "./commands/planAndApply.ts"
import * as Prewarm from "./commands/prewarm.ts"
import * as Privileges from "./commands/privileges.ts"
import * as Query from "./commands/query.ts"
import * as Rbac from "./commands/rbac.ts"
import * as ResourceGroups from "./commands/resourceGroups.ts"
import * as Roles from "./commands/roles.ts"
import * as RowPolicies from "./commands/rowPolicies.ts"
import * as Search from "./commands/search.ts"
import { health, metrics } from "./commands/server.ts"
import * as Shell from "./commands/shell.ts"
import * as Snapshots from "./commands/snapshots.ts"
import * as Users from "./commands/users.ts"
import { watch } from "./commands/watch.ts"
import * as Write from "./commands/write.ts"
import { OutputFormat } from "./output/print.ts"
import { programName, type Tree } from "./run.ts"

const list = Command.make("list").pipe(
  Command.withDescription("List connections, databases, collections and other objects"),
  Command.withSubcommands([
    Connections.list,
    Databases.list,
    Collections.list,
    Partitions.list,
    Namespaces.list,
    Indexes.list,
    Maintenance.listSegments,
    Aliases.list,
    Imports.list,
    Snapshots.list,
    Snapshots.listRestores,
    ExternalCollections.list,
    FileResources.list,
    ResourceGroups.list,
    Users.list,
    Roles.list,
    Privileges.listGrants,
    Privileges.listGroups,
    RowPolicies.list,
    RowPolicies.listPrincipals,
  ]),
)

const describe = Command.make("describe").pipe(
  Command.withDescription("Show the details of an object"),
  Command.withSubcommands([
    Databases.describe,
    Collections.describe,
    Partitions.describe,
    Namespaces.describe,
    Indexes.describe,
    Maintenance.describeCompaction,
    Aliases.describe,
    Imports.describe,
    Snapshots.describe,
    Snapshots.describeRestore,
    Snapshots.describeExport,
    ExternalCollections.describe,
    Prewarm.describe,
    ResourceGroups.describe,
    ResourceGroups.describeReplicas,
    Users.describe,
    Roles.describe,
    Privileges.describeGroup,
    RowPolicies.describe,
    RowPolicies.describePrincipal,
  ]),
)

const create = Command.make("create").pipe(
  Command.withDescription("Create an object"),
  Command.withSubcommands([
    Databases.create,
    Collections.create,
    Fields.create,
    Partitions.create,
    Namespaces.create,
    Indexes.create,
    Aliases.create,
    Snapshots.create,
    FileResources.create,
    ResourceGroups.create,
    Users.create,
    Roles.create,
    Privileges.createGroup,
    RowPolicies.create,
  ]),
)

const alter = Command.make("alter").pipe(
  Command.withDescription("Change the properties of an object"),
  Command.withSubcommands([
    Databases.alter,
    Collections.alter,
    Fields.alter,
    Indexes.alter,
    ResourceGroups.alter,
    Users.alter,
    Roles.alter,
    Privileges.alterGroup,
    RowPolicies.alter,
    RowPolicies.alterPrincipal,
  ]),
)

const drop = Command.make("drop").pipe(
  Command.withDescription("Drop an object, after confirmation"),
  Command.withSubcommands([
    Connections.drop,
    Databases.drop,
    Collections.drop,
    Fields.drop,
    Partitions.drop,
    Namespaces.drop,
    Indexes.drop,
    Aliases.drop,
    Snapshots.drop,
    FileResources.drop,
    ResourceGroups.drop,
    Users.drop,
    Roles.drop,
    Privileges.dropGroup,
    RowPolicies.drop,
  ]),
)

const load = Command.make("load").pipe(
  Command.withDescription("Load into memory, and wait until it is loaded"),
  Command.withSubcommands([Collections.load, Partitions.load]),
)

const release = Command.make("release").pipe(
  Command.withDescription("Release from memory"),
  Command.withSubcommands([Collections.release, Partitions.release]),
)

const rename = Command.make("rename").pipe(
  Command.withDescription("Rename a collection; Milvus cannot rename other objects"),
  Command.withSubcommands([Collections.rename]),
)

const backup = Command.make("backup").pipe(
  Command.withDescription("Back up the access control of a server to a file"),
  Command.withSubcommands([Rbac.backup]),
)

const restore = Command.make("restore").pipe(
  Command.withDescription("Restore a snapshot into a new collection, or a backup of the access control"),
  Command.withSubcommands([Snapshots.restore, Snapshots.restoreExported, Rbac.restore]),
)

const pin = Command.make("pin").pipe(
  Command.withDescription("Keep the data of a snapshot from being removed"),
  Command.withSubcommands([Snapshots.pin]),
)

const unpin = Command.make("unpin").pipe(
  Command.withDescription("End a pin of a snapshot"),
  Command.withSubcommands([Snapshots.unpin]),
)

const transfer = Command.make("transfer").pipe(
  Command.withDescription("Move replicas or query nodes to another resource group"),
  Command.withSubcommands([ResourceGroups.transferReplica, ResourceGroups.transferNode]),
)

const grant = Command.make("grant").pipe(
  Command.withDescription("Grant a role to a user, or a privilege to a role"),
  Command.withSubcommands([Roles.grant, Privileges.grant]),
)

const revoke = Command.make("revoke").pipe(
  Command.withDescription("Revoke a role from a user, or a privilege from a role"),
  Command.withSubcommands([Roles.revoke, Privileges.revoke]),
)

const connecting = [Connect.connect, Connect.disconnect, Connect.ping, watch] as const

const others = [
  { group: "Objects", commands: [list, describe, create, alter, drop, load, release, rename, restore, pin, unpin] },
  {
    group: "Rows",
    commands: [
      Query.query,
      Search.search,
      Search.hybridSearch,
      Write.insert,
      Write.importFile,
      Imports.bulkImport,
      exportRows,
      Snapshots.exportSnapshot,
      Write.deleteRows,
      Collections.truncate,
    ],
  },
  { group: "Definitions", commands: [plan, apply] },
  { group: "Access", commands: [grant, revoke, backup] },
  {
    group: "Maintenance",
    commands: [
      Maintenance.flush,
      Maintenance.compact,
      Maintenance.optimize,
      Prewarm.prewarm,
      ExternalCollections.refresh,
      transfer,
    ],
  },
  { group: "Server", commands: [health, metrics, analyze, embedded] },
] as const

const root = Command.make(programName).pipe(
  Command.withDescription("Connect to Milvus, inspect it, and move data; opens a shell if no command is given"),
)

/** Commands of the command line. */
export const program: Tree = root.pipe(
  Command.withSubcommands([
    { group: "Connections", commands: connecting },
    ...others,
    { group: "Programs", commands: [mcp] },
  ]),
  Command.withGlobalFlags([OutputFormat]),
)

/** Commands of the shell. */
export const shellProgram: Tree = root.pipe(
  Command.withDescription("Ctrl-C cancels a command, Ctrl-D leaves"),
  Command.withSubcommands([
    { group: "Connections", commands: [...connecting, Connect.use] },
    ...others,
    { group: "Shell", commands: [Shell.set, Shell.history, Shell.clear, Shell.exit] },
  ]),
  Command.withGlobalFlags([OutputFormat]),
)
