"""An app's server that believes nobody but Inlay about who its user is."""
import os

import jwt
from flask import Flask, abort, jsonify, request

INLAY_URL = os.environ.get('INLAY_URL', 'http://localhost:3000')
APP_ID = os.environ['APP_ID']

app = Flask(__name__)
keys = jwt.PyJWKClient(f'{INLAY_URL}/.well-known/jwks.json')


def signed_in():
    try:
        assertion = request.headers.get('X-Inlay-Assertion', '')
        return jwt.decode(
            assertion,
            keys.get_signing_key_from_jwt(assertion).key,
            algorithms=['ES256'],
            issuer=INLAY_URL,
            audience=APP_ID,
            options={'require': ['exp', 'iss', 'aud', 'sub']},
        )
    except jwt.PyJWTError:
        abort(401)


@app.route('/whoami')
def whoami():
    return jsonify(user=signed_in()['sub'])


if __name__ == '__main__':
    app.run(host='localhost', port=int(os.environ.get('PORT', '3002')))
