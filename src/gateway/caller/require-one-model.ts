import { invalidRequest } from '../../core/errors.ts'
import { countMembers } from '../../core/json-members.ts'

/** Throws when the body gives the model twice: a check of one of them would not be a check. */
export function requireOneModel(text: string): void {
  if (countMembers(text, 'model') > 1) {
    throw invalidRequest('model is given more than once.', 'model')
  }
}
