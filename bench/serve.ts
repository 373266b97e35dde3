/** What comes back from a process that serves: the address once, with how long it took to boot, in milliseconds, and then, for each message, the processor time used so far, in microseconds. */
export type Report = { readonly url: string, readonly boot: number } | { readonly processorTime: number }

const report = (what: Report) => process.send!(what)

/** Serves for the process that measures, until that goes away. @param start what listens; gives its address */
export function serve<Launch> (start: (launch: Launch) => Promise<string>): void {
  process.once('message', async (launch: Launch) => {
    const before = performance.now()
    const url = await start(launch)
    process.on('message', () => {
      const { user, system } = process.cpuUsage()
      report({ processorTime: user + system })
    })
    process.once('disconnect', () => process.exit())
    report({ url, boot: performance.now() - before })
  })
}
