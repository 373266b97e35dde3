"""A client made with Authlib that has a key in place of a secret: gets a token, exchanges another one, uses, looks at and
revokes what it got; prints that as JSON."""
import json
import os
import time

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT

TYPE = "urn:ietf:params:oauth:token-type:"

origin, client_id, private_key, subject_token = (os.environ[name] for name in ("ORIGIN", "CLIENT_ID", "PRIVATE_KEY", "SUBJECT_TOKEN"))
metadata = requests.get(origin + "/.well-known/oauth-authorization-server").json()


class ShortAssertion(PrivateKeyJWT):
    """Authlib's own are for the token endpoint, live an hour, and keep their jti where claims are given."""

    def sign(self, auth, token_endpoint):
        self.claims = {"aud": metadata["issuer"], "exp": int(time.time()) + 60}
        return super().sign(auth, token_endpoint)


method = ShortAssertion(alg="ES256")
session = OAuth2Session(client_id, private_key, token_endpoint_auth_method=method, revocation_endpoint_auth_method=method)
own = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", scope="profile")["access_token"]
token = session.fetch_token(
    metadata["token_endpoint"], grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token=subject_token, subject_token_type=TYPE + "jwt",
)
exchanged = token["access_token"]
customer = session.get(origin + "/customer").json()


def introspect():
    return session.introspect_token(metadata["introspection_endpoint"], token=exchanged).json()


active = introspect()["active"]
session.revoke_token(metadata["revocation_endpoint"], token=exchanged).raise_for_status()
print(json.dumps({
    "own": own, "exchanged": exchanged, "issued_token_type": token["issued_token_type"], "customer": customer,
    "active": active, "after": introspect(),
}))
