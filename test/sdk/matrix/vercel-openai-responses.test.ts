import { matrix } from './matrix.ts'
import { vercelOpenAiResponses } from './vercel.ts'

matrix(vercelOpenAiResponses)
