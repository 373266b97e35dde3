'use strict'

// As a transpiler writes modules.
Object.defineProperty(exports, '__esModule', { value: true })
exports.default = async app => { app.get('/', async () => 'unguarded') }
