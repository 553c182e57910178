import { matrix } from './matrix.ts'
import { openAiChat } from './openai-chat.ts'

matrix(openAiChat)
