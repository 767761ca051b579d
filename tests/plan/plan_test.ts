/** Plans of collections, aliases and databases: what they show, what `apply` makes, and what it refuses. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import {
  Collection,
  CollectionAlias,
  type Connection,
  Database,
  Field,
  Index,
  ServerError,
  Vectors,
} from "../../mod.ts"
import * as Schema from "../../src/plan/mod.ts"
import type { FakeMilvus } from "../../src/testing/mod.ts"
import type { Engine } from "../live/engines.ts"
import { definitions } from "../operations/definitions.ts"
import { onAll, onFake } from "../operations/eachServer.ts"

let names = 0
/** A name of its own for each collection, since the tests of a file share their servers. */
const named = (word: string): string => `plan_${word}_${++names}`

const flat = Index.flat({ metric: "L2" })
/** The index of numbers that a server has. */
const sortedBy = (engine: Engine | undefined) => engine?.name === "milvus-lite" ? Index.inverted() : Index.stlSort()

const book = (name: string, options: Collection.CollectionOptions = {}): Collection.AnyDefinition => ({
  ...Collection.define(name, {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 100 }),
    vector: Field.floatVector({ dimension: 2 }),
    year: Field.int64(),
  }),
  options: { indexes: { vector: flat, year: Index.stlSort() }, ...options },
})

const kinds = ({ steps }: Schema.Plan) => steps.map(({ kind }) => kind)

/** The plan of definitions, which has to be empty. */
const assertReached = (definitions: Schema.Definitions) =>
  Effect.gen(function* () {
    const after = yield* Schema.plan(definitions)
    assertEquals([after.steps, after.conflicts], [[], []])
    assertStringIncludes(Schema.format(after), "as defined, nothing to do")
  })

onAll("a plan of what does not exist makes it, and a second plan is empty", (engine) =>
  Effect.gen(function* () {
    const indexes = { vector: flat, year: sortedBy(engine) }
    const [Books, Novels] = [book(named("new"), { indexes }), book(named("novels"), { indexes: {} })]
    const [alias, database] = [named("alias"), named("db")]
    const definitions = Schema.define({
      aliases: { [alias]: Books },
      databases: { [database]: { collections: [Novels], aliases: { current: Novels } } },
    })
    const all = { ...definitions, collections: [Books] }
    const plan = yield* Schema.plan(all)
    const [whole, drops] = [plan.steps.filter(({ drops }) => !drops), plan.steps.filter(({ drops }) => drops)]
    assertEquals(whole.map(({ kind }) => kind), [
      ...["CreateCollection", "CreateIndex", "CreateIndex", "LoadCollection", "CreateAlias", "CreateDatabase"],
      ...["CreateCollection", "CreateAlias"],
    ])
    const text = Schema.format(plan)
    assertStringIncludes(text, `+ create collection "${Books.name}": it is not on the server`)
    assertStringIncludes(
      text,
      `+ create alias "current" in database "${database}" of "${Novels.name}"`,
    )
    assertStringIncludes(text, `${whole.length} to make`)
    const { done, doneBefore, kept } = yield* Schema.apply(plan)
    assertEquals(done, whole)
    assertEquals([doneBefore.length, kept.length], [0, drops.length])

    const after = yield* Schema.plan(all)
    assertEquals(after.steps.filter(({ drops }) => !drops), [])
    assertEquals((yield* CollectionAlias.describe(alias)).collection, Books.name)
    yield* Vectors.insert(alias, [{ id: 1, title: "a", vector: [1, 0], year: 1900 }])
    const found = yield* Vectors.search(Books, [[1, 0]], { limit: 1, consistency: "Strong" })
    assertEquals(found.counts, new Uint32Array([1]))

    // Nothing of it remains for the other tests.
    yield* CollectionAlias.drop("current", { database })
    yield* Collection.drop(Novels, { database })
    yield* Database.drop(database)
    yield* CollectionAlias.drop(alias)
    yield* Collection.drop(Books)
  }))

