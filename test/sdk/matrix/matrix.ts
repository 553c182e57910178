import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { type Keyway, type Organization, startKeyway } from '../../support/keyway.ts'
import { answerCases } from './answer-cases.ts'
import type { Caller } from './caller.ts'
import { failureCases } from './failure-cases.ts'
import { HEARD } from './material.ts'
import { promptCases } from './prompt-cases.ts'
import type { Stage } from './stage.ts'
import { toolCases } from './tool-cases.ts'
import { UPSTREAMS } from './upstreams.ts'

/** Every case of one SDK at every upstream, through the real Worker. */
export function matrix(caller: Caller): void {
  let keyway: Keyway
  let organization: Organization
  beforeAll(async () => {
    keyway = await startKeyway()
    organization = await keyway.organization()
  })
  afterEach(() => keyway.standIns.reset())
  afterAll(() => keyway[Symbol.asyncDispose]())

  describe.each(UPSTREAMS)(`${caller.name} to $name`, (upstream) => {
    const at: Stage['at'] = (isStreamed, model = upstream.model) => ({
      url: keyway.url,
      apiKey: organization.apiKey,
      model,
      isStreamed,
    })
    const stage: Stage = {
      caller,
      upstream,
      get keyway() {
        return keyway
      },
      at,
      greeting: (isStreamed) => ({ ...at(isStreamed), turns: [{ by: 'user', text: HEARD }] }),
    }
    answerCases(stage)
    promptCases(stage)
    toolCases(stage)
    failureCases(stage)
  })
}
