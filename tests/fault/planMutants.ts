/** Mutants of plans and of embedding anew. */
import type { Mutant } from "./mutants.ts"

const plans = "tests/plan/plan_test.ts"
const reembeds = "tests/plan/reembed_test.ts"

const one = (mutant: Omit<Mutant, "guarantee">): Mutant => ({
  guarantee: "A plan drops nothing unasked, and a new collection has every row when it serves",
  ...mutant,
})

/** All mutants of `src/plan`. */
export const planMutants: ReadonlyArray<Mutant> = [
  one({
    breaks: "steps that drop something are made without `allowDrop`",
    file: "src/plan/apply.ts",
    find: "filter(({ drops }) => allowDrop || !drops)",
    replace: "filter(() => allowDrop || true)",
    test: [plans, "nothing is dropped unless it is allowed, and then in an order that the server accepts"],
  }),
  one({
    breaks: "a plan is applied to a server that has changed",
    file: "src/plan/apply.ts",
    find: "unplanned.length + now.conflicts.length > 0",
    replace: "now.conflicts.length > 0 && unplanned.length > 0",
    test: [plans, "a plan is stale, and nothing is done, if another client changes a property"],
  }),
  one({
    breaks: "a plan is applied to another server",
    file: "src/plan/apply.ts",
    find: "plan.address !== address || plan.database !== database",
    replace: "plan.database !== database",
    test: [plans, "a plan is applied only where it was made"],
  }),
  one({
    breaks: "a plan that is applied again makes steps again",
    file: "src/plan/apply.ts",
    find: "for (const step of wanted) {",
    replace: "for (const step of plan.steps) {",
    test: [plans, "apply that is interrupted after step 1, CreateCollection, is completed when it is applied again"],
  }),
  one({
    breaks: "an alias may lead to a collection that the plan drops",
    file: "src/plan/serverSteps.ts",
    find: "scope.collections === undefined ? new Set(names) : defined",
    replace: "new Set([...names, ...defined])",
    test: [plans, "an alias of a collection that does not exist, and one with the name of a collection, are conflicts"],
  }),
  one({
    breaks: "the alias is switched although the new collection has other rows",
    file: "src/plan/reembed.ts",
    find: "yield* compareCounts(options, key)",
    replace: "if (options.allowDelete === true) yield* compareCounts(options, key)",
    test: [reembeds, "a new collection with another number of rows does not replace the old one"],
  }),
  one({
    breaks: "rows that are changed during the copy are not copied again",
    file: "src/plan/reembed.ts",
    find: "if (changed.size === 0) break",
    replace: "if (changed.size >= 0) break",
    test: [
      reembeds,
      "rows that are inserted or changed meanwhile, before and after the place of the copy, are copied again",
    ],
  }),
  one({
    breaks: "rows that are changed just before the switch are lost in silence",
    file: "src/plan/reembed.ts",
    find: "if (late > 0) return",
    replace: "if (late < 0) return",
    test: [reembeds, "rows that are changed between the last read and the switch are an error, not lost in silence"],
  }),
  one({
    breaks: "a digest does not see a change of a value",
    file: "src/plan/digest.ts",
    find: "const text = textOf(Object.entries(row)",
    replace: "const text = textOf(Object.keys(row).map((name): [string, unknown] => [name, 0])",
    test: [reembeds, "a change that only a field has which is not copied is embedded again"],
  }),
  one({
    breaks: "the alias is switched although another client switched it",
    file: "src/plan/reembed.ts",
    find: "yield* requireTarget(yield* findAlias(alias), [target])",
    replace: "yield* Effect.void",
    test: [reembeds, "an alias that is switched by another client meanwhile stays where it is"],
  }),
  one({
    breaks: "a roll back switches an alias that leads to a third collection",
    file: "src/plan/reembed.ts",
    find: "yield* requireTarget(target, [to])",
    replace: "yield* Effect.void",
    test: [
      reembeds,
      "an alias of a third collection is not switched, in either direction; one that is missing is created",
    ],
  }),
]
