export { dpopFor, type DpopHeaders } from './dpop-for.js'
export { tokenFor, type TestToken } from './token-for.js'
