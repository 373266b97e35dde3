const ABOUT = { purpose: 'To sell what was ordered', owner: 'sales' }

/** Roles of which one calls a route and another one reads its fields, and a scope that no role holds. */
export const ORDERS_POLICY = {
  claimSets: { order_claims: ABOUT, price_claims: ABOUT, audit_claims: ABOUT },
  scopes: {
    orders: { reads: ['order_claims'] },
    'orders:write': { writes: ['order_claims'] },
    prices: { reads: ['price_claims'] },
    'prices:write': { writes: ['price_claims'] },
    audit: { reads: ['audit_claims'] }
  },
  roles: { clerk: ['orders', 'orders:write'], controller: ['prices', 'prices:write'], boss: ['orders', 'prices'], nobody: [] }
}
