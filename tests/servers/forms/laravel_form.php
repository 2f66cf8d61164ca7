<?php
// A form of Laravel with its CSRF protection, its encrypted cookies and its session: php -S 127.0.0.1:PORT laravel_form.php

require "/usr/share/php/Illuminate/autoload.php";

use Illuminate\Config\Repository;
use Illuminate\Cookie\CookieJar;
use Illuminate\Cookie\Middleware\EncryptCookies;
use Illuminate\Encryption\Encrypter;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Http\Middleware\VerifyCsrfToken;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Illuminate\Pipeline\Pipeline;
use Illuminate\Session\Middleware\StartSession;
use Illuminate\Session\SessionManager;
use Illuminate\Session\TokenMismatchException;

$app = new Application(getenv("FORM_FOLDER"));
$app->instance("config", new Repository(["session" => [
    "driver" => "file", "files" => getenv("FORM_FOLDER"), "lifetime" => 60, "expire_on_close" => false,
    "lottery" => [0, 100], "cookie" => "laravel_session", "path" => "/", "domain" => null, "secure" => true,
    "http_only" => true, "same_site" => "none", "encrypt" => false,
]]));
$app->instance("files", new Filesystem());
$app->instance("cookie", new CookieJar());
$encrypter = new Encrypter(str_repeat("k", 32), "AES-256-CBC");

try {
    $response = (new Pipeline($app))
        ->send(Request::capture())
        ->through([
            new EncryptCookies($encrypter),
            new StartSession(new SessionManager($app)),
            new VerifyCsrfToken($app, $encrypter),
        ])
        ->then(function (Request $request) {
            $session = $request->session();
            $session->put("visits", $session->get("visits", 0) + 1);
            $said = $request->isMethod("post") ? "saved " . e($request->input("name")) : "empty";
            return new Response("<!doctype html><title>Laravel</title><link rel='icon' href='data:,'>"
                . "<p>$said, visit {$session->get("visits")}</p><form method='post' action='/form'>"
                . "<input type='hidden' name='_token' value='{$session->token()}'>"
                . "<input name='name' value='Ann'><button>Save</button></form>");
        });
} catch (TokenMismatchException $mismatch) {
    $response = new Response("<p>expired</p>", 419);
}
$response->send();
