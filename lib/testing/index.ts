export { tokenFor, type TestToken } from './token-for.js'
