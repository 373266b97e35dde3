/** The year 5138 in seconds, and 1973 in milliseconds: who is beyond it meant milliseconds. */
export const LATEST_TIME = 100_000_000_000
