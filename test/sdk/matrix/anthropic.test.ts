import { matrix } from './matrix.ts'
import { anthropic } from './anthropic.ts'

matrix(anthropic)
