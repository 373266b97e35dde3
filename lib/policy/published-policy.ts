import { OptionInvalidError } from '../errors.js'
import type { OnChange } from '../look-again.js'
import type { PolicyDocument } from './document.js'
import type { PolicySource } from './policy-source.js'

/** What a store keeps of policies, as far as whoever follows them asks. */
export interface PublishedPolicies {
  /** The policy published last, or null before the first. */
  latest (): Promise<PolicyDocument | null>
  /** Tells when one may have been published, in whatever process. */
  readonly onChange?: OnChange
}

/** The policy that was published last. */
export function publishedPolicy (policies: PublishedPolicies): PolicySource {
  return Object.freeze<PolicySource>({
    name: 'the store',
    ...(policies.onChange && { onChange: policies.onChange }),
    async read () {
      const document = await policies.latest()
      if (document === null) throw new OptionInvalidError('policy: the store has no policy. Publish one first: await store.policies.publish(document).')
      return document
    }
  })
}