onAll(
  "a plan changes an index, a property and an alias in place, and what it dropped was asked for",
  (engine) =>
    Effect.gen(function* () {
      const indexes = { vector: flat, year: sortedBy(engine) }
      const [Old, Second, alias] = [
        book(named("old"), { indexes }),
        book(named("second"), { indexes: {} }),
        named("alias"),
      ]
      yield* Collection.create(Old)
      yield* Collection.create(Second)
      yield* CollectionAlias.create(alias, Old)
      const hnsw = Index.hnsw({ metric: "L2", M: 8, efConstruction: 64 })
      const New = book(Old.name, { indexes: { ...indexes, vector: hnsw }, ttl: "1 hour" })
      const definitions = Schema.define({ collections: [New, Second], aliases: { [alias]: Second } })
      const plan = yield* Schema.plan(definitions)
      const own = { ...plan, steps: plan.steps.filter(({ what }) => what.includes(Old.name)) }
      assertEquals(plan.conflicts, [])
      assertEquals(kinds(own).slice(0, 6), [
        "ReleaseCollection",
        "AlterCollection",
        "DropIndex",
        "CreateIndex",
        "LoadCollection",
        "SwitchAlias",
      ])
      assertMatch(
        Schema.format(plan),
        /- drop index .*: index of "vector": type is FLAT on the server, HNSW in the def/,
      )

      const without = yield* Schema.apply(plan)
      assertEquals(without.done.map(({ kind }) => kind), ["AlterCollection", "SwitchAlias"])
      assertEquals((yield* Index.describe(Old, "vector"))[0]?.type, "FLAT")
      assertEquals((yield* Collection.loadState(Old)).state, "Loaded")
      assertEquals((yield* CollectionAlias.describe(alias)).collection, Second.name)
      assertEquals((yield* Collection.describe(Old)).properties["collection.ttl.seconds"], 3600)

      // The same plan again: what was done is seen.
      assertEquals((yield* Schema.apply(plan)).done, [])
      // Real servers are shared with the other tests, so only a FakeMilvus may lose what is not defined.
      if (engine === undefined) {
        const again = yield* Schema.apply(plan, { allowDrop: true })
        assertEquals(again.done.map(({ kind }) => kind), [
          "ReleaseCollection",
          "DropIndex",
          "CreateIndex",
          "LoadCollection",
        ])
        assertEquals(again.doneBefore.map(({ kind }) => kind), ["AlterCollection", "SwitchAlias"])
        assertEquals((yield* Index.describe(Old, "vector"))[0]?.type, "HNSW")
        assertEquals((yield* Collection.loadState(Old)).state, "Loaded")
        yield* assertReached(definitions)
      }
      yield* CollectionAlias.drop(alias)
      yield* Collection.drop(Old)
      yield* Collection.drop(Second)
    }),
)

onFake(
  "nothing is dropped unless it is allowed, and then in an order that the server accepts",
  () =>
    Effect.gen(function* () {
      const [Books, Left] = [book("books"), book("left")]
      yield* Database.create("left_db")
      for (const database of ["default", "left_db"]) {
        yield* Collection.create(Left, { database })
        yield* CollectionAlias.create("left_alias", Left, { database })
      }
      const definitions = Schema.define({ collections: [Books], aliases: {}, databases: {} })
      const plan = yield* Schema.plan(definitions)
      assertMatch(Schema.format(plan), /\n {2}- drop collection "left": it is only on the server\n/)
      assertMatch(Schema.format(plan), /\n4 to make, 5 only if drops are allowed\n$/)
      const { kept } = yield* Schema.apply(plan)
      assertEquals(kept.map(({ what }) => what), [
        'drop alias "left_alias" of "left"',
        'drop collection "left"',
        'drop alias "left_alias" in database "left_db" of "left"',
        'drop collection "left" in database "left_db"',
        'drop database "left_db"',
      ])
      assertEquals((yield* Collection.list()).toSorted(), ["books", "left"])
      assertEquals(yield* Database.list(), ["default", "left_db"])
      yield* Schema.apply(plan, { allowDrop: true })
      assertEquals([yield* Collection.list(), yield* Database.list()], [["books"], ["default"]])
      yield* assertReached(definitions)
    }),
)

onFake("what the definitions leave out is neither read nor dropped", (fake) =>
  Effect.gen(function* () {
    yield* Collection.create(book("other"))
    yield* CollectionAlias.create("other_alias", "other")
    yield* fake.clearCalls
    const plan = yield* Schema.plan({ databases: { default: {} } })
    assertEquals([plan.steps, plan.conflicts], [[], []])
    const methods = (yield* fake.calls).map(({ method }) => method)
    assertEquals(methods.filter((method) => /Alias|Role|User/.test(method)), [])
  }))

