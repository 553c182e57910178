import { z } from 'zod'
import { composeReply } from './compose-reply.ts'
import { createCredentialBook } from './credentials.ts'
import { embeddingsAnswer, embeddingsBody } from './dialects/embeddings.ts'
import { modelList } from './dialects/model-list.ts'
import { functionTools, looseMessages } from './dialects/openai-chat-body.ts'
import { promptOfChat } from './dialects/openai-chat-prompt.ts'
import { chatAnswer, type ChatFlavour, newUuid } from './dialects/openai-chat.ts'
import { openAiErrorBody, statusOf } from './dialects/openai-errors.ts'
import { jsonAnswer } from './dialects/sse.ts'
import type { ReceivedRequest } from './exchange.ts'
import { createFaultBook, type Fault, type FaultScope } from './faults.ts'
import { listen, shut } from './listen.ts'
import {
  type Incoming,
  type Problem,
  type Proof,
  type Provider,
  refuse,
  type World,
} from './provider.ts'
import { alphabets, randomText, seededRandom } from './random.ts'
import { anything, checkBody, readJson, text } from './read-json.ts'
import { byRoute } from './routes.ts'
import type { Script } from './script.ts'

/** What an organization's own model server wants of its callers. */
export interface PrivateModelOptions {
  /** Where it looks for its key. */
  readonly auth?: 'bearer' | 'api-key' | 'x-api-key' | 'none'
  /** Headers that what stands before it asks for, with their values. */
  readonly headers?: Readonly<Record<string, string>>
  readonly models?: readonly string[]
  /** Some servers have no list of models. */
  readonly hasModelList?: boolean
}

/** A model server such as vLLM on loopback, which takes exactly one credential and what is asked for besides. */
export interface PrivateModel extends AsyncDisposable {
  /** `http://127.0.0.1:{port}` */
  readonly origin: string
  /** With `/v1`. */
  readonly baseUrl: string
  readonly apiKey: string
  readonly requests: readonly ReceivedRequest[]
  misbehave(fault: Fault, scope?: FaultScope): void
  script(options: Partial<Script>): void
  reset(): void
}

const DEFAULT_SCRIPT: Script = { deltas: 6, gapMs: 0 }

/** Starts one. */
export async function startPrivateModel(options: PrivateModelOptions = {}): Promise<PrivateModel> {
  const apiKey = randomText(40, alphabets.hex)
  const requests: ReceivedRequest[] = []
  const faults = createFaultBook()
  let script = DEFAULT_SCRIPT
  const world: World = {
    credentials: createCredentialBook(() => ''),
    now: Date.now,
    compose: (speaker, prompt) => composeReply(speaker, prompt, script),
  }
  const { server, host } = await listen({
    provider: privateModel(options, apiKey),
    world,
    faults,
    gapMs: () => script.gapMs,
    random: seededRandom(7),
    record: (received) => void requests.push(received),
  })
  return {
    origin: `http://${host}`,
    baseUrl: `http://${host}/v1`,
    apiKey,
    requests,
    misbehave: (fault, scope = {}) => faults.add('private', fault, scope),
    script: (wishes) => void (script = { ...DEFAULT_SCRIPT, ...wishes }),
    reset() {
      faults.clear()
      script = DEFAULT_SCRIPT
    },
    [Symbol.asyncDispose]: () => shut(server),
  }
}

const chatBody = z.looseObject({
  model: text,
  messages: looseMessages(['system', 'user', 'assistant', 'tool'], ['text', 'image_url']),
  stream: z.boolean().nullable().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullable().optional(),
  max_tokens: z.int().min(1).nullable().optional(),
  temperature: z.number().min(0).max(2).nullable().optional(),
  chat_template_kwargs: anything.optional(),
  tools: functionTools.nullable().optional(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), anything]).optional(),
})

const wording = {
  unknownField: (path: string) => `Extra inputs are not permitted: ${path}`,
  wrongField: (path: string, detail: string) => `${path}: ${detail}`,
}

