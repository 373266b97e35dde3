#!/usr/bin/env node
import { run } from './run.js'

const exit = await run(process.argv.slice(2), process)
// An application may leave timers behind that nobody waits for.
process.stdout.write('', () => process.exit(exit))