/** Definitions whose plan has one step of each RPC that makes something. */
const whole = Schema.define({
  collections: [
    book("books"),
  ],
  aliases: { current: "books" },
  databases: { library: { properties: { "database.max.collections": 5 }, collections: [], aliases: {} } },
})
const steps = ["CreateCollection", "CreateIndex", "CreateIndex", "LoadCollection", "CreateAlias", "CreateDatabase"]

for (const [position, kind] of steps.entries()) {
  onFake(
    `apply that is interrupted after step ${position + 1}, ${kind}, is completed when it is applied again`,
    (fake) =>
      Effect.gen(function* () {
        const plan = yield* Schema.plan(whole)
        assertEquals(kinds(plan), steps)
        let made = 0
        const onStep = () => Effect.suspend(() => ++made > position ? Effect.interrupt : Effect.void)
        const exit = yield* Effect.exit(Schema.apply(plan, { onStep }))
        assert(Exit.isFailure(exit))
        yield* fake.clearCalls
        const { done, doneBefore } = yield* Schema.apply(plan)
        assertEquals([doneBefore, done].map((some) => some.map(({ kind }) => kind)), [
          steps.slice(0, position + 1),
          steps.slice(position + 1),
        ])
        const writes = (yield* fake.calls).filter(({ method }) => /^(Create|Load|Drop|Alter)/.test(method))
        assertEquals(writes.length, steps.length - position - 1, "only what is missing is made")
        yield* assertReached(whole)
      }),
  )
}

for (const [position, kind] of steps.entries()) {
  if (position === 2) continue
  onFake(
    `apply whose ${kind} fails reports what was done, and is completed when it is applied again`,
    (fake) =>
      Effect.gen(function* () {
        const plan = yield* Schema.plan(whole)
        yield* fake.fail(kind as FakeMilvus.Method, { code: 65535, reason: "etcd is gone" })
        const error = yield* Effect.flip(Schema.apply(plan))
        assert(error instanceof Schema.PartialApply, `${error}`)
        assertEquals(error.done, plan.steps.slice(0, position).map(({ what }) => what))
        assertEquals(error.step, plan.steps[position]?.what)
        assert(error.cause instanceof ServerError)
        assertMatch(
          error.message,
          new RegExp(`^after ${position} steps of the plan, this one failed: create|load .*etcd`),
        )
        yield* fake.reset()
        assertEquals(kinds({ ...plan, steps: (yield* Schema.apply(plan)).done }), steps.slice(position))
        yield* assertReached(whole)
      }),
  )
}

/** What another client may do between a plan and its apply, with what the server needs then. */
const changes: Readonly<
  Record<string, readonly [Effect.Effect<unknown, unknown, Connection.Connection>, expected: string]>
> = {
  "switches the alias elsewhere": [
    Effect.andThen(Collection.create(book("third")), CollectionAlias.alter("current", "third")),
    'switch alias "current" from "third" to "books"',
  ],
  "drops an index": [
    Effect.andThen(Collection.release("books"), Index.drop("books", "vector")),
    'create index FLAT of "vector" in collection "books"',
  ],
  "releases the collection": [Collection.release("books"), 'load collection "books"'],
  "changes a property": [Collection.alter("books", { "collection.ttl.seconds": 60 }), "collection.ttl.seconds is 60"],
  "replaces the collection": [
    Effect.gen(function* () {
      yield* CollectionAlias.drop("current")
      yield* Collection.drop("books")
      yield* Collection.create(Collection.define("books", {
        id: Field.int64({ primaryKey: true }),
        vector: Field.floatVector({ dimension: 7 }),
      }))
      yield* CollectionAlias.create("current", "books")
    }),
    "FloatVector(7) on the server",
  ],
}

for (const [what, [change, expected]] of Object.entries(changes)) {
  onFake(`a plan is stale, and nothing is done, if another client ${what}`, (fake) =>
    Effect.gen(function* () {
      const [Books, Second] = [book("books"), book("second")]
      yield* Collection.create(Books)
      yield* Collection.create(Second)
      yield* CollectionAlias.create("current", Second)
      const Changed = book("books", { ttl: "1 hour" })
      const plan = yield* Schema.plan({ collections: [Changed, Second], aliases: { current: Books } })
      assertEquals(kinds(plan), ["AlterCollection", "SwitchAlias"])
      yield* change
      yield* fake.clearCalls
      const error = yield* Effect.flip(Schema.apply(plan))
      assert(error instanceof Schema.PlanError, `${error}`)
      assertEquals(error.kind, "Stale")
      assertStringIncludes(error.message, expected)
      assertMatch(
        error.message,
        /^the server has changed since the plan was made, and nothing was done; make a new plan/,
      )
      const methods = new Set((yield* fake.calls).map(({ method }) => method))
      assertEquals([...methods].filter((method) => !/^(Describe|Show|Get|List)/.test(method)), [])
    }))
}

