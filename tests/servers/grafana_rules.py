"""What Grafana's documentation of auth.jwt says that it does with an assertion, by PyJWT and JMESPath.

    grafana_rules.py GRAFANA_INI    the assertion on standard input; prints who would be signed in, or why nobody is
"""
import configparser
import json
import sys

import jmespath
import jwt

config = configparser.ConfigParser(interpolation=None)
config.read(sys.argv[1])
settings = config["auth.jwt"]
assertion = sys.stdin.read()
try:
    # "The token is verified using … JWKS provided by the configured JWKS endpoint", the key being that of the header's kid.
    key = jwt.PyJWKClient(settings["jwk_set_url"]).get_signing_key_from_jwt(assertion)
    # "By default, only exp, nbf and iat claims are validated."
    expected = json.loads(settings["expect_claims"])
    claims = jwt.decode(
        assertion,
        key.key,
        algorithms=["ES256"],
        audience=expected["aud"],
        options={"require": ["exp", "nbf", "iat", "sub"]},
    )
    # "A required subset of a JWT Claims Set."
    for name, value in expected.items():
        if claims.get(name) != value:
            raise ValueError(f"{name} claim mismatch")
    print(
        json.dumps(
            {
                "id": claims["sub"],  # "used as the external Auth ID"
                "login": claims[settings["username_claim"]],
                "email": claims[settings["email_claim"]],
                "name": claims["name"],
                "role": jmespath.search(settings["role_attribute_path"], claims),
            }
        )
    )
except (jwt.PyJWTError, ValueError, KeyError) as error:
    print(json.dumps({"refused": str(error)}))
