/** Calls a listener when there may be something new; gives what ends that. */
export type OnChange = (listener: () => void) => () => void

/** How long after one look the next one comes, in milliseconds; a little more than the pace of those that others may cause. */
const PAUSE = 1050

/**
 * Looks about each second, and at once when it is told of a change, one look at a time, until it is stopped. That it
 * looks, though it may be told: being told is quicker, and looking misses nothing. It keeps no process alive.
 * @param look must not reject
 * @returns what ends it
 */
export function lookAgain (look: () => Promise<void>, onChange?: OnChange): () => void {
  let isStopped = false
  let isLooking = false
  let isDue = false
  let timer: NodeJS.Timeout

  const run = async () => {
    isDue = true
    if (isLooking) return
    clearTimeout(timer)
    isLooking = true
    while (isDue) {
      isDue = false
      await look()
    }
    isLooking = false
    wait()
  }
  const wait = () => { if (!isStopped) timer = setTimeout(run, PAUSE).unref() }

  wait()
  const stopListening = onChange?.(run)
  return () => {
    isStopped = true
    isDue = false
    clearTimeout(timer)
    stopListening?.()
  }
}
