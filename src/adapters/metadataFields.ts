/**
 * Where a collection has the metadata of its rows: in a JSON field, or else each key in a field of its own or in the
 * dynamic field.
 */
import * as Result from "effect/Result"
import { throwValue } from "../codec/errors.ts"
import { renderPath } from "../filter/fieldPath.ts"
import { filter } from "../filter/Filter.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import { own } from "../schema/own.ts"
import { isVector } from "../schema/typeNames.ts"
import type { FindPlace, MetadataPlace } from "./metadataFilter.ts"

/** Returns where the keys of metadata are. `metadata` is the JSON field that has it, if one does. */
export const metadataPlaces = (definition: AnyDefinition, metadata: string | undefined): FindPlace => (key) => {
  const path = key.split(".")
  if (path.includes("")) throwValue(`filter.${key}`, undefined, "a key, with a dot between the keys of objects")
  const rendered = renderPath(["metadata", ...path])
  if (Result.isFailure(rendered)) throwValue(`filter.${key}`, undefined, rendered.failure)
  return metadata === undefined ? inFields(definition, path) : inJson([metadata, ...path])
}

/** A value in a JSON field, or in the dynamic field. */
const inJson = (path: ReadonlyArray<string>): MetadataPlace => {
  const [name = "", ...rest] = path
  return { self: filter.field(name, ...rest), type: "json", isRequired: false }
}

const inFields = (definition: AnyDefinition, path: ReadonlyArray<string>): MetadataPlace => {
  const [name = "", ...rest] = path
  const field = own(definition.fields, name)
  const label = `filter.${path.join(".")}`
  if (field === undefined) {
    return definition.options.dynamicFields === true
      ? inJson(path)
      : throwValue(label, undefined, `a field of "${definition.name}", which has no dynamic fields`)
  }
  if (field.type === "JSON" && rest.length > 0) return inJson(path)
  if (isVector(field) || field.type === "ArrayOfStruct" || field.type === "JSON" || rest.length > 0) {
    return throwValue(label, undefined, `a field of "${definition.name}" with values, or a key in a JSON field`)
  }
  const isRequired = field.options.nullable !== true
  return { self: filter.field(name), type: field.type === "Array" ? "array" : "scalar", isRequired }
}