onFake(
  "a collection that was replaced by another one of its name is not dropped by an older plan",
  () =>
    Effect.gen(function* () {
      yield* Collection.create(book("left"))
      const plan = yield* Schema.plan({ collections: [] })
      assertEquals(kinds(plan), ["DropCollection"])
      yield* Collection.drop("left")
      yield* Collection.create(book("left"))
      const error = yield* Effect.flip(Schema.apply(plan, { allowDrop: true }))
      assertEquals([error._tag, "kind" in error && error.kind], ["PlanError", "Stale"])
      assertEquals(yield* Collection.list(), ["left"])
    }),
)

onAll(
  "a difference that cannot be removed in place is a conflict, and apply refuses the whole plan",
  () =>
    Effect.gen(function* () {
      const [name, alias] = [named("conflict"), named("alias")]
      yield* Collection.create(book(name, { indexes: {} }))
      yield* CollectionAlias.create(alias, name)
      const Other = { ...book(name), fields: { ...book(name).fields, vector: Field.floatVector({ dimension: 8 }) } }
      const plan = yield* Schema.plan({ databases: { default: { collections: [Other, book(alias)] } } })
      const conflicts = plan.conflicts.map(({ what, why }) => `${what}: ${why}`)
      assertEquals(conflicts, [
        `collection "${name}": field "vector" is FloatVector(2) on the server, FloatVector(8) in the definition`,
        `collection "${alias}": the name is an alias of "${name}"`,
      ])
      assertStringIncludes(Schema.format(plan), `! ${conflicts[0]}\n`)
      const error = yield* Effect.flip(Schema.apply(plan))
      assert(error instanceof Schema.PlanError, `${error}`)
      assertEquals([error.kind, error.reasons, error.isRetryable], ["Conflict", conflicts, false])
      yield* CollectionAlias.drop(alias)
      yield* Collection.drop(name)
    }),
)

onFake(
  "an alias of a collection that does not exist, and one with the name of a collection, are conflicts",
  () =>
    Effect.gen(function* () {
      yield* Collection.create(book("books"))
      const { conflicts, steps } = yield* Schema.plan({ aliases: { books: "other", current: "nothing" } })
      assertEquals(steps, [])
      assertEquals(conflicts.map(({ what, why }) => `${what}: ${why}`), [
        'alias "books": a collection has this name',
        'alias "current": no collection is named "nothing"',
      ])
      // The plan drops a collection that is not defined, so that no alias can lead to it.
      yield* CollectionAlias.create("kept", "books")
      const other = yield* Schema.plan({ collections: [], aliases: { kept: "books", added: "books" } })
      assertEquals(other.conflicts.map(({ what, why }) => `${what}: ${why}`), [
        'alias "kept": `collections` does not have "books"',
        'alias "added": `collections` does not have "books"',
      ])
    }),
)

onFake("a nullable field is added and a text made longer, where the server can", (fake) =>
  Effect.gen(function* () {
    const Books = book("books")
    yield* Collection.create(Books)
    const pages = Field.int32({ nullable: true })
    const New = { ...Books, fields: { ...Books.fields, title: Field.varChar({ maxLength: 200 }), pages } }
    const plan = yield* Schema.plan({ collections: [New] })
    assertEquals(plan.steps.map(({ what }) => what), [
      'alter field "title" of collection "books" with max_length=200',
      'add field "pages" to collection "books"',
    ])
    const requests: Array<string> = []
    const answer = (name: string) => (request: object) => {
      requests.push(`${name} ${Object.values(request).filter((value) => typeof value === "string").join(" ").trim()}`)
      return Effect.succeed({})
    }
    yield* fake.handle("AlterCollectionField", answer("alter"))
    yield* fake.handle("AddCollectionField", answer("add"))
    yield* Schema.apply(plan)
    assertEquals(requests.map((request) => request.replace(/\s+/g, " ")), ["alter books title", "add books"])
    // A field that is not nullable cannot be added, and this server cannot drop one.
    const { title: _, ...fields } = Books.fields
    const unreachable = yield* Schema.plan({ collections: [{ ...Books, fields: { ...fields, pages: Field.int16() } }] })
    assertEquals(unreachable.conflicts.map(({ why }) => why), [
      'field "pages" is not on the server',
      'field "title" is only on the server',
    ])
    yield* fake.setVersion("v2.5.0")
  }))

