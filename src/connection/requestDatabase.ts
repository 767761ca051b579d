/**
 * Names the database of a call in its request. Every call has it in its metadata, where a server does not read it for
 * every RPC: Milvus 2.3 does not for the description of aliases, and Milvus 3.0 not for namespaces. Both would use the
 * default database instead.
 */
import type * as Descriptor from "../grpc/methods.ts"

/** RPCs that are about the database they name, or about all databases if they name none. */
const others: ReadonlySet<string> = new Set([
  "AlterDatabase",
  "CreateDatabase",
  "DescribeDatabase",
  "DropDatabase",
  "FlushAll",
  "GetFlushAllState",
])

/** The database of requests that name none. */
const defaultDatabase = "default"

/** Returns the request with the database of its call, unless it names one itself. */
export const withDatabase = (
  name: string,
  method: Descriptor.Method | undefined,
  request: object,
  database: string,
): object => {
  const field = method?.databaseField
  if (field === undefined || database === defaultDatabase || others.has(name)) return request
  // Cast: any object can be read by property names.
  return (request as Readonly<Record<string, unknown>>)[field] ? request : { ...request, [field]: database }
}
