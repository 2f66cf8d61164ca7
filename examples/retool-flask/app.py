"""A portal's server in Flask, as Retool's quickstart has it. It serves a folder of pages, and asks for embed URLs."""
import os
from pathlib import Path

import jwt
import requests
from flask import Flask, jsonify, request

RETOOL_URL = os.environ.get('RETOOL_URL', 'http://localhost:3000')
PAGES = os.environ.get('PAGES', str(Path(__file__).resolve().parent.parent / 'retool-react' / 'dist'))

app = Flask(__name__, static_folder=PAGES, static_url_path='')
app_name_to_uuid = {'orders': os.environ['LANDING_PAGE_UUID']}
group_ids = [int(group) for group in os.environ['GROUP_IDS'].split(',')]
secret_key = os.urandom(32)


@app.route('/')
def page():
    return app.send_static_file('index.html')


@app.route('/api/me')
def me():
    """Your own login makes such a token for whoever signed in. This portal knows one person."""
    user = {'sub': os.environ['USER_ID'], 'first_name': 'Ann', 'last_name': 'Lee', 'email': 'ann@acme.example'}
    return jsonify(userJwt=jwt.encode(user, secret_key, algorithm='HS256'))


@app.route('/api/embedUrl', methods=['POST'])
def embed_url():
    data = request.get_json()
    app_uuid = app_name_to_uuid.get(data.get('retoolAppName'))
    if app_uuid is None:
        return jsonify(error='unknown app'), 404
    try:
        user = jwt.decode(data.get('userJwt') or '', secret_key, algorithms=['HS256'])
    except jwt.PyJWTError:
        return jsonify(error='not signed in'), 401

    body = {
        'landingPageUuid': app_uuid,
        'groupIds': group_ids,
        'externalIdentifier': user['sub'],
        'userInfo': {
            'first_name': user['first_name'],
            'last_name': user['last_name'],
            'email': user['email'],
        },
        'metadata': {
            'storeId': 5,
        },
    }
    headers = {
        'Authorization': f"Bearer {os.environ['RETOOL_API_KEY']}",
        'Content-type': 'application/json',
    }
    try:
        resp = requests.post(f'{RETOOL_URL}/api/embed-url/external-user', json=body, headers=headers, timeout=10)
    except requests.exceptions.RequestException as error:
        app.logger.error('no embed URL: %s', error)
        return jsonify(error='no embed URL could be made'), 502
    if resp.ok:
        return resp.json()
    app.logger.error('no embed URL: %s', resp.text)
    return jsonify(error='no embed URL could be made'), 502


if __name__ == '__main__':
    app.run(host='localhost', port=int(os.environ.get('PORT', '3001')))
