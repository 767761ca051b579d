/** Formats help texts to the width of the terminal. */
import type { FlagDoc, HelpDoc } from "effect/cli/HelpDoc"
import * as Option from "effect/Option"
import { type Output, styled } from "../screen.ts"
import { fit, widthOf, wrap } from "./width.ts"

/** Options for {@linkcode helpText}. */
export interface HelpOptions {
  /** Output that shows the help. */
  readonly output: Pick<Output, "columns" | "hasColor">
  /** Name of the program; `""` in the shell. */
  readonly program: string
  /** Flags that are summarized in one line, except in the help of `connect`. */
  readonly shared: ReadonlySet<string>
}

/** Command whose help lists all shared flags. */
const home = "connect"

/** Returns the help of a command. */
export const helpText = (doc: HelpDoc, { output, program, shared }: HelpOptions): string => {
  const path = (doc.commandPath ?? []).slice(1)
  const named = (text: string) => [program, text].filter((part) => part !== "").join(" ")
  const isSharing = path.join(" ") !== home && doc.flags.some(({ name }) => name === "alias")
  const own = doc.flags.filter(({ name }) => !isSharing || !shared.has(name))
  const always = (doc.globalFlags ?? []).filter(({ name }) => program !== "" || name === "output" || name === "help")
  const section = (title: string, rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> =>
    rows.length === 0 ? [] : ["", styled(output, "bold", title), ...table(rows, output)]
  const usage = named(
    doc.usage.split(" ").slice(1).join(" ").replace("<subcommand>", "COMMAND").replace("[flags]", "[FLAGS]"),
  )
  return [
    ...wrap(`${doc.description}.`, output.columns),
    "",
    `${styled(output, "bold", "Usage:")} ${usage}`,
    ...section("Arguments", (doc.args ?? []).map(({ name, description }) => [name, text(description)])),
    ...(doc.subcommands ?? []).flatMap(({ group, commands }) =>
      section(group ?? "Commands", commands.map(({ name, description }) => [name, description]))
    ),
    ...section("Flags", own.map(flagRow)),
    ...section("Flags of every command", always.map(flagRow)),
    ...(isSharing
      ? [
        "",
        ...wrap(
          `Connection: -a ALIAS, or -h, -p, --uri and others; see ${named("connect --help")}.`,
          output.columns,
        ),
      ]
      : []),
    ...(doc.examples ?? []).length === 0 ? [] : ["", styled(output, "bold", "Examples")],
    ...(doc.examples ?? []).map(({ command }) => `  ${named(command)}`),
    "",
  ].join("\n")
}

const text = (description: Option.Option<string>): string => Option.getOrElse(description, () => "")

const flagRow = ({ name, aliases, type, description }: FlagDoc): readonly [string, string] => {
  const value = type === "boolean"
    ? ""
    : ` ${/^[A-Z]+$/.test(type) ? type : type === "choice" ? "FORMAT" : type.toUpperCase()}`
  return [`${[...aliases, `--${name}`].join(", ")}${value}`, text(description)]
}

/** Formats two columns, and wraps the right one. */
const table = (
  rows: ReadonlyArray<readonly [string, string]>,
  output: Pick<Output, "columns" | "hasColor">,
): ReadonlyArray<string> => {
  const left = Math.min(Math.max(...rows.map(([name]) => widthOf(name))), 26)
  return rows.flatMap(([name, about]) => {
    const lines = wrap(about, Math.max(20, output.columns - left - 4))
    const head = widthOf(name) > left ? [name, ...lines.map((line) => " ".repeat(left + 2) + line)] : undefined
    const all = head ?? lines.map((line, at) => `${fit(at === 0 ? name : "", left)}  ${line}`)
    return all.map((line) => `  ${line}`.trimEnd())
  })
}
