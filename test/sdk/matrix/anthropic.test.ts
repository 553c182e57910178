import { anthropic } from './anthropic.ts'
import { matrix } from './matrix.ts'

matrix(anthropic)
