/** An application that does not boot for a reason of its own. */
export default async function failing (): Promise<void> {
  throw new Error('the database is not there')
}