onAll("a collection that was created as defined needs no step, whatever its options", () =>
  Effect.gen(function* () {
    let created = 0
    for (const definition of Object.values(definitions)) {
      // Not every server has every option.
      if ((yield* Effect.exit(Collection.create(definition, { load: false })))._tag === "Success") {
        const { steps, conflicts } = yield* Schema.plan({ collections: [definition], load: false })
        // Other tests share the server.
        assertEquals([steps.filter(({ drops }) => !drops), conflicts], [[], []], definition.name)
        created++
      }
      yield* Collection.drop(definition)
    }
    assert(created >= 25, `${created}`)
  }))

onFake("with load false, collections are neither loaded nor released", () =>
  Effect.gen(function* () {
    const [Loaded, Released] = [book("loaded"), book("released")]
    yield* Collection.create(Loaded)
    yield* Collection.create(Released, { load: false })
    const definitions = { collections: [Loaded, Released, book("new")], load: false }
    yield* Schema.apply(yield* Schema.plan(definitions))
    const states = yield* Effect.forEach(definitions.collections, (one) => Collection.loadState(one))
    assertEquals(states.map(({ state }) => state), ["Loaded", "NotLoad", "NotLoad"])
    assertEquals(kinds(yield* Schema.plan({ ...definitions, load: true })), ["LoadCollection", "LoadCollection"])
    yield* assertReached(definitions)
  }))

onFake("a plan is applied only where it was made", () =>
  Effect.gen(function* () {
    const plan = yield* Schema.plan({ collections: [book("books")] })
    // Cast: a value that the compiler refuses.
    const none = yield* Effect.flip(Schema.apply(undefined as unknown as Schema.Plan))
    assertMatch(none.message, /^parameter "plan": expected /)
    const elsewhere = yield* Effect.flip(Schema.apply({ ...plan, address: "prod:19530" }))
    assertStringIncludes(elsewhere.message, 'got one for database "default" of prod:19530')
    yield* Database.create("library")
    const other = yield* Effect.flip(Database.withDatabase("library")(Schema.apply(plan)))
    assertMatch(other.message, /^parameter "plan": expected a plan for database "library" of .*/)
    assertEquals(yield* Collection.list(), [])
  }))

const Books = book("books")
const invalid: ReadonlyArray<readonly [definitions: unknown, parameter: string]> = [
  [undefined, "definitions"],
  [[Books], "definitions"],
  [{ collection: [Books] }, "definitions.collection"],
  [{ collections: Books }, "collections"],
  [{ collections: ["books"] }, "collections[0]"],
  [{ collections: [Books, Books] }, "collections[1]"],
  [{ collections: [{ ...Books, fields: {} }] }, "books.fields"],
  [{ collections: [Books], aliases: { books: Books } }, "aliases.books"],
  [{ aliases: { current: "" } }, "collection"],
  [{ collections: [], databases: { default: {} } }, "databases.default"],
  [{ databases: { library: { collection: [] } } }, "databases.library.collection"],
  [{ databases: { library: { properties: {} } } }, "databases.library.properties"],
  [{ roles: { reader: { grants: [{}] } } }, "roles.reader.grants[0].privilege"],
  [
    { roles: { reader: { grants: [{ privilege: "Search", objectType: "Row" }] } } },
    "roles.reader.grants[0].objectType",
  ],
  [{ collections: [Books], load: 1 }, "load"],
  [
    { roles: { reader: { grants: [{ privilege: "DatabaseAdmin", collection: "books" }] } } },
    "roles.reader.grants[0].collection",
  ],
  [{ users: { alice: { password: "a secret" } } }, "users.alice.password"],
  [{ users: { alice: { roles: [""] } } }, "users.alice.roles[0]"],
]

onFake(
  "definitions that are invalid are refused before anything is sent, and no password is in the error",
  (fake) =>
    Effect.gen(function* () {
      yield* fake.clearCalls
      for (const [definitions, parameter] of invalid) {
        // Cast: values that the compiler refuses.
        const error = yield* Effect.flip(Schema.plan(definitions as Schema.Definitions))
        assertEquals([error._tag, "parameter" in error && error.parameter], ["ParamError", parameter])
        assert(!error.message.includes("a secret"), error.message)
      }
      assertEquals(yield* fake.calls, [])
    }),
)
