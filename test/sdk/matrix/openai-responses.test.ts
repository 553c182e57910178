import { matrix } from './matrix.ts'
import { openAiResponses } from './openai-responses.ts'

matrix(openAiResponses)
