"""A client made with Authlib: gets a token, uses it, looks at it and revokes it; prints what it got as JSON."""
import json
import os

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt

origin, client_id, secret, api_key = (os.environ[name] for name in ("ORIGIN", "CLIENT_ID", "CLIENT_SECRET", "API_KEY"))
metadata = requests.get(origin + "/.well-known/oauth-authorization-server").json()

session = OAuth2Session(client_id, secret, scope="profile", token_endpoint_auth_method="client_secret_basic")
session.headers["X-API-Key"] = api_key
token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
claims = jwt.decode(token["access_token"], JsonWebKey.import_key_set(requests.get(metadata["jwks_uri"]).json()))
claims.validate()
customer = session.get(origin + "/customer").json()


def introspect():
    return session.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()


active = introspect()["active"]
session.revoke_token(metadata["revocation_endpoint"], token=token["access_token"]).raise_for_status()
print(json.dumps({
    "token_type": token["token_type"], "sub": claims["sub"], "customer": customer, "active": active, "after": introspect(),
}))
