import type { ImpossiblePreset } from '../preset.js'

/** Google, which gives its workloads no secrets. */
export const google: ImpossiblePreset = {
  documentation: 'https://developers.google.com/identity/protocols/oauth2/service-account',
  impossible: "Google's token endpoint has no client_credentials grant: its service accounts have keys, and no secrets that could be checked there. Register each in the store as a client with authMethod: 'federated', by the ID token of its service account, and use storeCredentialProvider."
}
