import type { Service, Site } from './provider.ts'

/** Whether a model may think for minutes before it says anything. One that nobody knows may. */
export function mayThink(service: Service, model: string, site: Site): boolean {
  switch (service.format) {
    case 'openai-chat': {
      const { efforts, replay, thinkingSwitch, isUnasked } = service.profile(model, site).reasoning
      const takesEffort = efforts === 'any' || Object.keys(efforts).length > 0
      return takesEffort || thinkingSwitch || isUnasked === true || replay !== 'none'
    }
    case 'openai-responses': {
      const { efforts, thinksByDefault } = service.profile(model, site)
      return thinksByDefault || efforts.length > 0
    }
    case 'anthropic-messages':
      return service.profile(model, site).thinking.length > 0
    case 'bedrock-converse': {
      const { reasoning, proofs } = service.profile(model, site)
      if (reasoning.kind === 'claude') return reasoning.thinking.length > 0
      return reasoning.kind === 'effort' || proofs.maker === 'other'
    }
    case 'gemini':
      return service.profile(model, site).thinking !== undefined
    case 'embeddings':
    case 'openai-embeddings':
    case 'anthropic-count-tokens':
      return false
    default:
      return service satisfies never
  }
}
