/** Exit codes of the command line. A claim that does not hold is a success: the experiment was done. */
export const exitCodes = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;
