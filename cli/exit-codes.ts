/** What `keyway` exits with; docs/cli.md explains each. */
export const EXIT = {
  ok: 0,
  /** The gateway refused, the thing does not exist, or a test failed. */
  refused: 1,
  /** Arguments, files or secret sources are wrong. Nothing was sent. */
  usage: 2,
  /** The management token is missing or not valid. */
  unauthenticated: 3,
  /** Nothing that speaks like Keyway answered. */
  unreachable: 4,
  /** Keyway itself failed. */
  serverFailed: 5,
  /** kubectl is missing or failed. */
  kubectlFailed: 6,
  /** `apply --dry-run --exit-code` found a difference. */
  different: 7,
  /** A defect of the command line. */
  defect: 70,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
