import type { Draft, FitTarget } from './draft.ts'
import { fitMembers } from './fit-members.ts'
import { fitMessages } from './fit-messages.ts'
import { fitOutputFormat } from './fit-output-format.ts'
import { fitReasoning } from './fit-reasoning.ts'
import { fitSampling } from './fit-sampling.ts'
import { fitTools } from './fit-tools.ts'

/**
 * Makes a body in OpenAI's own dialect one that a profile takes: members renamed, left out or limited, and whatever is
 * lost told to `compat`. Changes the body itself, and nothing that it holds. Members nobody knows stay.
 *
 * Translated requests and those of callers who speak this dialect themselves go through the same steps, so what is known
 * of a host is written once. A body may be any JSON: what does not look as it should is the provider's to judge.
 */
export function fitToProfile(body: Draft, target: FitTarget): void {
  fitMessages(body, target)
  // In this order: a tool that is forced may end thinking, and without thinking more of sampling is taken.
  fitTools(body, target)
  fitReasoning(body, target)
  fitSampling(body, target)
  fitOutputFormat(body, target)
  fitMembers(body, target)
}
