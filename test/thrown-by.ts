/** What a call throws, or undefined when it returns: for tests that look at an error from more than one side. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

/** What an asynchronous call throws, or undefined when it does not. */
export async function rejectionOf(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  return undefined
}
