import { matrix } from './matrix.ts'
import { vercelAnthropic } from './vercel.ts'

matrix(vercelAnthropic)
