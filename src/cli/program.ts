/** The tree of commands, shared by the shell and the command line. */
import * as Command from "effect/cli/Command"
import * as Aliases from "./commands/aliases.ts"
import * as Collections from "./commands/collections.ts"
import * as Connect from "./commands/connect.ts"
import * as Connections from "./commands/connections.ts"
import * as Databases from "./commands/databases.ts"
import { embedded } from "./commands/embedded.ts"
import { exportRows } from "./commands/export.ts"
import * as FileResources from "./commands/fileResources.ts"
import * as Imports from "./commands/imports.ts"
import * as Indexes from "./commands/indexes.ts"
import * as Maintenance from "./commands/maintenance.ts"
import * as Partitions from "./commands/partitions.ts"
import * as Privileges from "./commands/privileges.ts"
import * as Query from "./commands/query.ts"
import * as ResourceGroups from "./commands/resourceGroups.ts"
import * as Roles from "./commands/roles.ts"
import { health, metrics } from "./commands/server.ts"
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
    Indexes.list,
    Maintenance.listSegments,
    Aliases.list,
    Imports.list,
    Snapshots.list,
    Snapshots.listRestores,
    FileResources.list,
    ResourceGroups.list,
    Users.list,
    Roles.list,
    Privileges.listGrants,
    Privileges.listGroups,
  ]),
)

const describe = Command.make("describe").pipe(
  Command.withDescription("Show the details of an object"),
  Command.withSubcommands([
    Databases.describe,
    Collections.describe,
    Partitions.describe,
    Indexes.describe,
    Maintenance.describeCompaction,
    Aliases.describe,
    Imports.describe,
    Snapshots.describe,
    Snapshots.describeRestore,
    Snapshots.describeExport,
    ResourceGroups.describe,
    ResourceGroups.describeReplicas,
    Users.describe,
    Roles.describe,
    Privileges.describeGroup,
  ]),
)

const create = Command.make("create").pipe(
  Command.withDescription("Create an object"),
  Command.withSubcommands([
    Databases.create,
    Collections.create,
    Partitions.create,
    Indexes.create,
    Aliases.create,
    Snapshots.create,
    FileResources.create,
    ResourceGroups.create,
    Users.create,
    Roles.create,
    Privileges.createGroup,
  ]),
)

const alter = Command.make("alter").pipe(
  Command.withDescription("Change the properties of an object"),
  Command.withSubcommands([
    Databases.alter,
    Collections.alter,
    Collections.alterField,
    Indexes.alter,
    ResourceGroups.alter,
    Users.alter,
    Roles.alter,
    Privileges.alterGroup,
  ]),
)

const drop = Command.make("drop").pipe(
  Command.withDescription("Drop an object, after confirmation"),
  Command.withSubcommands([
    Connections.drop,
    Databases.drop,
    Collections.drop,
    Partitions.drop,
    Indexes.drop,
    Aliases.drop,
    Snapshots.drop,
    FileResources.drop,
    ResourceGroups.drop,
    Users.drop,
    Roles.drop,
    Privileges.dropGroup,
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

const restore = Command.make("restore").pipe(
  Command.withDescription("Restore a snapshot into a new collection"),
  Command.withSubcommands([Snapshots.restore, Snapshots.restoreExported]),
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
  { group: "Objects", commands: [list, describe, create, alter, drop, load, release, rename, restore] },
  {
    group: "Rows",
    commands: [
      Query.query,
      Query.search,
      Write.insert,
      Write.importFile,
      Imports.bulkImport,
      exportRows,
      Snapshots.exportSnapshot,
      Write.deleteRows,
      Collections.truncate,
    ],
  },
  { group: "Access", commands: [grant, revoke] },
  { group: "Maintenance", commands: [Maintenance.flush, Maintenance.compact, Maintenance.optimize, transfer] },
  { group: "Server", commands: [health, metrics, embedded] },
] as const

const root = Command.make(programName).pipe(
  Command.withDescription("Connect to Milvus, inspect it, and move data; opens a shell if no command is given"),
)

/** Commands of the command line. */
export const program: Tree = root.pipe(
  Command.withSubcommands([{ group: "Connections", commands: connecting }, ...others]),
  Command.withGlobalFlags([OutputFormat]),
)

/** Commands of the shell. */
export const shellProgram: Tree = root.pipe(
  Command.withDescription("Ctrl-C cancels a command, Ctrl-D leaves"),
  Command.withSubcommands([{ group: "Connections", commands: [...connecting, Connect.use] }, ...others]),
  Command.withGlobalFlags([OutputFormat]),
)
