/** This library, with an insert in a single request. */
import { columns, withInput } from "./ours.ts"

export default withInput(columns, 2 ** 30)
