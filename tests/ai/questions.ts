/**
 * Questions about this project, each with the pages that answer it. They were written before any result was seen, and are
 * not to be changed so that a test passes: a question that is answered worse than before is a finding.
 */

/** A question, and the pages of which one has to be found. */
export type Question = readonly [question: string, ...pages: ReadonlyArray<string>]

const guide = (name: string) => `docs/guides/${name}.md`

export const questions: ReadonlyArray<Question> = [
  [
    "How do I rotate an API key without opening a new connection?",
    guide("connect"),
    guide("security"),
    "src/ConnectionConfig.ts",
    "src/Connection.ts",
  ],
  [
    "Is an insert repeated when the connection breaks before the server has answered?",
    guide("retries"),
    guide("errors"),
    guide("guarantees"),
    "src/operations/Vectors.ts",
  ],
  [
    "How can I read all rows of a collection that has millions of them?",
    guide("iterating"),
    "src/operations/Vectors.ts",
  ],
  [
    "Can text that a user typed change the meaning of my filter?",
    guide("filters"),
    guide("security"),
    "src/filter/Filter.ts",
  ],
  ["How do I keep the data of my customers apart?", guide("multi-tenancy")],
  [
    "How can I test my application without a running Milvus?",
    guide("testing"),
    "src/testing/FakeMilvus.ts",
  ],
  ["Which permissions does Deno need?", guide("deployment"), guide("troubleshooting")],
  ["How do I send spans and metrics to a collector?", guide("observability")],
  ["Is it faster than pymilvus at inserting vectors?", guide("performance")],
  [
    "How do I add a field to a collection that already exists?",
    guide("schema-changes"),
    "src/operations/Collection.ts",
  ],
  ["How do I load Parquet files from a bucket?", guide("bulk-import"), "src/operations/Import.ts"],
  [
    "How do I restrict which rows a user may see?",
    guide("access-control"),
    guide("multi-tenancy"),
    "src/operations/RowPolicy.ts",
  ],
  ["How do I search for words instead of vectors?", guide("search"), "src/schema/Functions.ts"],
  ["What happens when the primary server goes down and there is a standby?", guide("several-servers")],
  ["How do I run a Milvus on my laptop?", guide("embedded"), "src/Embedded.ts"],
  ["What should I check before I go live?", guide("production")],
  ["Does the shell complete the names of collections?", guide("cli")],
  ["Could a password end up in my logs?", guide("security")],
  ["What do I write instead of the methods of the official Node client?", guide("migrating")],
  [
    "How do I replace a collection by a new one without downtime?",
    guide("schema-changes"),
    "src/operations/CollectionAlias.ts",
  ],
]
