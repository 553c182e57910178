import type { ClientFormat } from '../../core/translation.ts'
import type { SurfaceFormat } from '../../core/wire-format.ts'
import type { PathCall, Service } from '../../providers/provider.ts'
import { compatFor } from '../call/compat-for.ts'
import type { OpenedCall } from '../call/opened-call.ts'
import { clientFormat } from '../caller/client-formats.ts'
import type { HeaderValues } from '../caller/header-values.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import { passAdapted } from './pass-adapted.ts'
import { passTranslated } from './pass-translated.ts'
import { passUntouched } from './pass-untouched.ts'
import type { HostSide, Passage } from './passage.ts'
import { dialectOf } from './stream-dialects.ts'
import { isChatService } from './upstream-formats.ts'

export interface Crossing {
  readonly opened: Pick<OpenedCall, 'call' | 'named' | 'options' | 'headers' | 'rename'>
  readonly service: Service
  readonly format: SurfaceFormat
  /** How the caller's body is read, where that is not as the format's conversations are. */
  readonly client?: ClientFormat
}

/** How a call crosses to a service: untouched where it can be, translated where it must be. */
export function choosePassage(
  { opened, service, format, client = clientFormat(format) }: Crossing,
  { nowMs }: Pick<Dependencies, 'nowMs'>,
  trace: Trace,
): Passage {
  const { call, named, headers, rename } = opened
  const { model } = named
  const { text, body, wantsStream } = call
  const compat = compatFor(opened, {}, trace)
  const callAt = ({ site }: Target): PathCall => ({ model, wantsStream, site })
  const host: HostSide = {
    pathFor: (target) => service.path(callAt(target)),
    headersFor(target) {
      const isSameFormat = service.format === format
      const own = isSameFormat
        ? service.headersFor?.({ ...callAt(target), body, headers, compat })
        : undefined
      return {
        ...service.defaultHeaders,
        ...(isSameFormat ? copied(service, headers) : {}),
        ...own,
      }
    },
    editsFor(target, sent) {
      const edits = service.edits({ ...callAt(target), body: sent, headers, compat })
      return rename === undefined ? edits : { ...edits, rename }
    },
  }
  if (client !== undefined && isChatService(service) && service.format !== format) {
    const request = client.decodeRequest(body)
    const inCallersWords = compatFor(opened, client.parameterNames, trace)
    return passTranslated(
      { client, service, model, request, host, compat: inCallersWords, nowMs },
      trace,
    )
  }
  const dialect = dialectOf(format)
  if (service.format === 'openai-chat' && service.isFlavoured === true) {
    return passAdapted({ service, model, body, host, compat, dialect, nowMs }, trace)
  }
  return passUntouched({ service, model, text, body, host, dialect }, trace)
}

/** The caller's headers that a service takes. */
function copied({ headers: names = [] }: Service, headers: HeaderValues): Record<string, string> {
  const found = names.map((name) => [name, headers.get(name)] as const)
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== null))
}