/** vLLM's way: it calls reasoning by its newer name, and says which stop ended the answer. */
const flavour = (): ChatFlavour => ({
  newId: () => `chatcmpl-${newUuid()}`,
  newToolCallId: () => `chatcmpl-tool-${randomText(32, alphabets.hex)}`,
  extras: { prompt_logprobs: null },
  choiceExtras: { stop_reason: null, token_ids: null },
  usage: ({ input, output, reasoning }) => ({
    prompt_tokens: input,
    completion_tokens: output + reasoning,
    total_tokens: input + output + reasoning,
    prompt_tokens_details: null,
  }),
  usageIn: 'own-chunk-if-asked',
  saysNoUsage: false,
  reasoning: 'beside',
  reasoningField: 'reasoning',
  toolCalls: 'in-parts',
  error: (kind) => openAiErrorBody({ kind, message: 'EngineCore encountered an issue.' }),
  headers: { server: 'uvicorn' },
})

function privateModel(
  { auth = 'bearer', headers = {}, models = ['llama-4'], hasModelList = true }: PrivateModelOptions,
  apiKey: string,
): Provider {
  const chat = (request: Incoming, world: World) => {
    const body = checkBody(chatBody, readJson(request), wording)
    if (!models.includes(body.model)) {
      refuse('not-found', `The model \`${body.model}\` does not exist.`)
    }
    const ask = {
      model: body.model,
      stream: body.stream === true,
      wantsUsage: body.stream_options?.include_usage === true,
    }
    return chatAnswer(world.compose('private', promptOfChat(body, true)), ask, flavour())
  }
  return {
    name: 'private',
    credentialHeaders: auth === 'none' ? [] : [auth === 'bearer' ? 'authorization' : auth],
    ownHeaders: Object.keys(headers),
    authenticate: (request) => proofOf(request, { auth, headers, apiKey }),
    answer: (request, world) =>
      byRoute(request, [
        ['POST', '/v1/chat/completions', () => chat(request, world)],
        [
          'POST',
          '/v1/embeddings',
          () => {
            const { encoding_format: _, ...asked } = checkBody(
              embeddingsBody,
              readJson(request),
              wording,
            )
            // As many such servers, it knows numbers only.
            return embeddingsAnswer(asked, {})
          },
        ],
        ...(hasModelList
          ? [['GET', '/v1/models', () => modelList(models, 'vllm', {})] as const]
          : []),
        ['POST', '/v1/messages', () => message(request)],
      ]),
    refuse: (problem) => jsonAnswer(statusOf(problem), errorBody(problem), {}),
  }
}

function proofOf(
  request: Incoming,
  {
    auth,
    headers,
    apiKey,
  }: Required<Pick<PrivateModelOptions, 'auth' | 'headers'>> & { apiKey: string },
): Proof {
  for (const [name, value] of Object.entries(headers)) {
    if (request.headers[name] !== value) refuse('forbidden', `the header ${name} is not right`)
  }
  for (const name of ['origin', 'referer']) {
    if (request.headers[name] !== undefined) refuse('forbidden', `unexpected header ${name}`)
  }
  if (auth === 'none') return { credential: 'none', proof: 'none' }
  const sent = request.headers[auth === 'bearer' ? 'authorization' : auth]
  const wanted = auth === 'bearer' ? `Bearer ${apiKey}` : apiKey
  if (sent !== wanted) refuse('bad-credential', 'Unauthorized')
  return { credential: 'own key', proof: auth }
}

/** The same words whatever was asked: these servers' way to speak Anthropic's format, and nothing more of it. */
function message(request: Incoming) {
  const body = checkBody(
    z.looseObject({ model: text, max_tokens: z.int() }),
    readJson(request),
    wording,
  )
  return jsonAnswer(
    200,
    {
      id: 'msg_private',
      type: 'message',
      role: 'assistant',
      model: body.model,
      content: [{ type: 'text', text: 'Spoken as Anthropic does.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 5 },
    },
    {},
  )
}

/** As vLLM has it, with a number for a code. */
function errorBody(problem: Problem) {
  const { error } = openAiErrorBody(problem)
  return { error: { ...error, code: statusOf(problem) } }
}
