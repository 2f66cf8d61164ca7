"""A portal's server in Flask. It serves a page, and asks for a link whenever the page needs one."""
import os
from pathlib import Path

import requests
from flask import Flask, jsonify, request

TOOLJET_HOST = os.environ.get('TOOLJET_HOST', 'http://localhost:3000')
TOOLJET_API_TOKEN = os.environ['TOOLJET_API_TOKEN']
PAGES = os.environ.get('PAGES', str(Path(__file__).resolve().parent.parent / 'html'))

app = Flask(__name__, static_folder=PAGES, static_url_path='')


def signed_in():
    """Your own login says who is there. This portal knows one person."""
    return os.environ['USER_EMAIL']


@app.route('/')
def page():
    return app.send_static_file('index.html')


@app.route('/api/me')
def me():
    return jsonify(email=signed_in(), appId=os.environ['APP_ID'])


@app.route('/api/get-tooljet-url', methods=['POST'])
def get_tooljet_url():
    data = request.get_json()
    email, app_id = data.get('email'), data.get('appId')
    if not email or not app_id:
        return jsonify(error='email and appId are needed'), 400
    # Whoever may name the email here may be anybody: compare it with your own session.
    if email != signed_in():
        return jsonify(error='that is somebody else'), 403
    try:
        response = requests.post(
            f'{TOOLJET_HOST}/api/ext/users/personal-access-token',
            json={'email': email, 'appId': app_id, 'sessionExpiry': 60, 'patExpiry': 3600},
            headers={'Authorization': f'Basic {TOOLJET_API_TOKEN}', 'Content-Type': 'application/json'},
            timeout=10,
        )
        response.raise_for_status()
        return jsonify(redirectUrl=response.json()['redirectUrl'])
    except requests.exceptions.HTTPError as error:
        status = error.response.status_code
        told = {403: 'you may not use this app', 404: 'unknown user or app', 429: 'too many requests'}
        return jsonify(error=told.get(status, 'no link could be made')), status if status in told else 500
    except requests.exceptions.RequestException as error:
        app.logger.error('no link: %s', error)
        return jsonify(error='no link could be made'), 500


if __name__ == '__main__':
    app.run(host='localhost', port=int(os.environ.get('PORT', '3001')))
