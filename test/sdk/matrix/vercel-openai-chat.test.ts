import { matrix } from './matrix.ts'
import { vercelOpenAiChat } from './vercel.ts'

matrix(vercelOpenAiChat)
