/** This library, with all of an insert in one request. */
import { columns, withInput } from "./ours.ts"

export default withInput(columns, 2 ** 30)
