import type { World } from './world.ts'

/** Something that goes wrong, or is mended, once this part of the requests is answered. */
export interface Step {
  readonly at: number
  readonly name: string
  readonly take: (world: World) => void | Promise<void>
}

const STORM = { kind: 'rate-limit', retryAfterSeconds: 1 } as const

/** One outage rolls into the next; in the end all is well again. */
export const STEPS: readonly Step[] = [
  { at: 0.04, name: 'OpenAI revokes a key', take: (world) => world.revokeOldestKey('openai') },
  { at: 0.1, name: 'another is added for it', take: (world) => world.addKeyBack('openai') },
  {
    at: 0.12,
    name: 'Anthropic is down',
    take: ({ keyway }) => keyway.standIns.goDown('anthropic'),
  },
  {
    at: 0.16,
    name: 'OpenAI revokes the next key',
    take: (world) => world.revokeOldestKey('openai'),
  },
  {
    at: 0.22,
    name: 'the connector of the private model leaves',
    take: (world) => world.stopConnector(),
  },
  {
    at: 0.28,
    name: 'Anthropic is back',
    take: ({ keyway }) => keyway.standIns.comeBack('anthropic'),
  },
  { at: 0.3, name: 'another OpenAI key is added', take: (world) => world.addKeyBack('openai') },
  { at: 0.32, name: 'the connector is back', take: (world) => world.startConnector() },
  {
    at: 0.36,
    name: 'a storm of 429s at OpenAI and Anthropic',
    take({ keyway: { standIns } }) {
      standIns.misbehave('openai', STORM)
      standIns.misbehave('anthropic', STORM)
    },
  },
  {
    at: 0.42,
    name: 'Anthropic revokes a key',
    take: (world) => world.revokeOldestKey('anthropic'),
  },
  { at: 0.48, name: 'another is added for it', take: (world) => world.addKeyBack('anthropic') },
  { at: 0.5, name: 'the storm is over', take: ({ keyway }) => keyway.standIns.reset() },
  {
    at: 0.54,
    name: 'OpenAI is overloaded, and Bedrock answers nothing',
    take({ keyway: { standIns } }) {
      standIns.misbehave('openai', { kind: 'overloaded' })
      standIns.misbehave('bedrock', { kind: 'die-midway', afterEvents: 0 })
    },
  },
  {
    at: 0.6,
    name: 'the connector is restarted',
    async take(world) {
      await world.stopConnector()
      await world.startConnector()
    },
  },
  { at: 0.66, name: 'Bedrock and OpenAI are well', take: ({ keyway }) => keyway.standIns.reset() },
  {
    at: 0.72,
    name: 'all are gone but one',
    async take(world) {
      const { standIns } = world.keyway
      for (const provider of ['openai', 'anthropic', 'bedrock'] as const) standIns.goDown(provider)
      await world.stopConnector()
    },
  },
  {
    at: 0.86,
    name: 'all are back',
    async take(world) {
      const { standIns } = world.keyway
      for (const provider of ['openai', 'anthropic', 'bedrock'] as const) {
        await standIns.comeBack(provider)
      }
      await world.startConnector()
    },
  },
]
