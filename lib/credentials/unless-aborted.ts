/**
 * What the work comes to; rejects with the reason as soon as the signal is aborted, whatever becomes of the work.
 * With a signal that is aborted already nothing is begun.
 */
export async function unlessAborted<T> (signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  return await new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work().then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
